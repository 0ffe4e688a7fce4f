"""Long answers are made in turns, and pages write only what they show."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from hashlib import sha256

import pytest

from policies.statements import Recorded, StatementId
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, grant, party, someone
from trust_registry.reading import histories, parties, statements
from trust_registry.reading.histories import party_history
from trust_registry.reading.parties import Parties
from trust_registry.reading.statements import Statements
from trust_registry.reading.turns import AT_ONCE
from trust_registry.views import statement_json

MANY = 7 * AT_ONCE


@pytest.fixture
async def about(board: Board) -> Board:
    """A board with many statements about an auditor, all by irma."""
    await board.decide(party("auditor"))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor"))
    index, size = board.registry.index, board.registry.journal.size
    (given,) = index.statements(about=board.party("auditor").id)
    for number in range(MANY):  # as many authorities could make them
        id_ = StatementId(sha256(str(number).encode()).hexdigest())
        recorded = Recorded(size - 1, given.recorded.at)
        index.add_statement(replace(given, id=id_, recorded=recorded))
    return board


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()

    def counting(*given: object) -> dict[str, Json]:
        counted["statements"] += 1
        return statement_json(*given)

    for module in (parties, statements, histories):
        monkeypatch.setattr(module, "statement_json", counting)
    return counted


async def most_at_once(reading: Awaitable[dict[str, Json]], written: Counter[str]) -> int:
    """Return how many statements were written at most between two turns of others."""
    task = asyncio.ensure_future(reading)
    most = before = 0
    while not task.done():
        await asyncio.sleep(0)
        most = max(most, written["statements"] - before)
        before = written["statements"]
    await task
    return most


async def test_others_get_their_turn_while_a_long_answer_is_made(
    about: Board, written: Counter[str]
) -> None:
    registry, did = about.registry, someone("auditor").did
    readings = (
        Parties(registry).show(did, {}),
        Parties(registry).show(someone("irma").did, {}),
        Statements(registry).list({"entity": did, "limit": "1000"}),
        Statements(registry).list({"authority": someone("irma").did, "limit": "1000"}),
        party_history(registry, did, {"limit": "1000"}),
    )
    for reading in readings:
        written.clear()
        assert await most_at_once(reading, written) <= AT_ONCE
        assert written["statements"] >= MANY


async def test_a_history_writes_only_the_page_that_it_shows(
    about: Board, written: Counter[str]
) -> None:
    registry, did = about.registry, someone("auditor").did
    whole = (await party_history(registry, did, {"limit": "1000"}))["events"]
    written.clear()
    first = await party_history(registry, did, {"limit": "10"})
    assert written["statements"] < 10
    found, cursor = first["events"], first["next"]
    while cursor:
        page = await party_history(registry, did, {"limit": "100", "cursor": str(cursor)})
        found, cursor = [*found, *page["events"]], page["next"]
    assert found == whole
    assert isinstance(found, list)
    assert len(found) == MANY + 2


async def test_a_search_for_what_nobody_said_gives_others_their_turn_too(
    about: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is searched part by part."""
    monkeypatch.setattr("trust_registry.reading.turns._SEARCHED", 1)
    turns = 0
    other = someone("mark").did
    task = asyncio.ensure_future(Statements(about.registry).list({"authority": other}))
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await task)["statements"] == []
    assert turns >= about.registry.journal.size


async def test_a_party_that_was_amended_often_is_read_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    await board.decide(party("auditor"))
    me = someone("auditor").did
    for number in range(9):
        amended: dict[str, Json] = {
            "type": "amend_party",
            "party": me,
            "trading_names": [f"{number}"],
        }
        await board.act("auditor", amended)
    read: Counter[int] = Counter()
    rows = type(board.registry.index.ledger.parties)
    version = rows.version

    def counting(self: object, number: int) -> object:
        read[number] += 1
        return version(self, number)

    monkeypatch.setattr(rows, "version", counting)
    index, size = board.registry.index, board.registry.journal.size
    found = index.party_as_known(board.party("auditor").id, size)
    read.clear()
    assert index.party_as_known(found.id, size) == found
    assert found is not None
    assert found.trading_names == ("8",)
    assert read.total() == 1
    assert index.party_as_known(found.id, 1) is None
    history = await party_history(board.registry, me, {"limit": "2"})
    assert [each["event"] for each in history["events"]] == ["registered", "amended"]
