"""What one member's suspension does by itself, and what its ratification adds."""

from pathlib import Path

import pytest

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Basis, Question, Reason
from policies.statements import IssuedEffect, StatementId, StatusChange
from resolver.did import Did
from resolver.instant import DAY, Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    SEATS,
    Board,
    against,
    framework_document,
    grant,
    member,
    open_board,
    party,
    someone,
)
from trust_registry.errors import Refusal

HOUR = DAY // 24
LAPSES = 72 * HOUR
GROUND: dict[str, Json] = {"ground": "Closed"}


@pytest.fixture
async def granted(board: Board) -> str:
    """A statement by irma about an auditor, a day old."""
    await board.decide(party("auditor"))
    await board.anchor("irma")
    until = board.later(100 * DAY)
    id_ = (await board.act("irma", grant("authorise", "auditor", valid_until=until))).id
    board.pass_time(DAY)
    return id_


def change_of(board: Board, id_: str) -> StatusChange:
    change = board.registry.index.change(StatementId(id_))
    assert change is not None
    return change


def issued_before(board: Board, hours: int = 1) -> Reason:
    """What is answered about a credential that was provably issued so many hours ago."""
    now, size = board.clock.now(), board.registry.journal.size
    claim = Claim({Dimension.COMMODITY: ClaimValue("copper")})
    issuer, at = Did.parse(someone("auditor").did), Instant(now - hours * HOUR)
    question = Question(issuer, claim, at, now, size, basis=Basis.PROVED)
    return decide(question, board.registry.index).reason


@pytest.mark.parametrize(
    ("said", "holds", "answered"),
    [
        ("nothing", IssuedEffect.NOTHING, Reason.AUTHORISED),
        ("doubt", IssuedEffect.DOUBT, Reason.RECHECK_REQUIRED),
        ("void", IssuedEffect.DOUBT, Reason.RECHECK_REQUIRED),
    ],
)
async def test_one_member_casts_doubt_on_what_was_issued_at_most_and_until_it_lapses(
    board: Board, granted: str, said: str, holds: IssuedEffect, answered: Reason
) -> None:
    suspended = await board.act("drc", against(granted, issued_credentials=said))
    assert change_of(board, suspended.id).issued is holds
    assert issued_before(board) is answered
    board.pass_time(LAPSES - 1)
    assert issued_before(board, 73) is answered
    board.pass_time(1)
    assert issued_before(board, 73) is Reason.AUTHORISED


@pytest.mark.parametrize(("hours", "ends"), [(None, 72), (100, 72), (10, 10)])
async def test_it_ends_when_it_lapses_or_when_it_says_whichever_is_first(
    board: Board, granted: str, hours: int | None, ends: int
) -> None:
    until = {} if hours is None else {"effective_until": board.later(hours * HOUR)}
    begun = board.clock.now()
    suspended = await board.act("drc", against(granted, **until))
    assert change_of(board, suspended.id).effective_until == begun + ends * HOUR
    board.pass_time(ends * HOUR - 1)
    assert board.answer("auditor")[1] is Reason.SUSPENDED
    board.pass_time(1)
    assert board.answer("auditor")[1] is Reason.AUTHORISED


async def ratified(board: Board, suspension: str) -> str:
    """Let the board ratify it; the id of what that adds."""
    await board.vote("mark", suspension)
    last = await board.vote("watch", suspension)
    assert last.status == "executed"
    return last.id


async def test_a_ratification_makes_it_what_it_says_from_then_on(
    board: Board, granted: str
) -> None:
    suspended = await board.act("drc", against(granted, issued_credentials="void"))
    board.pass_time(HOUR)
    added = change_of(board, await ratified(board, suspended.id))
    assert (added.effective_from, added.issued) == (board.clock.now(), IssuedEffect.VOID)
    assert issued_before(board, 2) is Reason.CREDENTIAL_VOIDED
    board.pass_time(LAPSES)
    assert board.answer("auditor")[1] is Reason.SUSPENDED


