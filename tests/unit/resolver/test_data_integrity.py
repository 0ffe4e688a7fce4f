"""Embedded proofs, against the specification's vectors, and attack."""

import base64
import hashlib
import json
from copy import deepcopy
from pathlib import Path

import base58
import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from resolver.errors import (
    InvalidChallengeError,
    InvalidDomainError,
    InvalidProofError,
    InvalidSignatureError,
    ResolverError,
    UnsupportedKeyError,
    UnsupportedProofError,
)
from resolver.instant import parse_instant
from resolver.keys import Curve, PublicKey
from resolver.proofs.data_integrity import proofs_of, sign_jcs, verify_proof
from resolver.signing import PrivateKey

NOW = parse_instant("2026-11-25T00:00:00Z")
KEY = PrivateKey.from_seed(bytes(range(32)))
METHOD = "did:web:issuer.example#key-1"
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://context.example/"],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:issuer.example",
    "credentialSubject": {"id": "urn:x", "amount": 1.5, "tags": ["a", "b"], "ok": True},
}
SIGNED = sign_jcs(DOCUMENT, METHOD, KEY, created=NOW)
KNOWN = "z22qZeAyjXEr2ZDdN2Hgh6WdT9Zh7GRRGM1kCUzoGrPcpmBSkd5dQBMXjjdD3pPmdyvwqhv2pW3PU9EocYDg3KEZd"
OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
}


def prove_otherwise(document, seed: bytes = bytes(range(32)), **options):
    """Make a proof step by step as the specification has it, with none of our code."""
    options = {**OPTIONS, **options}
    hashed = b"".join(hashlib.sha256(rfc8785.dumps(each)).digest() for each in (options, document))
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(hashed)
    return {**options, "proofValue": "z" + base58.b58encode(signature).decode()}


def check(document, key: PublicKey = KEY.public, **given) -> None:
    for proof in proofs_of(document):
        verify_proof(document, proof, key, **{"now": NOW, **given})


def with_proof(**members):
    signed = deepcopy(SIGNED)
    for name, value in members.items():
        if value is None:
            del signed["proof"][name]
        else:
            signed["proof"][name] = value
    return signed


def test_a_signed_document_verifies_and_says_who_signed() -> None:
    check(SIGNED)
    (proof,) = proofs_of(SIGNED)
    assert (proof.verification_method, proof.created) == (METHOD, NOW)


def test_the_same_document_and_key_always_give_the_same_proof() -> None:
    assert SIGNED["proof"]["proofValue"] == KNOWN
    context = DOCUMENT["@context"]
    assert SIGNED["proof"] == prove_otherwise(
        DOCUMENT, **{"created": "2026-11-25T00:00:00Z", "@context": context}
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"id": "urn:proof:1"},
        {"created": "2026-11-25T00:00:00"},
        {"created": "2026-11-25T01:00:00.123+01:00"},
        {"expires": "2026-11-25T00:00:01"},
        {"@context": DOCUMENT["@context"]},
        {"nonce": "n", "domain": "verifier.example"},
        {"unknown": {"b": [1, 2.5, None], "a": "\u20ac"}},
    ],
)
def test_a_proof_made_otherwise_verifies(options) -> None:
    check({**DOCUMENT, "proof": prove_otherwise(DOCUMENT, **options)})


def test_no_suite_signs_json_on_secp256k1() -> None:
    with pytest.raises(UnsupportedKeyError):
        sign_jcs(DOCUMENT, METHOD, PrivateKey.generate(Curve.SECP256K1), created=NOW)


@pytest.mark.parametrize(
    ("curve", "native", "hashed", "size"),
    [
        (Curve.P256, hashes.SHA256(), hashlib.sha256, 32),
        (Curve.P384, hashes.SHA384(), hashlib.sha384, 48),
    ],
)
def test_ecdsa_hashes_as_its_curve_asks(curve: Curve, native, hashed, size) -> None:
    key = PrivateKey.generate(curve)
    signed = sign_jcs(DOCUMENT, METHOD, key, created=NOW)
    check(signed, key.public)
    options = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    assert options["cryptosuite"] == "ecdsa-jcs-2019"
    message = b"".join(hashed(rfc8785.dumps(each)).digest() for each in (options, DOCUMENT))
    value = base58.b58decode(signed["proof"]["proofValue"][1:])
    r, s = (int.from_bytes(value[at : at + size], "big") for at in (0, size))
    assert len(value) == 2 * size
    jwk = key.public.jwk()
    numbers = [int.from_bytes(base64.urlsafe_b64decode(jwk[x] + "=="), "big") for x in "xy"]
    group = ec.SECP256R1() if curve is Curve.P256 else ec.SECP384R1()
    oracle = ec.EllipticCurvePublicNumbers(*numbers, group).public_key()
    oracle.verify(encode_dss_signature(r, s), message, ec.ECDSA(native))
    with pytest.raises(InvalidSignatureError):
        check({**signed, "type": []}, key.public)
    with pytest.raises(UnsupportedKeyError):
        check(signed)  # with an Ed25519 key


