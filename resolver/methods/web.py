"""did:web: the document lies at an HTTPS address that the identifier spells out."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

import orjson

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
from resolver.freshness import ttl_of
from resolver.methods import Provenance, Resolved, Version
from resolver.source import Source
from resolver.strict_json import Json, parse_json

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
_NOT_MODIFIED = 304
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class WebState:
    """A document as its host publishes it.

    Attributes:
        document: the document.
        raw: the bytes that it was parsed from.
        source: where it lies.
        etag: the host's tag of this version, or None.
        ttl_s: seconds for which the host lets it be kept, or None where it is silent.
    """

    document: DidDocument
    raw: bytes
    source: str
    etag: str | None = None
    ttl_s: int | None = None

    @property
    def size(self) -> int:
        """Bytes of the document."""
        return len(self.raw)


class WebMethod:
    """Reads documents from their hosts."""

    versioned = False

    def __init__(self, source: Source) -> None:
        """`source` reads the addresses that identifiers spell out."""
        self._source = source

    async def load(self, did: Did, previous: WebState | None) -> WebState:
        """Fetch and check a document (did:web, section Read).

        Raises:
            ResolutionError: INVALID_DID where the identifier spells no public HTTPS address,
                NOT_FOUND where the host says so, INVALID_DID_DOCUMENT where it serves something
                else or the document of another DID, INTERNAL_ERROR where it cannot be read.
        """
        etag = previous.etag if previous else None
        try:
            url = url_of(did)
            fetched = await self._source.fetch(
                url, accept=ACCEPT, max_bytes=MAX_BYTES, if_none_match=etag
            )
        except InvalidDidError as error:
            raise ResolutionError(ErrorCode.INVALID_DID, f"did:web: {error}") from None
        except RefusedAddressError:  # whose words would tell callers what our name servers know
            raise ResolutionError(ErrorCode.INVALID_DID, "did:web: not a public host") from None
        except TooLargeError as error:
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{url}: {error}") from None
        except FetchError as error:
            detail = f"{url}: {error}"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail, busy=error.busy) from None
        if previous is not None and etag is not None and fetched.status == _NOT_MODIFIED:
            return previous
        if fetched.status in _GONE:
            raise ResolutionError(ErrorCode.NOT_FOUND, f"{url} answers {fetched.status}")
        if fetched.status != _OK:
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, f"{url} answers {fetched.status}")
        document = _parsed(fetched.body, did, url)
        headers = fetched.headers
        return WebState(document, fetched.body, url, headers.get("ETag"), ttl_of(headers))

    def answer(self, state: WebState, did: Did, version: Version) -> Resolved:
        """Answer with the document; a did:web has no other version."""
        del did, version
        return Resolved(state.document, provenance=Provenance(source=state.source))

    def encode(self, state: WebState) -> bytes:
        """Write a document down with its tag."""
        return orjson.dumps([state.etag, state.ttl_s, state.raw.decode()])

    def decode(self, did: Did, raw: bytes) -> WebState:
        """Read what `encode` wrote.

        Raises:
            ResolutionError: the bytes are no such state, or not of this DID.
        """
        url = url_of(did)
        match _json(raw, url):
            case [None | str() as etag, None | int() as ttl_s, str() as text]:
                return WebState(_parsed(text.encode(), did, url), text.encode(), url, etag, ttl_s)
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "no kept state of a did:web")


def _parsed(body: bytes, did: Did, url: str) -> DidDocument:
    try:
        return parse_document(_json(body, url), did)
    except InvalidDidDocumentError as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{url}: {error}") from None


def _json(body: bytes, url: str) -> Json:
    try:
        return parse_json(body, max_bytes=2 * MAX_BYTES)
    except InvalidJsonError as error:
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
