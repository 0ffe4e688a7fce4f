"""Services that a DID URL selects, and the URLs of their endpoints (DID Resolution, 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from resolver.did import Did, DidUrl
from resolver.document import Service
from resolver.errors import ErrorCode, InvalidDidUrlError, ResolutionError
from resolver.options import ResolutionOptions
from resolver.parameters import normalised, parameters_of
from resolver.references import is_uri, join, with_fragment
from resolver.resolution import Resolver
from resolver.result import Resolution
from resolver.strict_json import Json

PARAMETERS = ("service", "serviceType", "relativeRef")
MAX_HOPS = 4
"""The longest way over other DIDs' services; we know none longer than one."""
MAX_RESOLUTIONS = 8
"""The most DIDs that the services of one DID URL may make us resolve."""


class Selection(NamedTuple):
    """Which services are asked for, and what below them.

    Attributes:
        service: an id, absolute or relative or its fragment alone; None for any.
        service_type: a type; None for any.
        relative_ref: a relative reference below the endpoint, or None.
    """

    service: str | None
    service_type: str | None
    relative_ref: str | None


def select(resolution: Resolution, selection: Selection) -> tuple[int, ...]:
    """Return the places of the selected services in their document.

    Raises:
        ResolutionError: NOT_FOUND where there is none.
    """
    document = resolution.document
    if document is None:
        raise ResolutionError(ErrorCode.NOT_FOUND, "a DID on the way to the service is deactivated")
    places = tuple(
        place
        for place, service in enumerate(document.services)
        if _matches(service, selection, document.id)
    )
    if not places:
        raise ResolutionError(ErrorCode.NOT_FOUND, "the document has no such service")
    return places


def with_services(content: dict[str, Json], places: tuple[int, ...]) -> dict[str, Json]:
    """Copy a document with only those services that stand at these places."""
    services = content.get("service")
    listed = services if isinstance(services, list) else []
    return {**content, "service": [listed[place] for place in places]}


async def endpoint_urls(
    resolver: Resolver, resolution: Resolution, selection: Selection, fragment: str | None
) -> tuple[str, ...]:
    """Find the URLs that the selected services lead to, over other DIDs' services if need be.

    Args:
        resolver: resolves the DIDs on the way.
        resolution: of the document whose services are selected.
        selection: which services, and what below them.
        fragment: what the URLs inherit from the DID URL.

    Raises:
        ResolutionError: NOT_FOUND where nothing is selected, no endpoint is a URL, or the way is
            a circle or longer than `MAX_HOPS`.
        InvalidDidUrlError: `relativeRef` leaves an endpoint, or a fragment meets another one.
    """
    urls = await _Walk(resolver).urls(resolution, selection, ())
    if not urls:
        raise ResolutionError(ErrorCode.NOT_FOUND, "no endpoint of the service is a URL")
    return tuple(with_fragment(url, fragment) for url in urls)


@dataclass(slots=True)
class _Walk:
    """One way over services, which may lead to other DIDs and their services."""

    resolver: Resolver
    resolutions: int = 0

    async def urls(
        self, resolution: Resolution, selection: Selection, trail: tuple[str, ...]
    ) -> list[str]:
        document = resolution.document
        found: list[str] = []
        for place in select(resolution, selection):
            endpoint = document.services[place].endpoint if document else None
            for each in endpoint if isinstance(endpoint, list) else [endpoint]:
                if isinstance(each, str) and is_uri(each):
                    found += await self._follow(each, trail)
        if selection.relative_ref is not None:
            found = [join(url, selection.relative_ref) for url in found]
        return found

    async def _follow(self, endpoint: str, trail: tuple[str, ...]) -> list[str]:
        """Return the endpoint itself, or where it names services of a DID, their endpoints."""
        asked = _did_url(endpoint)
        if asked is None:
            return [endpoint]
        url, parameters = asked
        selection = Selection(*(parameters.get(name) for name in PARAMETERS))
        if selection.service is None and selection.service_type is None:
            return [endpoint]
        name = normalised(replace(url, fragment=None))
        self.resolutions += 1
        if name in trail or len(trail) == MAX_HOPS or self.resolutions > MAX_RESOLUTIONS:
            detail = "the services lead in a circle, or over too many DIDs"
            raise ResolutionError(ErrorCode.NOT_FOUND, detail)
        options = ResolutionOptions().of_url(parameters)
        resolution = await self.resolver.resolve(url.did.text, options)
        if resolution.error is not None:
            raise resolution.error
        found = await self.urls(resolution, selection, (*trail, name))
        return [with_fragment(each, url.fragment) for each in found]


def _matches(service: Service, selection: Selection, base: Did) -> bool:
    wanted = selection.service
    if wanted is not None and service.id not in {
        wanted,
        f"{base.text}{wanted}",
        f"{base.text}#{wanted}",
    }:
        return False
    return selection.service_type is None or selection.service_type in service.types


def _did_url(text: str) -> tuple[DidUrl, Mapping[str, str]] | None:
    try:
        url = DidUrl.parse(text)
        return url, parameters_of(url)
    except InvalidDidUrlError:
        return None
