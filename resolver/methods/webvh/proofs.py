"""Proofs of did:webvh entries and witnesses: eddsa-jcs-2022 by a did:key, and nothing else."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

import orjson

from resolver.encodings import from_base58btc
from resolver.errors import (
    InvalidEncodingError,
    InvalidKeyError,
    InvalidLogError,
    InvalidProofError,
    InvalidSignatureError,
    NotCanonicalisableError,
    UnsupportedKeyError,
    UnsupportedProofError,
)
from resolver.instant import Instant
from resolver.jcs import canonicalise
from resolver.keys import Algorithm, PublicKey, verify
from resolver.proofs.data_integrity import read_options
from resolver.proofs.suites import EDDSA_JCS
from resolver.strict_json import Json

PURPOSE = "assertionMethod"
_DID_KEY = "did:key:"
_CACHED_KEYS = 4096
_USUAL = frozenset({"type", "cryptosuite", "verificationMethod", "proofPurpose", "created"})


def signer(proof: Json) -> str | None:
    """The multikey that a proof claims to be by: `did:key:X#X`, both X the same; else None."""
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(method, str) or not method.startswith(_DID_KEY):
        return None
    body, _, fragment = method.removeprefix(_DID_KEY).partition("#")
    return body if body == fragment else None


class Signature(NamedTuple):
    """A proof that is all that it must be, but for its signature, which is yet to be checked.

    Attributes:
        multikey: whose it claims to be.
        value: the signature.
        message: what it is made over.
    """

    multikey: str
    value: bytes
    message: bytes

    def check(self) -> None:
        """Check the signature.

        Raises:
            InvalidLogError: it does not verify, or the key is none for it.
        """
        try:
            verify(_key(self.multikey), Algorithm.ED25519, self.value, self.message)
        except (InvalidKeyError, UnsupportedKeyError, InvalidSignatureError) as error:
            raise InvalidLogError(f"the proof: {error}") from None


def read_proof(proof: Json, document: bytes, now: Instant) -> Signature:
    """Read a proof, and check everything but its signature (did:webvh 1.0, Authorized Keys).

    Args:
        proof: as it stands in the entry or in the file of witnesses.
        document: SHA-256 of what it secures, in canonical form.
        now: the present, against which `expires` is held.

    Raises:
        InvalidLogError: another type, cryptosuite, purpose or form of key.
    """
    multikey = signer(proof)
    if multikey is None or not isinstance(proof, dict):
        raise InvalidLogError("the proof's verificationMethod is not did:key:X#X")
    try:
        read = read_options(proof)
        if read.suite is not EDDSA_JCS:
            raise InvalidLogError(f"the proof's type and cryptosuite do not say {EDDSA_JCS.name}")
        if read.purpose != PURPOSE or read.previous or "@context" in proof:
            raise InvalidLogError(f"the proof is not meant for {PURPOSE} of just this entry")
        if read.expires is not None and now >= read.expires:
            raise InvalidLogError("the proof has expired")
        if not read.value.startswith("z"):
            raise InvalidLogError("proofValue is not base58btc in multibase")
        options = {**proof}
        del options["proofValue"]
        message = hashlib.sha256(_canonical(options)).digest() + document
        return Signature(multikey, from_base58btc(read.value[1:]), message)
    except (
        InvalidProofError,
        UnsupportedProofError,
        InvalidEncodingError,
        NotCanonicalisableError,
    ) as error:
        raise InvalidLogError(f"the proof: {error}") from None


def _canonical(options: dict[str, Json]) -> bytes:
    """Canonicalise what is, in every proof that is not strange, an object of strings."""
    if _USUAL.issuperset(options) and {*map(type, options.values())} == {str}:
        return orjson.dumps(options, option=orjson.OPT_SORT_KEYS)
    return canonicalise(options)


@lru_cache(_CACHED_KEYS)
def _key(multikey: str) -> PublicKey:
    return PublicKey.from_multikey(multikey)
