from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import aiohttp
import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from resolver.fetch import Fetcher
from resolver.instant import DAY
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, grant, open_board, party, someone
from touchstone.service.app import build_app
from touchstone.service.links import Links, open_links
from touchstone.service.resolving import open_resolving
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from touchstone.service.signed import AnswerSigner


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Json]:
        value = orjson.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True)
class Service:
    """The whole service over a small registry: irma is an anchor, and authorised the auditor."""

    board: Board
    app: web.Application
    address: str
    session: aiohttp.ClientSession
    links: Links

    async def ask(self, method: str, path: str, **given: object) -> Answer:
        async with self.session.request(
            method,
            f"{self.address}{path}",
            **given,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **given: object) -> Answer:
        return await self.ask("GET", path, **given)

    async def post(self, path: str, body: object, **given: object) -> Answer:
        return await self.ask("POST", path, json=body, **given)

    async def still_answers(self) -> None:
        answer = await self.get(f"/v1/decisions?issuer={AUDITOR}&commodity=copper")
        assert answer.status == 200, answer.body
        assert answer.json["outcome"] == "authorised"


AUDITOR = someone("auditor").did
IRMA = someone("irma").did

ANSWER_KEY = PrivateKey.from_seed(bytes(32))
SETTINGS = Settings(access_log=False, body_timeout_s=60)


async def small_registry(path: Path) -> Board:
    board = await open_board(path)
    await board.decide(party("auditor", jurisdiction="CL"))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor", valid_until=board.later(3650 * DAY)))
    board.pass_time(DAY)
    return board


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """One service for all tests that only ask it."""
    async for each in running(tmp_path_factory.mktemp("service")):
        yield each


@pytest_asyncio.fixture(loop_scope="session")
async def own_service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service that a test may change."""
    async for each in running(tmp_path):
        yield each


async def running(
    folder: Path, answer_key: PrivateKey | None = ANSWER_KEY, **given: object
) -> AsyncIterator[Service]:
    board = await small_registry(folder / "journal.sqlite")
    settings = SETTINGS.model_copy(update={"data": folder / "journal.sqlite", **given})
    async with Fetcher() as fetcher, open_resolving(settings, fetcher, board.clock) as resolving:
        resolver = resolving.resolver
        async with open_links(settings, board.registry, resolver, board.clock) as links:
            clock = board.clock
            signer = AnswerSigner(answer_key, settings.audience, clock) if answer_key else None
            app = build_app(
                board.registry, resolver, fetcher, board.clock, settings, links, resolving, signer
            )
            async with listening(app, "127.0.0.1", 0) as address:
                # Let go of sooner than the service does, however long nothing was asked meanwhile.
                connector = aiohttp.TCPConnector(keepalive_timeout=settings.header_timeout_s / 3)
                async with aiohttp.ClientSession(connector=connector) as session:
                    yield Service(board, app, address, session, links)
    await board.registry.close()
