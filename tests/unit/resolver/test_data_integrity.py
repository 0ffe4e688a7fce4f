"""Embedded proofs, against the specification's vectors, and attack."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from resolver.errors import InvalidProofError, ResolverError, UnsupportedProofError
from resolver.instant import parse_instant
from resolver.keys import Curve, PublicKey
from resolver.proofs.data_integrity import proofs_of, sign_eddsa_jcs, verify_proof
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
SIGNED = sign_eddsa_jcs(DOCUMENT, METHOD, KEY, created=NOW)


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


def test_the_same_document_and_key_give_the_same_proof() -> None:
    assert sign_eddsa_jcs(DOCUMENT, METHOD, KEY, created=NOW) == SIGNED


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


def test_another_key_does_not_verify() -> None:
    with pytest.raises(ResolverError):
        check(SIGNED, PrivateKey.generate(Curve.ED25519).public)
    with pytest.raises(ResolverError):
        check(SIGNED, PrivateKey.generate(Curve.P256).public)


def test_a_proof_for_another_purpose_is_refused() -> None:
    with pytest.raises(InvalidProofError, match="meant"):
        check(SIGNED, purpose="authentication")


def test_an_expired_proof_is_refused_from_its_instant_on() -> None:
    expiring = with_proof(expires="2026-11-25T00:00:00Z")
    with pytest.raises(InvalidProofError, match="expired"):
        check(expiring)


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"type": "Ed25519Signature2020"}, UnsupportedProofError),
        ({"cryptosuite": "eddsa-rdfc-2022"}, UnsupportedProofError),
        ({"cryptosuite": "ecdsa-jcs-2019"}, UnsupportedProofError),
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
        ({"previousProof": ["urn:missing"]}, InvalidProofError),
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
    second = sign_eddsa_jcs(DOCUMENT, "did:web:other.example#key-1", other, created=NOW)
    both = {**DOCUMENT, "proof": [SIGNED["proof"], second["proof"]]}
    first_proof, second_proof = proofs_of(both)
    verify_proof(both, first_proof, KEY.public, now=NOW)
    verify_proof(both, second_proof, other.public, now=NOW)
    with pytest.raises(ResolverError):
        verify_proof(both, second_proof, KEY.public, now=NOW)


def test_the_specifications_own_document_verifies(vectors: Path) -> None:
    folder = vectors / "vc" / "eddsa" / "TestVectors" / "eddsa-jcs-2022"
    document = json.loads((folder / "signedJCS.json").read_text())
    (proof,) = proofs_of(document)
    key = PublicKey.from_multikey(proof.verification_method.partition("#")[2])
    verify_proof(document, proof, key, now=NOW)
    document["id"] = "urn:other"
    with pytest.raises(ResolverError):
        verify_proof(document, proof, key, now=NOW)
