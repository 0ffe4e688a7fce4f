"""Embedded proofs (Data Integrity 1.0), verified here where the cryptosuite signs the JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from resolver.encodings import base58btc, from_base58btc
from resolver.errors import (
    InvalidChallengeError,
    InvalidDomainError,
    InvalidEncodingError,
    InvalidInstantError,
    InvalidProofError,
    UnsupportedProofError,
)
from resolver.instant import Instant, format_instant, parse_instant
from resolver.jcs import canonicalise
from resolver.keys import Algorithm, PublicKey, verify
from resolver.proofs.suites import ECDSA_JCS, EDDSA_JCS, Suite, Transformation, suite_of
from resolver.signing import PrivateKey
from resolver.strict_json import Json

MAX_PROOFS = 16


class Proof(NamedTuple):
    """A proof as it stands in a document; nothing in it is believed yet.

    Attributes:
        raw: the proof itself.
        suite: what it was made with.
        verification_method: the key it names.
        purpose: what the signer meant it for.
        value: the signature, in multibase.
        created: when it says that it was made, or None.
        expires: from when it no longer holds, or None.
        id: its own id, or None.
        previous: ids of the proofs that it is made over as well.
        domains: whom it is meant for; empty where it does not say.
        challenge: what it answers, or None.
    """

    raw: Mapping[str, Json]
    suite: Suite
    verification_method: str
    purpose: str
    value: str
    created: Instant | None
    expires: Instant | None
    id: str | None
    previous: tuple[str, ...]
    domains: tuple[str, ...] = ()
    challenge: str | None = None


def proofs_of(document: Mapping[str, Json]) -> tuple[Proof, ...]:
    """Read the proofs of a document (Data Integrity 1.0, 2.1).

    Raises:
        InvalidProofError: there is none, or one lacks what it must have.
        UnsupportedProofError: one is of a type or cryptosuite that is not understood; it is named.
    """
    value = document.get("proof")
    listed = value if isinstance(value, list) else [value]
    if not listed or value is None:
        raise InvalidProofError("there is no proof")
    if len(listed) > MAX_PROOFS:
        raise InvalidProofError(f"more than {MAX_PROOFS} proofs")
    return tuple(read_options(each) for each in listed)


def read_options(value: Json) -> Proof:
    """Read one proof (Data Integrity 1.0, 2.1).

    Raises:
        InvalidProofError: it lacks what it must have.
        UnsupportedProofError: it is of a type or cryptosuite that is not understood; it is named.
    """
    if not isinstance(value, dict):
        raise InvalidProofError("a proof is an object")
    cryptosuite = value.get("cryptosuite")
    if cryptosuite is not None:
        cryptosuite = _text(value, "cryptosuite")
    return Proof(
        value,
        suite_of(_text(value, "type"), cryptosuite),
        _text(value, "verificationMethod"),
        _text(value, "proofPurpose"),
        _text(value, "proofValue"),
        _instant(value, "created"),
        _instant(value, "expires"),
        _optional(value, "id"),
        _texts(value, "previousProof"),
        _texts(value, "domain"),
        _optional(value, "challenge"),
    )


def _optional(value: Mapping[str, Json], member: str) -> str | None:
    return _text(value, member) if member in value else None


def _texts(value: Mapping[str, Json], member: str) -> tuple[str, ...]:
    """Read a member that is one string or several."""
    if member not in value:
        return ()
    found = value[member]
    listed = found if isinstance(found, list) else [found]
    texts = tuple(each for each in listed if isinstance(each, str))
    if len(texts) != len(listed):
        raise InvalidProofError(f"{member} of the proof is a string or several")
    return texts


def _text(value: Mapping[str, Json], member: str) -> str:
    text = value.get(member)
    if not isinstance(text, str) or not text:
        raise InvalidProofError(f"{member} of the proof must be a string")
    return text


def _instant(value: Mapping[str, Json], member: str) -> Instant | None:
    if member not in value:
        return None
    text = _text(value, member)
    try:  # a time without an offset is UTC (Data Integrity 1.0, 2.1)
        return parse_instant(text if text[-1] in "Zz" or text[-6] in "+-" else f"{text}Z")
    except (InvalidInstantError, IndexError):
        raise InvalidProofError(f"{member} of the proof is no time") from None


def check_options(
    proof: Proof,
    *,
    now: Instant,
    purpose: str = "assertionMethod",
    domains: Sequence[str] | None = None,
    challenge: str | None = None,
) -> None:
    """Check what a proof says of itself (Data Integrity 1.0, 4.4).

    Args:
        proof: the proof.
        now: the present, against which `expires` is held.
        purpose: what the proof must be meant for.
        domains: exactly whom it must be meant for; None where that is not asked.
        challenge: what it must answer; None where that is not asked.

    Raises:
        InvalidProofError: another purpose or expired.
        InvalidDomainError: meant for others.
        InvalidChallengeError: no answer to the challenge.
    """
    if proof.purpose != purpose:
        raise InvalidProofError(f"meant for {proof.purpose!r}, where {str(purpose)!r} is due")
    if proof.expires is not None and now >= proof.expires:
        raise InvalidProofError(f"the proof expired at {format_instant(proof.expires)}")
    if domains is not None and set(domains) != set(proof.domains):
        raise InvalidDomainError("the proof is not meant for just this domain")
    if challenge is not None and challenge != proof.challenge:
        raise InvalidChallengeError("the proof does not answer this challenge")


def verify_proof(
    document: Mapping[str, Json],
    proof: Proof,
    key: PublicKey,
    *,
    now: Instant,
    purpose: str = "assertionMethod",
    domains: Sequence[str] | None = None,
    challenge: str | None = None,
) -> None:
    """Verify one proof over the JSON of a document (EdDSA 1.0, 3.3.2; ECDSA 1.0, 3.3.2).

    A proof that names previous ones is made over them too; they are read from the document. That
    they hold is for the caller to verify, each with its own key.

    Args:
        document: the secured document, with its proofs.
        proof: one of `proofs_of(document)`, of a suite that signs JSON.
        key: the key found through the proof's verification method.
        now: as `check_options` takes it.
        purpose: likewise.
        domains: likewise.
        challenge: likewise.

    Raises:
        InvalidProofError: as `check_options`; or a context that is not the document's, previous
            proofs that are not there just once, or a signature of another form.
        UnsupportedProofError: the suite does not sign JSON.
        UnsupportedKeyError: the key is none that the cryptosuite uses.
        InvalidSignatureError: the signature does not verify.
        NotCanonicalisableError: the document has no canonical form.
    """
    check_options(proof, now=now, purpose=purpose, domains=domains, challenge=challenge)
    if proof.suite.transformation is not Transformation.JCS:
        raise UnsupportedProofError(f"{proof.suite.name} does not sign JSON")
    algorithm = proof.suite.hash_for(key)
    verify_digests(proof, key, _hashes(document, proof.raw, proof.previous, algorithm))


def verify_digests(proof: Proof, key: PublicKey, digests: bytes) -> None:
    """Verify a proof's value over the hash of its options and that of the document.

    Raises:
        InvalidProofError: a signature of another form.
        UnsupportedKeyError: the key is none that the cryptosuite uses.
        InvalidSignatureError: the signature does not verify.
    """
    proof.suite.hash_for(key)
    if not proof.value.startswith("z"):
        raise InvalidProofError("proofValue is base58btc in multibase, starting with z")
    try:
        signature = from_base58btc(proof.value[1:])
    except InvalidEncodingError as error:
        raise InvalidProofError(f"proofValue: {error}") from None
    verify(key, key.algorithm, signature, digests)


def _hashes(
    document: Mapping[str, Json],
    proof: Mapping[str, Json],
    previous: tuple[str, ...],
    algorithm: str,
) -> bytes:
    """Return the hash of the proof's options, then that of the document (3.3.4)."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if "@context" in options:
        if not _starts_with(unsecured.get("@context"), options["@context"]):
            raise InvalidProofError("the proof's @context is not the start of the document's")
        unsecured["@context"] = options["@context"]
    if previous:
        unsecured["proof"] = previous_proofs(document, previous)
    return _digest(options, algorithm) + _digest(unsecured, algorithm)


