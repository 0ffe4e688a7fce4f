"""Pages: home, API reference and problems, rendered here from templates and one OpenAPI file.

They need no JavaScript and load nothing from elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files

import yaml
from aiohttp import hdrs, web
from jinja2 import Environment, PackageLoader, StrictUndefined

from touchstone.service.catalogue import KINDS
from touchstone.service.errors import RequestError
from touchstone.service.pages.reference import Reference, read_reference
from touchstone.service.problems import PATH as PROBLEMS

_CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HTML = "text/html; charset=utf-8"
_NOT_MODIFIED = 304
_MAX_AGE = "max-age=3600"


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's bytes and the headers it always has."""

    body: bytes
    headers: Mapping[str, str]


_PAGES = web.AppKey("pages", dict[str, _Page])


def routes() -> list[web.RouteDef]:
    """Return the routes of all pages, for the host to mount together with `rendered`."""
    fixed = ("/", "/docs", "/openapi.yaml", "/problems", "/touchstone.css", "/favicon.svg")
    return [*(web.get(path, _show) for path in fixed), web.get(f"{PROBLEMS}{{slug}}", _show)]


def rendered(origin: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """Return what renders every page once, off the event loop, before the service answers.

    Args:
        origin: the service's own address, for examples.
    """

    async def render(app: web.Application) -> AsyncIterator[None]:
        app[_PAGES] = await asyncio.to_thread(_render, origin)
        yield

    return render


async def _show(request: web.Request) -> web.Response:
    page = request.app[_PAGES].get(request.path)
    if page is None:
        raise RequestError("not-found", "no problem has this name")
    if request.headers.get(hdrs.IF_NONE_MATCH) == page.headers[hdrs.ETAG]:
        return web.Response(status=_NOT_MODIFIED, headers=page.headers)
    return web.Response(body=page.body, headers=page.headers)


def _render(origin: str) -> dict[str, _Page]:
    folder = files("touchstone.service")
    described = folder.joinpath("openapi.yaml").read_bytes()
    reference = read_reference(yaml.load(described, yaml.CSafeLoader))
    environment = Environment(
        loader=PackageLoader("touchstone.service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages = {
        "/touchstone.css": _page(
            folder.joinpath("pages/touchstone.css").read_bytes(), "text/css; charset=utf-8"
        ),
        "/favicon.svg": _page(folder.joinpath("pages/favicon.svg").read_bytes(), "image/svg+xml"),
        "/openapi.yaml": _page(described, "application/yaml"),
    }
    pages.update(_html(environment, reference, origin))
    return pages


def _html(environment: Environment, reference: Reference, origin: str) -> dict[str, _Page]:
    def render(name: str, **given: object) -> _Page:
        text = environment.get_template(name).render(reference=reference, **given)
        return _page(text.encode(), _HTML)

    pages = {
        "/": render("home.html", origin=origin),
        "/docs": render("docs.html"),
        "/problems": render("problems.html", kinds=tuple(KINDS.values())),
    }
    for kind in KINDS.values():
        pages[f"{PROBLEMS}{kind.slug}"] = render("problem.html", kind=kind, path=PROBLEMS)
    return pages


def _page(body: bytes, content_type: str) -> _Page:
    headers = {
        hdrs.CONTENT_TYPE: content_type,
        hdrs.CACHE_CONTROL: _MAX_AGE,
        hdrs.ETAG: f'"{blake2b(body, digest_size=12).hexdigest()}"',
        "Content-Security-Policy": _CONTENT_SECURITY,
        "Referrer-Policy": "no-referrer",
    }
    return _Page(body, headers)
