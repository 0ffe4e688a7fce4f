"""How much an authority may say about one party, so that nobody is buried under statements."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from policies.decision import Outcome, Reason
from resolver.instant import DAY, format_instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    START,
    Board,
    against,
    framework_document,
    grant,
    open_board,
    party,
    someone,
)
from tests.unit.trust_registry.test_fold import signer_of
from trust_registry.documents import load_framework, state_every_dimension
from trust_registry.entries import Entry
from trust_registry.errors import ActRefusedError, CorruptJournalError, Refusal
from trust_registry.folding import apply
from trust_registry.governance import Submission
from trust_registry.opening import open_act
from trust_registry.places import USUAL, YEAR, places, taken
from trust_registry.state_bytes import state_bytes

MOST = 3
CROWDED = framework_document(limits={"statements": MOST})
FULL = Refusal.TOO_MANY_STATEMENTS
YES = (Outcome.AUTHORISED, Reason.AUTHORISED)


@pytest.fixture
async def crowded(tmp_path: Path) -> AsyncIterator[Board]:
    """Two anchors; irma has used up its places about an auditor."""
    board = await open_board(tmp_path / "journal.sqlite", CROWDED)
    for name in ("auditor", "other"):
        await board.decide(party(name))
    await board.anchor("irma")
    await board.anchor("mark")
    for _ in range(MOST):
        await authorise(board)
    yield board
    await board.registry.close()


async def authorise(board: Board, entity: str = "auditor", by: str = "irma") -> Submission:
    return await board.act(by, grant("authorise", entity))


def first(board: Board) -> str:
    return next(board.registry.index.statements(about=board.party("auditor").id)).id


def places_taken(board: Board, by: str = "irma") -> int:
    state, authority, entity = board.registry.state, board.party(by).id, board.party("auditor").id
    return taken(authority, entity, state.index, state.docket, board.clock.now())


async def test_one_statement_too_many_is_refused_and_nobody_else_pays(crowded: Board) -> None:
    for kind in ("authorise", "accredit", "recognise"):
        assert await crowded.refused("irma", grant(kind, "auditor")) is FULL
    assert (await authorise(crowded, by="mark")).status == "executed"
    assert (await authorise(crowded, "other")).status == "executed"
    assert places_taken(crowded) == MOST
    assert places_taken(crowded, "mark") == 1


async def test_what_takes_a_statements_place_takes_one_too(crowded: Board) -> None:
    statement = first(crowded)
    renew = {"type": "renew", "statement": statement, "ground": "Re-assessed"}
    assert await crowded.refused("irma", renew) is FULL
    narrower = state_every_dimension({"commodity": ["copper"], "country": ["CA"], "rest": "any"})
    assert await crowded.refused("irma", against(statement, "narrow", scope=narrower)) is FULL


async def test_a_statement_is_withdrawn_whatever_was_said(crowded: Board) -> None:
    statement = first(crowded)
    part = state_every_dimension({"country": ["CA"], "rest": "any"})
    assert await crowded.refused("irma", against(statement)) is FULL
    assert await crowded.refused("irma", against(statement, "withdraw", scope=part)) is FULL
    later = crowded.later(DAY)
    late = against(statement, "withdraw", effective_from=later)
    assert await crowded.refused("irma", late) is FULL
    withdrawn = await crowded.act("irma", against(statement, "withdraw"))
    assert withdrawn.status == "executed"
    assert await crowded.refused("irma", against(statement, "withdraw")) is FULL
    back: dict[str, Json] = {"type": "reinstate", "change": withdrawn.id, "ground": "Closed"}
    assert await crowded.refused("irma", back) is FULL


async def test_to_grant_and_to_withdraw_in_turn_gains_no_place(crowded: Board) -> None:
    for each in [*crowded.registry.index.statements(about=crowded.party("auditor").id)]:
        await crowded.act("irma", against(each.id, "withdraw"))
    assert await crowded.refused("irma", grant("authorise", "auditor")) is FULL
    crowded.pass_time(YEAR + DAY)
    assert places_taken(crowded) == 0
    for _ in range(MOST):
        await authorise(crowded)
    assert await crowded.refused("irma", grant("authorise", "auditor")) is FULL


async def test_a_place_is_free_once_a_statement_has_ended_and_is_a_year_old(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal.sqlite", CROWDED)
    await board.decide(party("auditor"))
    await board.anchor("irma")
    for days in (1, 500, None):
        until = {} if days is None else {"valid_until": board.later(days * DAY)}
        await board.act("irma", grant("authorise", "auditor", **until))
    begun = board.clock.now()
    for passed, count in ((2 * DAY, 3), (YEAR - 1, 3), (YEAR, 2), (501 * DAY, 1)):
        board.clock.instant = type(begun)(begun + passed)
        assert places_taken(board) == count
    await board.registry.close()


async def test_suspending_and_reinstating_takes_places(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal.sqlite", CROWDED)
    await board.decide(party("auditor"))
    await board.anchor("irma")
    granted = await authorise(board)
    for _ in range(MOST - 1):
        change = (await board.act("irma", against(granted.id))).id
        back: dict[str, Json] = {"type": "reinstate", "change": change, "ground": "Closed"}
        assert (await board.act("irma", back)).status == "executed"
    assert board.answer("auditor") == YES
    assert await board.refused("irma", against(granted.id)) is FULL
    await board.registry.close()


async def test_the_board_and_its_members_are_not_bound_by_it(crowded: Board) -> None:
    statement = first(crowded)
    emergency = await crowded.act("drc", against(statement))
    assert emergency.status == "pending"
    assert places_taken(crowded) == MOST
    early: dict[str, Json] = {"valid_from": format_instant(START), "evidence": EVIDENCE}
    granted = await crowded.decide(grant("authorise", "auditor", **early), by="irma")
    assert granted.status == "executed"
    assert places_taken(crowded) == MOST + 1


async def test_a_framework_says_how_many(crowded: Board) -> None:
    changed = {**CROWDED, "version": 2, "limits": {"statements": MOST + 1}}
    adopting = {"type": "adopt_framework", "framework": changed}
    await crowded.decide(adopting, voters=("mark", "maker", "watch"))
    assert (await authorise(crowded)).status == "executed"
    assert await crowded.refused("irma", grant("authorise", "auditor")) is FULL
    assert places(load_framework(framework_document())) == USUAL


async def test_whoever_replays_the_journal_holds_it_too(crowded: Board, tmp_path: Path) -> None:
    written = crowded.sign("irma", crowded.write("irma", grant("authorise", "auditor")))
    signed, state = open_act(written), crowded.registry.state
    entry = Entry(signed.written(), crowded.clock.now(), signer_of(signed.signatures[0]))
    with pytest.raises(CorruptJournalError, match="too_many_statements"):
        apply(state, entry, state.size)
    before = state_bytes(state, crowded.registry.journal.root)
    await crowded.registry.close()
    again = await open_board(tmp_path / "journal.sqlite", CROWDED, crowded.clock)
    again.sent = crowded.sent
    assert state_bytes(again.registry.state, again.registry.journal.root) == before
    assert await again.refused("irma", grant("authorise", "auditor")) is FULL
    await again.registry.close()


async def test_the_refusal_says_what_can_be_done(crowded: Board) -> None:
    act = grant("authorise", "auditor")
    signed = crowded.sign("irma", crowded.write("irma", act))
    with pytest.raises(ActRefusedError, match="may withdraw a statement as a whole") as caught:
        await crowded.registry.submit(signed)
    assert caught.value.retryable
    assert someone("auditor").did not in str(caught.value)