def _starts_with(whole: Json, start: Json) -> bool:
    listed = whole if isinstance(whole, list) else [whole]
    first = start if isinstance(start, list) else [start]
    return listed[: len(first)] == first


def previous_proofs(document: Mapping[str, Json], ids: tuple[str, ...]) -> list[Json]:
    """Return the proofs that these ids name (Data Integrity 1.0, 4.3).

    Raises:
        InvalidProofError: one is not there, or more than once.
    """
    proofs = document.get("proof")
    listed = proofs if isinstance(proofs, list) else [proofs]
    found = [each for each in listed if isinstance(each, dict) and each.get("id") in ids]
    if sorted(str(each["id"]) for each in found) != sorted(ids):
        raise InvalidProofError("each previous proof must be there, and once only")
    return list(found)


def _digest(value: dict[str, Json], algorithm: str) -> bytes:
    return hashlib.new(algorithm, canonicalise(value)).digest()


def sign_jcs(
    document: Mapping[str, Json],
    verification_method: str,
    key: PrivateKey,
    *,
    created: Instant | None,
) -> dict[str, Json]:
    """Return a document with a proof over its JSON added (EdDSA 1.0, 3.3.1; ECDSA 1.0, 3.3.1).

    Args:
        document: without a proof.
        verification_method: the DID URL of the key.
        key: a key on Ed25519, P-256 or P-384; its curve decides on the cryptosuite.
        created: when the proof is made; left out where None.

    Raises:
        UnsupportedKeyError: the key is on another curve.
        InvalidProofError: the document has a proof already.
        NotCanonicalisableError: the document has no canonical form.
    """
    suite = EDDSA_JCS if key.algorithm is Algorithm.ED25519 else ECDSA_JCS
    algorithm = suite.hash_for(key.public)
    if "proof" in document:
        raise InvalidProofError("the document has a proof already")
    proof: dict[str, Json] = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite.name,
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    if created is not None:
        proof["created"] = format_instant(created)
    if "@context" in document:
        proof["@context"] = document["@context"]
    proof["proofValue"] = "z" + base58btc(key.sign(_hashes(document, proof, (), algorithm)))
    return {**document, "proof": proof}
