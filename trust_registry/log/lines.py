"""The lexical forms that all texts of a log share: decimals, base64 and hashes."""

from base64 import b64decode, b64encode
from binascii import Error

HASH_BYTES = 32
_LONGEST = len(str(2**64 - 1))


def from_decimal(text: str) -> int | None:
    """Read an ASCII decimal below 2**64 without leading zeroes; None for anything else."""
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        return None
    number = int(text)
    return number if str(number) == text and number < 2**64 else None


def to_base64(data: bytes) -> str:
    """Write standard base64 with padding (RFC 4648 4)."""
    return b64encode(data).decode()


def from_base64(text: str) -> bytes | None:
    """Read canonical standard base64 (RFC 4648 4, 3.5); None for anything else."""
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError):
        return None
    return data if to_base64(data) == text else None


def from_hash(text: str) -> bytes | None:
    """Read the base64 of a SHA-256 hash; None for anything else."""
    data = from_base64(text)
    return data if data is not None and len(data) == HASH_BYTES else None
