"""The DID resolution algorithm (W3C DID Resolution, Candidate Recommendation 2)."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from resolver import trace
from resolver.clock import Clock
from resolver.did import Did, DidUrl
from resolver.document import DidDocument
from resolver.errors import (
    ErrorCode,
    InvalidDidError,
    InvalidDidUrlError,
    ResolutionError,
    ResolverError,
    UnverifiedDocumentError,
)
from resolver.expansion import expand_relative_urls
from resolver.hosting import Uncached
from resolver.instant import SECOND, Instant, format_instant
from resolver.methods import (
    LATEST,
    DocumentMetadata,
    Located,
    Method,
    Provenance,
    Resolved,
    Version,
)
from resolver.methods.generative import generative_methods
from resolver.methods.hosted import hosted_methods
from resolver.methods.upstream import Upstream
from resolver.methods.webvh import LogPolicy, ScidMethod
from resolver.options import DOCUMENT_TYPE, NO_OPTIONS, ResolutionOptions
from resolver.source import Source
from resolver.strict_json import Json
from resolver.unforeseen import unforeseen

ERROR_TYPES = "https://www.w3.org/ns/did#"
CID_ERROR_TYPES = "https://w3id.org/security#"
"""Two errors are of Controlled Identifiers 1.0, 3.5, which gives them addresses of its own."""
_OF_CID = frozenset(
    {
        ErrorCode.INVALID_VERIFICATION_METHOD,
        ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD,
    }
)
_TITLES: Mapping[ErrorCode, str] = {
    ErrorCode.INVALID_DID: "Invalid DID",
    ErrorCode.INVALID_DID_URL: "Invalid DID URL",
    ErrorCode.INVALID_DID_DOCUMENT: "Invalid DID document",
    ErrorCode.INVALID_OPTIONS: "Invalid resolution options",
    ErrorCode.NOT_FOUND: "Not found",
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: "Representation not supported",
    ErrorCode.METHOD_NOT_SUPPORTED: "DID method not supported",
    ErrorCode.FEATURE_NOT_SUPPORTED: "Feature not supported",
    ErrorCode.INTERNAL_ERROR: "The DID could not be resolved",
    ErrorCode.INVALID_VERIFICATION_METHOD: "Not a verification method",
    ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD: (
        "The verification method is not authorised for this"
    ),
}
VERIFIED_HERE = frozenset({"jwk", "key", "peer", "pkh", "scid", "web", "webvh"})
"""The methods that no upstream resolver is ever asked about."""

_NO_UPSTREAMS: Mapping[str, Upstream] = {}
_SHOWN = 32  # characters of a foreign name that an error repeats


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a DID: a document, or why there is none.

    Attributes:
        asked: when it was resolved.
        resolved: what the method knows; None on an error.
        error: why there is nothing, or None.
        content_type: the media type of the document.
        content: the document's JSON in the form that was asked for; not to be changed.
    """

    asked: Instant
    resolved: Resolved | None = None
    error: ResolutionError | None = None
    content_type: str = DOCUMENT_TYPE
    content: dict[str, Json] | None = None

    @property
    def document(self) -> DidDocument | None:
        """The document; None on an error, and where the DID is deactivated."""
        return None if self.resolved is None else self.resolved.document

    @property
    def deactivated(self) -> bool:
        """Whether the DID was ended by its controller; that is no error (step 5.2)."""
        if self.resolved is None:
            return False
        return self.resolved.document is None or self.resolved.metadata.deactivated

    def metadata(self) -> dict[str, Json]:
        """How the resolution went (DID Resolution, section DID Resolution Metadata)."""
        if self.error is not None:
            return {"error": problem(self.error)}
        provenance = Provenance() if self.resolved is None else self.resolved.provenance
        return {"contentType": self.content_type, **_provenance(provenance, self.asked)}

    def document_metadata(self) -> dict[str, Json]:
        """What is known of the document (DID Resolution, section DID Document Metadata)."""
        if self.resolved is None:
            return {}
        return _document_metadata(self.resolved.metadata, deactivated=self.deactivated)

    def json(self) -> dict[str, Json]:
        """The whole result (DID Resolution, section DID Resolution Result)."""
        return {
            "didDocument": self.content,
            "didResolutionMetadata": self.metadata(),
            "didDocumentMetadata": self.document_metadata(),
        }

    def body(self) -> bytes:
        """The whole result as JSON."""
        return orjson.dumps(self.json())


def problem(error: ResolutionError) -> dict[str, Json]:
    """Write an error as RFC 9457 does (DID Resolution, section Errors)."""
    return {
        "type": (CID_ERROR_TYPES if error.code in _OF_CID else ERROR_TYPES) + error.code,
        "title": _TITLES[error.code],
        "detail": str(error),
    }


def _provenance(provenance: Provenance, asked: Instant) -> dict[str, Json]:
    """Whether the answer was kept, how old it is, and whose word it is; nothing if it is pure."""
    if provenance == _FROM_THE_IDENTIFIER:
        return {}
    fetched = asked if provenance.fetched is None else provenance.fetched
    metadata: dict[str, Json] = {
        "retrieved": _whole_seconds(fetched),
        "cached": provenance.cached,
        "stale": provenance.stale,
        "age": max(0, asked - fetched) // SECOND,
    }
    if provenance.source is not None:
        metadata["source"] = provenance.source
    if provenance.via is not None:
        metadata["via"] = provenance.via
    return metadata


_FROM_THE_IDENTIFIER = Provenance()


