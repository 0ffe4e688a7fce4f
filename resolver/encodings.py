"""The two text encodings that keys, tokens and identifiers use, read strictly."""

from base64 import urlsafe_b64encode
from functools import lru_cache

import base58
import pybase64

from resolver.errors import InvalidEncodingError

_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/!!!")
"""What base64url has instead of two characters of base64; those, and padding, are foreign to it."""
_BASE58BTC = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUES = bytes.maketrans(_BASE58BTC, bytes(range(58)))

MAX_BASE58 = 512
"""Characters. Decoding takes quadratic time, and no key that we know is longer."""


def base64url(data: bytes) -> str:
    """Encode without padding (RFC 4648 5, RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding; each byte string has one text only (RFC 7515 2).

    Raises:
        InvalidEncodingError: padding, foreign characters, an impossible length, stray last bits.
    """
    try:
        plain = text.encode("ascii").translate(_TO_BASE64)
        data = pybase64.b64decode(plain + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise InvalidEncodingError("not base64url without padding") from None
    if len(text) % 4 and base64url(data[-(len(data) % 3) :])[-1] != text[-1]:
        raise InvalidEncodingError("base64url with stray bits at its end")
    return data


@lru_cache(16)
def _masks(steps: int) -> tuple[int, ...]:
    """What selects every other group of 1, 2, 4 and more bytes, for 2 to the `steps` bytes."""
    whole = (1 << 8 * 2**steps) - 1
    return tuple(whole // ((1 << 8 * 2**step) + 1) for step in range(steps))


def base58btc(data: bytes) -> str:
    """Encode in Bitcoin's alphabet, without a multibase prefix."""
    return base58.b58encode(data).decode()


def from_base58btc(text: str, most: int = MAX_BASE58) -> bytes:
    """Decode Bitcoin's alphabet, without a multibase prefix.

    Args:
        text: what to decode.
        most: the most characters accepted.

    Raises:
        InvalidEncodingError: foreign characters, or longer than `most`.
    """
    raw = text.encode() if len(text) <= most and text.isascii() else b"?"
    if raw.translate(None, _BASE58BTC):
        raise InvalidEncodingError(f"not base58btc of at most {most} characters")
    values = raw.translate(_BASE58_VALUES)
    # Neighbouring digits are joined all at once, then neighbouring pairs, and so on: some steps on
    # one large integer, where a loop over the digits takes four times as long.
    number, bits, base = int.from_bytes(values, "big"), 8, 58
    for mask in _masks(len(values).bit_length()):
        number = (number >> bits & mask) * base + (number & mask)
        bits, base = 2 * bits, base * base
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
