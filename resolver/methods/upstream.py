"""Other methods, through the resolvers of others: their word, never verified here.

An upstream is one URL with a place for the DID, whether of a Universal Resolver
(`https://resolver.example/1.0/identifiers/{did}`) or of a registry such as EBSI's. What it answers
is marked with its name (`Provenance.via`), and only who accepts such words rests a decision on it.
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

import orjson

from resolver import trace
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import (
    ErrorCode,
    FetchError,
    InvalidDidDocumentError,
    InvalidInstantError,
    InvalidJsonError,
    InvalidUpstreamError,
    RefusedAddressError,
    ResolutionError,
    TooLargeError,
)
from resolver.freshness import ttl_of
from resolver.instant import Instant, parse_instant
from resolver.methods import DocumentMetadata, Provenance, Resolved, Version
from resolver.source import Source
from resolver.strict_json import Json, parse_json

MAX_BYTES = 512 * 1024
"""The largest answer read: a document, and what the resolver says of it."""
ACCEPT = (
    "application/did-resolution, "
    'application/ld+json;profile="https://w3id.org/did-resolution";q=0.9, '
    "application/did;q=0.8, application/did+ld+json;q=0.8, application/did+json;q=0.8, "
    "application/json;q=0.5"
)

_RESULT = frozenset({"didDocument", "didResolutionMetadata"})
_MAX_PATTERN = 1024
_PLACES = ("{did}", "{id}")
_OK = 200
_NOT_MODIFIED = 304
_UNKNOWN = frozenset({400, 404})
_GONE = 410
_NOT_IMPLEMENTED = 501
_NOT_FOUND_NAMES = frozenset({"NOT_FOUND", "INVALID_DID", "notFound", "invalidDid"})
_UNSUPPORTED_NAMES = frozenset({"METHOD_NOT_SUPPORTED", "methodNotSupported"})


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where another resolver answers.

    Attributes:
        pattern: its URL, with `{did}` or `{id}` (what follows the method) where the DID belongs.
        origin: its scheme, host and port, which name it in answers.
    """

    pattern: str
    origin: str

    @classmethod
    def parse(cls, pattern: str) -> Self:
        """Read the URL of an upstream resolver.

        Raises:
            InvalidUpstreamError: no https URL with exactly one place for the DID in its path or
                query, or one with user information or a fragment.
        """
        try:
            parts = urlsplit(pattern)
        except ValueError as error:
            raise InvalidUpstreamError(f"not a URL: {error}") from None
        if len(pattern) > _MAX_PATTERN or parts.scheme != "https" or not parts.hostname:
            raise InvalidUpstreamError(f"not an https URL of at most {_MAX_PATTERN} characters")
        if "@" in parts.netloc or parts.fragment or "{" in parts.netloc:
            raise InvalidUpstreamError("has user information, a fragment, or no fixed host")
        if sum(pattern.count(place) for place in _PLACES) != 1:
            raise InvalidUpstreamError("needs {did} or {id} once, where the DID belongs")
        return cls(pattern, f"https://{parts.netloc}")

    def url_of(self, did: Did) -> str:
        """Where a DID is asked for.

        Raises:
            ResolutionError: NOT_FOUND where the identifier would leave its place in the URL.
        """
        if not did.specific_id.strip("."):  # a URL parser takes it for a step upwards
            raise ResolutionError(ErrorCode.NOT_FOUND, "no registry has an identifier of dots")
        text = self.pattern.replace("{did}", quote(did.text, safe=":"))
        return text.replace("{id}", quote(did.specific_id, safe=":"))


@dataclass(frozen=True, slots=True)
class UpstreamState:
    """What an upstream resolver said of a DID.

    Attributes:
        document: the document; None where it says that the DID is deactivated.
        metadata: what else it says.
        raw: the bytes that were read.
        source: the URL that was asked.
        etag: the upstream's tag of this answer, or None.
        ttl_s: seconds for which the upstream lets it be kept, or None where it is silent.
    """

    document: DidDocument | None
    metadata: DocumentMetadata
    raw: bytes
    source: str
    etag: str | None = None
    ttl_s: int | None = None

    @property
    def size(self) -> int:
        """Bytes of the answer."""
        return len(self.raw)


