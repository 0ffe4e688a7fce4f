"""Status lists in the service: whose list counts is the registry's to say; kept between requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientSession, web

from resolver.fetch import Fetcher
from resolver.instant import DAY
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.http.conftest import small_registry
from tests.loopback import TestCa, serve_tls
from tests.unit.credentials.issuing import (
    LIST_URL,
    Issuer,
    credential,
    encoded_list,
    status_entry,
    status_list,
)
from tests.unit.trust_registry.board import Board, grant, party, someone
from touchstone.service.checking import Checking, checking
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.errors import RequestError
from touchstone.service.list_purging import PATH as PURGE_PATH
from touchstone.service.list_purging import purging
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry

HOST = "status.example"


def issuer_of(name: str) -> Issuer:
    person = someone(name)
    return Issuer(person.did, person.key, person.key.public.multikey)


@dataclass
class Desks:
    """A registry, a credential of the auditor, and a host of the list that it names."""

    board: Board
    examiner: Examiner
    checks: Checking
    body: bytes = b""
    asked: list[str] = field(default_factory=list)

    def publish(self, by: str, *set_bits: int) -> None:
        listed = status_list(someone(by).did, encoded_list(set_bits))
        self.body = issuer_of(by).jwt(listed).encode()

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return web.Response(body=self.body)

    async def ask(self, **members: Json) -> dict[str, Json]:
        """The answer's check of the status."""
        auditor = issuer_of("auditor")
        body = credential(auditor.did, credentialStatus=status_entry(7))
        answer = orjson.loads(
            await self.examiner.examine({"credential": auditor.jwt(body)} | members)
        )
        (found,) = [each for each in answer["checks"] if each["id"] == "status"]
        assert isinstance(found, dict)
        return found


@asynccontextmanager
async def desks(ca: TestCa, folder: Path, **settings: object) -> AsyncIterator[Desks]:
    board = await small_registry(folder / "journal.sqlite")

    async def serve(request: web.Request) -> web.Response:
        return await running.serve(request)

    async with serve_tls(ca, {HOST: serve}) as policy, Fetcher(policy) as fetcher:
        resolver = native_resolver(fetcher, board.clock)
        checks = checking(fetcher, Settings(**settings))
        desk = Desk(board.registry, Telemetry())
        examiner = Examiner(desk, resolver, board.clock, checks)
        running = Desks(board, examiner, checks)
        yield running
    await board.registry.close()


async def test_an_issuer_lists_its_own_credentials(ca: TestCa, tmp_path: Path) -> None:
    async with desks(ca, tmp_path) as running:
        running.publish("auditor")
        assert (await running.ask())["outcome"] == "passed"
        running.publish("auditor", 7)
        assert (await running.ask())["outcome"] == "passed", "the list is kept"
        assert (await running.ask(no_cache=True))["outcome"] == "failed"
        assert (await running.ask())["outcome"] == "failed"
        assert len(running.asked) == 2


async def test_another_issuer_may_list_where_it_is_authorised_to(
    ca: TestCa, tmp_path: Path
) -> None:
    scope: Json = {
        "credential_type": ["BitstringStatusListCredential"],
        "organisation": [someone("auditor").did],
        "rest": "any",
    }
    async with desks(ca, tmp_path) as running:
        board = running.board
        running.publish("lister", 7)
        found = await running.ask()
        assert found["outcome"] == "undetermined"
        assert "UNKNOWN_ISSUER" in str(found["message"])
        await board.decide(party("lister"), by="bc", voters=("mark", "watch"))
        assert "NO_STATEMENT" in str((await running.ask())["message"])
        await board.anchor("mark", scope={"rest": "any"})
        granted = await board.act("mark", grant("authorise", "lister", scope=scope))
        board.pass_time(DAY)
        found = await running.ask()
        assert found["outcome"] == "failed", found
        assert found["inputs"]["list_issuer"] == someone("lister").did
        withdraw = {
            "type": "withdraw",
            "statement": granted.id,
            "issued_credentials": "nothing",
            "ground": "a test",
        }
        await board.act("mark", withdraw)
        board.pass_time(DAY)
        running.publish("lister")
        found = await running.ask()
        assert found["outcome"] == "undetermined"
        assert "WITHDRAWN" in str(found["message"])