def test_a_document_with_a_proof_is_not_signed_over() -> None:
    with pytest.raises(InvalidProofError, match="already"):
        sign_jcs(SIGNED, METHOD, KEY, created=NOW)


def test_a_document_without_a_context_is_signed_as_it_is() -> None:
    bare = {"id": "urn:x", "n": 1}
    signed = sign_jcs(bare, METHOD, KEY, created=None)
    assert set(signed["proof"]) == {*OPTIONS, "proofValue"}
    check(signed)
    with pytest.raises(InvalidSignatureError):
        check({**signed, "@context": "https://www.w3.org/ns/credentials/v2"})


def test_a_proof_that_hashes_in_another_order_or_another_way_does_not_verify() -> None:
    options = dict(OPTIONS)
    digests = [hashlib.sha256(rfc8785.dumps(each)).digest() for each in (options, DOCUMENT)]
    for message in (digests[1] + digests[0], b"".join(digests)[:32], rfc8785.dumps(DOCUMENT)):
        value = "z" + base58.b58encode(KEY.sign(message)).decode()
        with pytest.raises(InvalidSignatureError):
            check({**DOCUMENT, "proof": {**options, "proofValue": value}})


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    else:
        yield path


@pytest.mark.parametrize("path", list(leaves(SIGNED)), ids=str)
def test_any_changed_value_is_noticed(path) -> None:
    changed = deepcopy(SIGNED)
    place = changed
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    place[path[-1]] = f"{old}x" if isinstance(old, str) else 2
    with pytest.raises(ResolverError):
        check(changed)


def test_an_added_or_removed_member_is_noticed() -> None:
    with pytest.raises(ResolverError):
        check({**SIGNED, "extra": 1})
    with pytest.raises(ResolverError):
        check({name: value for name, value in SIGNED.items() if name != "type"})
    with pytest.raises(ResolverError):
        check(with_proof(domain="example"))


def test_another_order_of_members_means_the_same() -> None:
    check(dict(reversed(list(SIGNED.items()))))


def test_the_context_of_the_proof_must_be_the_start_of_the_documents() -> None:
    longer = {**SIGNED, "@context": [*DOCUMENT["@context"], "https://more.example/"]}
    check(longer)  # 3.3.2: the proof's own context is what was signed
    shorter = {**SIGNED, "@context": DOCUMENT["@context"][:1]}
    with pytest.raises(InvalidProofError, match="context"):
        check(shorter)


def test_a_context_may_be_one_string() -> None:
    one = {**DOCUMENT, "@context": "https://www.w3.org/ns/credentials/v2"}
    check({**one, "proof": prove_otherwise(one, **{"@context": one["@context"]})})


@pytest.mark.parametrize(
    "context", [[*DOCUMENT["@context"][::-1]], [{"a": "b"}], DOCUMENT["@context"][1:], {}]
)
def test_a_proof_with_another_context_is_refused(context) -> None:
    proof = prove_otherwise({**DOCUMENT, "@context": context}, **{"@context": context})
    with pytest.raises(InvalidProofError, match="context"):
        check({**DOCUMENT, "proof": proof})


def test_another_key_does_not_verify() -> None:
    with pytest.raises(ResolverError):
        check(SIGNED, PrivateKey.generate(Curve.ED25519).public)
    with pytest.raises(ResolverError):
        check(SIGNED, PrivateKey.generate(Curve.P256).public)


def test_a_proof_for_another_purpose_is_refused() -> None:
    with pytest.raises(InvalidProofError, match="meant for"):
        check(SIGNED, purpose="authentication")


