"""What is answered before routing: answers at hand cost less than finding out whose they are."""

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from aiohttp import hdrs, web

from touchstone.service.problems import http_problem
from touchstone.service.signatures import ACCEPT_SIGNATURE

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
ROUTE = web.RequestKey("route", str)
"""The template of the route whose answer was at hand; such a request has no match info."""
_READS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


class AtHand(NamedTuple):
    """Answers of one route that may be at hand.

    Attributes:
        prefixes: how the raw paths begin that it answers.
        route: its template.
        answer: returns the answer to a GET or HEAD, or None where none is at hand. What it raises
            is raised again, and explained, once the request is routed. One that is prepared
            already has what the host adds to every answer.
    """

    prefixes: tuple[str, ...]
    route: str
    answer: Callable[[web.BaseRequest], web.StreamResponse | None]


class Front:
    """Stands before an application.

    Args:
        at_hand: what may be answered here.
        headers: what the host adds to every answer.
        signs: whether answers are signed for those who ask for it; those are routed.
    """

    def __init__(
        self,
        at_hand: Iterable[AtHand],
        headers: Iterable[tuple[str, str]],
        *,
        signs: bool = False,
    ) -> None:
        self._at_hand = tuple(at_hand)
        self._headers = tuple(headers)
        self._signs = signs

    def before(self, inner: Handler) -> Handler:
        """Return what handles requests, with `inner` for those that are not answered here."""

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            signed = self._signs and ACCEPT_SIGNATURE in request.headers
            if request.method in _READS and not signed:
                path = request.raw_path
                for prefixes, route, answer in self._at_hand:
                    if path.startswith(prefixes):
                        try:
                            response = answer(request)
                        except Exception:  # noqa: BLE001 - the routed handler meets it again
                            response = None
                        if response is None:
                            break
                        request[ROUTE] = route
                        if not response.prepared:
                            response.headers.update(self._headers)
                        return response
            try:
                return await inner(request)
            except web.HTTPExpectationFailed as error:  # raised before the application's own guard
                return http_problem(error) or error

        return handle


FRONT = web.AppKey("front", Front)


def put_in_front(runner: web.AppRunner) -> None:
    """Let an application's front answer first; the runner is set up already."""
    if FRONT in runner.app and runner.server is not None:
        runner.server.request_handler = runner.app[FRONT].before(runner.server.request_handler)
