from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from resolver.did import Did
from resolver.document import DidDocument, Relationship
from resolver.encodings import base58btc, base64url
from resolver.errors import (
    ErrorCode,
    FetchError,
    InvalidDidError,
    RefusedAddressError,
    RefusedRedirectError,
    ResolutionError,
    TooLargeError,
    UnreachableError,
    UpstreamTimeoutError,
)
from resolver.hosting import Uncached
from resolver.keys import Curve, PublicKey
from resolver.methods import Resolved
from resolver.methods.jwk import JwkMethod
from resolver.methods.key import KeyMethod
from resolver.methods.web import WebMethod, url_of
from resolver.signing import PrivateKey

from .conftest import Page, Pages

SIGNING = set(Relationship) - {Relationship.KEY_AGREEMENT}
X = PublicKey(Curve.X25519, bytes(range(32)))


async def code_of(method: Any, did: str) -> ErrorCode:
    with pytest.raises(ResolutionError) as caught:
        await method.resolve(Did.parse(did))
    return caught.value.code


def document_of(resolved: Resolved) -> DidDocument:
    assert resolved.document is not None
    return resolved.document


def jwk_did(jwk: Any) -> str:
    return "did:jwk:" + base64url(jwk if isinstance(jwk, bytes) else orjson.dumps(jwk))


@pytest.mark.parametrize("curve", [Curve.ED25519, Curve.P256, Curve.P384, Curve.SECP256K1])
async def test_a_did_key_signs_and_agrees(curve: Curve) -> None:
    key = PrivateKey.generate(curve).public
    did = Did.parse(f"did:key:{key.multikey}")
    document = document_of(await KeyMethod().resolve(did))
    own = f"{did}#{key.multikey}"
    assert document.verification_methods[own].key == key
    assert document.verification_methods[own].controller == did
    for relationship in SIGNING:
        assert document.relationships[relationship] == {own}
    agreement = document.relationships[Relationship.KEY_AGREEMENT]
    assert (agreement == {own}) == (curve is not Curve.ED25519)
    assert len(agreement) == 1


async def test_an_x25519_did_key_only_agrees() -> None:
    document = document_of(await KeyMethod().resolve(Did.parse(f"did:key:{X.multikey}")))
    listed = {r for r in Relationship if document.relationships[r]}
    assert listed == {Relationship.KEY_AGREEMENT}


async def test_the_derived_agreement_key_is_the_one_of_the_private_half() -> None:
    """RFC 8032 and RFC 7748 clamp the same hash: the derived public keys must agree."""
    import hashlib

    seed = bytes(range(32))
    public = PrivateKey.from_seed(seed).public
    expected = X25519PrivateKey.from_private_bytes(hashlib.sha512(seed).digest()[:32])
    document = document_of(await KeyMethod().resolve(Did.parse(f"did:key:{public.multikey}")))
    (name,) = document.relationships[Relationship.KEY_AGREEMENT]
    key = document.verification_methods[name].key
    assert key is not None
    assert key.curve is Curve.X25519
    assert key.raw == expected.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "identifier",
    [
        "z",
        "z6Mk",
        "zabc",
        "mAAAA",
        "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doKz",
        "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do0",
        "1.1:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "z" + base58btc(b"\xed\x01\x01" + bytes(31)),
        "z" + base58btc(b"\xed\x01" + b"\xff" * 32),
        "z" + base58btc(b"\x80\x24\x02" + b"\xff" * 32),
        "z" + base58btc(b"\x80\x24\x04" + bytes(64)),
        "z" + base58btc(b"\x85\x24" + bytes(20)),
        "z" + "1" * 4000,
    ],
)
async def test_what_is_no_key_is_no_did_key(identifier: str) -> None:
    assert await code_of(KeyMethod(), f"did:key:{identifier}") is ErrorCode.INVALID_DID


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (None, set(Relationship)),
        ("sig", SIGNING),
        ("enc", {Relationship.KEY_AGREEMENT}),
        ("other", set(Relationship)),
    ],
)
async def test_the_use_of_a_jwk_decides_its_relationships(
    use: str | None, expected: set[Relationship]
) -> None:
    key = PrivateKey.generate(Curve.P256).public
    did = Did.parse(jwk_did(key.jwk() | ({} if use is None else {"use": use})))
    document = document_of(await JwkMethod().resolve(did))
    assert document.verification_methods[f"{did}#0"].key == key
    assert {r for r in Relationship if document.relationships[r] == {f"{did}#0"}} == expected
    assert not any(document.relationships[r] for r in set(Relationship) - expected)


