"""Lists that are signed with RSA, as many federations do: verified, and nothing else let through."""

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from resolver.encodings import base64url
from tests.unit.trust_registry.imports.test_lists import acts, drafts
from tests.unit.trust_registry.imports.test_trust_lists import (
    ANCHOR,
    FEDERATION,
    LEAF,
    METADATA,
    SECONDS,
)
from trust_registry.imports import ImportRefusedError

KEY = rsa.generate_private_key(65537, 2048)
PKCS, PSS = (
    padding.PKCS1v15(),
    padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
)


def number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8))


def jwk(key: rsa.RSAPrivateKey = KEY, **changed: object) -> dict[str, object]:
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": "r", "n": number(public.n), "e": number(public.e), **changed}


def statement(iss: str, sub: str, alg: str = "RS256", **changed: object) -> str:
    claims = {
        "iss": iss,
        "sub": sub,
        "iat": SECONDS - 60,
        "exp": SECONDS + 3600,
        "jwks": {"keys": [jwk()]},
        **changed,
    }
    header = {"alg": alg, "kid": "r", "typ": "entity-statement+jwt"}
    parts = [base64url(json.dumps(each).encode()) for each in (header, claims)]
    made_with = PSS if alg == "PS256" else PKCS
    signature = KEY.sign(".".join(parts).encode(), made_with, hashes.SHA256())
    return ".".join([*parts, base64url(signature)])


def chain(signed: str = "RS256", **anchors: object) -> tuple[bytes, dict[str, object]]:
    leaf = statement(LEAF, LEAF, signed, authority_hints=[ANCHOR], metadata=METADATA)
    data = json.dumps([leaf, statement(ANCHOR, LEAF, signed)]).encode()
    return data, {**FEDERATION, "keys": {ANCHOR: [jwk(**anchors)]}}


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
@pytest.mark.parametrize("says", [False, True])
def test_a_chain_that_is_signed_with_rsa_verifies(alg: str, says: bool) -> None:
    data, mapping = chain(alg, **({"alg": alg, "use": "sig"} if says else {}))
    assert [each.type for each in acts(drafts("openid-federation", data, mapping))] == [
        "register_party",
        "add_anchor",
        "authorise",
    ]


SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
OTHER = rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (jwk(OTHER), "does not verify"),
        (jwk(SHORT), "2048 to 8192 bits"),
        (jwk(n=number(2**9000 + 1)), "2048 to 8192 bits"),
        (jwk(e=number(2**32 + 1)), "at most 32 bits"),
        (jwk(e=number(2)), "no RSA key"),
        (jwk(e=""), "no RSA key"),
        (jwk(e=3), "no RSA key"),
        (jwk(n="=="), "its n"),
        (jwk(d=number(5)), "do not belong"),
        (jwk(alg="PS256"), "not what its RSA key signs with"),
        (jwk(use="enc"), "no such key"),
        (jwk(kid="other"), "no such key"),
    ],
)
def test_another_key_is_refused(key: dict[str, object], why: str) -> None:
    data, mapping = chain()
    with pytest.raises(ImportRefusedError, match=why):
        drafts("openid-federation", data, {**mapping, "keys": {ANCHOR: [key]}})


def _another_algorithm(token: str) -> str:
    return statement(ANCHOR, LEAF, "RS512")


def _none(token: str) -> str:
    head = base64url(
        json.dumps({"alg": "none", "kid": "r", "typ": "entity-statement+jwt"}).encode()
    )
    return f"{head}.{token.split('.')[1]}."


def _hmac(token: str) -> str:
    return statement(ANCHOR, LEAF, "HS256")


def _other_padding(token: str) -> str:
    _, payload, signature = statement(ANCHOR, LEAF, "PS256").split(".")
    named = base64url(
        json.dumps({"alg": "RS256", "kid": "r", "typ": "entity-statement+jwt"}).encode()
    )
    return f"{named}.{payload}.{signature}"


@pytest.mark.parametrize("change", [_another_algorithm, _none, _hmac, _other_padding])
def test_another_signature_is_refused(change: Callable[[str], str]) -> None:
    data, mapping = chain()
    leaf, link = json.loads(data)
    with pytest.raises(ImportRefusedError):
        drafts("openid-federation", json.dumps([leaf, change(link)]).encode(), mapping)
