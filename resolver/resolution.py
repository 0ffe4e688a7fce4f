"""The DID resolution algorithm (W3C DID Resolution, Candidate Recommendation 2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import orjson

from resolver.clock import Clock
from resolver.did import Did, DidUrl
from resolver.document import DidDocument
from resolver.errors import ErrorCode, InvalidDidError, InvalidDidUrlError, ResolutionError
from resolver.hosting import Uncached
from resolver.instant import SECOND, Instant, format_instant
from resolver.methods import Method, Resolved
from resolver.methods.jwk import JwkMethod
from resolver.methods.key import KeyMethod
from resolver.methods.web import WebMethod
from resolver.source import Source
from resolver.strict_json import Json

DOCUMENT_TYPE = "application/did"
DOCUMENT_TYPES = frozenset({DOCUMENT_TYPE, "application/did+json", "application/did+ld+json"})
"""DID 1.1's one media type, and the two of DID 1.0 that name the same bytes."""

ERROR_TYPES = "https://www.w3.org/ns/did#"
_TITLES: Mapping[ErrorCode, str] = {
    ErrorCode.INVALID_DID: "Invalid DID",
    ErrorCode.INVALID_DID_URL: "Invalid DID URL",
    ErrorCode.INVALID_DID_DOCUMENT: "Invalid DID document",
    ErrorCode.INVALID_OPTIONS: "Invalid resolution options",
    ErrorCode.NOT_FOUND: "DID not found",
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: "Representation not supported",
    ErrorCode.METHOD_NOT_SUPPORTED: "DID method not supported",
    ErrorCode.FEATURE_NOT_SUPPORTED: "Feature not supported",
    ErrorCode.INTERNAL_ERROR: "The DID could not be resolved",
}
_SHOWN = 32  # characters of a foreign name that an error repeats
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ResolutionOptions:
    """What a caller wants of a resolution (DID Resolution, section Options).

    Nothing is cached that can change, so that a fresh document (`noCache`) is what is given anyway.

    Attributes:
        accept: the media type wanted for the document.
        unsupported: names of options given that no method here supports.
        invalid: names of options given that make no sense.
    """

    accept: str = DOCUMENT_TYPE
    unsupported: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    @classmethod
    def parse(cls, options: Iterable[tuple[str, str]], accept: str = DOCUMENT_TYPE) -> Self:
        """Read options by their standard names. Raises nothing: the DID is judged first."""
        unsupported, invalid, seen = [], [], set()
        for given, value in options:
            name = given.encode("ascii", "replace").decode()[:_SHOWN]
            flag = _BOOLEANS.get(value) if name in {"noCache", "expandRelativeUrls"} else True
            if flag is None or name in seen:
                invalid.append(name)
            elif flag and name != "noCache":
                unsupported.append(name)
            seen.add(name)
        return cls(accept, tuple(unsupported), tuple(invalid))


NO_OPTIONS = ResolutionOptions()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a DID: a document, or why there is none.

    Attributes:
        document: the document; None on an error, and where the DID is deactivated.
        error: why there is none, or None.
        retrieved: when it was resolved.
        content_type: the media type of the document.
    """

    document: DidDocument | None
    error: ResolutionError | None
    retrieved: Instant
    content_type: str = DOCUMENT_TYPE

    @property
    def deactivated(self) -> bool:
        """Whether the DID was ended by its controller; that is no error (step 5.2)."""
        return self.error is not None and self.error.deactivated

    def json(self) -> dict[str, Json]:
        """The whole result (DID Resolution, section DID Resolution Result)."""
        metadata: dict[str, Json] = {
            "contentType": self.content_type,
            "retrieved": format_instant(Instant(self.retrieved // SECOND * SECOND)),
        }
        if self.error is not None and not self.deactivated:
            metadata = {"error": _problem(self.error)}
        return {
            "didDocument": None if self.document is None else self.document.raw,
            "didResolutionMetadata": metadata,
            "didDocumentMetadata": {"deactivated": True} if self.deactivated else {},
        }

    def body(self) -> bytes:
        """The whole result as JSON."""
        return orjson.dumps(self.json())


def _problem(error: ResolutionError) -> dict[str, Json]:
    """The error as RFC 9457 writes it (DID Resolution, section Errors)."""
    return {
        "type": ERROR_TYPES + error.code,
        "title": _TITLES[error.code],
        "detail": str(error),
    }


class Resolver:
    """Resolves DIDs by their methods."""

    def __init__(self, methods: Mapping[str, Method], clock: Clock) -> None:
        """`methods` by their names, such as `web`; `clock` dates the results."""
        self._methods = methods
        self._clock = clock

    async def resolve(self, did: str, options: ResolutionOptions = NO_OPTIONS) -> Resolution:
        """Resolve a DID (DID Resolution, section DID Resolution Algorithm). Raises nothing."""
        try:
            document = await self._resolve(did, options)
        except ResolutionError as error:
            return Resolution(None, error, self._clock.now())
        return Resolution(document, None, self._clock.now(), options.accept)

    async def document(self, did: Did) -> DidDocument:
        """The document of a DID.

        Raises:
            ResolutionError: there is none; `code` and `deactivated` say why.
        """
        return _live(await self._method(did).resolve(did))

    async def _resolve(self, text: str, options: ResolutionOptions) -> DidDocument:
        did = _parsed(text)
        method = self._method(did)
        _check(options)
        return _live(await method.resolve(did))

    def _method(self, did: Did) -> Method:
        method = self._methods.get(did.method)
        if method is None:
            known = ", ".join(self._methods)
            detail = f"did:{did.method[:_SHOWN]} is not among the methods resolved here: {known}"
            raise ResolutionError(ErrorCode.METHOD_NOT_SUPPORTED, detail)
        return method


def native_resolver(source: Source, clock: Clock) -> Resolver:
    """A resolver of did:key, did:jwk and did:web."""
    return Resolver(
        {"key": KeyMethod(), "jwk": JwkMethod(), "web": Uncached(WebMethod(source))}, clock
    )


def _live(resolved: Resolved) -> DidDocument:
    if resolved.document is None:
        raise ResolutionError(ErrorCode.NOT_FOUND, "the DID is deactivated", deactivated=True)
    return resolved.document


def _parsed(text: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        detail = str(error)
    try:
        DidUrl.parse(text)
        detail = "a DID URL where a DID belongs; DID URLs are not dereferenced here"
    except InvalidDidUrlError:
        pass
    raise ResolutionError(ErrorCode.INVALID_DID, detail)


def _check(options: ResolutionOptions) -> None:
    if options.unsupported:
        names = ", ".join(options.unsupported)
        raise ResolutionError(ErrorCode.FEATURE_NOT_SUPPORTED, f"unsupported options: {names}")
    if options.invalid:
        names = ", ".join(options.invalid)
        raise ResolutionError(ErrorCode.INVALID_OPTIONS, f"given twice, or no boolean: {names}")
    if options.accept not in DOCUMENT_TYPES:
        known = ", ".join(sorted(DOCUMENT_TYPES))
        detail = f"DID documents are given as {known}"
        raise ResolutionError(ErrorCode.REPRESENTATION_NOT_SUPPORTED, detail)
