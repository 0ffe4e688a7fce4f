"""Replies: prepared answers as HTTP, in one write wherever a request allows it."""

from collections.abc import Iterable

from aiohttp import hdrs, web
from multidict import CIMultiDict

from resolver.instant import SECOND, Instant
from resolver.wire import Dating, WireResponse, head_of, takes_wire
from touchstone.service.bodies import JSON
from touchstone.service.kept import Prepared
from touchstone.service.signed import asks_for_signature

_NOT_MODIFIED = 304


class Replies:
    """Writes prepared answers.

    Args:
        to_reads: headers that the host adds to answers to GET and HEAD.
        to_others: headers that it adds to all others.
    """

    def __init__(
        self, to_reads: Iterable[tuple[str, str]], to_others: Iterable[tuple[str, str]]
    ) -> None:
        self._to_reads, self._to_others = _lines(to_reads), _lines(to_others)
        self._dating = Dating()

    def to(self, request: web.BaseRequest, prepared: Prepared, now: Instant) -> web.StreamResponse:
        """Return the reply to a request; what has not changed is not sent again."""
        headers = _headers(prepared, now)
        wanted = request.headers.get(hdrs.IF_NONE_MATCH)
        if wanted is None and takes_wire(request) and not asks_for_signature(request):
            added = self._to_others if request.method == hdrs.METH_POST else self._to_reads
            head, date = head_of(headers, prepared.body), self._dating.line(now)
            return WireResponse(b"".join((head, added, date, prepared.body)))
        sent = CIMultiDict(headers)
        if wanted is not None and request.method != hdrs.METH_POST and _matches(wanted, prepared):
            del sent[hdrs.CONTENT_TYPE]
            return web.Response(status=_NOT_MODIFIED, headers=sent)
        return web.Response(body=prepared.body, headers=sent)


def _lines(headers: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in headers)


def _headers(prepared: Prepared, now: Instant) -> tuple[tuple[str, str], ...]:
    """Return the headers that let an answer be kept for as long as it holds."""
    seconds = max(0, (prepared.fresh_until - now) // SECOND)
    return (
        (hdrs.CONTENT_TYPE, JSON),
        (hdrs.ETAG, prepared.etag),
        (hdrs.CACHE_CONTROL, f"max-age={seconds}"),
        (hdrs.VARY, "Accept"),
    )


def _matches(wanted: str, prepared: Prepared) -> bool:
    """Compare weakly, as If-None-Match does (RFC 9110 13.1.2)."""
    return wanted.strip() == "*" or prepared.etag in {
        each.strip().removeprefix("W/") for each in wanted.split(",")
    }
