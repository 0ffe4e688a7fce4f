"""The two text encodings that keys, tokens and identifiers use, read strictly."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import base58

from resolver.errors import InvalidEncodingError

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_BASE58BTC = re.compile(r"[1-9A-HJ-NP-Za-km-z]*")
_BASE58_DIGITS = {
    ord(character): value
    for value, character in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}

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
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise InvalidEncodingError("not base64url without padding")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(text) % 4 and base64url(data[-(len(data) % 3) :])[-1] != text[-1]:
        raise InvalidEncodingError("base64url with stray bits at its end")
    return data


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
    if len(text) > most or not _BASE58BTC.fullmatch(text):
        raise InvalidEncodingError(f"not base58btc of at most {most} characters")
    return base58.b58decode(text)
