"""did:web: the document lies at an HTTPS address that the identifier spells out."""

import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import unquote

from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import (
    ErrorCode,
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    InvalidJsonError,
    RefusedAddressError,
    ResolutionError,
    TooLargeError,
)
from resolver.strict_json import parse_json

MAX_BYTES = 256 * 1024
"""The largest document read; real ones have some kilobytes."""
ACCEPT = "application/did, application/did+json, application/did+ld+json, application/json;q=0.9"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_AUTHORITY = re.compile(rf"({_LABEL}(?:\.{_LABEL})*)(?:%3A([1-9][0-9]{{0,4}}))?", re.IGNORECASE)
_MAX_HOST = 253
_MAX_PORT = 65535
# The URL standard reads a host as an IPv4 address where its last label is a number of any base.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_NOT_IN_A_SEGMENT = re.compile(r"[\x00-\x1f\x7f/\\]|%[0-9A-Fa-f]{2}")
_OK = 200
_GONE = frozenset({404, 410})


class Fetched(Protocol):
    """What a `Source` read."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers."""
        ...

    @property
    def body(self) -> bytes:
        """The body, decompressed."""
        ...


class Source(Protocol):
    """Reads URLs, guarded: see `resolver.fetch`."""

    async def fetch(
        self, url: str, *, accept: str = "*/*", max_bytes: int | None = None
    ) -> Fetched:
        """Read a URL.

        Raises:
            FetchError: it could not, or must not, be read.
        """
        ...


class WebMethod:
    """Reads documents from their hosts."""

    def __init__(self, source: Source) -> None:
        """`source` reads the addresses that identifiers spell out."""
        self._source = source

    async def resolve(self, did: Did) -> DidDocument:
        """Fetch and check a document (did:web, section Read).

        Raises:
            ResolutionError: INVALID_DID where the identifier spells no public HTTPS address,
                NOT_FOUND where the host says so, INVALID_DID_DOCUMENT where it serves something
                else or the document of another DID, INTERNAL_ERROR where it cannot be read.
        """
        try:
            url = url_of(did)
            fetched = await self._source.fetch(url, accept=ACCEPT, max_bytes=MAX_BYTES)
        except InvalidDidError as error:
            raise ResolutionError(ErrorCode.INVALID_DID, f"did:web: {error}") from None
        except RefusedAddressError:  # whose words would tell callers what our name servers know
            raise ResolutionError(ErrorCode.INVALID_DID, "did:web: not a public host") from None
        except TooLargeError as error:
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{url}: {error}") from None
        except FetchError as error:
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, f"{url}: {error}") from None
        if fetched.status in _GONE:
            raise ResolutionError(ErrorCode.NOT_FOUND, f"{url} answers {fetched.status}")
        if fetched.status != _OK:
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, f"{url} answers {fetched.status}")
        try:
            return parse_document(parse_json(fetched.body, max_bytes=MAX_BYTES), did)
        except (InvalidJsonError, InvalidDidDocumentError) as error:
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{url}: {error}") from None


def url_of(did: Did) -> str:
    """Where the document of a did:web lies (did:web, section Read).

    Raises:
        InvalidDidError: no host name and port, an IP address in any spelling, or a path with dot
            segments, empty segments, encoded separators or control characters.
    """
    authority, *segments = did.specific_id.split(":")
    match = _AUTHORITY.fullmatch(authority)
    if match is None or len(match[1]) > _MAX_HOST:
        raise InvalidDidError("not a host name, with its port after %3A")
    host, port = match[1].lower(), match[2]
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise InvalidDidError("an IP address where a host name belongs")
    if port is not None and int(port) > _MAX_PORT:
        raise InvalidDidError(f"a port beyond {_MAX_PORT}")
    for segment in segments:
        _check_segment(segment)
    path = "/".join(segments) if segments else ".well-known"
    return f"https://{host}{f':{port}' if port else ''}/{path}/did.json"


def _check_segment(segment: str) -> None:
    try:
        decoded = unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise InvalidDidError("a path segment that is not UTF-8") from None
    if decoded in {"", ".", ".."} or decoded != decoded.strip():
        raise InvalidDidError("an empty path segment, a dot segment, or one with outer whitespace")
    if _NOT_IN_A_SEGMENT.search(decoded):
        raise InvalidDidError("a path segment that hides a separator, a control character, or more")
