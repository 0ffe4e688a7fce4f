"""Embedded proofs: Data Integrity with the cryptosuite eddsa-jcs-2022."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from resolver.encodings import base58btc, from_base58btc
from resolver.errors import (
    InvalidEncodingError,
    InvalidInstantError,
    InvalidProofError,
    UnsupportedKeyError,
    UnsupportedProofError,
)
from resolver.instant import Instant, format_instant, parse_instant
from resolver.jcs import canonicalise
from resolver.keys import Algorithm, PublicKey, verify
from resolver.signing import PrivateKey
from resolver.strict_json import Json

SUITE = "eddsa-jcs-2022"
MAX_PROOFS = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it stands in a document; nothing in it is believed yet.

    Attributes:
        raw: the proof itself.
        cryptosuite: what it was made with.
        verification_method: the key it names.
        purpose: what the signer meant it for.
        value: the signature, in multibase.
        created: when it says that it was made, or None.
        expires: from when it no longer holds, or None.
        id: its own id, or None.
        previous: ids of the proofs that it is made over as well.
    """

    raw: Mapping[str, Json]
    cryptosuite: str
    verification_method: str
    purpose: str
    value: str
    created: Instant | None
    expires: Instant | None
    id: str | None
    previous: tuple[str, ...]


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
    return tuple(_read(each) for each in listed)


def _read(value: Json) -> Proof:
    if not isinstance(value, dict):
        raise InvalidProofError("a proof is an object")
    kind = _text(value, "type")
    if kind != "DataIntegrityProof":
        raise UnsupportedProofError(f"proofs of type {kind[:60]!r} are not understood")
    suite = _text(value, "cryptosuite")
    if suite != SUITE:
        raise UnsupportedProofError(f"cryptosuite {suite[:60]!r} is not understood")
    previous = value.get("previousProof", [])
    ids = previous if isinstance(previous, list) else [previous]
    if not all(isinstance(each, str) for each in ids):
        raise InvalidProofError("previousProof names proofs by id")
    own = value.get("id")
    if own is not None and not isinstance(own, str):
        raise InvalidProofError("the id of a proof is a string")
    return Proof(
        value,
        suite,
        _text(value, "verificationMethod"),
        _text(value, "proofPurpose"),
        _text(value, "proofValue"),
        _instant(value, "created"),
        _instant(value, "expires"),
        own,
        tuple(str(each) for each in ids),
    )


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


def verify_proof(
    document: Mapping[str, Json],
    proof: Proof,
    key: PublicKey,
    *,
    now: Instant,
    purpose: str = "assertionMethod",
) -> None:
    """Verify one proof of a document (Data Integrity EdDSA 1.0, 3.3.2).

    A proof that names previous ones is made over them too; they are read from the document. That
    they hold is for the caller to verify, each with its own key.

    Args:
        document: the secured document, with its proofs.
        proof: one of `proofs_of(document)`.
        key: the key found through the proof's verification method.
        now: the present, against which `expires` is held.
        purpose: what the proof must be meant for.

    Raises:
        InvalidProofError: another purpose, expired, a context that is not the document's,
            previous proofs that are not there just once, or a signature of another form.
        UnsupportedKeyError: the key is none that the cryptosuite uses.
        InvalidSignatureError: the signature does not verify.
        NotCanonicalisableError: the document has no canonical form.
    """
    if proof.purpose != purpose:
        raise InvalidProofError(f"meant for {proof.purpose!r}, expected {purpose!r}")
    if proof.expires is not None and now >= proof.expires:
        raise InvalidProofError(f"the proof expired at {format_instant(proof.expires)}")
    if not proof.value.startswith("z"):
        raise InvalidProofError("proofValue is base58btc in multibase, starting with z")
    try:
        signature = from_base58btc(proof.value[1:])
    except InvalidEncodingError as error:
        raise InvalidProofError(f"proofValue: {error}") from None
    verify(key, Algorithm.ED25519, signature, _hashes(document, proof.raw, proof.previous))


def _hashes(
    document: Mapping[str, Json], proof: Mapping[str, Json], previous: tuple[str, ...]
) -> bytes:
    """Return the hash of the proof's options, then that of the document (3.3.4)."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if "@context" in options:
        if not _starts_with(unsecured.get("@context"), options["@context"]):
            raise InvalidProofError("the proof's @context is not the start of the document's")
        unsecured["@context"] = options["@context"]
    if previous:
        unsecured["proof"] = _previous(document, previous)
    return _digest(options) + _digest(unsecured)


def _starts_with(whole: Json, start: Json) -> bool:
    listed = whole if isinstance(whole, list) else [whole]
    first = start if isinstance(start, list) else [start]
    return listed[: len(first)] == first


def _previous(document: Mapping[str, Json], ids: tuple[str, ...]) -> list[Json]:
    """Return the proofs that these ids name (Data Integrity 1.0, 4.3)."""
    proofs = document.get("proof")
    listed = proofs if isinstance(proofs, list) else [proofs]
    found = [each for each in listed if isinstance(each, dict) and each.get("id") in ids]
    if sorted(str(each["id"]) for each in found) != sorted(ids):
        raise InvalidProofError("each previous proof must be there, and once only")
    return list(found)


def _digest(value: dict[str, Json]) -> bytes:
    return hashlib.sha256(canonicalise(value)).digest()


def sign_eddsa_jcs(
    document: Mapping[str, Json],
    verification_method: str,
    key: PrivateKey,
    *,
    created: Instant | None,
) -> dict[str, Json]:
    """Return a document with a proof added (Data Integrity EdDSA 1.0, 3.3.1).

    Args:
        document: without a proof.
        verification_method: the DID URL of the key.
        key: an Ed25519 key.
        created: when the proof is made; left out where None.

    Raises:
        UnsupportedKeyError: the key is on another curve.
        InvalidProofError: the document has a proof already.
        NotCanonicalisableError: the document has no canonical form.
    """
    if key.algorithm is not Algorithm.ED25519:
        raise UnsupportedKeyError(f"{SUITE} does not sign with {key.algorithm}")
    if "proof" in document:
        raise InvalidProofError("the document has a proof already")
    proof: dict[str, Json] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    if created is not None:
        proof["created"] = format_instant(created)
    if "@context" in document:
        proof["@context"] = document["@context"]
    proof["proofValue"] = "z" + base58btc(key.sign(_hashes(document, proof, ())))
    return {**document, "proof": proof}
