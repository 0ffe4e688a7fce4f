"""Connections: what breaks HTTP itself is answered as every other mistake is, and fills no log."""

from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, InvalidURLError, LineTooLong

from touchstone.service.problems import problem

_MISTAKES = (
    (InvalidURLError, "the address holds a character that must be percent-encoded"),
    (LineTooLong, "the address, or a header, is longer than the 8,190 bytes that are read"),
)


class Runner(web.AppRunner):
    """Runs an application over connections that explain what they could not read."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,  # noqa: SLF001 - aiohttp has no other way to choose connections
        )


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed; the connection cannot be used after it."""
        if not isinstance(exc, HttpProcessingError) or request.writer.output_size:
            return super().handle_error(request, status, exc, message)
        detail = next((text for kind, text in _MISTAKES if isinstance(exc, kind)), None)
        response = problem("bad-request", detail or f"this is no HTTP request: {_said(exc)}")
        response.force_close()
        return response

    def log_exception(self, *args: Any, **given: Any) -> None:
        """Log what went wrong here; strangers' mistakes would only fill the log."""
        if not isinstance(given.get("exc_info"), HttpProcessingError | web.RequestPayloadError):
            super().log_exception(*args, **given)


def _said(error: HttpProcessingError) -> str:
    return error.message.strip().partition("\n")[0].rstrip(":")
