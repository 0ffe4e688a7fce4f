"""For how long a signed act is good: nobody brings one to the journal years after it was signed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from resolver.instant import DAY, END, Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    Board,
    framework_document,
    grant,
    load_framework,
    open_board,
    party,
    someone,
)
from tests.unit.trust_registry.test_fold import signer_of
from trust_registry import governance
from trust_registry.entries import Entry
from trust_registry.errors import (
    ActRefusedError,
    CorruptJournalError,
    InvalidFrameworkError,
    Refusal,
)
from trust_registry.folding import apply
from trust_registry.governance import Submission
from trust_registry.lifetimes import USUAL_MS
from trust_registry.opening import open_act
from trust_registry.state import MAX_SKEW, State
from trust_registry.state_bytes import state_bytes

MOST = 30 * DAY
STATED = framework_document(act_lifetime="30d")


@pytest.fixture
async def stated(tmp_path: Path) -> AsyncIterator[Board]:
    board = await open_board(tmp_path / "stated.sqlite", STATED)
    await board.decide(party("auditor"))
    yield board
    await board.registry.close()


async def amend(board: Board, lasts_ms: int) -> Submission:
    members: dict[str, Json] = {
        "type": "amend_party",
        "party": someone("auditor").did,
        "trading_names": [f"Lasting {lasts_ms}"],
    }
    return await board.act("auditor", members, expires=Instant(board.clock.now() + lasts_ms))


async def refused(board: Board, lasts_ms: int) -> ActRefusedError:
    size = board.registry.journal.size
    with pytest.raises(ActRefusedError) as caught:
        await amend(board, lasts_ms)
    assert board.registry.journal.size == size
    return caught.value


async def test_an_act_is_good_for_no_longer_than_the_framework_says(stated: Board) -> None:
    assert (await amend(stated, MOST)).status == "executed"
    error = await refused(stated, MOST + 1)
    assert (error.code, error.member, error.retryable) == (
        Refusal.EXPIRES_TOO_LATE,
        "expires",
        False,
    )
    assert stated.later(MOST) in str(error)


async def test_a_proposal_waits_for_no_longer_either(stated: Board) -> None:
    late = Instant(stated.clock.now() + MOST + 1)
    proposing = stated.refused("irma", grant("add_anchor", "irma"), expires=late)
    assert await proposing is Refusal.EXPIRES_TOO_LATE
    assert not stated.registry.state.docket.pending


async def test_that_counts_from_its_issue_and_not_from_when_it_comes(stated: Board) -> None:
    """Who holds an act back for a while gains no time by it."""
    now = stated.clock.now()
    early, late = Instant(now - DAY), Instant(now + MOST)
    act = grant("add_anchor", "irma")
    held = stated.refused("irma", act, issued=early, expires=late)
    assert await held is Refusal.EXPIRES_TOO_LATE
    assert (await stated.act("irma", act, issued=now, expires=late)).status == "pending"


async def test_an_operator_cannot_record_what_is_good_for_longer(stated: Board) -> None:
    state = stated.registry.state
    members: dict[str, Json] = {
        "type": "amend_party",
        "party": someone("auditor").did,
        "trading_names": ["More"],
    }
    late = Instant(stated.clock.now() + MOST + 1)
    signed = open_act(stated.sign("auditor", stated.write("auditor", members, expires=late)))
    entry = Entry(signed.written(), stated.clock.now(), signer_of(signed.signatures[0]))
    with pytest.raises(CorruptJournalError, match="expires_too_late"):
        apply(state, entry, state.size)


async def test_where_the_framework_says_nothing_the_registry_refuses_what_is_unusual(
    board: Board,
) -> None:
    await board.decide(party("auditor"))
    assert (await amend(board, USUAL_MS)).status == "executed"
    for lasts in (USUAL_MS + 1, END - board.clock.now()):
        assert (await refused(board, lasts)).code is Refusal.EXPIRES_TOO_LATE


async def test_a_framework_may_allow_more_than_is_usual(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "j.sqlite", framework_document(act_lifetime="800d"))
    await board.decide(party("auditor"))
    assert (await amend(board, 800 * DAY)).status == "executed"
    assert (await refused(board, 800 * DAY + 1)).code is Refusal.EXPIRES_TOO_LATE
    await board.registry.close()


async def test_a_journal_from_before_there_was_a_bound_replays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the usual bound, nor one that a later framework states, reaches back."""
    board = await open_board(tmp_path / "journal.sqlite")
    await board.decide(party("auditor"))
    with monkeypatch.context() as before:
        before.setattr(governance, "USUAL_MS", END)
        await amend(board, END - board.clock.now())
    adopting: dict[str, Json] = {"type": "adopt_framework", "framework": {**STATED, "version": 2}}
    await board.decide(adopting, voters=("mark", "maker", "watch"))
    assert board.registry.state.framework.version == 2
    assert (await refused(board, MOST + 1)).code is Refusal.EXPIRES_TOO_LATE
    expected = state_bytes(board.registry.state, board.registry.journal.root)
    await board.registry.close()
    again = await open_board(tmp_path / "journal.sqlite", clock=board.clock)
    journal = again.registry.journal
    assert state_bytes(again.registry.state, journal.root) == expected
    folded = State(journal.root_at)
    for index, data in enumerate(await journal.stored(0, journal.size)):
        apply(folded, Entry.from_bytes(data, index), index, verify=True)
    assert state_bytes(folded, journal.root) == expected
    await again.registry.close()


async def test_the_first_act_of_all_is_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(governance, "USUAL_MS", DAY)
    with pytest.raises(ActRefusedError, match="must expire by"):
        await open_board(tmp_path / "journal.sqlite")


@pytest.mark.parametrize(
    ("lifetime", "message"),
    [
        ("21d", "expire before it is over"),  # an objection makes it wait for as long
        ("0d", "expire before it is over"),
        ("1y", "a duration"),
        (30, "not a string"),
    ],
)
def test_a_lifetime_in_which_nothing_could_be_executed_is_refused(
    lifetime: str | int, message: str
) -> None:
    with pytest.raises(InvalidFrameworkError, match=message):
        load_framework(framework_document(act_lifetime=lifetime))
    assert load_framework(framework_document(act_lifetime="22d")).act_lifetime_ms == 22 * DAY
    assert load_framework(framework_document()).act_lifetime_ms is None


async def test_a_signers_clock_may_be_ahead_by_minutes_and_no_more(board: Board) -> None:
    ahead = Instant(board.clock.now() + MAX_SKEW)
    later = Instant(ahead + 1)
    act = party("auditor")
    assert await board.refused("irma", act, issued=later) is Refusal.NOT_YET_ISSUED
    assert (await board.act("irma", act, issued=ahead)).status == "pending"
    assert MAX_SKEW == 300_000
