"""A party that has retired: one item in the state, and what readers are told of it."""

import asyncio
from dataclasses import replace

import pytest

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Decision, Outcome, Question, Reason
from policies.index import Index
from policies.statements import Action, Kind, Recorded, Statement, StatementId
from resolver.did import Did
from resolver.instant import DAY, Instant, format_instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, grant, party, someone
from trust_registry.acts import RetireParty
from trust_registry.docket import BOARD
from trust_registry.effects import effects
from trust_registry.reading.histories import party_history, statement_history
from trust_registry.reading.statements import Statements
from trust_registry.snapshot.snapshot import Snapshot

AUDITOR = someone("auditor").did


def retiring(**more: Json) -> dict[str, Json]:
    return {"type": "retire_party", "party": AUDITOR, "ground": "Dissolved", **more}


async def authorised(board: Board) -> str:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    return (await board.act("irma", grant("authorise", "auditor"))).id


def events(history: dict[str, Json]) -> list[tuple[Json, Json]]:
    listed = history["events"]
    assert isinstance(listed, list)
    return [(each["event"], each.get("act")) for each in listed if isinstance(each, dict)]


async def test_readers_are_told_why_a_statement_no_longer_stands(board: Board) -> None:
    statement = await authorised(board)
    before = board.now
    board.pass_time(DAY)
    later = board.later(DAY)
    ended = (await board.act("auditor", retiring(effective_from=later))).id

    history = await statement_history(board.registry, statement, {})
    assert events(history) == [("granted", statement), ("withdraw", ended)]
    assert events(await party_history(board.registry, AUDITOR, {})) == [
        ("registered", None),
        ("granted", statement),
        ("retired", ended),
        ("withdraw", ended),
    ]
    statements = Statements(board.registry)
    for at, state in ((board.now, "active"), (later, "withdrawn")):
        shown = statements.show(statement, {"at": at})
        assert shown["state"] == state
        (change,) = shown["changes"] if isinstance(shown["changes"], list) else ()
        assert isinstance(change, dict)
        assert (change["id"], change["effective_from"]) == (ended, later)
    assert statements.show(statement, {"known_at": before})["changes"] == []


async def test_a_claim_that_leaves_something_open_is_refused_too(board: Board) -> None:
    """Nothing that a claim is silent on could make a retired party's word good."""
    await authorised(board)
    size = board.registry.journal.size
    silent = Question(Did.parse(AUDITOR), Claim({}), board.clock.now(), board.clock.now(), size)
    assert decide(silent, board.registry.index).reason is Reason.CLAIM_SILENT
    await board.act("auditor", retiring())
    decision = decide(replace(silent, known=size + 1), board.registry.index)
    assert (decision.outcome, decision.reason) == (Outcome.NOT_AUTHORISED, Reason.WITHDRAWN)


async def test_a_snapshot_says_the_same(board: Board) -> None:
    await authorised(board)
    before = board.clock.now()
    board.pass_time(DAY)
    await board.act("auditor", retiring())
    journal, index = board.registry.journal, board.registry.index
    taken = Snapshot(
        "o", board.registry.genesis, journal.size, journal.root, board.clock.now(), index
    )
    data = await asyncio.to_thread(taken.to_bytes)
    loaded = (await asyncio.to_thread(Snapshot.from_bytes, data)).index
    assert loaded.all_retirements() == index.all_retirements() != ()
    for at in (before, board.clock.now()):
        assert answer(loaded, at, journal.size) == answer(index, at, journal.size)
    assert answer(loaded, board.clock.now(), journal.size).reason is Reason.WITHDRAWN


def answer(index: Index, at: Instant, known: int) -> Decision:
    claim = Claim({Dimension.COMMODITY: ClaimValue("copper")})
    return decide(Question(Did.parse(AUDITOR), claim, at, at, known), index)


@pytest.mark.parametrize("held", [0, 3, 3000])
async def test_it_is_one_item_however_much_a_party_holds(board: Board, held: int) -> None:
    statement = await authorised(board)
    index, given = board.registry.index, board.statement(statement)
    assert given is not None
    for number in range(held):
        index.add_statement(
            Statement(
                StatementId(f"{number:064x}"),
                Kind.AUTHORISATION,
                given.authority,
                given.entity,
                Action.ISSUE,
                given.scope,
                given.valid_from,
                Recorded(board.registry.journal.size, board.clock.now()),
            )
        )
    act = RetireParty.model_construct(party=Did.parse(AUDITOR), effective_from=None, ground="")
    at = Recorded(board.registry.journal.size, board.clock.now())
    ended, retirement = effects(act, "0" * 64, "", BOARD, index, at)
    assert (ended.recorded, retirement.recorded) == (at, at)


async def test_the_past_of_a_retired_party_stands(board: Board) -> None:
    await authorised(board)
    board.pass_time(DAY)
    before = board.clock.now()
    board.pass_time(DAY)
    await board.act("auditor", retiring())
    decision = answer(board.registry.index, before, board.registry.journal.size)
    assert decision.outcome is Outcome.AUTHORISED
    assert decision.warnings == ()
    now = board.clock.now()
    asked = replace(decision.question, now=now)
    (warning,) = decide(asked, board.registry.index).warnings
    assert warning.text == "The issuer has retired."
    assert format_instant(now) == board.now