class UpstreamMethod:
    """Asks another resolver about the DIDs of one method.

    Args:
        source: reads its URL.
        upstream: where it answers.
    """

    versioned = False  # one that ignores the option would answer with another version

    def __init__(self, source: Source, upstream: Upstream) -> None:
        self._source = source
        self._upstream = upstream

    async def load(self, did: Did, previous: UpstreamState | None) -> UpstreamState:
        """Ask the upstream resolver (DID Resolution, section HTTP(S) Binding).

        Raises:
            ResolutionError: NOT_FOUND and METHOD_NOT_SUPPORTED where it says so,
                INVALID_DID_DOCUMENT where it answers with something else or the document of
                another DID, INTERNAL_ERROR where it does not answer.
        """
        url, name = self._upstream.url_of(did), self._upstream.origin
        etag = previous.etag if previous else None
        try:
            fetched = await self._source.fetch(
                url, accept=ACCEPT, max_bytes=MAX_BYTES, if_none_match=etag
            )
        except TooLargeError as error:
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{name}: {error}") from None
        except RefusedAddressError:  # whose words would tell callers what our name servers know
            detail = f"{name}: may not be asked from here"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail) from None
        except FetchError as error:
            detail = f"{name}: {error}"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail, busy=error.busy) from None
        if previous is not None and etag is not None and fetched.status == _NOT_MODIFIED:
            return previous
        if fetched.status == _GONE:
            gone = DocumentMetadata(deactivated=True)
            return UpstreamState(None, gone, b"null", url, None, ttl_of(fetched.headers))
        _check_status(fetched.status, name)
        document, metadata = _parsed(fetched.body, did, name)
        trace.step("upstream answer", f"unverified, the word of {name}")
        etag, ttl_s = fetched.headers.get("ETag"), ttl_of(fetched.headers)
        return UpstreamState(document, metadata, fetched.body, url, etag, ttl_s)

    def answer(self, state: UpstreamState, did: Did, version: Version) -> Resolved:
        """Repeat what the upstream said, in its name."""
        del did, version
        provenance = Provenance(via=self._upstream.origin, source=state.source)
        return Resolved(state.document, state.metadata, provenance)

    def encode(self, state: UpstreamState) -> bytes:
        """Write an answer down with its tag."""
        return orjson.dumps([state.etag, state.ttl_s, state.raw.decode()])

    def decode(self, did: Did, raw: bytes) -> UpstreamState:
        """Read what `encode` wrote.

        Raises:
            ResolutionError: the bytes are no such state, or not of this DID.
        """
        url, name = self._upstream.url_of(did), self._upstream.origin
        match _json(raw, name):
            case [None | str() as etag, None | int() as ttl_s, str() as text]:
                document, metadata = _parsed(text.encode(), did, name)
                return UpstreamState(document, metadata, text.encode(), url, etag, ttl_s)
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "no kept state of an upstream")


def _check_status(status: int, name: str) -> None:
    """Tell what the upstream says from its failing; its word that a DID is invalid proves nothing.

    Such a word is taken as not found: `INVALID_DID` stands for what was seen to be wrong here.
    """
    if status in _UNKNOWN:
        raise ResolutionError(ErrorCode.NOT_FOUND, f"{name} answers {status}")
    if status == _NOT_IMPLEMENTED:
        raise ResolutionError(ErrorCode.METHOD_NOT_SUPPORTED, f"{name} answers {status}")
    if status != _OK:
        raise ResolutionError(ErrorCode.INTERNAL_ERROR, f"{name} answers {status}")


def _parsed(body: bytes, did: Did, name: str) -> tuple[DidDocument | None, DocumentMetadata]:
    """Read a whole resolution result, or a bare document."""
    value = _json(body, name)
    if value is None:  # what is kept of a status 410
        return None, DocumentMetadata(deactivated=True)
    if not isinstance(value, dict):
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{name}: not an object")
    metadata = DocumentMetadata()
    if not _RESULT.isdisjoint(value):  # one that carries an error may leave the document out
        _check_error(_object(value.get("didResolutionMetadata")).get("error"), name)
        metadata = _metadata(_object(value.get("didDocumentMetadata")))
        value = _object(value.get("didDocument"))
    if metadata.deactivated:
        return None, metadata
    try:
        return parse_document(value, did), metadata
    except InvalidDidDocumentError as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{name}: {error}") from None


def _check_error(error: Json, name: str) -> None:
    """Refuse a result that carries an error, in the form of any version of DID Resolution."""
    if error is None:
        return
    written = error.get("type") if isinstance(error, dict) else error
    word = written.rpartition("#")[2] if isinstance(written, str) else ""
    code = ErrorCode.INTERNAL_ERROR
    if word in _NOT_FOUND_NAMES:
        code = ErrorCode.NOT_FOUND
    elif word in _UNSUPPORTED_NAMES:
        code = ErrorCode.METHOD_NOT_SUPPORTED
    raise ResolutionError(code, f"{name} reports an error: {word[:40] or 'of no known form'}")


def _metadata(given: dict[str, Json]) -> DocumentMetadata:
    """What is repeated of the upstream's metadata; what names other DIDs is not.

    A malformed member is dropped: it is hearsay, and nothing here rests on it.
    """
    version, deactivated = given.get("versionId"), given.get("deactivated")
    return DocumentMetadata(
        created=_instant(given.get("created")),
        updated=_instant(given.get("updated")),
        deactivated=deactivated is not None and deactivated is not False,
        version_id=version if isinstance(version, str) else None,
    )


def _instant(value: Json) -> Instant | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except InvalidInstantError:
        return None


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _json(body: bytes, name: str) -> Json:
    try:
        return parse_json(body, max_bytes=2 * MAX_BYTES)
    except InvalidJsonError as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{name}: {error}") from None
