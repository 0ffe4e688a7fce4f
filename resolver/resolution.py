"""The DID resolution algorithm (W3C DID Resolution, Candidate Recommendation 2)."""

from collections.abc import Mapping

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
from resolver.methods import LATEST, Located, Method, Resolved, Version
from resolver.methods.generative import generative_methods
from resolver.methods.hosted import hosted_methods
from resolver.methods.upstream import Upstream
from resolver.methods.webvh import LogPolicy, ScidMethod
from resolver.options import DOCUMENT_TYPE, NO_OPTIONS, ResolutionOptions
from resolver.result import Resolution
from resolver.source import Source
from resolver.strict_json import Json
from resolver.unforeseen import unforeseen

VERIFIED_HERE = frozenset({"jwk", "key", "peer", "pkh", "scid", "web", "webvh"})
"""The methods that no upstream resolver is ever asked about."""

_NO_UPSTREAMS: Mapping[str, Upstream] = {}
_SHOWN = 32  # characters of a foreign name that an error repeats


class Resolver:
    """Resolves DIDs by their methods."""

    def __init__(self, methods: Mapping[str, Method], clock: Clock) -> None:
        """`methods` by their names, such as `web`; `clock` dates the results."""
        self.methods = methods
        self.clock = clock
        self._located = {
            name: method for name, method in methods.items() if isinstance(method, Located)
        }

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
        located = self._located.get(did.method)
        options.check(versioned=method.versioned, located=located is not None)
        trace.step("options", ", ".join(sorted(options.asked)) or "none")
        if located is not None:
            resolved = await located.resolve(
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
