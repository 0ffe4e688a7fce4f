"""Holders with test keys, who present credentials in each form."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from resolver.encodings import base58btc
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, V2, Issuer, Shelf

CHALLENGE, DOMAIN = "5c9a2c1e", "https://verifier.example"
SECONDS = NOW // 1000


@dataclass(frozen=True)
class Holder(Issuer):
    """A holder whose document, with one key for authentication, stands on the shelf."""

    @classmethod
    def known(cls, shelf: Shelf, did: str = "did:web:holder.example", seed: int = 3) -> "Holder":
        made = cls.on(shelf, did, seed)
        holder = cls(made.did, made.key)
        shelf.documents[did] = {
            **holder.document(),
            "assertionMethod": [],
            "authentication": [holder.kid],
        }
        return holder

    def proved(self, body: Mapping[str, Json], **options: Json) -> dict[str, Json]:
        """Add a proof by eddsa-jcs-2022; an option given as None is left out."""
        given: dict[str, Json] = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": self.kid,
            "proofPurpose": "authentication",
            "challenge": CHALLENGE,
            "domain": DOMAIN,
            "@context": body["@context"],
        } | options
        proof = {name: value for name, value in given.items() if value is not None}
        digests = [hashlib.sha256(canonicalise(each)).digest() for each in (proof, dict(body))]
        signature = self.key.sign(b"".join(digests))
        return {**body, "proof": {**proof, "proofValue": "z" + base58btc(signature)}}

    def vp_jwt(
        self, body: Mapping[str, Json], header: Mapping[str, Json] = {}, **claims: Json
    ) -> str:
        """Sign a presentation as a whole; a claim given as None is left out."""
        given = {"nonce": CHALLENGE, "aud": DOMAIN, **body} | claims
        members = {name: value for name, value in given.items() if value is not None}
        return self.jwt(members, **{"typ": "vp+jwt", "cty": "vp", **header})


def presentation(*credentials: Json, **members: Json) -> dict[str, Json]:
    """A small good presentation; a member given as None is left out."""
    body: dict[str, Json] = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": "did:web:holder.example",
        "verifiableCredential": list(credentials),
    } | members
    return {name: value for name, value in body.items() if value is not None}


def enveloped(token: str, media_type: str = "application/vp+jwt") -> dict[str, Json]:
    return {
        "@context": [V2],
        "type": "EnvelopedVerifiablePresentation",
        "id": f"data:{media_type},{token}",
    }