async def test_what_is_ratified_before_it_begins_begins_when_it_says(
    board: Board, granted: str
) -> None:
    begins = board.later(10 * HOUR)
    suspended = await board.act("drc", against(granted, effective_from=begins))
    added = change_of(board, await ratified(board, suspended.id))
    assert added.effective_from == board.clock.now() + 10 * HOUR
    board.pass_time(10 * HOUR - 1)
    assert board.answer("auditor")[1] is Reason.AUTHORISED
    board.pass_time(1)
    assert board.answer("auditor")[1] is Reason.SUSPENDED


@pytest.mark.parametrize("late", [0, 1])
async def test_what_is_ratified_when_it_is_over_adds_nothing(
    board: Board, granted: str, late: int
) -> None:
    over = board.later(10 * HOUR)
    suspended = await board.act("drc", against(granted, effective_until=over))
    board.pass_time(10 * HOUR + late)
    added = await ratified(board, suspended.id)
    assert board.registry.index.change(StatementId(added)) is None


async def test_what_ends_a_ratified_suspension_ends_all_of_it(board: Board, granted: str) -> None:
    """Of the member alone no longer; and its ratification is no second suspension to be ended."""
    suspended = await board.act("drc", against(granted))
    added = await ratified(board, suspended.id)
    lift: dict[str, Json] = {"type": "reinstate", "change": suspended.id, **GROUND}
    proposed = await board.act("drc", lift)
    assert proposed.status == "pending"
    assert await board.settle(proposed.id, "mark", "watch") == "executed"
    assert board.answer("auditor")[1] is Reason.AUTHORISED
    for change in (suspended.id, added):
        again = {**lift, "change": change}
        assert await board.refused("drc", again) is Refusal.ALREADY_LIFTED
    renewing = {"type": "renew", "statement": granted, **GROUND}
    assert (await board.act("irma", renewing)).status == "executed"


async def test_votes_on_a_suspension_make_it_no_other(board: Board, granted: str) -> None:
    suspended = await board.act("drc", against(granted))
    await ratified(board, suspended.id)
    assert board.registry.state.docket.emergencies[granted] == (suspended.id,)


async def test_an_end_that_comes_after_its_lapse_prolongs_nothing(
    board: Board, granted: str
) -> None:
    suspended = await board.act("drc", against(granted, issued_credentials="doubt"))
    lift: dict[str, Json] = {"type": "reinstate", "change": suspended.id, **GROUND}
    late = lift | {"effective_from": board.later(100 * HOUR)}
    assert (await board.act("drc", late)).status == "executed"
    board.pass_time(LAPSES - 1)
    assert issued_before(board, 73) is Reason.RECHECK_REQUIRED
    board.pass_time(1)
    assert issued_before(board, 73) is Reason.AUTHORISED


async def test_what_an_authority_asks_of_the_board_keeps_no_member_from_an_emergency(
    tmp_path: Path,
) -> None:
    """Nor one under the same control: what it asked for does not hold yet."""
    seats: list[Json] = [
        member(name, seat, **({"control_group": "holding"} if name in ("irma", "mark") else {}))
        for name, seat in SEATS.items()
    ]
    board = await open_board(tmp_path / "journal.sqlite", framework_document(members=seats))
    await board.decide(party("auditor"), voters=("maker", "watch"))
    anchor = await board.act("bc", grant("add_anchor", "irma"))
    board.pass_time(8 * DAY)
    assert await board.settle(anchor.id, "maker", "watch") == "executed"
    granted = (await board.act("irma", grant("authorise", "auditor"))).id
    board.pass_time(DAY)
    back = against(granted, effective_from=board.later(-HOUR), evidence=EVIDENCE)
    assert (await board.act("irma", back)).status == "pending"
    assert board.answer("auditor")[1] is Reason.AUTHORISED
    assert (await board.act("mark", against(granted))).status == "pending"
    assert board.answer("auditor")[1] is Reason.SUSPENDED
    await board.registry.close()