@pytest.mark.parametrize(
    "did",
    [
        "did:jwk:hehe",
        "did:jwk:e30",
        "did:jwk:e30=".replace("=", "%3D"),
        jwk_did([]),
        jwk_did("x"),
        jwk_did(b"{"),
        jwk_did(b'{"kty":"OKP","kty":"OKP"}'),
        jwk_did(PrivateKey.generate().jwk()),
        jwk_did({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        jwk_did(X.jwk() | {"crv": "Ed448"}),
        jwk_did(X.jwk() | {"n": 2**60}),
        jwk_did(X.jwk() | {"x5c": "A" * (3066 - len(orjson.dumps(X.jwk() | {"x5c": ""})))}),
        jwk_did(X.jwk() | {"deep": [[[[[[[[[[[[1]]]]]]]]]]]]}),
        jwk_did(X.jwk()) + ":x",
    ],
)
async def test_what_is_no_public_jwk_is_no_did_jwk(did: str) -> None:
    assert await code_of(JwkMethod(), did) is ErrorCode.INVALID_DID


@pytest.mark.parametrize(
    ("identifier", "url"),
    [
        ("example.com", "https://example.com/.well-known/did.json"),
        ("Example.COM", "https://example.com/.well-known/did.json"),
        ("example.com:user:alice", "https://example.com/user/alice/did.json"),
        ("example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("example.com%3a3000:a", "https://example.com:3000/a/did.json"),
        ("localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ("xn--fsq.jp:%E7%94%A8", "https://xn--fsq.jp/%E7%94%A8/did.json"),
        ("3m.com:.a:b..c", "https://3m.com/.a/b..c/did.json"),
        ("a-b.example:%7Euser", "https://a-b.example/%7Euser/did.json"),
        ("example.com:did.json", "https://example.com/did.json/did.json"),
    ],
)
def test_a_did_web_spells_its_address(identifier: str, url: str) -> None:
    assert url_of(Did.parse(f"did:web:{identifier}")) == url


@pytest.mark.parametrize(
    "identifier",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x",
        "017700000001",
        "example.com.1",
        "example.0x0a",
        "127%2E0%2E0%2E1",
        "%5B%3A%3A1%5D",
        "127.0.0.1%3A80",
        "example.com%3A0",
        "example.com%3A",
        "example.com%3A00443",
        "example.com%3A65536",
        "example.com%3A99999999",
        "example.com%3A3000%3A1",
        "example.com%3Aabc",
        "example.com.",
        ".example.com",
        "example..com",
        "-a.example",
        "a-.example",
        "a_b.example",
        "a" * 64 + ".example",
        ".".join(["abcdefgh"] * 29),
        "user%40example.com",
        "example.com%2Fevil",
        "example.com%23",
        "example.com%00",
        "ex%61mple.com",
        "%EF%BC%91.example",
        "example.com:%2e%2e:did",
        "example.com:..:did",
        "example.com:.",
        "example.com:%2E",
        "example.com::a",
        "example.com:a%00b",
        "example.com:a%0Ab",
        "example.com:a%7F",
        "example.com:a%2Fb",
        "example.com:a%5Cb",
        "example.com:%20a",
        "example.com:a%C2%A0",
        "example.com:%252e%252e",
        "example.com:a%252Fb",
        "example.com:%FF",
        "example.com:%ED%A0%80",
    ],
)
async def test_other_spellings_are_invalid_and_reach_no_host(identifier: str, pages: Pages) -> None:
    did = f"did:web:{identifier}"
    with pytest.raises(InvalidDidError):
        url_of(Did.parse(did))
    assert await code_of(Uncached(WebMethod(pages)), did) is ErrorCode.INVALID_DID
    assert not pages.asked


async def test_a_did_web_is_read_from_its_host(pages: Pages) -> None:
    pages.pages["https://example.com/a/did.json"] = Page(b'{"id":"did:web:example.com:a"}')
    document = document_of(
        await Uncached(WebMethod(pages)).resolve(Did.parse("did:web:example.com:a"))
    )
    assert document.id == Did.parse("did:web:example.com:a")


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Page(status=404), ErrorCode.NOT_FOUND),
        (Page(status=410), ErrorCode.NOT_FOUND),
        (Page(status=500), ErrorCode.INTERNAL_ERROR),
        (Page(status=204), ErrorCode.INTERNAL_ERROR),
        (Page(status=401), ErrorCode.INTERNAL_ERROR),
        (Page(b"<html>"), ErrorCode.INVALID_DID_DOCUMENT),
        (Page(b""), ErrorCode.INVALID_DID_DOCUMENT),
        (Page(b"[]"), ErrorCode.INVALID_DID_DOCUMENT),
        (Page(b'{"id":"did:web:example.org"}'), ErrorCode.INVALID_DID_DOCUMENT),
        (Page(b'{"id":"did:web:EXAMPLE.com"}'), ErrorCode.INVALID_DID_DOCUMENT),
        (
            Page(b'{"id":"did:web:example.org","id":"did:web:example.com"}'),
            ErrorCode.INVALID_DID_DOCUMENT,
        ),
        (Page(b"[" * 100_000), ErrorCode.INVALID_DID_DOCUMENT),
        (RefusedAddressError("private"), ErrorCode.INVALID_DID),
        (TooLargeError("large"), ErrorCode.INVALID_DID_DOCUMENT),
        (RefusedRedirectError("redirect"), ErrorCode.INTERNAL_ERROR),
        (UpstreamTimeoutError("slow"), ErrorCode.INTERNAL_ERROR),
        (UnreachableError("nobody"), ErrorCode.INTERNAL_ERROR),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_each_failure_has_its_code(
    page: Page | FetchError, code: ErrorCode, pages: Pages
) -> None:
    pages.pages["https://example.com/.well-known/did.json"] = page
    with pytest.raises(ResolutionError) as caught:
        await Uncached(WebMethod(pages)).resolve(Did.parse("did:web:example.com"))
    assert caught.value.code is code
    assert str(caught.value)
    assert not caught.value.deactivated
