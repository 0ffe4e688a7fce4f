"""Where a did:webvh lies: from the identifier to the HTTPS addresses of its files."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

import idna

from resolver.errors import InvalidDidError

PREFIX = "did:webvh:"
LOG = "did.jsonl"
WITNESSES = "did-witness.json"

_SCID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}")
_PORT = re.compile(r"(.*?)%3A([0-9]{1,5})", re.IGNORECASE)
_ENCODED = re.compile(r"(?:[A-Za-z0-9.-]|%[0-9A-Fa-f]{2})+")
# The URL standard reads a host as an IPv4 address where its last label is a number of any base.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NOT_IN_A_SEGMENT = re.compile(r"[\x00-\x1f\x7f/\\]|%[0-9A-Fa-f]{2}")
_MAX_HOST = 253
_MAX_PORT = 65535
_CACHED = 1024


@dataclass(frozen=True, slots=True)
class Address:
    """A did:webvh taken apart (did:webvh 1.0, The DID to HTTPS Transformation).

    Attributes:
        did: the whole DID.
        scid: its self-certifying identifier.
        base: the address that its files lie under, without a slash at the end.
        folder: the address that the log lies under; `base`, or its `.well-known`.
    """

    did: str
    scid: str
    base: str
    folder: str

    @property
    def log_url(self) -> str:
        """Where the log lies."""
        return f"{self.folder}/{LOG}"

    @property
    def witness_url(self) -> str:
        """Where the proofs of its witnesses lie."""
        return f"{self.folder}/{WITNESSES}"

    @property
    def web_did(self) -> str:
        """The did:web that is published beside it, if any is."""
        return self.did.replace(f"{PREFIX}{self.scid}:", "did:web:", 1)


@lru_cache(_CACHED)
def parse_address(did: str) -> Address:
    """Take a did:webvh apart (did:webvh 1.0, Method-Specific Identifier).

    Raises:
        InvalidDidError: another method, no SCID, a host that is none or an IP address in any
            spelling, or a path with dot segments, empty segments, encoded separators and the like.
    """
    scid, *parts = did.removeprefix(PREFIX).split(":")
    if not did.startswith(PREFIX) or not parts:
        raise InvalidDidError(f"not of the form {PREFIX}SCID:host")
    if _SCID.fullmatch(scid) is None:
        raise InvalidDidError("the SCID is not 46 characters of base58btc")
    authority = _authority(parts[0])
    path = "".join(f"/{_segment(part)}" for part in parts[1:])
    base = f"https://{authority}{path}"
    return Address(did, scid, base, base if path else f"{base}/.well-known")


def _authority(text: str) -> str:
    match = _PORT.fullmatch(text)
    encoded, port = (match[1], match[2]) if match else (text, None)
    if _ENCODED.fullmatch(encoded) is None:
        raise InvalidDidError("not a host name, with its port after %3A")
    if port is not None and not 1 <= int(port) <= _MAX_PORT:
        raise InvalidDidError(f"a port beyond 1 to {_MAX_PORT}")
    host = _host(_decoded(encoded))
    return host if port is None else f"{host}:{int(port)}"


def _host(name: str) -> str:
    """The ASCII form of a host name (IDNA 2008), of two labels at least."""
    try:
        host = idna.encode(unicodedata.normalize("NFC", name).lower()).decode()
    except idna.IDNAError:
        raise InvalidDidError("not a host name") from None
    labels = host.split(".")
    if len(labels) < 2 or len(host) > _MAX_HOST or not all(map(_LABEL.fullmatch, labels)):  # noqa: PLR2004 - a label and a dot
        raise InvalidDidError("not a fully qualified host name")
    if _NUMBER.fullmatch(labels[-1]):
        raise InvalidDidError("an IP address where a host name belongs")
    return host


def _segment(text: str) -> str:
    decoded = _decoded(text)
    if decoded in {"", ".", ".."} or decoded != decoded.strip():
        raise InvalidDidError("an empty path segment, a dot segment, or one with outer whitespace")
    if _NOT_IN_A_SEGMENT.search(decoded):
        raise InvalidDidError("a path segment that hides a separator, a control character, or more")
    return quote(decoded, safe="")


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InvalidDidError("percent-encoding that is not UTF-8") from None
