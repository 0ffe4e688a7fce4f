"""Answers laid out before they are asked for: head and body leave in one write.

What aiohttp does for every answer, to build its headers, complete and write them, costs as much as
all else about one that is kept. Here only the date is written anew, once a second.
"""

from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import SERVER_SOFTWARE
from multidict import CIMultiDict

from resolver.instant import SECOND, Instant

_END = b"\r\n\r\n"
_SERVER = f"Server: {SERVER_SOFTWARE}\r\n"
_STATUS_LINES = {int(each): f"HTTP/1.1 {int(each)} {each.phrase}" for each in HTTPStatus}


def head_of(headers: Iterable[tuple[str, str]], body: bytes, status: int = HTTPStatus.OK) -> bytes:
    """Lay out the head of an answer, but for its date.

    Args:
        headers: names and values in which nobody outside can end a line.
        body: what follows it.
        status: the HTTP status.
    """
    length = f"Content-Length: {len(body)}"
    lines = (_STATUS_LINES[status], *map(": ".join, headers), length, _SERVER)
    return "\r\n".join(lines).encode()


class Dating:
    """Writes the date of answers, once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._line = b""

    def line(self, now: Instant) -> bytes:
        """Return the header Date and the end of a head."""
        second = now // SECOND
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}".encode() + _END
        return self._line


def takes_wire(request: web.BaseRequest) -> bool:
    """Whether an answer laid out before is what a request asks for: a body, and no closing."""
    return (
        request.method != hdrs.METH_HEAD
        and request.version == HttpVersion11
        and bool(request.keep_alive)
    )


class WireResponse(web.StreamResponse):
    """An answer that is sent as it is.

    Args:
        wire: its bytes, head and body.
        status: the HTTP status that they begin with.
    """

    def __init__(self, wire: bytes, status: int = HTTPStatus.OK) -> None:
        super().__init__(status=status)
        self._wire = wire
        self._to: AbstractStreamWriter | None = None

    @property
    def prepared(self) -> bool:
        """Always true: its headers are written."""
        return True

    @property
    def keep_alive(self) -> bool:
        """Always true: see `takes_wire`."""
        return True

    @property
    def body_length(self) -> int:
        """Bytes sent, head included, as aiohttp counts them."""
        return len(self._wire)

    def opened(self) -> web.Response:
        """Return the same answer as an ordinary one, whose headers can still be changed."""
        head, _, body = self._wire.partition(_END)
        headers = CIMultiDict[str]()
        for line in head.decode().split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            headers.add(name, value)
        del headers[hdrs.CONTENT_LENGTH]
        return web.Response(body=body or None, status=self.status, headers=headers)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Remember where to write."""
        self._to = request.writer
        return self._to

    async def write_eof(self, data: bytes = b"") -> None:
        """Write all of it."""
        del data
        if self._to is not None:
            await self._to.write_eof(self._wire)
