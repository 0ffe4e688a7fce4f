"""Purging status lists on the local socket, for who cannot wait until they are stale."""

from aiohttp import web

from credentials.status.cache import StatusLists
from resolver.errors import InvalidJsonError
from resolver.strict_json import Json
from touchstone.service.bodies import BodyLimits, parse_body, read_body
from touchstone.service.problems import problem

PATH = "/v1/status-lists/purge"
_LIMITS = BodyLimits(1024 * 1024, 6)
_MAX_ADDRESSES = 100


def purging(lists: StatusLists) -> web.RouteDef:
    """Return the route that purges lists by their addresses; whoever reaches it may."""

    async def purge(request: web.Request) -> web.Response:
        try:
            addresses = _addresses(await parse_body(await read_body(request, _LIMITS), _LIMITS))
        except InvalidJsonError as error:
            return problem("malformed-json", str(error))
        if addresses is None:
            text = f"purge is a list of at most {_MAX_ADDRESSES} addresses of status lists"
            return problem("invalid-value", text, field="purge")
        return web.json_response({"purged": [each for each in addresses if lists.purge(each)]})

    return web.post(PATH, purge)


def _addresses(value: Json) -> list[str] | None:
    match value:
        case {"purge": [*given], **others} if not others and 0 < len(given) <= _MAX_ADDRESSES:
            addresses = [each for each in given if isinstance(each, str)]
            return addresses if len(addresses) == len(given) else None
    return None
