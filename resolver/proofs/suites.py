"""The cryptosuites of embedded proofs: how each transforms a document, and whose keys it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from resolver.errors import InvalidProofError, UnsupportedKeyError, UnsupportedProofError
from resolver.keys import Curve, PublicKey


class Transformation(StrEnum):
    """What is made of a document before it is hashed."""

    JCS = "jcs"
    RDFC = "rdfc"
    SELECTIVE = "sd"


@dataclass(frozen=True, slots=True)
class Suite:
    """A cryptosuite.

    Attributes:
        name: its name; of a suite that is a proof type of its own, that type.
        transformation: what is made of a document before it is hashed.
        hashes: the hash function, as hashlib calls it, by the curve of the key.
    """

    name: str
    transformation: Transformation
    hashes: Mapping[Curve, str]

    def hash_for(self, key: PublicKey) -> str:
        """Return what the suite hashes with for a key.

        Raises:
            UnsupportedKeyError: the suite takes no such key.
        """
        found = self.hashes.get(key.curve)
        if found is None:
            raise UnsupportedKeyError(f"{self.name} takes no keys on {key.curve}")
        return found


_ED25519 = {Curve.ED25519: "sha256"}
_NIST = {Curve.P256: "sha256", Curve.P384: "sha384"}
EDDSA_JCS = Suite("eddsa-jcs-2022", Transformation.JCS, _ED25519)
ECDSA_JCS = Suite("ecdsa-jcs-2019", Transformation.JCS, _NIST)
EDDSA_RDFC = Suite("eddsa-rdfc-2022", Transformation.RDFC, _ED25519)
ECDSA_RDFC = Suite("ecdsa-rdfc-2019", Transformation.RDFC, _NIST)
ECDSA_SD = Suite("ecdsa-sd-2023", Transformation.SELECTIVE, {Curve.P256: "sha256"})
ED25519_2020 = Suite("Ed25519Signature2020", Transformation.RDFC, _ED25519)

_SUITES = {each.name: each for each in (EDDSA_JCS, ECDSA_JCS, EDDSA_RDFC, ECDSA_RDFC, ECDSA_SD)}
_REFUSED = {"bbs-2023": "no library that is sound implements it"}
_DATA_INTEGRITY = "DataIntegrityProof"


def suite_of(kind: str, cryptosuite: str | None) -> Suite:
    """Return the suite that a proof names (Data Integrity 1.0, 2.1).

    Args:
        kind: the proof's `type`.
        cryptosuite: its `cryptosuite`, or None where it has none.

    Raises:
        InvalidProofError: it names no cryptosuite where it must.
        UnsupportedProofError: it is of a type or cryptosuite that is not understood; it is named.
    """
    if kind == ED25519_2020.name:
        return ED25519_2020
    if kind != _DATA_INTEGRITY:
        raise UnsupportedProofError(f"proofs of type {kind[:60]!r} are not understood")
    if cryptosuite is None:
        raise InvalidProofError("cryptosuite of the proof must be a string")
    if cryptosuite in _REFUSED:
        message = f"cryptosuite {cryptosuite!r} is not verified here: {_REFUSED[cryptosuite]}"
        raise UnsupportedProofError(message)
    if cryptosuite not in _SUITES:
        raise UnsupportedProofError(f"cryptosuite {cryptosuite[:60]!r} is not understood")
    return _SUITES[cryptosuite]
