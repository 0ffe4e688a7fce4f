"""The HTTP binding (W3C DID Resolution, section HTTP(S) Binding)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

import orjson
from aiohttp import hdrs, web

from resolver.binding import (
    OPTION_TYPES,
    PATH,
    Written,
    answer,
    read,
    read_options,
    refuse_options,
)
from resolver.clock import Clock
from resolver.errors import InvalidJsonError
from resolver.method_facts import known_identifiers, properties
from resolver.prebuilt import Prebuilt, Ready
from resolver.resolution import Resolver
from resolver.strict_json import Json
from resolver.wire import Dating, WireResponse, head_of, takes_wire

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TARGET = PATH + "{did:(?s:.*)}"


def routes(
    resolver: Resolver,
    prebuilt: Prebuilt | None = None,
    test_dids: Mapping[str, list[str]] | None = None,
) -> list[web.RouteDef]:
    """The routes of the binding, for a host to mount.

    Args:
        resolver: resolves the DIDs.
        prebuilt: where answers are kept as bytes; to be cleared when a document is withdrawn.
        test_dids: for each method more DIDs to test with.
    """
    kept = Prebuilt() if prebuilt is None else prebuilt
    return [
        web.get(_TARGET, _get(resolver, kept)),
        web.post(_TARGET, _post(resolver)),
        web.get("/1.0/methods", _fixed(list(resolver.methods))),
        web.get("/1.0/properties", _fixed(properties(resolver.methods))),
        web.get(
            "/1.0/testIdentifiers", _fixed(known_identifiers(resolver.methods, test_dids or {}))
        ),
    ]


def at_hand(
    kept: Prebuilt, clock: Clock, added: Iterable[tuple[str, str]] = ()
) -> Callable[[web.BaseRequest], web.StreamResponse | None]:
    """Return what answers a GET or HEAD of a DID from what is kept, without routing, or with None.

    Args:
        kept: the answers that `routes` keeps.
        clock: tells the present.
        added: headers that the host adds to every answer.
    """
    sealed = b"".join(f"{name}: {value}\r\n".encode() for name, value in added)
    dating = Dating()

    def answer_at_hand(request: web.BaseRequest) -> web.StreamResponse | None:
        now = clock.now()
        ready = kept.get(_key(request), now)
        if ready is None:
            return None
        if takes_wire(request):
            return WireResponse(b"".join((ready.head, sealed, dating.line(now), ready.body)))
        return web.Response(body=ready.body, headers=ready.headers.copy())

    return answer_at_hand


def _key(request: web.BaseRequest) -> tuple[str, str]:
    return request.raw_path, ",".join(request.headers.getall(hdrs.ACCEPT, ()))


def _get(resolver: Resolver, kept: Prebuilt) -> _Handler:
    clock = resolver.clock

    async def get(request: web.Request) -> web.Response:
        key = _key(request)
        ready = kept.get(key, clock.now())
        if ready is not None:
            return web.Response(body=ready.body, headers=ready.headers.copy())
        cleared = kept.cleared
        written = await answer(resolver, read(*_target(request), key[1], []))
        if written.until is not None and kept.cleared == cleared:
            head = head_of(written.headers.items(), written.body)
            ready = Ready(written.body, written.headers.copy(), head, written.until)
            kept.keep(key, ready)
        return _response(written)

    return get


def _post(resolver: Resolver) -> _Handler:
    async def post(request: web.Request) -> web.Response:
        body = await request.read()
        if hdrs.CONTENT_TYPE in request.headers and request.content_type not in OPTION_TYPES:
            raise web.HTTPUnsupportedMediaType
        try:
            options = read_options(body)
        except InvalidJsonError as error:
            return _response(refuse_options(resolver, str(error)))
        accept = ",".join(request.headers.getall(hdrs.ACCEPT, ()))
        return _response(await answer(resolver, read(*_target(request), accept, options)))

    return post


def _target(request: web.Request) -> tuple[str, str]:
    url = request.rel_url
    return url.raw_path.partition(PATH)[2], url.raw_query_string


def _response(written: Written) -> web.Response:
    return web.Response(body=written.body, status=written.status, headers=written.headers)


def _fixed(value: Json) -> _Handler:
    body = orjson.dumps(value)

    async def get(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return get
