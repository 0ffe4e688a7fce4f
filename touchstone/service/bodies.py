"""Request bodies: read within a limit and a time, or refused while they arrive."""

import asyncio
from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from resolver.strict_json import Json, parse_json
from touchstone.service.errors import RequestError

JSON = "application/json"
_OFF_LOOP = 65_536
"""Bodies beyond this many bytes are parsed off the event loop; it takes milliseconds."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much of a body is read.

    Attributes:
        max_bytes: the longest body.
        max_depth: how deep its arrays and objects may be nested.
    """

    max_bytes: int
    max_depth: int


async def read_body(request: web.Request, limits: BodyLimits) -> bytes:
    """Read a JSON body's bytes; never more than the limit are held.

    Raises:
        RequestError: another media type, an encoding, too long, or (`give_up_on_body`) too slow.
    """
    headers = request.headers
    content_type = headers.get(hdrs.CONTENT_TYPE)
    if JSON not in (content_type, request.content_type):
        shown = "nothing" if content_type is None else content_type[:64]
        raise RequestError("unsupported-media-type", f"{shown} is not {JSON}")
    if hdrs.CONTENT_ENCODING in headers:
        raise RequestError("unsupported-media-type", "a body must be sent uncompressed")
    length = request.content_length
    if length is not None and length > limits.max_bytes:
        raise _too_large(limits)
    try:
        return await request.read()
    except HTTPRequestEntityTooLarge:
        raise _too_large(limits) from None


def give_up_on_body(request: web.Request, seconds: float) -> asyncio.TimerHandle | None:
    """Arrange that whoever reads the body after so many seconds fails; None where it is here."""
    content = request.content
    if content.is_eof():
        return None

    def expire() -> None:
        if not content.is_eof():
            text = f"the body did not arrive within {seconds:g} seconds"
            content.set_exception(RequestError("body-timeout", text))

    return asyncio.get_running_loop().call_later(seconds, expire)


def _too_large(limits: BodyLimits) -> RequestError:
    return RequestError("body-too-large", f"at most {limits.max_bytes:,} bytes are read")


async def parse_body(body: bytes, limits: BodyLimits) -> Json:
    """Parse a body.

    Raises:
        InvalidJsonError: it is not JSON with one meaning only, or nested too deep.
    """
    if len(body) <= _OFF_LOOP:
        return parse_json(body, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    return await asyncio.to_thread(
        parse_json, body, max_bytes=limits.max_bytes, max_depth=limits.max_depth
    )