@pytest.mark.parametrize(
    "scope",
    [
        {
            "credential_type": ["BitstringStatusListCredential"],
            "organisation": ["did:web:x.example"],
            "rest": "any",
        },
        {"credential_type": ["DigitalConformityCredential"], "rest": "any"},
        {"commodity": ["copper"], "rest": "any"},
        {"credential_type": ["StatusList2021Credential"], "rest": "any"},
    ],
)
async def test_a_grant_for_something_else_makes_nobody_a_lister(
    ca: TestCa, tmp_path: Path, scope: dict[str, Json]
) -> None:
    async with desks(ca, tmp_path) as running:
        board = running.board
        await board.decide(party("lister"), by="bc", voters=("mark", "watch"))
        await board.anchor("mark", scope={"rest": "any"})
        await board.act("mark", grant("authorise", "lister", scope=scope))
        board.pass_time(DAY)
        running.publish("lister")
        found = await running.ask()
        assert found["outcome"] == "undetermined"
        assert "may not issue a BitstringStatusListCredential" in str(found["message"])


async def test_one_party_lists_under_any_of_its_dids(ca: TestCa, tmp_path: Path) -> None:
    async with desks(ca, tmp_path) as running:
        running.publish("second")
        assert (await running.ask())["outcome"] == "undetermined"
        adding: dict[str, Json] = {
            "type": "amend_party",
            "party": someone("auditor").did,
            "add_dids": [someone("second").did],
        }
        await running.board.act("auditor", adding, also=["second"])
        assert (await running.ask())["outcome"] == "passed"


async def test_a_list_signed_with_a_compromised_key_counts_for_nobody(
    ca: TestCa, tmp_path: Path
) -> None:
    async with desks(ca, tmp_path) as running:
        running.publish("auditor")
        assert (await running.ask())["outcome"] == "passed"
        auditor = someone("auditor")
        await running.board.decide(
            {
                "type": "compromise_key",
                "did": auditor.did,
                "thumbprint": auditor.thumbprint,
                "from": running.board.now,
            },
            by="bc",
            voters=("mark", "watch"),
        )
        found = await running.ask()
        assert found["outcome"] == "undetermined"
        assert "compromised" in str(found["message"])


async def test_the_past_asked_about_is_asked_of_the_host(ca: TestCa, tmp_path: Path) -> None:
    async with desks(ca, tmp_path) as running:
        running.publish("auditor", 7)
        at = running.board.now
        running.board.pass_time(DAY)
        await running.ask(at=at)
        assert any("timestamp=" in path for path in running.asked)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_list_entries": 131_073}, "fewer than 131073 (min_list_entries)"),
        ({"max_inflated_bytes": 1024}, "more than 1024 bytes (max_inflated_bytes)"),
        ({"max_list_bytes": 1024}, "more than 1024 bytes (max_list_bytes)"),
    ],
)
async def test_the_settings_bound_lists(
    ca: TestCa, tmp_path: Path, settings: dict[str, int], words: str
) -> None:
    async with desks(ca, tmp_path, **settings) as running:
        running.publish("auditor")
        running.body += b" " * 1024
        found = await running.ask()
        assert found["outcome"] == "undetermined"
        assert words in str(found["message"])


@pytest.mark.parametrize("value", ["yes", 1, None, []])
async def test_no_cache_is_true_or_false(ca: TestCa, tmp_path: Path, value: Json) -> None:
    async with desks(ca, tmp_path) as running:
        with pytest.raises(RequestError) as refused:
            await running.ask(no_cache=value)
        assert refused.value.field == "no_cache"


async def test_the_owner_of_the_local_socket_purges_lists(ca: TestCa, tmp_path: Path) -> None:
    async with desks(ca, tmp_path) as running:
        running.publish("auditor")
        assert (await running.ask())["outcome"] == "passed"
        running.publish("auditor", 7)
        assert (await running.ask())["outcome"] == "passed"
        app = web.Application()
        app.add_routes([purging(running.checks.lists)])
        async with listening(app, "127.0.0.1", 0) as address, ClientSession() as session:
            url = f"{address}{PURGE_PATH}"
            given = {"purge": [LIST_URL, "https://status.example/none"]}
            async with session.post(url, json=given) as answer:
                assert await answer.json() == {"purged": [LIST_URL]}
            wrong: list[Json] = [{"purge": LIST_URL}, {"purge": []}, {"purge": [7]}, {}, []]
            for each in (*wrong, {"purge": [LIST_URL], "more": 1}, {"purge": ["a"] * 101}):
                async with session.post(url, json=each) as answer:
                    assert answer.status == 400
        assert (await running.ask())["outcome"] == "failed"