def test_an_expired_proof_is_refused_from_its_instant_on() -> None:
    expiring = with_proof(expires="2026-11-25T00:00:00Z")
    with pytest.raises(InvalidProofError, match="expired"):
        check(expiring)


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"type": "Ed25519Signature2020"}, UnsupportedProofError),
        ({"type": "Ed25519Signature2018"}, UnsupportedProofError),
        ({"cryptosuite": "eddsa-rdfc-2022"}, UnsupportedProofError),
        ({"cryptosuite": "bbs-2023"}, UnsupportedProofError),
        ({"cryptosuite": "ecdsa-jcs-2019"}, UnsupportedKeyError),
        ({"cryptosuite": 7}, InvalidProofError),
        ({"domain": 7}, InvalidProofError),
        ({"domain": ["a", 7]}, InvalidProofError),
        ({"challenge": ["a"]}, InvalidProofError),
        ({"cryptosuite": None}, InvalidProofError),
        ({"verificationMethod": None}, InvalidProofError),
        ({"verificationMethod": 1}, InvalidProofError),
        ({"proofPurpose": None}, InvalidProofError),
        ({"proofValue": None}, InvalidProofError),
        ({"proofValue": "f00"}, InvalidProofError),
        ({"proofValue": "z0OIl"}, InvalidProofError),
        ({"proofValue": "z" + "1" * 2000}, InvalidProofError),
        ({"created": "yesterday"}, InvalidProofError),
        ({"created": 1}, InvalidProofError),
        ({"expires": ""}, InvalidProofError),
        ({"proofValue": "u" + "A" * 86}, InvalidProofError),
        ({"proofValue": "z1"}, ResolverError),
        ({"created": "2026-11-25"}, InvalidProofError),
        ({"created": "2026-11-25T25:00:00Z"}, InvalidProofError),
        ({"created": None, "expires": 5}, InvalidProofError),
        ({"previousProof": ["urn:missing"]}, InvalidProofError),
        ({"previousProof": {"a": 1}}, InvalidProofError),
        ({"previousProof": [1]}, InvalidProofError),
        ({"id": 1}, InvalidProofError),
    ],
)
def test_a_malformed_proof_is_refused_by_what_is_wrong(members, error) -> None:
    with pytest.raises(error):
        check(with_proof(**members))


@pytest.mark.parametrize("proof", [None, [], "x", [1], [{}], [{"type": "DataIntegrityProof"}] * 17])
def test_what_is_no_proof_is_refused(proof) -> None:
    with pytest.raises(ResolverError):
        check({**DOCUMENT, "proof": proof})


def test_each_proof_of_a_set_stands_alone() -> None:
    other = PrivateKey.from_seed(bytes(32))
    second = sign_jcs(DOCUMENT, "did:web:other.example#key-1", other, created=NOW)
    both = {**DOCUMENT, "proof": [SIGNED["proof"], second["proof"]]}
    first_proof, second_proof = proofs_of(both)
    verify_proof(both, first_proof, KEY.public, now=NOW)
    verify_proof(both, second_proof, other.public, now=NOW)
    with pytest.raises(ResolverError):
        verify_proof(both, second_proof, KEY.public, now=NOW)


class TestChains:
    """Proofs made over other proofs (Data Integrity 1.0, 4.3)."""

    first = prove_otherwise(DOCUMENT, id="urn:proof:1")
    second = prove_otherwise(DOCUMENT, id="urn:proof:2")

    def chained(self, previous, over, *, proofs=None):
        document = {**DOCUMENT, "proof": over}
        third = prove_otherwise(document, id="urn:proof:3", previousProof=previous)
        return {**DOCUMENT, "proof": [*(over if proofs is None else proofs), third]}

    def test_a_chain_verifies(self) -> None:
        check(self.chained("urn:proof:1", [self.first]))
        check(self.chained(["urn:proof:1", "urn:proof:2"], [self.first, self.second]))

    def test_a_proof_does_not_cover_those_it_does_not_name(self) -> None:
        check(self.chained("urn:proof:1", [self.first], proofs=[self.first, self.second]))

    @pytest.mark.parametrize("kept", [0, 1])
    def test_a_previous_proof_cannot_be_taken_away(self, kept: int) -> None:
        proofs = [self.first, self.second]
        chained = self.chained(["urn:proof:1", "urn:proof:2"], proofs, proofs=[proofs[kept]])
        with pytest.raises(InvalidProofError, match="previous"):
            check(chained)

    def test_a_previous_proof_cannot_be_exchanged(self) -> None:
        other = prove_otherwise(DOCUMENT, bytes(32), id="urn:proof:1")
        chained = self.chained("urn:proof:1", [self.first], proofs=[other])
        with pytest.raises(InvalidSignatureError):
            verify_proof(chained, proofs_of(chained)[-1], KEY.public, now=NOW)

    def test_an_id_borne_twice_names_nothing(self) -> None:
        other = prove_otherwise(DOCUMENT, bytes(32), id="urn:proof:1")
        chained = self.chained("urn:proof:1", [self.first, other])
        with pytest.raises(InvalidProofError, match="once"):
            verify_proof(chained, proofs_of(chained)[-1], KEY.public, now=NOW)

    def test_a_named_proof_cannot_be_made_unnamed(self) -> None:
        chained = self.chained("urn:proof:1", [self.first])
        del chained["proof"][1]["previousProof"]
        with pytest.raises(InvalidSignatureError):
            check(chained)