def _document_metadata(known: DocumentMetadata, *, deactivated: bool) -> dict[str, Json]:
    instants = {
        "created": known.created,
        "updated": known.updated,
        "nextUpdate": known.next_update,
    }
    texts = {
        "versionId": known.version_id,
        "nextVersionId": known.next_version_id,
        "canonicalId": known.canonical_id,
    }
    metadata: dict[str, Json] = {
        **known.others,
        **{
            name: _whole_seconds(instant)
            for name, instant in instants.items()
            if instant is not None
        },
        **{name: text for name, text in texts.items() if text is not None},
    }
    if known.equivalent_id:
        metadata["equivalentId"] = list(known.equivalent_id)
    if deactivated:
        metadata["deactivated"] = True
    return metadata


def _whole_seconds(instant: Instant) -> str:
    return format_instant(Instant(instant // SECOND * SECOND))


class Resolver:
    """Resolves DIDs by their methods."""

    def __init__(self, methods: Mapping[str, Method], clock: Clock) -> None:
        """`methods` by their names, such as `web`; `clock` dates the results."""
        self.methods = methods
        self.clock = clock

    async def resolve(self, did: str, options: ResolutionOptions = NO_OPTIONS) -> Resolution:
        """Resolve a DID (DID Resolution, section DID Resolution Algorithm). Raises nothing."""
        try:
            resolved, content = await self._resolve(did, options)
        except ResolutionError as error:
            trace.step("resolve", f"{error.code}: {error}", trace.StepOutcome.FAILED)
            return Resolution(self.clock.now(), error=error)
        except ResolverError as error:
            trace.step("resolve", str(error), trace.StepOutcome.FAILED)
            unexpected = ResolutionError(ErrorCode.INTERNAL_ERROR, str(error))
            return Resolution(self.clock.now(), error=unexpected)
        except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing leaks past it
            trace.step("resolve", "an unexpected error", trace.StepOutcome.FAILED)
            return Resolution(self.clock.now(), error=unforeseen(error))
        content_type = options.accept or DOCUMENT_TYPE
        return Resolution(self.clock.now(), resolved, None, content_type, content)

    async def resolved(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """Return what is known of a DID, with where that comes from.

        Args:
            did: the DID.
            version: which version.
            fresh: whether what was kept may not be used.

        Raises:
            ResolutionError: nothing is; `code` says why.
        """
        return await self._method(did).resolve(did, version, fresh=fresh)

    async def document(self, did: Did) -> DidDocument:
        """The document of a DID, verified here and not stale: what changes trust may rest on it.

        Raises:
            UnverifiedDocumentError: it is the word of an upstream resolver.
            ResolutionError: there is none; `code` and `deactivated` say why.
        """
        resolved = await self._method(did).resolve(did)
        if resolved.provenance.via is not None:
            raise UnverifiedDocumentError(resolved.provenance.via)
        if resolved.provenance.stale:  # a key that was taken out meanwhile must not sign
            detail = "its host is out of reach, and the document that is kept is stale"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail)
        if resolved.document is None:
            raise ResolutionError(ErrorCode.NOT_FOUND, "the DID is deactivated", deactivated=True)
        return resolved.document

    async def _resolve(
        self, text: str, options: ResolutionOptions
    ) -> tuple[Resolved, dict[str, Json] | None]:
        did = _parsed(text)
        trace.step("syntax", f"a DID of the method {did.method}")
        method = self._method(did)
        options.check(versioned=method.versioned, located=isinstance(method, Located))
        trace.step("options", ", ".join(sorted(options.asked)) or "none")
        if isinstance(method, Located):
            resolved = await method.resolve(
                did, options.version, fresh=options.no_cache, src=options.src
            )
        else:
            resolved = await method.resolve(did, options.version, fresh=options.no_cache)
        if resolved.document is None:
            trace.step("document", "the DID is deactivated")
            return resolved, None
        trace.step("document", f"sha-256 {resolved.document.digest}")
        raw = resolved.document.raw
        return resolved, expand_relative_urls(raw, did) if options.expand_relative_urls else raw

    def _method(self, did: Did) -> Method:
        method = self.methods.get(did.method)
        if method is None:
            known = ", ".join(self.methods)
            detail = f"did:{did.method[:_SHOWN]} is not among the methods resolved here: {known}"
            raise ResolutionError(ErrorCode.METHOD_NOT_SUPPORTED, detail)
        return method


def native_resolver(
    source: Source,
    clock: Clock,
    upstreams: Mapping[str, Upstream] = _NO_UPSTREAMS,
    logs: LogPolicy | None = None,
) -> Resolver:
    """A resolver that keeps nothing between requests.

    Args:
        source: reads the addresses that identifiers spell out.
        clock: dates the results.
        upstreams: by method, whom to ask about what is not verified here; a method that is, stays.
        logs: how did:webvh logs are read.
    """
    hosted = hosted_methods(source, clock, upstreams, logs=logs)
    return resolver_of({name: Uncached(method) for name, method in hosted.items()}, clock)


def resolver_of(hosted: Mapping[str, Method], clock: Clock) -> Resolver:
    """A resolver of hosted methods, of those that need no host, and of aliases.

    Args:
        hosted: by their names, `webvh` among them.
        clock: dates the results.
    """
    return Resolver({**hosted, "scid": ScidMethod(hosted["webvh"]), **generative_methods()}, clock)


def _parsed(text: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        detail = str(error)
    try:
        DidUrl.parse(text)
        detail = "a DID URL, which is dereferenced, where a DID belongs"
    except InvalidDidUrlError:
        pass
    raise ResolutionError(ErrorCode.INVALID_DID, detail)
