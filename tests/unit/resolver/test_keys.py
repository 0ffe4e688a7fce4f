import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

from resolver.encodings import base58btc, base64url
from resolver.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
    UnsupportedKeyError,
)
from resolver.keys import Algorithm, Curve, PublicKey, algorithm_of, verify
from resolver.post_quantum import KEY_BYTES
from resolver.signing import PrivateKey
from resolver.strict_json import Json

SIGNING = [Curve.ED25519, Curve.P256, Curve.P384, Curve.SECP256K1]


CURVES = [curve for curve in Curve if curve.value not in KEY_BYTES]
"""The others, of ML-DSA, have tests of their own."""


def key_on(curve: Curve) -> PublicKey:
    return (
        PublicKey(curve, bytes(range(32)))
        if curve is Curve.X25519
        else PrivateKey.generate(curve).public
    )


@pytest.mark.parametrize("curve", CURVES)
def test_every_form_comes_back_as_the_same_key(curve: Curve) -> None:
    key = key_on(curve)
    assert PublicKey.from_multikey(key.multikey) == key
    assert PublicKey.from_jwk({**key.jwk()}) == key
    assert PublicKey.from_base58(curve, base58btc(key.raw)) == key


@pytest.mark.parametrize("curve", CURVES)
def test_thumbprints_are_those_of_jwcrypto(curve: Curve) -> None:
    key = key_on(curve)
    assert key.thumbprint == JWK(**key.jwk()).thumbprint()


def test_the_thumbprint_of_rfc_8037() -> None:
    jwk: dict[str, Json] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    assert PublicKey.from_jwk(jwk).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("curve", CURVES)
def test_multikeys_start_as_their_curves_do(curve: Curve) -> None:
    starts = {
        "Ed25519": "z6Mk",
        "X25519": "z6LS",
        "P-256": "zDn",
        "P-384": "z82",
        "secp256k1": "zQ3s",
    }
    assert key_on(curve).multikey.startswith(starts[curve.value])


@pytest.mark.parametrize("curve", CURVES)
def test_private_jwks_are_refused(curve: Curve) -> None:
    for member in ("d", "p", "q", "dp", "dq", "qi", "oth", "k"):
        with pytest.raises(InvalidKeyError):
            PublicKey.from_jwk({**key_on(curve).jwk(), member: ""})


@pytest.mark.parametrize("curve", SIGNING)
def test_a_point_off_its_curve_is_refused(curve: Curve) -> None:
    if curve is Curve.ED25519:
        return
    jwk: dict[str, Json] = {**key_on(curve).jwk()}
    y = jwk["y"]
    assert isinstance(y, str)
    with pytest.raises(InvalidKeyError):
        PublicKey.from_jwk(jwk | {"y": ("B" if y[0] == "A" else "A") + y[1:]})
    for raw in (
        b"\x04" + bytes(len(key_on(curve).raw) - 1),
        b"\x02" + b"\xff" * (len(key_on(curve).raw) - 1),
    ):
        with pytest.raises(InvalidKeyError):
            PublicKey(curve, raw)


@pytest.mark.parametrize("curve", CURVES)
def test_other_lengths_are_refused(curve: Curve) -> None:
    raw = key_on(curve).raw
    for other in (b"", raw[:-1], raw + b"\x00"):
        with pytest.raises(InvalidKeyError):
            PublicKey(curve, other)
    jwk: dict[str, Json] = {**key_on(curve).jwk()}
    for x in ("", "AA", base64url(bytes(31)), base64url(bytes(49)), 7, None, "!", "AB"):
        with pytest.raises(InvalidKeyError):
            PublicKey.from_jwk(jwk | {"x": x})


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "AQAB"},
        {"kty": "OKP", "crv": "Ed448", "x": "AA"},
        {"kty": "EC", "crv": "Ed25519", "x": base64url(bytes(32))},
        {"kty": "OKP", "crv": "P-256", "x": base64url(bytes(32)), "y": base64url(bytes(32))},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {"kty": ["EC"], "crv": {"a": 1}},
    ],
)
def test_other_key_types_are_refused(jwk: dict[str, Json]) -> None:
    with pytest.raises((UnsupportedKeyError, InvalidKeyError)):
        PublicKey.from_jwk(jwk)


@pytest.mark.parametrize(
    "text",
    ["", "z", "z1", "m" + "A" * 48, "z0OIl", "zzz", "z6Mk", "f" + "00" * 34, "z" + "1" * 600, "zé"],
)
def test_malformed_multikeys_are_refused(text: str) -> None:
    with pytest.raises((InvalidKeyError, UnsupportedKeyError)):
        PublicKey.from_multikey(text)


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        key = PublicKey.from_multikey(text)
    except (InvalidKeyError, UnsupportedKeyError):
        return
    assert key.multikey == text


def test_algorithms_are_named_as_jose_names_them() -> None:
    assert algorithm_of("EdDSA") is Algorithm.ED25519
    names = ("Ed25519", "ES256", "ES384", "ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
    assert [algorithm_of(name) for name in names] == list(Algorithm)
    for name in ("none", "None", "HS256", "RS256", "es256", "Ed448", ""):
        with pytest.raises(UnsupportedAlgorithmError):
            algorithm_of(name)


@pytest.mark.parametrize("curve", SIGNING)
def test_an_algorithm_verifies_only_with_a_key_on_its_own_curve(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    for algorithm in Algorithm:
        if algorithm is not key.algorithm:
            with pytest.raises(UnsupportedKeyError):
                verify(key.public, algorithm, key.sign(b""), b"")


def test_a_der_signature_is_refused() -> None:
    key = PrivateKey.generate(Curve.P256)
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    raw = key.sign(b"m")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    with pytest.raises(InvalidSignatureError):
        verify(key.public, Algorithm.ES256, der, b"m")


def test_keys_are_values() -> None:
    key = key_on(Curve.P256)
    assert {key: 1}[PublicKey.from_jwk(json.loads(json.dumps(key.jwk())))] == 1


@pytest.mark.parametrize(
    "y",
    [
        "0" * 64,
        "01" + "0" * 62,
        "ec" + "f" * 60 + "7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ed" + "f" * 60 + "7f",  # zero again, as the field's prime
        "ee" + "f" * 60 + "7f",
        "f" * 62 + "7f",
    ],
)
def test_ed25519_keys_of_small_order_or_in_two_spellings_are_refused(y: str) -> None:
    raw = bytes.fromhex(y)
    for signed in (raw, raw[:-1] + bytes([raw[-1] | 0x80])):
        with pytest.raises(InvalidKeyError):
            PublicKey(Curve.ED25519, signed)


def test_only_ed25519_keys_have_a_twin_for_agreement() -> None:
    assert key_on(Curve.ED25519).x25519().curve is Curve.X25519
    with pytest.raises(UnsupportedKeyError):
        key_on(Curve.P256).x25519()
