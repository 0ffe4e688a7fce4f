"""The log over HTTP: checkpoint, tiles and entry bundles as files (C2SP tlog-tiles), and proofs."""

import asyncio
import gzip

import orjson
from aiohttp import web

from trust_registry.errors import InvalidQueryError, NotFoundError
from trust_registry.log.lines import from_decimal, to_base64
from trust_registry.log.publisher import Publisher
from trust_registry.log.tiles import MAX_LEVEL, InvalidTileError, TileName, bundle, tile
from trust_registry.reading.parameters import only
from trust_registry.registry import Registry

_IMMUTABLE = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=2"
_OCTETS = "application/octet-stream"


def routes(registry: Registry) -> list[web.RouteDef]:
    """The log's routes, for a host to mount; it maps the errors that they raise."""
    return [*_files(registry), *_proofs(registry)]


def _files(registry: Registry) -> list[web.RouteDef]:
    """What the specification serves as static files."""
    journal = registry.journal

    async def checkpoint(request: web.Request) -> web.Response:
        only(request.query, ())
        latest = _publisher(registry).latest
        if latest is None:
            raise NotFoundError("no checkpoint was signed yet")
        return _text(str(latest.note), _BRIEFLY)

    async def serve_tile(request: web.Request) -> web.Response:
        only(request.query, ())
        level = from_decimal(request.match_info["level"])
        if level is None or level > MAX_LEVEL:
            raise NotFoundError(f"a tile's level is from 0 to {MAX_LEVEL}")
        data = tile(journal.tree, level, _name(request))
        if data is None:
            raise NotFoundError("the log has no such tile yet")
        return _file(data)

    async def entries(request: web.Request) -> web.Response:
        only(request.query, ())
        name = _name(request)
        if name.end > journal.size:
            raise NotFoundError("the log has no such bundle yet")
        data = bundle(await journal.stored(name.start, name.end))
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return _file(data)
        packed = await asyncio.to_thread(gzip.compress, data, 6, mtime=0)
        return _file(packed, {"Content-Encoding": "gzip"})

    return [
        web.get("/log/checkpoint", checkpoint),
        web.get("/log/tile/entries/{name:.+}", entries),
        web.get("/log/tile/{level}/{name:.+}", serve_tile),
    ]


def _proofs(registry: Registry) -> list[web.RouteDef]:
    """What readers could compute from the tiles, for those who would rather ask."""
    journal = registry.journal

    async def inclusion(request: web.Request) -> web.Response:
        only(request.query, ("index", "size"))
        index, size = _number(request, "index"), _number(request, "size", journal.size)
        _in_order(index + 1, size, journal.size)
        proof = journal.tree.inclusion(index, size)
        leaf = {"index": index, "leaf": to_base64(journal.tree.node(0, index))}
        return _json({**leaf, "size": size, "root": _root(size), "proof": _written(proof)})

    async def consistency(request: web.Request) -> web.Response:
        only(request.query, ("old", "size"))
        old, size = _number(request, "old"), _number(request, "size", journal.size)
        _in_order(old, size, journal.size)
        proof = journal.tree.consistency(old, size)
        roots = {"old": old, "old_root": _root(old), "size": size, "root": _root(size)}
        return _json({**roots, "proof": _written(proof)})

    async def prove_act(request: web.Request) -> web.Response:
        only(request.query, ())
        recording = registry.state.recording(request.match_info["id"])
        if recording is None or recording.position >= journal.size:
            raise NotFoundError("the journal holds no act with this id")
        proof = await _publisher(registry).proof(recording.position)
        if proof is None:
            raise NotFoundError("no checkpoint that covers the act was signed yet")
        return _text(str(proof), "no-cache")

    def _root(size: int) -> str:
        return to_base64(journal.tree.root(size))

    return [
        web.get("/log/proof/inclusion", inclusion),
        web.get("/log/proof/consistency", consistency),
        web.get("/v1/acts/{id}/proof", prove_act),
    ]


def _publisher(registry: Registry) -> Publisher:
    if registry.publisher is None:
        raise NotFoundError("this registry has no log key, and signs no checkpoints")
    return registry.publisher


def _name(request: web.Request) -> TileName:
    try:
        return TileName.parse(request.match_info["name"])
    except InvalidTileError as error:
        raise NotFoundError(str(error)) from None


def _number(request: web.Request, name: str, default: int | None = None) -> int:
    values = request.query.getall(name, [])
    if not values and default is not None:
        return default
    number = from_decimal(values[0]) if len(values) == 1 else None
    if number is None:
        raise InvalidQueryError(name, "is one whole number in decimal")
    return number


def _in_order(first: int, size: int, present: int) -> None:
    if size > present:
        raise InvalidQueryError("size", f"is at most {present}")
    if first > size:
        raise InvalidQueryError("size", "is too small for what is asked of it")


def _written(proof: list[bytes]) -> list[str]:
    return [to_base64(each) for each in proof]


def _text(text: str, caching: str) -> web.Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": caching}
    return web.Response(body=text.encode(), headers=headers)


def _file(data: bytes, more: dict[str, str] | None = None) -> web.Response:
    headers = {"Content-Type": _OCTETS, "Cache-Control": _IMMUTABLE, "Vary": "Accept-Encoding"}
    return web.Response(body=data, headers={**headers, **(more or {})})


def _json(value: object) -> web.Response:
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=orjson.dumps(value), content_type="application/json", headers=headers)
