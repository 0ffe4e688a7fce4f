"""SD-JWTs with test keys: what an issuer lets a holder withhold, and what a holder binds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from resolver.encodings import base64url
from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, Issuer

HOLDER = PrivateKey.from_seed(bytes([9]) * 32)
TYPE = "https://types.example/permit"
CHALLENGE, DOMAIN = "5c9a2c1e", "https://verifier.example"


@dataclass(frozen=True)
class Disclosure:
    """A member or an element that may be withheld."""

    content: Sequence[Json]

    @property
    def text(self) -> str:
        return base64url(orjson.dumps(list(self.content)))

    def digest(self, algorithm: str = "sha256") -> str:
        return base64url(hashlib.new(algorithm, self.text.encode()).digest())


def member(name: Json, value: Json, salt: str = "salt") -> Disclosure:
    return Disclosure([salt, name, value])


def element(value: Json, salt: str = "salt") -> Disclosure:
    return Disclosure([salt, value])


def claims(issuer: Issuer, **members: Json) -> dict[str, Json]:
    """The claims of a small good SD-JWT VC; a member given as None is left out."""
    jwk: dict[str, Json] = {**HOLDER.public.jwk()}
    body: dict[str, Json] = {
        "iss": issuer.did,
        "vct": TYPE,
        "cnf": {"jwk": jwk},
        "nbf": NOW // 1000 - 60,
        "name": "Mine A",
    }
    return {name: value for name, value in (body | members).items() if value is not None}


def sd_jwt(
    issuer: Issuer, body: Mapping[str, Json], *disclosed: Disclosure | str, **header: Json
) -> str:
    token = issuer.jwt(body, **({"typ": "dc+sd-jwt", "cty": None} | header))
    texts = [each if isinstance(each, str) else each.text for each in disclosed]
    return "~".join([token, *texts, ""])


def bound(text: str, key: PrivateKey = HOLDER, *, typ: Json = "kb+jwt", **members: Json) -> str:
    """Bind an SD-JWT to its holder's key; a member given as None is left out."""
    given: dict[str, Json] = {
        "iat": NOW // 1000,
        "aud": DOMAIN,
        "nonce": CHALLENGE,
        "sd_hash": base64url(hashlib.sha256(text.encode()).digest()),
    } | members
    payload = orjson.dumps({name: value for name, value in given.items() if value is not None})
    header: dict[str, Json] = {"alg": key.algorithm.value, "typ": typ}
    return text + sign_compact(payload, {n: v for n, v in header.items() if v is not None}, key)
