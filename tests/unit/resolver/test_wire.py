"""Answers laid out before, as clients of every kind read them."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from resolver.clock import FixedClock
from resolver.http import at_hand, routes
from resolver.instant import SECOND, Instant, parse_instant
from resolver.methods.key import KeyMethod
from resolver.prebuilt import Prebuilt
from resolver.resolution import Resolver
from resolver.wire import WireResponse

KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
TARGET = f"/1.0/identifiers/{KEY}"
ADDED = (("X-Own", "1"),)


class Server:
    """Serves a DID as the host does, and notes which answers were laid out before."""

    def __init__(self) -> None:
        self.clock = FixedClock(parse_instant("2026-03-01T12:00:00.250Z"))
        self.laid_out: list[bool] = []
        self.port = 0

    async def say(self, *requests: str, bodies: bool = True) -> list[bytes]:
        """Send requests on one connection at once, and read as many answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("".join(requests).encode())
        answers = []
        for _ in requests:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(parts(head)[1]["Content-Length"]) if bodies else 0
            answers.append(head + await reader.readexactly(length))
        writer.close()
        return answers

    async def get(self, head: str = "", version: str = "1.1", method: str = "GET") -> bytes:
        request = f"{method} {TARGET} HTTP/{version}\r\nHost: a\r\n{head}\r\n"
        return (await self.say(request, bodies=method != "HEAD"))[0]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served, kept = Server(), Prebuilt()
    app = web.Application()
    app.add_routes(routes(Resolver({"key": KeyMethod()}, served.clock), kept))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    assert runner.server is not None
    inner, answer = runner.server.request_handler, at_hand(kept, served.clock, ADDED)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = answer(request) if request.method in {"GET", "HEAD"} else None
        served.laid_out.append(isinstance(response, WireResponse))
        return await inner(request) if response is None else response

    runner.server.request_handler = handle
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    try:
        yield served
    finally:
        await runner.cleanup()


def parts(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


async def test_it_says_what_a_routed_answer_says(server: Server) -> None:
    routed, laid_out = parts(await server.get()), parts(await server.get())
    assert server.laid_out == [False, True]
    assert (laid_out[0], laid_out[2]) == (routed[0], routed[2])
    assert laid_out[1].pop("X-Own") == "1"
    assert laid_out[1].pop("Date") == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", routed[1].pop("Date"))
    assert laid_out[1] == routed[1]


async def test_its_date_goes_on(server: Server) -> None:
    for _ in range(3):
        seen = parts(await server.get())[1]["Date"]
        server.clock.instant = Instant(server.clock.instant + 3_600 * SECOND)
    assert seen == "Sun, 01 Mar 2026 14:00:00 GMT"


@pytest.mark.parametrize(
    "asked", [{"version": "1.0"}, {"head": "Connection: close\r\n"}, {"method": "HEAD"}]
)
async def test_whoever_needs_another_answer_gets_it(server: Server, asked: dict[str, str]) -> None:
    first = parts(await server.get())
    other = parts(await server.get(**asked))
    assert server.laid_out == [False, False]
    assert other[2] == (b"" if "method" in asked else first[2])
    assert other[1]["Content-Length"] == first[1]["Content-Length"]
    if "method" not in asked:
        assert other[1].get("Connection", "close") == "close"


async def test_several_on_one_connection_come_one_after_another(server: Server) -> None:
    once = f"GET {TARGET} HTTP/1.1\r\nHost: a\r\n\r\n"
    answers = await server.say(*[once] * 20)
    assert server.laid_out == [False, *[True] * 19]
    assert {parts(each)[0] for each in answers} == {"HTTP/1.1 200 OK"}
    assert len({parts(each)[2] for each in answers}) == 1


async def test_who_reads_nothing_is_not_written_to_without_end(server: Server) -> None:
    await server.get()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    once = f"GET {TARGET} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    writer.write(once * 100_000)
    before, unchanged = -1, 0
    while unchanged < 30:  # looks, between each of which it could have written a lot more
        await asyncio.sleep(0.01)
        unchanged = unchanged + 1 if before == len(server.laid_out) else 0
        before = len(server.laid_out)
    assert sum(server.laid_out) < 50_000
    writer.transport.abort()
    del reader
