"""Proofs over graphs: the published ones, our own, and what breaks them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from credentials.graph_proofs import verify_graph_proof
from credentials.rdf.errors import (
    InvalidJsonLdError,
    TooMuchWorkError,
    UnreadableContextError,
)
from resolver.errors import (
    InvalidProofError,
    InvalidSignatureError,
    PublicKeyError,
    ResolverError,
    UnsupportedKeyError,
    UnsupportedProofError,
)
from resolver.keys import Curve, PublicKey
from resolver.proofs.data_integrity import proofs_of
from resolver.signing import PrivateKey
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.own_contexts import BASE, MORE, RAW
from tests.unit.credentials.rdf.signing import derive, proof_value, sign_graph

METHOD = "did:web:issuer.example#key-1"
KEY = PrivateKey.from_seed(bytes(range(32)))
DOCUMENT: dict[str, Any] = {
    "@context": [BASE, MORE],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:web:issuer.example", "name": "Ministry"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"type": "Mine", "name": "North pit", "tags": "open"},
}
GRAPHS = Graphs.of(RAW)

PUBLISHED = [
    "eddsa/TestVectors/eddsa-rdfc-2022/signedDataInt.json",
    "eddsa/TestVectors/proof-set-chain/signedProofSet1.json",
    "eddsa/TestVectors/proof-set-chain/signedProofSet2.json",
    "eddsa/TestVectors/proof-set-chain/signedProofChain1.json",
    "ecdsa/TestVectors/ecdsa-rdfc-2019-p256/signedECDSAP256.json",
    "ecdsa/TestVectors/ecdsa-rdfc-2019-p384/signedECDSAP384.json",
    "dcc-signed/status-e5WK8CbZ1GjycuPombrj.json",
    "dcc-signed/v1ExpiredWithValidStatus.json",
    "dcc-signed/v1NoStatus.json",
    "dcc-signed/v1Revoked.json",
    "dcc-signed/v1RevokedAndExpired.json",
    "dcc-signed/v1WithValidStatus.json",
    "dcc-signed/v2DoubleSigWithBadStatusUrl.json",
    "dcc-signed/v2EddsaWithValidStatus.json",
    "dcc-signed/v2Expired.json",
    "dcc-signed/v2NoStatus.json",
    "dcc-signed/v2OBv3SpecExample.json",
    "dcc-signed/v2RevokedAndExpired.json",
    "dcc-signed/v2SimpleIssuerId.json",
    "dcc-signed/v2WithValidStatus.json",
]


async def check(document, key=KEY.public, graphs=GRAPHS):
    """What of the JSON each proof protects; the key is the one in a did:key where none is given."""
    found = []
    for proof in proofs_of(document):
        used = key or PublicKey.from_multikey(proof.verification_method.partition("#")[2])
        found.append(await verify_graph_proof(document, proof, used, graphs))
    return found


DERIVED = [
    f"ecdsa/TestVectors/ecdsa-sd-2023/{each}/derivedRevealDocument.json"
    for each in ("employ", "prc")
]


@pytest.fixture(scope="module")
def published(vectors: Path) -> Graphs:
    return Graphs.of_vectors(vectors)


@pytest.fixture
def document(vectors: Path, file: str) -> dict[str, Any]:
    path = vectors / "vc" / file
    if file in DERIVED and not path.is_file():
        pytest.skip("the shared vectors hold no derived proof of ecdsa-sd-2023")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@pytest.mark.parametrize("file", PUBLISHED)
async def test_the_published_proofs_hold(document: dict[str, Any], published: Graphs) -> None:
    assert await check(document, None, published)
    subject = document["credentialSubject"]
    subject["id"] = "urn:somebody-else"
    with pytest.raises(InvalidSignatureError):
        await check(document, None, published)


@pytest.mark.parametrize("file", ["dcc-signed/testVC.json"])
async def test_a_published_document_that_was_changed_does_not_hold(
    document: dict[str, Any], published: Graphs
) -> None:
    with pytest.raises(InvalidSignatureError):
        await check(document, None, published)


@pytest.mark.parametrize("file", DERIVED)
async def test_the_published_derived_proofs_hold(
    document: dict[str, Any], published: Graphs
) -> None:
    await check(document, None, published)


@pytest.mark.parametrize(
    ("curve", "suite"),
    [
        (Curve.ED25519, "eddsa-rdfc-2022"),
        (Curve.ED25519, "Ed25519Signature2020"),
        (Curve.P256, "ecdsa-rdfc-2019"),
        (Curve.P384, "ecdsa-rdfc-2019"),
    ],
)
async def test_what_each_suite_signs_verifies(curve: Curve, suite: str) -> None:
    key = PrivateKey.generate(curve)
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, key, suite)
    (protection,) = await check(signed, key.public)
    assert protection.unprotected == ()
    for other in (PrivateKey.generate(curve), PrivateKey.generate(Curve.SECP256K1)):
        with pytest.raises((InvalidSignatureError, UnsupportedKeyError)):
            await check(signed, other.public)


async def test_other_spelling_is_the_same_and_other_meaning_is_not() -> None:
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY)
    await check({name: signed[name] for name in reversed(signed)})
    await check({**signed, "type": "VerifiableCredential"})
    for change in (
        {"issuer": "did:web:issuer.example"},  # its name is signed too
        {"id": "urn:uuid:2"},
        {"validFrom": "2026-01-01T00:00:00.0Z"},
        {"name": "x"},
        {"credentialSubject": {"name": "North pit"}},
    ):
        with pytest.raises(InvalidSignatureError):
            await check({**signed, **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unknown": "certified"}, "/unknown: defined by no context"),
        ({"nothing": "certified"}, "/nothing: not signed"),
        ({"validUntil": None}, "/validUntil: null"),
        ({"@graph": []}, "@graph"),
        ({"@index": "1"}, "@index"),
        ({"@included": [{"id": "urn:x", "name": "y"}]}, "@included"),
        ({"x:tags": "certified"}, "/x:tags: a member is named by a term"),
        ({"https://terms.example/tags": "certified"}, "a member is named by a term"),
        ({"Party": {"id": "urn:x"}}, "/Party: is to be named assessed or auditor"),
        ({"whole": {"id": "urn:x"}}, "/whole: not signed"),
        ({"filed": {"a": {"name": "y"}}}, "/filed"),
        ({"titles": {"en": "x"}, "@type": "Mine"}, "@type"),
        ({"tags": {"@value": "x"}}, "/tags: a value with members"),
        ({"tags": {"@value": "x", "@language": "en", "@direction": "rtl"}}, "lost|not signed"),
        ({"tags": [None]}, "null"),
        ({"tags": 0.1234567890123456789e-5 + 1}, "digits"),
        ({"type": ["VerifiableCredential", "Unheard"]}, "'Unheard' is defined by no context"),
        ({"type": ["VerifiableCredential", "VerifiableCredential"]}, "the same twice"),
        ({"part": "relative"}, "'relative' is defined by no context"),
        ({"part": "_:b0"}, "no absolute|blank nodes|not signed"),
        ({"part": "urn:x> <urn:y> <urn:z> .\n<urn:a"}, "no absolute IRI"),
        ({"part": {"id": "urn:x", "@context": MORE}}, "a context within"),
        ({"@context": [BASE, MORE, {"name": "https://terms.example/tags"}]}, "written into"),
        ({"@context": [BASE, MORE, None]}, "written into"),
    ],
)
async def test_what_is_not_signed_is_refused(change: dict[str, Any], words: str) -> None:
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY)
    with pytest.raises(InvalidJsonLdError, match=words):
        await check({**signed, **change})


async def test_a_member_that_is_hidden_behind_its_iri_is_refused() -> None:
    """Else the end of its validity would be signed, and seen by nobody."""
    ending = {**DOCUMENT, "validUntil": "2026-02-01T00:00:00Z"}
    signed = await sign_graph(GRAPHS, ending, METHOD, KEY)
    await check(signed)
    iri = "https://www.w3.org/2018/credentials#validUntil"
    hidden = {(iri if name == "validUntil" else name): value for name, value in signed.items()}
    with pytest.raises(InvalidJsonLdError, match="named by a term"):
        await check(hidden)


async def test_the_options_of_a_proof_are_held_to_the_same_rules() -> None:
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY, expires="2026-02-01T00:00:00Z")
    await check(signed)
    for change, error in (
        ({"expires": "2027-02-01T00:00:00Z"}, InvalidSignatureError),
        ({"unknown": "x"}, InvalidJsonLdError),
        ({"https://w3id.org/security#expiration": "x"}, InvalidJsonLdError),
        ({"proofPurpose": "https://w3id.org/security#assertionMethod"}, InvalidJsonLdError),
    ):
        with pytest.raises(error):
            await check({**signed, "proof": {**signed["proof"], **change}})


async def test_a_chain_is_over_what_came_before_it() -> None:
    first = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY, id="urn:proof:1")
    other = PrivateKey.from_seed(bytes(32))
    options = {"id": "urn:proof:2", "previousProof": "urn:proof:1"}
    base = {**DOCUMENT, "proof": [first["proof"]]}
    second = await _chained(base, other, options)
    both = {**DOCUMENT, "proof": [first["proof"], second]}
    proofs = proofs_of(both)
    await verify_graph_proof(both, proofs[0], KEY.public, GRAPHS)
    await verify_graph_proof(both, proofs[1], other.public, GRAPHS)
    changed = {**first["proof"], "created": "2026-01-02T00:00:00Z"}
    bad = {**DOCUMENT, "proof": [changed, second]}
    with pytest.raises(InvalidSignatureError):
        await verify_graph_proof(bad, proofs_of(bad)[1], other.public, GRAPHS)
    alone = {**DOCUMENT, "proof": [second]}
    with pytest.raises(InvalidProofError, match="previous proof"):
        await verify_graph_proof(alone, proofs_of(alone)[0], other.public, GRAPHS)


async def _chained(document, key: PrivateKey, options):
    from resolver.encodings import base58btc
    from tests.unit.credentials.rdf.signing import proof_options

    proof = proof_options(key, METHOD, None) | options
    made = await GRAPHS.transform(document, proof, "sha256")
    return {**proof, "proofValue": "z" + base58btc(key.sign(made.options + made.document))}


async def test_an_unknown_context_is_named_with_what_to_do() -> None:
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY)
    with pytest.raises(UnreadableContextError, match=r"foreign[.]example/c is not admitted"):
        await check({**signed, "@context": [BASE, "https://foreign.example/c"]})


async def test_limits_leave_it_undetermined() -> None:
    from credentials.rdf.canonicalise import GraphLimits

    small = Graphs(GRAPHS.contexts, GraphLimits(max_quads=5))
    signed = await sign_graph(GRAPHS, DOCUMENT, METHOD, KEY)
    with pytest.raises(TooMuchWorkError, match="5 quads"):
        await check(signed, graphs=small)
    with pytest.raises(UnsupportedProofError, match="none are made here"):
        await check(signed, graphs=None)


class TestSelective:
    """Derived proofs."""

    KEY = PrivateKey.generate(Curve.P256)

    async def signed(self, **changes):
        document = {**DOCUMENT, "part": [{"name": "a"}, {"name": "b"}], **changes}
        return await derive(GRAPHS, document, METHOD, self.KEY, ("credentials#",))

    async def test_a_derived_proof_holds(self) -> None:
        document, _ = await self.signed()
        (protection,) = await check(document, self.KEY.public)
        assert {each.pointer for each in protection.unprotected} == {"/part"}

    async def test_every_change_is_noticed(self) -> None:
        document, _ = await self.signed()
        for change in (
            {"issuer": {"id": "did:web:other.example", "name": "Ministry"}},
            {"validFrom": "2027-01-01T00:00:00Z"},
            {"part": [{"name": "a"}]},
            {"part": [{"name": "a"}, {"name": "c"}]},
            {"tags": "more"},
        ):
            with pytest.raises((InvalidProofError, InvalidSignatureError)):
                await check({**copy.deepcopy(document), **change}, self.KEY.public)

    async def test_every_part_of_its_value_counts(self) -> None:
        document, parts = await self.signed()
        signature, key, signatures, labels, mandatory = parts
        other = PrivateKey.generate(Curve.P256)
        swapped = {0: labels[1], 1: labels[0], **{n: labels[n] for n in labels if n > 1}}
        for bad in (
            [bytes(64), key, signatures, labels, mandatory],
            [signature, b"\x80\x24" + other.public.raw, signatures, labels, mandatory],
            [signature, key, signatures[1:], labels, mandatory],
            [signature, key, [signatures[1], signatures[0], *signatures[2:]], labels, mandatory],
            [signature, key, signatures, {}, mandatory],
            [signature, key, signatures, swapped, mandatory],
            [signature, key, signatures, {**labels, 1: labels[0]}, mandatory],
            [signature, key, signatures, labels, mandatory[1:]],
            [signature, key, signatures, labels, [*mandatory, 10_000]],
            [signature, key, signatures, labels, [*mandatory, mandatory[0]]],
            [signature, b"\x12" + key[1:], signatures, labels, mandatory],
            [signature[1:], key, signatures, labels, mandatory],
            [signature, key, signatures, labels],
            {},
            7,
        ):
            tampered = {**document, "proof": {**document["proof"], "proofValue": proof_value(bad)}}
            with pytest.raises((InvalidProofError, InvalidSignatureError, PublicKeyError)):
                await check(tampered, self.KEY.public)

    @pytest.mark.parametrize(
        "value",
        ["z123", "u", "u!", "u2V0B", "u2V0BhQ", "u2V0Bnw", "u2V0BuP__", "u2V0BGP__", "u2V0BGBc"],
    )
    async def test_what_is_no_cbor_is_refused(self, value: str) -> None:
        document, _ = await self.signed()
        bad = {**document, "proof": {**document["proof"], "proofValue": value}}
        with pytest.raises(InvalidProofError):
            await check(bad, self.KEY.public)

    async def test_a_base_proof_is_not_for_verifiers(self) -> None:
        document, parts = await self.signed()
        value = proof_value(parts, b"\xd9\x5d\x00")
        base = {**document, "proof": {**document["proof"], "proofValue": value}}
        with pytest.raises(UnsupportedProofError, match="base proof"):
            await check(base, self.KEY.public)

    async def test_only_so_many_statements_are_looked_at(self) -> None:
        document, parts = await self.signed()
        signature, key, signatures, labels, mandatory = parts
        value = proof_value([signature, key, [signatures[0]] * 601, labels, mandatory])
        many = {**document, "proof": {**document["proof"], "proofValue": value}}
        with pytest.raises(TooMuchWorkError, match="600 statements"):
            await check(many, self.KEY.public)

    async def test_the_suite_takes_p256_alone(self) -> None:
        document, _ = await self.signed()
        with pytest.raises(UnsupportedKeyError):
            await check(document, PrivateKey.generate(Curve.P384).public)


async def test_what_is_signed_of_the_document_is_what_the_json_says() -> None:
    """A pinned context may give a member another name than the data model does."""
    own = "https://contexts.example/own"
    text = RAW[BASE].replace(b'"issuer"', b'"issued"')
    graphs = Graphs.of({own: text.replace(b"credentials#issued", b"credentials#issuer")})
    document = {**DOCUMENT, "@context": own, "credentialSubject": {"name": "x"}}
    document["issued"] = document.pop("issuer")
    signed = await sign_graph(graphs, document, METHOD, KEY)
    with pytest.raises(InvalidProofError, match="differs from the JSON: issuer"):
        await check(signed, graphs=graphs)


def test_errors_are_of_one_tree() -> None:
    assert all(
        issubclass(each, ResolverError)
        for each in (InvalidJsonLdError, TooMuchWorkError, UnreadableContextError)
    )
