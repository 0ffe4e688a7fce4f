"""did:peer, with identifiers made here, so that a clone without published vectors tests it too."""

import hashlib
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.did import Did
from resolver.document import DidDocument, Relationship
from resolver.encodings import base58btc, base64url
from resolver.errors import ErrorCode, ResolutionError
from resolver.keys import Curve
from resolver.methods.peer import PeerMethod
from resolver.signing import PrivateKey

SIGNING = PrivateKey.from_seed(bytes(32)).public
AGREEMENT = SIGNING.x25519()
KEYS = f".V{SIGNING.multikey}.E{AGREEMENT.multikey}"


async def resolve(did: str) -> DidDocument:
    document = (await PeerMethod().resolve(Did.parse(did))).document
    assert document is not None
    return document


async def refused(did: str) -> ResolutionError:
    with pytest.raises(ResolutionError) as caught:
        await PeerMethod().resolve(Did.parse(did))
    return caught.value


def service(value: Any) -> str:
    return ".S" + base64url(orjson.dumps(value))


def long_form(document: Any, codec: bytes = b"\x80\x04") -> str:
    data = document if isinstance(document, bytes) else orjson.dumps(document)
    encoded = "z" + base58btc(codec + data)
    digest = b"\x12\x20" + hashlib.sha256(encoded.encode()).digest()
    return f"did:peer:4z{base58btc(digest)}:{encoded}"


async def test_kind_0_is_one_key_with_every_privilege() -> None:
    document = await resolve(f"did:peer:0{SIGNING.multikey}")
    own = f"{document.id}#{SIGNING.multikey}"
    assert document.verification_methods[own].key == SIGNING
    for relationship in set(Relationship) - {Relationship.KEY_AGREEMENT}:
        assert document.relationships[relationship] == {own}
    (agreement,) = document.relationships[Relationship.KEY_AGREEMENT]
    assert document.verification_methods[agreement].key == AGREEMENT


async def test_kind_2_numbers_its_keys_in_their_order() -> None:
    did = f"did:peer:2.A{SIGNING.multikey}{KEYS}.I{SIGNING.multikey}.D{SIGNING.multikey}"
    document = await resolve(did)
    ids = {
        r: sorted(name.partition("#")[2] for name in n) for r, n in document.relationships.items()
    }
    assert ids == {
        Relationship.ASSERTION_METHOD: ["key-1"],
        Relationship.AUTHENTICATION: ["key-2"],
        Relationship.KEY_AGREEMENT: ["key-3"],
        Relationship.CAPABILITY_INVOCATION: ["key-4"],
        Relationship.CAPABILITY_DELEGATION: ["key-5"],
    }
    assert all(
        method.controller == document.id for method in document.verification_methods.values()
    )
    assert document.raw["verificationMethod"][0]["id"] == "#key-1"


async def test_kind_2_writes_short_names_out_at_every_depth() -> None:
    short = {"t": "dm", "s": {"uri": "https://a.example", "a": ["x"], "r": [{"t": "dm"}]}}
    document = await resolve(f"did:peer:2{KEYS}{service(short)}{service({**short, 't': 'other'})}")
    first, second = document.services
    assert first.id == f"{document.id}#service"
    assert second.id == f"{document.id}#service-1"
    assert first.types == ("DIDCommMessaging",)
    assert second.types == ("other",)
    assert first.endpoint == {
        "uri": "https://a.example",
        "accept": ["x"],
        "routingKeys": [{"type": "DIDCommMessaging"}],
    }


async def test_kind_2_counts_only_services_without_a_name() -> None:
    plain = {"t": "x", "s": "https://a.example"}
    named = {**plain, "id": "#named"}
    document = await resolve(f"did:peer:2{KEYS}{service(named)}{service(plain)}{service(plain)}")
    names = [each.id for each in document.services]
    assert names == [f"{document.id}#{n}" for n in ("named", "service", "service-1")]


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "V" + SIGNING.multikey,
        "x" + KEYS,
        KEYS + ".",
        KEYS + ".Q" + SIGNING.multikey,
        ".Vnotakey",
        ".Vz" + base58btc(b"\xed\x01" + bytes(31)),
        KEYS + ".S",
        KEYS + ".S!".replace("!", "_"),
        KEYS + service([{"t": "dm", "s": "https://a.example"}]),
        KEYS + service({"t": "dm"}),
        KEYS + service({"t": "dm", "type": "dm", "s": "https://a.example"}),
        KEYS + service({"t": "dm", "s": "https://a.example", "id": "did:example:other#service"}),
        KEYS + service({"t": "dm", "s": "https://a.example", "id": 7}),
        KEYS
        + service({"t": "dm", "s": "https://a.example", "id": "#service"})
        + service({"t": "dm", "s": "https://a.example"}),
        KEYS + ".S" + base64url(b'{"t":"dm","t":"dm","s":"https://a.example"}'),
        KEYS + ".S" + base64url(b"[" * 40 + b"]" * 40),
    ],
)
async def test_kind_2_that_cannot_be_read_is_refused(rest: str) -> None:
    assert (await refused(f"did:peer:2{rest or '.'}")).code is ErrorCode.INVALID_DID


