"""The whole service over HTTPS, resolving links that a test keeps in memory."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import orjson
from aiohttp import abc, web
from yarl import URL

from link_resolver.answering import Answering
from link_resolver.description import Domain
from link_resolver.http import AT_HAND, Counts, Replies, Roles, at_hand, routes
from link_resolver.schemes import default_schemes
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from tests.links import MemoryStore
from tests.loopback import TestCa
from tests.unit.trust_registry.board import open_board
from touchstone.service.app import build_app
from touchstone.service.front import AtHand, put_in_front
from touchstone.service.settings import Settings

HOST = "id.example"
ROOT = f"https://{HOST}"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes
    version: Any

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


@dataclass(frozen=True)
class Client:
    """Asks the service, and follows no redirect."""

    session: aiohttp.ClientSession
    store: MemoryStore

    async def ask(self, method: str, url: str, host: str = HOST, **headers: str) -> Answer:
        """Ask a path, as it is written; a header's name may have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method,
            URL(f"https://{host}{url}", encoded=True),
            headers=named,
            allow_redirects=False,
        ) as response:
            body = await response.read()
            return Answer(response.status, response.headers, body, response.version)

    async def get(self, url: str, host: str = HOST, **headers: str) -> Answer:
        return await self.ask("GET", url, host, **headers)


class _Everywhere(abc.AbstractResolver):
    """Finds every host on one port of the loopback."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        return None


@dataclass(frozen=True)
class _Mounted:
    """What the host mounts of a link resolver."""

    answering: Answering
    roles: Roles | None
    counts: Counts | None
    replies: Replies = field(default_factory=Replies)

    def routes(self) -> list[web.RouteDef]:
        return routes(self.answering, self.roles, self.counts, self.replies)

    def at_hand(self, added: Iterable[tuple[str, str]] = ()) -> tuple[AtHand, ...]:
        answer = at_hand(self.answering, self.replies, self.counts, added)
        return (AtHand(AT_HAND, "/{code}/{rest}", answer),)

    async def counting(self, _app: web.Application) -> AsyncIterator[None]:
        yield


@asynccontextmanager
async def serve(
    ca: TestCa,
    folder: Path,
    store: MemoryStore,
    *,
    domains: tuple[Domain, ...] = (Domain(ROOT),),
    roles: Roles | None = None,
    counts: Counts | None = None,
    **more: Any,
) -> AsyncIterator[Client]:
    """Serve until the context ends; further arguments are those of `Answering`."""
    board = await open_board(folder / "journal.sqlite")
    more.setdefault("clock", board.clock)
    answering = Answering(store=store, schemes=default_schemes(), domains=domains, **more)
    hosts = [each.host for each in domains]
    tls = await asyncio.to_thread(ca.context, *hosts, "unknown.example")
    trusted = await asyncio.to_thread(ssl.create_default_context, cafile=str(ca.file))
    async with Fetcher() as fetcher:
        resolver = native_resolver(fetcher, board.clock)
        mounted = _Mounted(answering, roles, counts)
        settings = Settings(access_log=False, data=folder / "journal.sqlite")
        app = build_app(board.registry, resolver, fetcher, board.clock, settings, mounted)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        put_in_front(runner)
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
            port = int(runner.addresses[0][1])
            connector = aiohttp.TCPConnector(ssl=trusted, resolver=_Everywhere(port))
            async with aiohttp.ClientSession(connector=connector) as session:
                yield Client(session, store)
        finally:
            await runner.cleanup()
            await board.registry.close()
