from copy import deepcopy
from typing import Any

import pytest

from resolver.did import Did, DidUrl
from resolver.document import MAX_ITEMS, DidDocument, Relationship, parse_document
from resolver.encodings import base58btc
from resolver.errors import InvalidDidDocumentError, VerificationMethodError
from resolver.instant import parse_instant
from resolver.keys import Curve, PublicKey
from resolver.signing import PrivateKey

DID = Did.parse("did:web:example.com")
KEY = PrivateKey.from_seed(bytes(32)).public
EC = PrivateKey.generate(Curve.P256).public
K256 = PrivateKey.generate(Curve.SECP256K1).public
X = PublicKey(Curve.X25519, bytes(range(32)))


def method(name: str = "#key-1", **members: Any) -> dict[str, Any]:
    whole = {"id": DID.text + name, "type": "Multikey", "controller": DID.text}
    material = members or {"publicKeyMultibase": KEY.multikey}
    return whole | material


def document(*methods: Any, **members: Any) -> dict[str, Any]:
    return {"id": DID.text, "verificationMethod": list(methods)} | members


def parse(json: Any) -> DidDocument:
    return parse_document(json, DID)


@pytest.mark.parametrize(
    ("kind", "material", "key"),
    [
        ("Multikey", {"publicKeyMultibase": KEY.multikey}, KEY),
        ("Multikey", {"publicKeyMultibase": EC.multikey}, EC),
        ("Ed25519VerificationKey2020", {"publicKeyMultibase": KEY.multikey}, KEY),
        ("Ed25519VerificationKey2018", {"publicKeyBase58": base58btc(KEY.raw)}, KEY),
        ("X25519KeyAgreementKey2020", {"publicKeyMultibase": X.multikey}, X),
        ("X25519KeyAgreementKey2019", {"publicKeyBase58": base58btc(X.raw)}, X),
        ("JsonWebKey", {"publicKeyJwk": EC.jwk()}, EC),
        ("JsonWebKey", {"publicKeyJwk": KEY.jwk() | {"kid": "x", "alg": "EdDSA"}}, KEY),
        ("JsonWebKey2020", {"publicKeyJwk": KEY.jwk()}, KEY),
        ("EcdsaSecp256k1VerificationKey2019", {"publicKeyJwk": K256.jwk()}, K256),
        ("EcdsaSecp256k1VerificationKey2019", {"publicKeyBase58": base58btc(K256.raw)}, K256),
        # Kept, and never used:
        ("RsaVerificationKey2018", {"publicKeyPem": "-----BEGIN"}, None),
        ("Multikey", {"publicKeyJwk": KEY.jwk()}, None),
        ("JsonWebKey", {"publicKeyJwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, None),
        ("Multikey", {"publicKeyMultibase": "z" + base58btc(b"\xeb\x01" + bytes(96))}, None),
        ("EcdsaSecp256k1RecoveryMethod2020", {"blockchainAccountId": "eip155:1:0xab"}, None),
        ("Ed25519Unheard", {"publicKeyMultibase": KEY.multikey}, None),
    ],
)
def test_each_type_gives_its_key(
    kind: str, material: dict[str, Any], key: PublicKey | None
) -> None:
    parsed = parse(document(method(type=kind, **material)))
    assert parsed.verification_methods[f"{DID}#key-1"].key == key


@pytest.mark.parametrize(
    "entry",
    [
        7,
        None,
        "did:web:example.com#key-1",
        {},
        {"id": "did:web:example.com#key-1"},
        method() | {"id": "key-1"},
        method() | {"id": ""},
        method() | {"id": 7},
        method() | {"type": ["Multikey"]},
        method() | {"controller": "me"},
        method() | {"controller": ["did:web:example.com"]},
        method() | {"controller": None},
        method() | {"publicKeyMultibase": 7},
        method() | {"publicKeyMultibase": KEY.multikey[:-1] + "0"},
        method() | {"publicKeyMultibase": "z" + base58btc(b"\xed\x01" + bytes(33))},
        method() | {"publicKeyMultibase": "mAAAA"},
        method() | {"publicKeyJwk": KEY.jwk()},
        method() | {"secretKeyMultibase": "z3u2"},
        method() | {"privateKeyJwk": {}},
        method() | {"revoked": "yesterday"},
        method() | {"expires": 7},
        method(type="JsonWebKey", publicKeyJwk=PrivateKey.generate().jwk()),
        method(type="JsonWebKey", publicKeyJwk="x"),
        method(type="JsonWebKey", publicKeyJwk=EC.jwk() | {"y": EC.jwk()["x"]}),
        method(type="Ed25519VerificationKey2020", publicKeyMultibase=EC.multikey),
        method(type="EcdsaSecp256k1VerificationKey2019", publicKeyJwk=EC.jwk()),
        method(type="Ed25519VerificationKey2018", publicKeyBase58=base58btc(bytes(31))),
    ],
)
def test_malformed_verification_methods_are_refused(entry: Any) -> None:
    with pytest.raises(InvalidDidDocumentError):
        parse(document(entry))
    with pytest.raises(InvalidDidDocumentError):
        parse({"id": DID.text, "authentication": [entry if isinstance(entry, dict) else 7]})


@pytest.mark.parametrize(
    "json",
    [
        None,
        [],
        "did:web:example.com",
        {},
        {"id": None},
        {"id": "did:web:example.com "},
        {"id": "did:web:EXAMPLE.com"},
        {"id": "did:web:example.org"},
        {"id": DID.text, "n": 2**60},
        document(verificationMethod={}),
        document(assertionMethod="did:web:example.com#key-1"),
        document(assertionMethod={"a": 1}),
        document(assertionMethod=["key-1"]),
        document(assertionMethod=[None]),
        document(controller=7),
        document(controller=["not a did"]),
        document(alsoKnownAs=[7]),
        document(alsoKnownAs=7),
        document(service=[{"id": "#a", "type": "T"}]),
        document(service=[{"id": "#a", "serviceEndpoint": "https://a.example"}]),
        document(service=[{"id": 7, "type": "T", "serviceEndpoint": "https://a.example"}]),
        document(service={"id": "#a"}),
        document(
            service=[{"id": i, "type": "T", "serviceEndpoint": "x:y"} for i in ("#a", f"{DID}#a")]
        ),
        document(*[method(f"#{n}") for n in range(MAX_ITEMS + 1)]),
        document(alsoKnownAs=["a:b"] * (MAX_ITEMS + 1)),
    ],
    ids=lambda json: repr(json)[:50],
)
def test_malformed_documents_are_refused(json: Any) -> None:
    with pytest.raises(InvalidDidDocumentError):
        parse(json)


def test_embedded_methods_do_not_pass_the_limit() -> None:
    half = MAX_ITEMS // 2 + 1
    with pytest.raises(InvalidDidDocumentError):
        parse(
            document(
                *[method(f"#a{n}") for n in range(half)],
                authentication=[method(f"#b{n}") for n in range(half)],
            )
        )


@pytest.mark.parametrize(
    "twice",
    [
        document(method(), method()),
        document(method(), method() | {"id": "#key-1"}),
        document(method(), authentication=[method()]),
        document(authentication=[method()], assertionMethod=[method()]),
    ],
)
def test_one_id_twice_is_refused(twice: Any) -> None:
    with pytest.raises(InvalidDidDocumentError):
        parse(twice)


def test_a_key_longer_than_any_we_know_stands_beside_those_we_do() -> None:
    huge = method("#pq", publicKeyMultibase="z" + base58btc(b"\x91\x24" + bytes(range(1, 240)) * 9))
    parsed = parse(document(method(), huge))
    assert [each.key for each in parsed.verification_methods.values()] == [KEY, None]


def test_methods_are_found_for_the_relationship_that_lists_them_only() -> None:
    embedded = method("#key-2", publicKeyMultibase=EC.multikey)
    parsed = parse(
        document(method(), assertionMethod=["#key-1"], keyAgreement=[embedded | {"id": "#key-2"}])
    )
    one, two = DidUrl.parse(f"{DID}#key-1"), DidUrl.parse(f"{DID}#key-2")
    assert parsed.verification_method(one, Relationship.ASSERTION_METHOD).key == KEY
    assert parsed.verification_method(two, Relationship.KEY_AGREEMENT).key == EC
    for url in (one, two):
        with pytest.raises(VerificationMethodError):
            parsed.verification_method(url, Relationship.AUTHENTICATION)
    with pytest.raises(VerificationMethodError):
        parsed.verification_method(two, Relationship.ASSERTION_METHOD)


@pytest.mark.parametrize(
    "url",
    [
        "did:web:example.com",
        "did:web:example.com#key-2",
        "did:web:example.com#KEY-1",
        "did:web:example.com/#key-1",
        "did:web:example.com?a#key-1",
        "did:web:example.org#key-1",
        "did:web:example.com#missing",
    ],
)
def test_no_other_url_finds_a_method(url: str) -> None:
    foreign = method() | {"id": "did:web:example.org#key-1"}
    listed = ["#key-1", "#missing", foreign]
    parsed = parse(document(method(), assertionMethod=listed))
    with pytest.raises(VerificationMethodError):
        parsed.verification_method(DidUrl.parse(url), Relationship.ASSERTION_METHOD)


def test_a_revoked_or_expired_method_is_refused_from_its_end_on() -> None:
    for member in ("revoked", "expires"):
        entry = method() | {member: "2026-03-01T00:00:00Z"}
        parsed = parse(document(entry, assertionMethod=["#key-1"]))
        url, end = DidUrl.parse(f"{DID}#key-1"), parse_instant("2026-03-01T00:00:00Z")
        before = parse_instant("2026-02-28T23:59:59Z")
        assert parsed.verification_method(url, Relationship.ASSERTION_METHOD, at=before).key == KEY
        assert parsed.verification_method(url, Relationship.ASSERTION_METHOD).key == KEY
        with pytest.raises(VerificationMethodError):
            parsed.verification_method(url, Relationship.ASSERTION_METHOD, at=end)


def test_a_method_that_names_no_controller_is_the_documents_own() -> None:
    entry = method()
    del entry["controller"]
    assert parse(document(entry)).verification_methods[f"{DID}#key-1"].controller == DID
    other = method() | {"controller": "did:web:example.org"}
    assert parse(document(other)).verification_methods[f"{DID}#key-1"].controller != DID


def test_the_rest_is_parsed_too() -> None:
    service = {"id": "#files", "type": ["A", "B"], "serviceEndpoint": {"uri": "https://a.example"}}
    parsed = parse(
        document(
            service=[service, {"type": "C", "serviceEndpoint": "https://c.example"}],
            alsoKnownAs=["https://example.com"],
            controller="did:web:example.org",
        )
    )
    assert [(s.id, s.types) for s in parsed.services] == [
        (f"{DID}#files", ("A", "B")),
        (None, ("C",)),
    ]
    assert parsed.also_known_as == ("https://example.com",)
    assert [str(c) for c in parsed.controller] == ["did:web:example.org"]


def test_the_digest_is_of_the_canonical_document() -> None:
    one = document(method(), alsoKnownAs=["a:b"])
    other = deepcopy(dict(reversed(one.items())))
    assert parse(one).digest == parse(other).digest
    assert parse(one).digest != parse(document(method())).digest
    assert len(parse(one).digest) == 64
