"""Where too much is being fetched already, nothing is tried, and whoever asks is told to wait."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import FetcherBusyError, ResolutionError
from resolver.fetch import Fetcher
from resolver.http import routes
from resolver.methods.upstream import Upstream
from resolver.resolution import native_resolver
from tests.loopback import TestCa, serve_tls
from tests.webvh import LOG_URL, WITNESS_URL, Answer, did_of, genesis, key, method_over, raw_of

SCID = "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"
UPSTREAM = Upstream.parse("https://full.example/1.0/identifiers/{did}")


@pytest.fixture
async def origin(ca: TestCa) -> AsyncIterator[str]:
    """A resolver whose one fetch at a time is taken."""
    asked, over = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response()

    full = {"concurrency": 1, "wait_s": 0.05}
    async with serve_tls(ca, {"full.example": slow}, **full) as policy, Fetcher(policy) as fetcher:
        taken = asyncio.create_task(fetcher.fetch("https://full.example/"))
        await asked.wait()
        app = web.Application()
        app.add_routes(routes(native_resolver(fetcher, SystemClock(), {"ebsi": UPSTREAM})))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/1.0/identifiers/"
        over.set()
        await taken
        await runner.cleanup()


@pytest.mark.parametrize(
    "did",
    [
        "did:web:full.example",
        f"did:webvh:{SCID}:full.example",
        f"did:scid:vh:1:{SCID}?src=full.example",
        "did:ebsi:zjUnExsyyweQ9p4cy3nvrVc",
    ],
)
@pytest.mark.parametrize(
    "accept", ["*/*", "application/did-resolution", "application/did-url-dereferencing"]
)
async def test_every_method_that_asks_a_host_may_be_busy(
    origin: str, did: str, accept: str
) -> None:
    async with ClientSession() as session:
        async with session.get(URL(origin + did, encoded=True), headers={"Accept": accept}) as got:
            assert got.status == 503
            assert got.headers["Retry-After"] == "1"
            body = await got.json(content_type=None)
    metadata = body.get("didResolutionMetadata") or body["dereferencingMetadata"]
    assert metadata["error"]["type"] == "https://www.w3.org/ns/did#INTERNAL_ERROR"
    assert "try again" in metadata["error"]["detail"]


class Full:
    """A host that has the log, and a fetcher with room for nothing more."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def fetch(self, url: str, **_: object) -> Answer:
        self.asked.append(url)
        if url == LOG_URL and "log" in self.pages:
            return Answer(200, self.pages["log"])
        raise FetcherBusyError("too many fetches are under way; try again")


async def test_busy_while_the_witnesses_are_read() -> None:
    witness = {"threshold": 1, "witnesses": [{"id": f"did:key:{key(9).public.multikey}"}]}
    log = [genesis({"witness": witness})]
    host = Full(log=raw_of(log))
    with pytest.raises(ResolutionError) as caught:
        await method_over(host).load(did_of(log), None)
    assert caught.value.busy
    assert host.asked == [LOG_URL, WITNESS_URL]


async def test_watchers_are_not_asked_for_want_of_room() -> None:
    host = Full()
    method = method_over(host, watchers=("https://watcher.example",))
    with pytest.raises(ResolutionError) as caught:
        await method.load(Did.parse(f"did:webvh:{SCID}:example.com"), None)
    assert caught.value.busy
    assert host.asked == [LOG_URL]
