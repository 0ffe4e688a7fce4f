"""The registry over HTTP: acts in, and what readers may ask."""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from aiohttp import web

from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json
from trust_registry import queries
from trust_registry.errors import ActRefusedError, InvalidQueryError, Refusal
from trust_registry.proposals import Status
from trust_registry.registry import Registry

MAX_BODY = 128_000
"""Bytes: an act's payload in base64url, its header and its signature, with room to spare."""

_OK = 200
_ACCEPTED = 202
_NOT_MODIFIED = 304
_JSON = "application/json"

Handler = Callable[[web.Request], Awaitable[web.Response]]
Query = Callable[[Registry, queries.Parameters], bytes]


def routes(registry: Registry) -> list[web.RouteDef]:
    """The registry's routes, for a host to mount; it maps the errors that they raise."""

    async def submit(request: web.Request) -> web.Response:
        queries.only(request.query, ())
        submission = await registry.submit(_parsed(await _body(request)))
        status = _OK if submission.status is Status.EXECUTED else _ACCEPTED
        return web.Response(
            body=queries.submission_json(submission),
            status=status,
            content_type=_JSON,
            headers={"Location": f"/v1/acts/{submission.id}", "Cache-Control": "no-store"},
        )

    async def act(request: web.Request) -> web.Response:
        queries.only(request.query, ())
        return _answer(request, await queries.show_act(registry, request.match_info["id"]))

    async def party(request: web.Request) -> web.Response:
        did = request.match_info["did"]
        return _answer(request, queries.show_party(registry, did, _parameters(request)))

    def reading(query: Query) -> Handler:
        async def read(request: web.Request) -> web.Response:
            return _answer(request, query(registry, _parameters(request)))

        return read

    return [
        web.post("/v1/acts", submit),
        web.get("/v1/acts/{id}", act),
        web.get("/v1/parties", reading(queries.list_parties)),
        web.get("/v1/parties/{did:.+}", party),
        web.get("/v1/statements", reading(queries.list_statements)),
        web.get("/v1/frameworks", reading(queries.list_frameworks)),
    ]


async def _body(request: web.Request) -> bytes:
    """Read a body of bounded length; how long that may take is the host's to say."""
    if request.content_type not in (_JSON, "application/jose+json"):
        message = "an act is sent as application/json or application/jose+json"
        raise ActRefusedError(Refusal.MALFORMED, message, "Content-Type")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise ActRefusedError(Refusal.TOO_LARGE, f"a body has at most {MAX_BODY} bytes")
    return bytes(body)


def _parsed(body: bytes) -> Json:
    try:
        return parse_json(body, max_bytes=MAX_BODY, max_depth=4)
    except InvalidJsonError as error:
        raise ActRefusedError(Refusal.MALFORMED, str(error)) from None


def _parameters(request: web.Request) -> dict[str, str]:
    """Read the query; a parameter that is given twice has no one meaning."""
    parameters: dict[str, str] = {}
    for name, value in request.query.items():
        if name in parameters:
            raise InvalidQueryError(name, "given twice")
        parameters[name] = value
    return parameters


def _answer(request: web.Request, body: bytes) -> web.Response:
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    given = [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]
    if etag in given or f"W/{etag}" in given or "*" in given:
        return web.Response(status=_NOT_MODIFIED, headers=headers)
    return web.Response(body=body, content_type=_JSON, headers=headers)
