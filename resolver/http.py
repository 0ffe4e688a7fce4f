"""The HTTP binding (W3C DID Resolution, section HTTP(S) Binding)."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import unquote

import orjson
from aiohttp import web

from resolver.errors import ErrorCode
from resolver.resolution import (
    DOCUMENT_TYPE,
    DOCUMENT_TYPES,
    Resolution,
    ResolutionOptions,
    Resolver,
)

PATH = "/1.0/identifiers/"
RESULT_TYPE = "application/did-resolution"

STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.INVALID_DID: 400,
    ErrorCode.INVALID_DID_URL: 400,
    ErrorCode.INVALID_OPTIONS: 400,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: 406,
    ErrorCode.INVALID_DID_DOCUMENT: 500,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.METHOD_NOT_SUPPORTED: 501,
    ErrorCode.FEATURE_NOT_SUPPORTED: 501,
}
"""The binding's own table: the standard wants 501 for a method that is not resolved here."""
_OK = 200
_GONE = 410

_HEADERS = {"Vary": "Accept"}
_OFFERED = DOCUMENT_TYPES | {RESULT_TYPE}
_WILDCARDS = frozenset({"*/*", "application/*"})
_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)
_ENCODED = re.compile("did%3a", re.IGNORECASE)


def routes(resolver: Resolver) -> list[web.RouteDef]:
    """The routes of the binding, for a host to mount."""

    async def identifiers(request: web.Request) -> web.Response:
        text, given = _asked(request)
        accept = _negotiated(",".join(request.headers.getall("Accept", ("*/*",))))
        whole = accept == RESULT_TYPE
        options = ResolutionOptions.parse(given, DOCUMENT_TYPE if whole else accept)
        return _response(await resolver.resolve(text, options), whole=whole)

    return [web.get(PATH + r"{did:[\s\S]+}", identifiers)]


def _asked(request: web.Request) -> tuple[str, Iterable[tuple[str, str]]]:
    """The DID and the options: a query is for us only where the DID is percent-encoded."""
    raw = request.rel_url.raw_path.partition(PATH)[2]
    if _ENCODED.match(raw):
        return unquote(raw), request.query.items()
    query = request.rel_url.raw_query_string
    return (f"{raw}?{query}" if query else raw), ()


def _response(resolution: Resolution, *, whole: bool) -> web.Response:
    status, content_type = _OK, RESULT_TYPE
    if resolution.deactivated:
        status = _GONE
    elif resolution.error is not None:
        status = STATUS[resolution.error.code]
    if whole or resolution.document is None:
        body = resolution.body()
    else:
        body, content_type = orjson.dumps(resolution.document.raw), resolution.content_type
    return web.Response(body=body, status=status, content_type=content_type, headers=_HEADERS)


@lru_cache(256)
def _negotiated(accept: str) -> str:
    """The media type to answer with (RFC 9110 12.5.1); one we do not have where none suits."""
    ranges = sorted(_ranges(accept), key=lambda r: (-r[1], r[0] in _WILDCARDS))
    for media_type, quality in ranges:
        if media_type in _OFFERED and quality > 0:
            return media_type
        if media_type in _WILDCARDS and quality > 0:
            return DOCUMENT_TYPE
    return "none"


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for item in accept.split(","):
        media_type, *parameters = item.split(";")
        qualities = [float(match[1]) for p in parameters if (match := _QUALITY.fullmatch(p))]
        yield media_type.strip().lower(), qualities[0] if qualities else 1.0
