"""JSON Web Signatures, against published tokens, another library, and attack."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws

from resolver.encodings import base64url, from_base64url
from resolver.errors import (
    InvalidSignatureError,
    ResolverError,
    UnsupportedAlgorithmError,
    UnsupportedKeyError,
)
from resolver.keys import Curve, PublicKey, algorithm_of
from resolver.proofs.jose import (
    InvalidJwsError,
    parse_compact,
    parse_flattened,
    sign_compact,
    sign_flattened,
    verify_jws,
)
from resolver.signing import PrivateKey

SIGNING = [Curve.ED25519, Curve.P256, Curve.P384, Curve.SECP256K1]
SEED = PrivateKey.from_seed(bytes(range(32)))
HEADER = {"kid": "did:web:issuer.example#key-1", "typ": "vc+jwt"}
TOKEN = sign_compact(b'{"hello":"world"}', HEADER, SEED)


def test_a_token_of_a_known_key_is_always_the_same() -> None:
    expected = (
        "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiZGlkOndlYjppc3N1ZXIuZXhhbXBsZSNrZXktMSIsInR5cCI6InZjK2p3"
        "dCJ9.eyJoZWxsbyI6IndvcmxkIn0.GGajTznWiCufZt8ge2moSW9cLZsjuKpcKT2QW0DaZk_SfrHmIttaJbjMzY1Z"
        "LJhkWeU-2gpGw0gPSb8nhLP1AQ"
    )
    assert expected == TOKEN
    parsed = parse_compact(TOKEN)
    verify_jws(parsed, SEED.public)
    assert parsed.kid == HEADER["kid"]
    assert parsed.header["typ"] == "vc+jwt"
    assert parsed.payload == b'{"hello":"world"}'


@pytest.mark.parametrize(
    ("multikey", "token"),
    [
        (
            "zDnaebzVttYPBJHGZ2yF4wmvLc6Aam1qGUTwgqLeqsTrsToKp",
            (
                "eyJhbGciOiAiRVMyNTYiLCAia2lkIjogIiMxIn0.eyJoZWxsbyI6IndvcmxkIn0.ljp3WNzDH5n76kEbHvJ1"
                "4tBB0vGsKy924WXPuKE2czHv1tStpdrchkxnxcmHumY7qDrgGttj2ESQxGYVEEX3Ww"
            ),
        ),
        (
            "z82Lm2wSmH198AyCNjGBjuGMLfx6XMMaQ4KYtiKHdF4E9ow3jStfyEdS2Don88nZxj6KZGC",
            (
                "eyJhbGciOiAiRVMzODQiLCAia2lkIjogIiMxIn0.eyJoZWxsbyI6IndvcmxkIn0.zGgcUC0shZ1rFTCaIQrl"
                "vf4FoDq5DWCX0n4J3iVD-cPyjZW9wdqdFAyyOo-3CtnP0oct_CHCMoo6jvCOFsoW3sfoAADyXzViZiGfQ2AB"
                "vYjQ2XCUGTNgwVhUjR3XmTHI"
            ),
        ),
        (
            "zQ3shnd6XMPdueUuAx6D3EPi4goGzVPHnyaDHirV2F2urCuKN",
            (
                "eyJhbGciOiAiRVMyNTZLIiwgImtpZCI6ICIjMSJ9.eyJoZWxsbyI6IndvcmxkIn0.PiNLas8jImIA4stpOXH"
                "UeM9KXgKCH6hguRkMm0b1fUeylL1O0Bvt5MTruDw7XgDWoRONh2sVgeYPyWikp4bixQ"
            ),
        ),
    ],
    ids=["ES256", "ES384", "ES256K"],
)
def test_a_token_that_another_library_once_made_verifies(multikey: str, token: str) -> None:
    parsed = parse_compact(token)
    verify_jws(parsed, PublicKey.from_multikey(multikey))
    assert parsed.kid == "#1"
    with pytest.raises(ResolverError):
        verify_jws(parsed, SEED.public)


@pytest.mark.parametrize("curve", SIGNING)
def test_what_we_sign_another_library_verifies_and_the_other_way_round(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    theirs = jwk.JWK(**key.jwk())
    token = jws.JWS()
    token.allowed_algs = ["EdDSA", "Ed25519", "ES256", "ES384", "ES256K"]
    token.deserialize(sign_compact(b"payload", {}, key), theirs)
    assert token.payload == b"payload"
    made = jws.JWS(b"payload")
    made.allowed_algs = token.allowed_algs
    alg = "EdDSA" if curve is Curve.ED25519 else key.algorithm.value
    made.add_signature(theirs, alg, json.dumps({"alg": alg}))
    verify_jws(parse_compact(made.serialize(compact=True)), key.public)


@pytest.mark.parametrize("curve", SIGNING)
def test_a_flattened_one_survives_the_way(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    flattened = sign_flattened(b"payload", HEADER, key)
    parsed = parse_flattened(dict(flattened))
    verify_jws(parsed, key.public)
    assert parsed.flattened() == flattened


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
def test_no_changed_character_goes_unnoticed(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    if changed == TOKEN:
        return
    with pytest.raises(ResolverError):
        verify_jws(parse_compact(changed), SEED.public)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "Ed25519", "crit": ["exp"], "exp": 1},
        {"alg": "Ed25519", "b64": False},
        {"alg": "Ed25519", "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM"},
        {},
        {"alg": None},
        {"alg": ["Ed25519"]},
        {"alg": "Ed25519", "kid": 1},
        {"alg": "Ed25519", "kid": None},
        [],
        "Ed25519",
    ],
)
def test_a_header_that_changes_the_reading_is_refused(header: object) -> None:
    protected = base64url(json.dumps(header).encode())
    with pytest.raises(InvalidJwsError):
        parse_compact(f"{protected}.{base64url(b'x')}.{base64url(b'y' * 64)}")


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "ES256", "ES384", "EdDSA448"])
def test_another_algorithm_than_the_keys_own_does_not_verify(alg: str) -> None:
    _, encoded, signature = TOKEN.split(".")
    protected = base64url(json.dumps({"alg": alg}).encode())
    with pytest.raises(ResolverError):
        verify_jws(parse_compact(f"{protected}.{encoded}.{signature}"), SEED.public)


@pytest.mark.parametrize("curve", [Curve.ED25519, Curve.P256])
def test_a_public_key_is_never_a_secret(curve: Curve) -> None:
    """The classic confusion: a token under HMAC, keyed with the public key that everybody knows."""
    key = PrivateKey.generate(curve).public
    spellings = (key.raw, key.multikey.encode(), json.dumps(key.jwk()).encode())
    for secret in spellings:
        token = jws.JWS(b"payload")
        token.add_signature(
            jwk.JWK(kty="oct", k=base64url(secret)), "HS256", json.dumps({"alg": "HS256"})
        )
        with pytest.raises(UnsupportedAlgorithmError):
            verify_jws(parse_compact(token.serialize(compact=True)), key)


@pytest.mark.parametrize("curve", SIGNING)
@pytest.mark.parametrize("name", ["EdDSA", "Ed25519", "ES256", "ES384", "ES256K"])
def test_only_the_algorithm_of_the_keys_curve_signs(curve: Curve, name: str) -> None:
    key = PrivateKey.generate(curve)
    if algorithm_of(name) is key.algorithm:
        parsed = parse_compact(sign_compact(b"payload", {"alg": name}, key))
        assert parsed.header["alg"] == name
        verify_jws(parsed, key.public)
    else:
        with pytest.raises(UnsupportedKeyError):
            sign_compact(b"payload", {"alg": name}, key)


@pytest.mark.parametrize("curve", [Curve.P256, Curve.P384, Curve.SECP256K1])
def test_a_signature_of_another_form_is_refused(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    protected, encoded, signature = sign_compact(b"payload", {}, key).split(".")
    raw = from_base64url(signature)
    half = len(raw) // 2
    der = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    for other in (b"", bytes(len(raw)), b"\xff" * len(raw), raw[:-1], raw + b"\0", der):
        with pytest.raises(InvalidSignatureError):
            verify_jws(parse_compact(f"{protected}.{encoded}.{base64url(other)}"), key.public)


def test_the_limit_is_the_callers() -> None:
    assert parse_compact(TOKEN, max_bytes=len(TOKEN)).payload
    with pytest.raises(InvalidJwsError, match="larger"):
        parse_compact(TOKEN, max_bytes=len(TOKEN) - 1)


def test_a_key_in_the_header_is_never_used() -> None:
    attacker = PrivateKey.generate(Curve.ED25519)
    token = sign_compact(b"payload", {"jwk": dict(attacker.public.jwk())}, attacker)
    with pytest.raises(InvalidSignatureError):
        verify_jws(parse_compact(token), SEED.public)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "....",
        TOKEN + "=",
        TOKEN[:-1] + "R",  # stray bits after the signature
        TOKEN.replace("IndvcmxkIn0.", "IndvcmxkIn1."),  # and after the payload
        base64url(b'{"alg":"Ed25519","x":"' + b"y" * 9000 + b'"}') + ".eA.eQ",
        base64url(b'{"alg":"Ed25519"}') + ".eA." + "A" * 6200,
        base64url(b'\xff{"alg":"Ed25519"}') + ".eA.eQ",
        base64url(b'{"alg":"Ed25519"} {}') + ".eA.eQ",
        " " + TOKEN,
        TOKEN.replace(".", ". ", 1),
        "é." + TOKEN,
        "x" * 2_000_000,
        base64url(b'{"alg":"Ed25519","alg":"none"}') + ".eA.eQ",
        base64url(b'{"alg":"Ed25519","x":' + b"[" * 100 + b"]" * 100 + b"}") + ".eA.eQ",
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidJwsError):
        parse_compact(token)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {},
        {"payload": "eA", "protected": "e30"},
        {"payload": "eA", "protected": "e30", "signature": "eQ", "header": {}},
        {"payload": 1, "protected": "e30", "signature": "eQ"},
        {"payload": "eA" * 1_000_000, "protected": "e30", "signature": "eQ"},
        {"payload": "eA", "signatures": [{"protected": "e30", "signature": "eQ"}]},
        {"payload": "eA", "protected": "e30", "signature": "eQ"},
    ],
)
def test_what_is_no_flattened_one_is_refused(value) -> None:
    with pytest.raises(InvalidJwsError):
        parse_flattened(value)


class TestPublished:
    """Tokens that others published."""

    def key(self, file: Path) -> PublicKey:
        jwk = json.loads(file.read_text())["publicKeyJwk"]
        return PublicKey.from_jwk(jwk)

    def test_a_credential_of_the_w3c_suite_verifies(self, vectors: Path) -> None:
        folder = vectors / "vc" / "jose"
        token = (folder / "credential-jose-minimal.txt").read_text().strip()
        verify_jws(parse_compact(token), self.key(folder / "cid-p256.json"))
        with pytest.raises(ResolverError):
            verify_jws(parse_compact(token), self.key(folder / "cid-p384.json"))

    def test_a_credential_for_selective_disclosure_verifies(self, vectors: Path) -> None:
        folder = vectors / "vc" / "jose"
        token = (folder / "credential-sdjwt-selective.txt").read_text().partition("~")[0].strip()
        verify_jws(parse_compact(token), self.key(folder / "cid-p384.json"))

    @pytest.mark.parametrize(
        "name",
        ["valid-v2-enveloped-dpp", "invalid-schema-v2-enveloped-dpp", "playground-dpp-0.6.0"],
    )
    def test_a_real_passport_verifies(self, vectors: Path, name: str) -> None:
        file = vectors / "untp" / "samples" / "signed-enveloped" / f"{name}.json"
        text = file.read_text()
        start = text.index("eyJ")
        token = text[start : text.index('"', start)]
        document = json.loads(
            (vectors / "untp" / "did" / "vckit-test-and-development.did.json").read_text()
        )
        parsed = parse_compact(token)
        (method,) = [m for m in document["verificationMethod"] if m["id"] == parsed.kid]
        verify_jws(parsed, PublicKey.from_jwk(method["publicKeyJwk"]))
