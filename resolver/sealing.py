"""Seals: what is kept outside of this process is known again by a key that only we have."""

import hashlib
import hmac

MIN_SECRET = 32
"""Bytes of a secret; a shorter one could be guessed."""
_TAG = 32


class Seal:
    """Authenticates bytes by HMAC-SHA-256 (RFC 2104).

    Args:
        secret: at least `MIN_SECRET` bytes, the same for all that share what is kept.

    Raises:
        ValueError: the secret is too short.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"a secret has at least {MIN_SECRET} bytes")
        self._secret = secret

    def close(self, context: str, payload: bytes) -> bytes:
        """Seal bytes for one context, such as the name that they are kept under."""
        return self._tag(context, payload) + payload

    def open(self, context: str, sealed: bytes) -> bytes | None:
        """Give the bytes that were sealed for this context, or None where they were not."""
        payload = sealed[_TAG:]
        good = hmac.compare_digest(sealed[:_TAG], self._tag(context, payload))
        return payload if good else None

    def name(self, text: str) -> str:
        """A name for a text that does not tell it to who lacks the secret."""
        return hmac.digest(self._secret, b"name\0" + text.encode(), hashlib.sha256).hex()

    def _tag(self, context: str, payload: bytes) -> bytes:
        said = context.encode()
        mac = hmac.new(self._secret, b"seal\0" + len(said).to_bytes(8, "big") + said, "sha256")
        mac.update(payload)
        return mac.digest()
