"""ML-DSA, the signatures that a quantum computer does not forge, as far as cryptography has them.

Their keys and signatures take kilobytes. They come as JSON Web Keys of the type AKP alone
(draft-ietf-cose-dilithium).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)

from resolver.errors import InvalidKeyError, UnsupportedKeyError

KEY_BYTES: Mapping[str, int] = {"ML-DSA-44": 1312, "ML-DSA-65": 1952, "ML-DSA-87": 2592}
"""The length of the public key of each parameter set, by its JOSE name (FIPS 204, table 2)."""
MAX_SIGNATURE_BYTES = 4627
_CACHED_KEYS = 64

_Native: TypeAlias = MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey
_NATIVE: Mapping[str, type[MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey]] = {
    "ML-DSA-44": MLDSA44PublicKey,
    "ML-DSA-65": MLDSA65PublicKey,
    "ML-DSA-87": MLDSA87PublicKey,
}


def verify_ml_dsa(name: str, raw: bytes, signature: bytes, message: bytes) -> None:
    """Check an ML-DSA signature with the empty context.

    Args:
        name: the parameter set.
        raw: the public key.
        signature: what is checked.
        message: what it is over.

    Raises:
        InvalidSignature: it does not verify; the error is cryptography's.
        InvalidKeyError: no key of that parameter set.
        UnsupportedKeyError: the OpenSSL at hand has no ML-DSA.
    """
    _key(name, raw).verify(signature, message)


@lru_cache(_CACHED_KEYS)
def _key(name: str, raw: bytes) -> _Native:
    try:
        return _NATIVE[name].from_public_bytes(raw)
    except ValueError:
        raise InvalidKeyError(f"not a key of {name}") from None
    except UnsupportedAlgorithm:
        raise UnsupportedKeyError(f"{name} is not in the OpenSSL at hand") from None