async def test_kind_2_keeps_a_key_of_a_kind_that_we_do_not_know() -> None:
    foreign = "z" + base58btc(b"\xeb\x01" + bytes(96))
    document = await resolve(f"did:peer:2.V{foreign}{KEYS}")
    keys = [method.key for method in document.verification_methods.values()]
    assert keys == [None, SIGNING, AGREEMENT]


async def test_kind_4_gets_its_id_controllers_and_short_form() -> None:
    foreign = {
        "id": "#b",
        "type": "Multikey",
        "publicKeyMultibase": SIGNING.multikey,
        "controller": "did:example:other",
    }
    own = {"id": "#a", "type": "Multikey", "publicKeyMultibase": SIGNING.multikey}
    did = long_form(
        {
            "verificationMethod": [own],
            "authentication": ["#a", foreign],
            "alsoKnownAs": ["https://a.example"],
        }
    )
    document = await resolve(did)
    methods = document.verification_methods
    assert methods[f"{did}#a"].controller == document.id
    assert methods[f"{did}#b"].controller == Did.parse("did:example:other")
    assert document.also_known_as == ("https://a.example", did.rpartition(":")[0])
    assert document.relationships[Relationship.AUTHENTICATION] == {f"{did}#a", f"{did}#b"}


async def test_kind_4_with_another_hash_is_refused() -> None:
    honest, other = long_form({"service": []}), long_form({"alsoKnownAs": []})
    forged = f"{honest.rpartition(':')[0]}:{other.rpartition(':')[2]}"
    assert "hash" in str(await refused(forged))


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"id": "did:example:other"},
        {"alsoKnownAs": "x"},
        {"verificationMethod": [{"id": "did:example:other#a", "type": "Multikey"}]},
        {"authentication": [{"id": "did:example:other#a", "type": "Multikey"}]},
        {
            "service": [
                {"id": "https://a.example", "type": "x", "serviceEndpoint": "https://a.example"}
            ]
        },
        b'{"service":[],"service":[]}',
        b"\xff",
        b"",
    ],
)
async def test_kind_4_that_cannot_be_read_is_refused(document: Any) -> None:
    assert (await refused(long_form(document))).code is ErrorCode.INVALID_DID


async def test_kind_4_must_be_marked_as_json() -> None:
    assert "JSON" in str(await refused(long_form({}, codec=b"\x55\x00")))


async def test_hashes_of_what_was_exchanged_are_not_found() -> None:
    short = long_form({"service": []}).rpartition(":")[0]
    for did in (short, short.replace("peer:4", "peer:3"), short.replace("peer:4", "peer:1")):
        assert (await refused(did)).code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("rest", ["5z6Mk", "z6Mk", "1", "3zQm", "4zQm:zabc", "00z6Mk", "0"])
async def test_other_kinds_are_no_did_peer(rest: str) -> None:
    assert (await refused(f"did:peer:{rest}")).code is ErrorCode.INVALID_DID


@pytest.mark.parametrize("curve", [Curve.P256, Curve.P384, Curve.SECP256K1])
async def test_every_curve_that_we_know_can_be_a_peer(curve: Curve) -> None:
    key = PrivateKey.generate(curve).public
    document = await resolve(f"did:peer:0{key.multikey}")
    assert {method.key for method in document.verification_methods.values()} == {key}


@given(st.from_regex(r"[0-4][A-Za-z0-9._:-]{0,200}", fullmatch=True))
async def test_no_identifier_does_anything_but_resolve_or_be_refused(rest: str) -> None:
    with suppress(ResolutionError):
        await PeerMethod().resolve(Did.parse(f"did:peer:{rest.rstrip(':')}"))
