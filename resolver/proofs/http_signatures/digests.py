"""Content digests: what a signed header says of a message's content (RFC 9530)."""

import hashlib
from hmac import compare_digest

import http_sf

from resolver.errors import MessageSignatureError
from resolver.proofs.http_signatures.fields import dictionary
from resolver.proofs.http_signatures.messages import Headers, lines_of

CONTENT_DIGEST = "Content-Digest"
_HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
"""The active algorithms (RFC 9530 5); with any other a digest says nothing."""


def content_digest(body: bytes) -> str:
    """Return the value of `Content-Digest` for a message's content."""
    return f"sha-256={http_sf.ser(hashlib.sha256(body).digest())}"


def check_content_digest(headers: Headers, body: bytes) -> None:
    """Check the content that a message came with.

    Args:
        headers: the message's fields.
        body: its content, before any decoding.

    Raises:
        MessageSignatureError: no digest of it is known, or one does not match.
    """
    digests = dictionary(lines_of(headers, CONTENT_DIGEST.lower()), CONTENT_DIGEST)
    known = {name: member for name, member in digests.items() if name in _HASHES}
    if not known:
        raise MessageSignatureError(f"{CONTENT_DIGEST}: neither sha-256 nor sha-512")
    for name, (value, _) in known.items():
        expected = _HASHES[name](body).digest()
        if not isinstance(value, bytes) or not compare_digest(value, expected):
            raise MessageSignatureError(f"{CONTENT_DIGEST}: the content is another ({name})")
