"""ML-DSA: JSON Web Keys and signatures of JOSE, made by cryptography itself."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa

from resolver.encodings import base64url
from resolver.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    UnsupportedKeyError,
)
from resolver.keys import Algorithm, PublicKey
from resolver.proofs.jose import parse_compact, verify_jws
from resolver.signing import PrivateKey

SETS = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
}


def jwk_of(name: str, native) -> dict[str, str]:
    return {"kty": "AKP", "alg": name, "pub": base64url(native.public_key().public_bytes_raw())}


def token(name: str, native, payload: bytes = b"{}", kid: str = "urn:k") -> str:
    header = base64url(json.dumps({"alg": name, "kid": kid, "typ": "vc+jwt"}).encode())
    signed = f"{header}.{base64url(payload)}"
    return f"{signed}.{base64url(native.sign(signed.encode()))}"


@pytest.mark.parametrize("name", SETS)
def test_what_each_parameter_set_signs_verifies(name: str) -> None:
    native = SETS[name].generate()
    key = PublicKey.from_jwk(jwk_of(name, native))
    assert key.algorithm is Algorithm(name)
    verify_jws(parse_compact(token(name, native)), key)
    assert PublicKey.from_jwk(key.jwk()) == key
    canonical = json.dumps(key.jwk(), sort_keys=True, separators=(",", ":")).encode()
    assert key.thumbprint == base64url(hashlib.sha256(canonical).digest())


def test_nothing_else_verifies() -> None:
    name = "ML-DSA-65"
    native, other = SETS[name].generate(), SETS[name].generate()
    key = PublicKey.from_jwk(jwk_of(name, native))
    good = token(name, native)
    head, payload, signature = good.split(".")
    with pytest.raises(InvalidSignatureError):
        verify_jws(parse_compact(token(name, other)), key)
    with pytest.raises(InvalidSignatureError):
        verify_jws(parse_compact(f"{head}.{base64url(b'[]')}.{signature}"), key)
    with pytest.raises(InvalidSignatureError):
        verify_jws(parse_compact(f"{head}.{payload}.{signature[:80]}"), key)
    with pytest.raises(UnsupportedKeyError):
        verify_jws(parse_compact(good), PrivateKey.generate().public)
    with pytest.raises(UnsupportedKeyError):
        verify_jws(parse_compact(token("ML-DSA-44", SETS["ML-DSA-44"].generate())), key)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"alg": "ML-DSA-44"}, InvalidKeyError),
        ({"alg": "ML-DSA-99"}, UnsupportedKeyError),
        ({"alg": None}, UnsupportedKeyError),
        ({"alg": ["ML-DSA-65"]}, UnsupportedKeyError),
        ({"pub": 7}, InvalidKeyError),
        ({"pub": "AAAA"}, InvalidKeyError),
        ({"priv": "AAAA"}, InvalidKeyError),
        ({"kty": "OKP", "crv": "ML-DSA-65"}, UnsupportedKeyError),
        ({"kty": "EC", "crv": "ML-DSA-65"}, UnsupportedKeyError),
    ],
)
def test_keys_are_read_strictly(change: dict[str, object], error: type[Exception]) -> None:
    jwk = jwk_of("ML-DSA-65", SETS["ML-DSA-65"].generate())
    with pytest.raises(error):
        PublicKey.from_jwk({**jwk, **change})
