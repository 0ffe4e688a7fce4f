"""DID URL dereferencing (W3C DID Resolution, section DID URL Dereferencing).

The section is at risk in Candidate Recommendation 2; nothing but the HTTP binding depends on it.
What a URL leads to outside of the document is named and never fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from resolver.did import Did, DidUrl
from resolver.errors import ErrorCode, InvalidDidUrlError, ResolutionError
from resolver.expansion import absolute
from resolver.instant import Instant
from resolver.options import (
    DOCUMENT_TYPE,
    NAMES,
    NO_DEREFERENCING_OPTIONS,
    DereferencingOptions,
)
from resolver.parameters import parameters_of
from resolver.resolution import Resolver
from resolver.result import Resolution, problem
from resolver.services import PARAMETERS, Selection, endpoint_urls, select, with_services
from resolver.strict_json import Json
from resolver.unforeseen import unforeseen

URI_LIST = "text/uri-list"
_PATHS_ARE_SERVICES = frozenset({"webvh", "scid"})
"""Methods in which a path names something below a service (did:webvh, DID URL Resolution)."""


@dataclass(frozen=True, slots=True)
class Dereferenced:
    """What became of a DID URL: content, or why there is none.

    Attributes:
        asked: when it was dereferenced.
        resolution: what became of its DID; None where it was no DID URL.
        error: why there is no content, or None.
        content_type: the media type of the content; `text/uri-list` for a list of URLs.
        content: a document, an object within, or a list of URLs; None on an error, and where the
            DID is deactivated.
    """

    asked: Instant
    resolution: Resolution | None = None
    error: ResolutionError | None = None
    content_type: str = DOCUMENT_TYPE
    content: Json = None

    @property
    def deactivated(self) -> bool:
        """Whether the DID was ended by its controller."""
        return self.error is None and self.resolution is not None and self.resolution.deactivated

    def metadata(self) -> dict[str, Json]:
        """How the dereferencing went (DID URL Dereferencing Metadata)."""
        if self.error is not None:
            return {"error": problem(self.error)}
        known = {} if self.resolution is None else self.resolution.metadata()
        return {**known, "contentType": self.content_type}

    def content_metadata(self) -> dict[str, Json]:
        """What is known of the content: for a document, what its resolution tells of it."""
        if self.error is not None or self.resolution is None:
            return {}
        document = self.resolution.document
        if self.content is None or (
            isinstance(self.content, dict) and document and self.content["id"] == document.id.text
        ):
            return self.resolution.document_metadata()
        return {"deactivated": True} if self.deactivated else {}

    def json(self) -> dict[str, Json]:
        """The whole result: `content` is what the text calls it, `contentStream` the suite."""
        return {
            "content": self.content,
            "contentStream": self.content,
            "dereferencingMetadata": self.metadata(),
            "contentMetadata": self.content_metadata(),
        }

    def body(self) -> bytes:
        """The whole result as JSON."""
        return orjson.dumps(self.json())


async def dereference(
    resolver: Resolver, text: str, options: DereferencingOptions = NO_DEREFERENCING_OPTIONS
) -> Dereferenced:
    """Dereference a DID URL (DID URL Dereferencing Algorithm). Raises nothing.

    Args:
        resolver: resolves its DID, and the DIDs that its services lead to.
        text: the DID URL.
        options: what is wanted; parameters of the URL that are options are taken for such.
    """
    resolution: Resolution | None = None
    try:
        url = DidUrl.parse(text)
        parameters = parameters_of(url)
        within = options.resolution.of_url(parameters)
        if within.accept == URI_LIST:  # which is made of any document
            within = replace(within, accept=None)
        resolution = await resolver.resolve(url.did.text, within)
        found = await _found(resolver, resolution, url, parameters, options)
    except ResolutionError as error:
        return Dereferenced(resolver.clock.now(), resolution, error)
    except InvalidDidUrlError as error:
        invalid = ResolutionError(ErrorCode.INVALID_DID_URL, str(error))
        return Dereferenced(resolver.clock.now(), resolution, invalid)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing leaks past it
        return Dereferenced(resolver.clock.now(), resolution, unforeseen(error))
    content_type = URI_LIST if isinstance(found, list) else resolution.content_type
    return Dereferenced(resolver.clock.now(), resolution, None, content_type, found)


async def _found(
    resolver: Resolver,
    resolution: Resolution,
    url: DidUrl,
    parameters: Mapping[str, str],
    options: DereferencingOptions,
) -> Json:
    """Find what the URL leads to within a document, or the URLs that its services lead to."""
    if resolution.error is not None:
        raise resolution.error
    content, accept = resolution.content, options.resolution.accept
    if content is None:
        return None
    selection = _selection(url, parameters)
    if selection is None and accept == URI_LIST:
        detail = "only services are given as a list of URLs"
        raise ResolutionError(ErrorCode.REPRESENTATION_NOT_SUPPORTED, detail)
    if selection is not None:
        if accept == URI_LIST or (accept is None and url.path):  # a path leads out of the document
            return list(await endpoint_urls(resolver, resolution, selection, url.fragment))
        content = with_services(content, select(resolution, selection))
    if url.fragment is None and options.relationship is None:
        return content
    return _secondary(content, url, options)


def _selection(url: DidUrl, parameters: Mapping[str, str]) -> Selection | None:
    """What the path and the parameters select; None for the whole document."""
    rest = {name: value for name, value in parameters.items() if name not in NAMES}
    if unknown := sorted(rest.keys() - set(PARAMETERS)):
        shown = ", ".join(name[:32] for name in unknown)
        raise ResolutionError(ErrorCode.NOT_FOUND, f"nothing here understands {shown}")
    if url.path:
        return _selected_by_path(url, rest)
    if not rest:
        return None
    if "service" not in rest and "serviceType" not in rest:
        raise InvalidDidUrlError("relativeRef without the service that it is relative to")
    return Selection(rest.get("service"), rest.get("serviceType"), rest.get("relativeRef"))


def _selected_by_path(url: DidUrl, rest: Mapping[str, str]) -> Selection:
    if rest or url.did.method not in _PATHS_ARE_SERVICES:
        raise ResolutionError(ErrorCode.NOT_FOUND, "this DID method gives this path no meaning")
    if url.path == "/whois":
        return Selection("#whois", None, None)
    return Selection("#files", None, url.path)


def _secondary(content: dict[str, Json], url: DidUrl, options: DereferencingOptions) -> Json:
    """Dereference the fragment within a document (section Dereferencing the Fragment)."""
    found = None if url.fragment is None else _within(content, f"#{url.fragment}", url.did)
    if options.relationship is not None:
        if found is None or not _is_verification_method(found):
            detail = "the DID URL leads to no verification method"
            raise ResolutionError(ErrorCode.INVALID_VERIFICATION_METHOD, detail)
        if not _authorised(content, found, str(options.relationship), url.did):
            detail = f"the verification method is not listed under {options.relationship}"
            raise ResolutionError(ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD, detail)
    if found is None:
        raise ResolutionError(ErrorCode.NOT_FOUND, "nothing in the document has this id")
    context = content.get("@context")
    return found if context is None or "@context" in found else {"@context": context, **found}


def _within(content: dict[str, Json], fragment: str, base: Did) -> dict[str, Json] | None:
    wanted = absolute(fragment, base)
    for member in content.values():
        for item in member if isinstance(member, list) else [member]:
            if isinstance(item, dict) and _id(item, base) == wanted:
                return item
    return None


def _id(item: dict[str, Json], base: Did) -> str | None:
    name = item.get("id")
    return absolute(name, base) if isinstance(name, str) else None


def _is_verification_method(item: dict[str, Json]) -> bool:
    """Whether an object conforms to Controlled Identifiers 2.2."""
    return (
        isinstance(item.get("type"), str)
        and isinstance(item.get("controller"), str)
        and "serviceEndpoint" not in item
    )


def _authorised(
    content: dict[str, Json], method: dict[str, Json], relationship: str, base: Did
) -> bool:
    listed = content.get(relationship)
    wanted = _id(method, base)
    return wanted in {
        absolute(item, base) if isinstance(item, str) else _id(item, base)
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, str | dict)
    }
