"""The registry over HTTP: acts in, and what readers may ask."""

from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256

import orjson
from aiohttp import web

from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json
from trust_registry import schemas
from trust_registry.errors import ActRefusedError, InvalidQueryError, NotFoundError, Refusal
from trust_registry.proposals import Status
from trust_registry.reading.acts import show_act, submission_json
from trust_registry.reading.changes import list_changes
from trust_registry.reading.frameworks import list_frameworks
from trust_registry.reading.histories import party_history, statement_history
from trust_registry.reading.parameters import Parameters, only
from trust_registry.reading.parties import Parties
from trust_registry.reading.statements import Statements
from trust_registry.registry import Registry

MAX_BODY = 128_000
"""Bytes: an act's payload in base64url, its header and its signature, with room to spare."""

_OK = 200
_ACCEPTED = 202
_NOT_MODIFIED = 304
_JSON = "application/json"
_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}

Handler = Callable[[web.Request], Awaitable[web.Response]]
Query = Callable[[Parameters], dict[str, Json] | Awaitable[dict[str, Json]]]
About = Callable[[str, Parameters], dict[str, Json] | Awaitable[dict[str, Json]]]


def routes(registry: Registry) -> list[web.RouteDef]:
    """The registry's routes, for a host to mount; it maps the errors that they raise."""
    parties, statements = Parties(registry), Statements(registry)

    async def submit(request: web.Request) -> web.Response:
        only(request.query, ())
        submission = await registry.submit(_parsed(await _body(request)))
        status = _OK if submission.status is Status.EXECUTED else _ACCEPTED
        return web.Response(
            body=orjson.dumps(submission_json(submission)),
            status=status,
            content_type=_JSON,
            headers={"Location": f"/v1/acts/{submission.id}", "Cache-Control": "no-store"},
        )

    def reading(query: Query) -> Handler:
        async def read(request: web.Request) -> web.Response:
            found = query(_parameters(request))
            listed = found if isinstance(found, dict) else await found
            journal = registry.journal
            listed["journal"] = {"size": journal.size, "root": journal.root.hex()}
            return _answer(request, listed)

        return read

    def about(name: str, query: About) -> Handler:
        async def read(request: web.Request) -> web.Response:
            found = query(request.match_info[name], _parameters(request))
            return _answer(request, found if isinstance(found, dict) else await found)

        return read

    async def act(request: web.Request) -> web.Response:
        only(request.query, ())
        return _answer(request, await show_act(registry, request.match_info["id"]))

    async def schema(request: web.Request) -> web.Response:
        only(request.query, ())
        body = schemas.schema(request.match_info["name"])
        if body is None:
            raise NotFoundError(f"there is no schema of this name; {schemas.PATH} lists them")
        return web.Response(body=body, content_type="application/schema+json", headers=_FOR_AN_HOUR)

    async def schema_index(request: web.Request) -> web.Response:
        only(request.query, ())
        return web.Response(body=schemas.index(), content_type=_JSON, headers=_FOR_AN_HOUR)

    return [
        web.get(schemas.PATH, schema_index),
        web.get(f"{schemas.PATH}{{name}}.json", schema),
        web.post("/v1/acts", submit),
        web.get("/v1/acts/{id}", act),
        web.get("/v1/changes", reading(partial(list_changes, registry))),
        web.get("/v1/parties", reading(parties.list)),
        web.get("/v1/parties/{did:.+}/history", about("did", partial(party_history, registry))),
        web.get("/v1/parties/{did:.+}", about("did", parties.show)),
        web.get("/v1/statements", reading(statements.list)),
        web.get("/v1/statements/{id}/history", about("id", partial(statement_history, registry))),
        web.get("/v1/statements/{id}", about("id", statements.show)),
        web.get("/v1/frameworks", reading(partial(list_frameworks, registry))),
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


def _answer(request: web.Request, found: dict[str, Json]) -> web.Response:
    body = orjson.dumps(found)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    given = [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]
    if etag in given or f"W/{etag}" in given or "*" in given:
        return web.Response(status=_NOT_MODIFIED, headers=headers)
    return web.Response(body=body, content_type=_JSON, headers=headers)
