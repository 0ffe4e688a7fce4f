"""Issuers with test keys, and the shelf where their documents and status lists stand."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from credentials.rdf.signed import GraphSource
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.status.cache import StatusLists
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from credentials.verify import Report, verify
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.encodings import base64url
from resolver.errors import ErrorCode, RefusedAddressError, ResolutionError
from resolver.instant import Instant, parse_instant
from resolver.keys import Curve
from resolver.proofs.data_integrity import sign_jcs
from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json

NOW = parse_instant("2026-11-25T00:00:00Z")
V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
LIST_URL = "https://status.example/lists/1"


@dataclass(frozen=True)
class Fetched:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Shelf:
    """Documents and lists, by identifier; what is not here cannot be read."""

    documents: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, ResolutionError] = field(default_factory=dict)
    lists: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    graphs: GraphSource | None = None

    async def document(self, did: Did) -> DidDocument:
        self.resolved.append(did.text)
        if did.text in self.errors:
            raise self.errors[did.text]
        if did.text not in self.documents:
            raise ResolutionError(ErrorCode.NOT_FOUND, "not on the shelf")
        return parse_document(self.documents[did.text], did)

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> Fetched:
        self.fetched.append(url)
        if url.startswith("http:"):
            raise RefusedAddressError("not an https URL")
        if url not in self.lists:
            return Fetched(b"", 404)
        return Fetched(self.lists[url])

    async def check(
        self, raw: str | bytes | Json, *, now: Instant = NOW, limits: Limits = DEFAULT_LIMITS
    ) -> Report:
        return await verify(raw, self.verifier(now=now, limits=limits))

    def verifier(self, **others: Any) -> Verifier:
        """A verifier that reaches what stands here, and judges it now."""
        known = {"status": StatusQuery(StatusLists(self)), "now": NOW, "graphs": self.graphs}
        return Verifier(self, **(known | others))


@dataclass(frozen=True)
class Issuer:
    did: str
    key: PrivateKey
    fragment: str = "key-1"

    @classmethod
    def on(cls, shelf: Shelf, did: str, seed: int = 1, curve: Curve = Curve.ED25519) -> "Issuer":
        """An issuer whose document, with one key for assertions, stands on the shelf."""
        key = (
            PrivateKey.from_seed(bytes([seed]) * 32)
            if curve is Curve.ED25519
            else PrivateKey.generate(curve)
        )
        issuer = cls(did, key)
        shelf.documents[did] = issuer.document()
        return issuer

    @property
    def kid(self) -> str:
        return f"{self.did}#{self.fragment}"

    def document(self) -> dict[str, Json]:
        return {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": self.did,
            "verificationMethod": [self.method()],
            "assertionMethod": [self.kid],
        }

    def method(self) -> dict[str, Json]:
        return {
            "id": self.kid,
            "type": "JsonWebKey",
            "controller": self.did,
            "publicKeyJwk": {**self.key.public.jwk()},
        }

    def jwt(self, body: Mapping[str, Json], **header: Json) -> str:
        full = {
            "alg": self.key.algorithm.value,
            "kid": self.kid,
            "typ": "vc+jwt",
            "cty": "vc",
        } | header
        members = {name: value for name, value in full.items() if value is not None}
        return sign_compact(orjson.dumps(body), members, self.key)

    def enveloped(self, body: Mapping[str, Json]) -> dict[str, Json]:
        return envelope(self.jwt(body))

    def embedded(self, body: Mapping[str, Json]) -> dict[str, Json]:
        return sign_jcs(dict(body), self.kid, self.key, created=NOW)


def envelope(token: str) -> dict[str, Json]:
    return {
        "@context": [V2],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }


def credential(issuer: str, **members: Json) -> dict[str, Json]:
    """A small good credential; a member given as None is left out."""
    body: dict[str, Json] = {
        "@context": [V2],
        "id": "urn:uuid:5c9a2c1e-55ef-4d3e-9d0a-3f61f5f1a001",
        "type": ["VerifiableCredential"],
        "issuer": {"id": issuer, "name": "Test issuer"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:mine", "name": "Lithium mine A"},
    }
    body |= members
    return {name: value for name, value in body.items() if value is not None}


def encoded_list(set_bits: tuple[int, ...] = (), entries: int = 131_072) -> str:
    bits = bytearray(entries // 8)
    for index in set_bits:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64url(gzip.compress(bytes(bits), mtime=0))


def status_list(issuer: str, encoded: str | None = None, **members: Json) -> dict[str, Json]:
    subject: dict[str, Json] = {
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encoded or encoded_list((7, 4000)),
    }
    changes = members.pop("subject", {})
    assert isinstance(changes, dict)
    return credential(
        issuer,
        **{
            "id": LIST_URL,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": subject | changes,
        }
        | members,
    )


def status_entry(index: Json = "6", purpose: str = "revocation", **members: Json) -> Json:
    return {
        "id": f"{LIST_URL}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": index,
        "statusListCredential": LIST_URL,
    } | members
