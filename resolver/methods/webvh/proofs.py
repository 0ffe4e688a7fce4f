"""Proofs of did:webvh entries and witnesses: eddsa-jcs-2022 by a did:key, and nothing else."""

import hashlib
from functools import lru_cache

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
from resolver.proofs.data_integrity import proofs_of
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


def check_proof(proof: Json, document: bytes, now: Instant) -> str:
    """Verify a proof, and tell whose it is (did:webvh 1.0, Authorized Keys).

    Args:
        proof: as it stands in the entry or in the file of witnesses.
        document: SHA-256 of what it secures, in canonical form.
        now: the present, against which `expires` is held.

    Returns:
        The multikey that signed; whether it may is for the caller.

    Raises:
        InvalidLogError: another type, cryptosuite, purpose or form of key, or no valid signature.
    """
    multikey = signer(proof)
    if multikey is None or not isinstance(proof, dict):
        raise InvalidLogError("the proof's verificationMethod is not did:key:X#X")
    try:
        (read,) = proofs_of({"proof": proof})
        if read.purpose != PURPOSE or read.previous or "@context" in proof:
            raise InvalidLogError(f"the proof is not meant for {PURPOSE} of just this entry")
        if read.expires is not None and now >= read.expires:
            raise InvalidLogError("the proof has expired")
        if not read.value.startswith("z"):
            raise InvalidLogError("proofValue is not base58btc in multibase")
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        message = hashlib.sha256(_canonical(options)).digest() + document
        verify(_key(multikey), Algorithm.ED25519, from_base58btc(read.value[1:]), message)
    except (
        InvalidProofError,
        UnsupportedProofError,
        InvalidKeyError,
        UnsupportedKeyError,
        InvalidEncodingError,
        NotCanonicalisableError,
        InvalidSignatureError,
    ) as error:
        raise InvalidLogError(f"the proof: {error}") from None
    return multikey


def _canonical(options: dict[str, Json]) -> bytes:
    """Canonicalise what is, in every proof that is not strange, an object of strings."""
    if _USUAL.issuperset(options) and all(type(value) is str for value in options.values()):
        return orjson.dumps(options, option=orjson.OPT_SORT_KEYS)
    return canonicalise(options)


@lru_cache(_CACHED_KEYS)
def _key(multikey: str) -> PublicKey:
    return PublicKey.from_multikey(multikey)