class TestPublished:
    """The specification's own vectors."""

    @pytest.fixture
    def folder(self, vectors: Path) -> Path:
        return vectors / "vc" / "eddsa" / "TestVectors"

    def test_the_proof_of_the_specification_is_made_to_the_letter(self, folder: Path) -> None:
        published = json.loads((folder / "eddsa-jcs-2022" / "signedJCS.json").read_text())
        unsigned = {name: value for name, value in published.items() if name != "proof"}
        pair = json.loads((folder / "keyPair.json").read_text())
        seed = base58.b58decode(pair["privateKeyMultibase"][1:])[2:]
        signed = sign_jcs(
            unsigned,
            published["proof"]["verificationMethod"],
            PrivateKey.from_seed(seed),
            created=parse_instant(published["proof"]["created"]),
        )
        assert signed == published

    def test_every_change_of_the_specifications_document_is_noticed(self, folder: Path) -> None:
        published = json.loads((folder / "eddsa-jcs-2022" / "signedJCS.json").read_text())
        key = PublicKey.from_multikey(published["proof"]["verificationMethod"].partition("#")[2])
        check(published, key)
        for name in published:
            if name != "proof":
                with pytest.raises(ResolverError):
                    check({**published, name: "changed"}, key)

    @pytest.mark.parametrize(
        ("file", "suite"),
        [
            ("eddsa/TestVectors/eddsa-rdfc-2022/signedDataInt.json", "eddsa-rdfc-2022"),
            ("eddsa/TestVectors/proof-set-chain/signedProofSet2.json", "eddsa-rdfc-2022"),
            ("dcc-signed/v2NoStatus.json", "Ed25519Signature2020"),
        ],
    )
    def test_a_proof_over_a_graph_is_read_but_not_taken_for_one_over_json(
        self, vectors: Path, file: str, suite: str
    ) -> None:
        document = json.loads((vectors / "vc" / file).read_text())
        for proof in proofs_of(document):
            assert proof.suite.name == suite
            with pytest.raises(UnsupportedProofError, match="does not sign JSON"):
                verify_proof(document, proof, KEY.public, now=NOW)

    def test_the_ecdsa_vector_verifies(self, vectors: Path) -> None:
        folder = vectors / "vc/ecdsa/TestVectors/ecdsa-jcs-2019-p256"
        published = json.loads((folder / "signedJCSECDSAP256.json").read_text())
        key = PublicKey.from_multikey(published["proof"]["verificationMethod"].partition("#")[2])
        check(published, key)
        for name in published:
            if name != "proof":
                with pytest.raises(ResolverError):
                    check({**published, name: "changed"}, key)


@pytest.mark.parametrize(
    ("asked", "given", "good"),
    [
        (["a.example"], "a.example", True),
        (["a.example"], ["a.example"], True),
        (["b.example", "a.example"], ["a.example", "b.example"], True),
        (["a.example"], ["a.example", "b.example"], False),
        (["a.example", "b.example"], "a.example", False),
        (["a.example"], None, False),
        ([], None, True),
        (None, "a.example", True),
    ],
)
def test_domains_are_the_same_set(asked, given, good: bool) -> None:
    options = {} if given is None else {"domain": given}
    signed = {**DOCUMENT, "proof": prove_otherwise(DOCUMENT, **options)}
    if good:
        check(signed, domains=asked)
    else:
        with pytest.raises(InvalidDomainError):
            check(signed, domains=asked)


def test_a_challenge_must_be_answered() -> None:
    signed = {**DOCUMENT, "proof": prove_otherwise(DOCUMENT, challenge="c1")}
    check(signed)
    check(signed, challenge="c1")
    for document, challenge in ((signed, "c2"), (SIGNED, "c1")):
        with pytest.raises(InvalidChallengeError):
            check(document, challenge=challenge)


def test_bbs_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedProofError, match="'bbs-2023' is not verified here: no library"):
        proofs_of(with_proof(cryptosuite="bbs-2023"))
