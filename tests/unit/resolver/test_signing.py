import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from resolver.encodings import base64url
from resolver.errors import InvalidKeyError, InvalidSignatureError, UnsupportedKeyError
from resolver.keys import Algorithm, Curve, PublicKey, verify
from resolver.signing import PrivateKey

SIGNING = [Curve.ED25519, Curve.P256, Curve.P384, Curve.SECP256K1]


@pytest.mark.parametrize("curve", SIGNING)
def test_what_is_signed_verifies_and_nothing_else_does(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    signature = key.sign(b"message")
    verify(key.public, key.algorithm, signature, b"message")
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    other = PrivateKey.generate(curve).public
    for public, bytes_, message in [
        (key.public, signature, b"massage"),
        (key.public, flipped, b"message"),
        (key.public, signature[:-1], b"message"),
        (key.public, b"", b"message"),
        (key.public, bytes(len(signature)), b"message"),
        (other, signature, b"message"),
    ]:
        with pytest.raises(InvalidSignatureError):
            verify(public, key.algorithm, bytes_, message)


@pytest.mark.parametrize("curve", SIGNING)
def test_a_private_jwk_comes_back_as_it_went(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    again = PrivateKey.from_jwk({**key.jwk()})
    assert again.public == key.public
    assert again.sign(b"x") == key.sign(b"x")  # Ed25519 and RFC 6979 are deterministic


@pytest.mark.parametrize("curve", SIGNING)
def test_jwcrypto_verifies_our_signatures_and_we_its(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    alg = "EdDSA" if curve is Curve.ED25519 else key.algorithm.value
    theirs = JWK(**key.jwk())
    jws = JWS(b"payload")
    jws.allowed_algs = [alg]
    jws.add_signature(theirs, alg, f'{{"alg":"{alg}"}}')
    header, payload, signature = jws.serialize(compact=True).split(".")
    from resolver.encodings import from_base64url

    verify(key.public, key.algorithm, from_base64url(signature), f"{header}.{payload}".encode())

    ours = f"{header}.{payload}." + base64url(key.sign(f"{header}.{payload}".encode()))
    check = JWS()
    check.allowed_algs = [alg]
    check.deserialize(ours, theirs)


@given(seed=st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_a_seed_always_gives_the_same_key(seed: bytes) -> None:
    assert PrivateKey.from_seed(seed).public == PrivateKey.from_seed(seed).public


def test_a_seed_gives_the_key_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = PrivateKey.from_seed(seed)
    assert key.public.raw.hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )


def test_the_secret_is_in_no_representation() -> None:
    key = PrivateKey.generate()
    assert key.jwk()["d"] not in repr(key)


def test_keys_that_do_not_sign_are_refused() -> None:
    with pytest.raises(UnsupportedKeyError):
        PrivateKey.generate(Curve.X25519)
    with pytest.raises(UnsupportedKeyError):
        verify(PublicKey(Curve.X25519, bytes(32)), Algorithm.ED25519, bytes(64), b"")


@pytest.mark.parametrize("curve", SIGNING)
def test_halves_that_do_not_belong_together_are_refused(curve: Curve) -> None:
    one, other = PrivateKey.generate(curve), PrivateKey.generate(curve)
    with pytest.raises(InvalidKeyError):
        PrivateKey.from_jwk({**one.jwk(), "d": other.jwk()["d"]})


@pytest.mark.parametrize("secret", ["", "AA", "not base64url!", 7, None, "A" * 43])
@pytest.mark.parametrize("curve", SIGNING)
def test_malformed_secrets_are_refused(curve: Curve, secret: object) -> None:
    with pytest.raises(InvalidKeyError):
        PrivateKey.from_jwk({**PrivateKey.generate(curve).jwk(), "d": secret})


@pytest.mark.parametrize("length", [0, 31, 33])
def test_seeds_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(InvalidKeyError):
        PrivateKey.from_seed(bytes(length))
