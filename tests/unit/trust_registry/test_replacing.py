"""Statements in the place of others: renewed, narrowed, given another scope, corrected."""

import pytest

from policies.decision import Outcome, Reason
from policies.statements import IssuedEffect, StatementId
from resolver.instant import DAY, Instant, parse_instant
from tests.unit.trust_registry.board import EVIDENCE, Board, against, grant, party
from trust_registry.documents import state_every_dimension
from trust_registry.errors import Refusal

YES = (Outcome.AUTHORISED, Reason.AUTHORISED)


@pytest.fixture
async def granted(board: Board) -> str:
    """A statement by irma about an auditor, for copper, for a hundred days."""
    await board.decide(party("auditor"))
    await board.anchor("irma")
    until = board.later(100 * DAY)
    return (await board.act("irma", grant("authorise", "auditor", valid_until=until))).id


def narrow(statement: str, **scope: object) -> dict[str, object]:
    stated = state_every_dimension({**scope, "rest": "any"})
    return against(statement, "narrow", scope=stated)


async def test_a_renewed_statement_takes_over_where_the_old_one_ends(
    board: Board, granted: str
) -> None:
    until = board.later(400 * DAY)
    renew = {"type": "renew", "statement": granted, "valid_until": until, "ground": "Re-assessed"}
    assert await board.refused("auditor", renew) is Refusal.NOT_ENTITLED
    renewed = await board.act("irma", renew)
    old, new = board.statement(granted), board.statement(renewed.id)
    assert old is not None
    assert new is not None
    assert (new.valid_from, new.entity, new.scope) == (old.valid_until, old.entity, old.scope)
    assert board.answer("auditor", Instant(board.clock.now() + 99 * DAY)) == YES
    board.pass_time(200 * DAY)
    assert board.answer("auditor") == YES
    board.pass_time(300 * DAY)
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.EXPIRED)


async def test_no_renewal_gets_around_a_suspension_by_somebody_else(
    board: Board, granted: str
) -> None:
    await board.act("drc", against(granted))
    renew = {"type": "renew", "statement": granted, "ground": "Re-assessed"}
    assert await board.refused("irma", renew) is Refusal.NOT_ENTITLED
    smaller = narrow(granted, commodity=["copper"], country=["CD"])
    assert await board.refused("irma", smaller) is Refusal.NOT_ENTITLED
    board.pass_time(4 * DAY)  # the suspension has lapsed
    assert (await board.act("irma", renew)).status == "executed"


async def test_a_scope_is_made_smaller_and_never_wider(board: Board, granted: str) -> None:
    wider = narrow(granted, commodity=["copper", "cobalt"])
    assert await board.refused("irma", wider) is Refusal.NOT_NARROWER
    assert board.answer("auditor") == YES
    smaller = narrow(granted, commodity=["copper"], country=["CD"])
    narrowed = await board.act("irma", smaller)
    assert narrowed.status == "executed"
    assert board.answer("auditor") == (Outcome.UNDETERMINED, Reason.CLAIM_SILENT)
    change = board.registry.index.change(StatementId(narrowed.id))
    assert change is not None
    assert (change.statement, change.issued) == (granted, IssuedEffect.NOTHING)
    assert board.answer("auditor", Instant(board.clock.now() - 1))[0] is not Outcome.AUTHORISED


async def test_who_narrows_from_before_asks_the_board(board: Board, granted: str) -> None:
    board.pass_time(10 * DAY)
    back = narrow(granted, commodity=["copper"], country=["CD"]) | {
        "effective_from": board.later(-5 * DAY)
    }
    assert await board.refused("irma", back) is Refusal.BACKDATED
    proposed = await board.act("irma", back | {"evidence": EVIDENCE})
    assert proposed.status == "pending"
    assert await board.settle(proposed.id, "maker", "watch") == "executed"


async def test_an_anchor_gets_another_scope_from_the_board_alone(
    board: Board, granted: str
) -> None:
    anchor = next(s.id for s in board.registry.index.statements() if s.id != granted)
    wider = state_every_dimension({"commodity": ["copper", "cobalt"], "rest": "any"})
    rescope = against(anchor, "rescope_anchor", scope=wider)
    assert await board.refused("bc", against(granted, "rescope_anchor", scope=wider)) is (
        Refusal.WRONG_KIND
    )
    assert await board.refused("auditor", rescope) is Refusal.NOT_ENTITLED
    proposed = await board.act("bc", rescope)
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    new = board.statement(proposed.id)
    assert new is not None
    assert new.passes_on == board.statement(anchor).passes_on
    assert board.answer("auditor") == YES


async def test_what_stood_against_a_statement_and_is_over_is_no_bar(
    board: Board, granted: str
) -> None:
    for_a_day = await board.act("bc", against(granted, effective_until=board.later(DAY)))
    assert await board.settle(for_a_day.id, "maker", "watch") == "executed"
    renew = {"type": "renew", "statement": granted, "ground": "Reviewed"}
    assert await board.refused("irma", renew) is Refusal.NOT_ENTITLED
    board.pass_time(2 * DAY)
    assert (await board.act("irma", renew)).status == "executed"


async def test_an_anchor_is_removed_by_its_own_kind_of_act(board: Board, granted: str) -> None:
    anchor = next(s.id for s in board.registry.index.statements() if s.id != granted)
    assert await board.refused("bc", against(anchor, "withdraw")) is Refusal.WRONG_KIND
    assert await board.refused("bc", against(granted, "remove_anchor")) is Refusal.WRONG_KIND
    proposed = await board.act("bc", against(anchor, "remove_anchor"))
    assert board.answer("auditor") == YES
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("auditor")[0] is Outcome.NOT_AUTHORISED


async def test_a_correction_reaches_back_and_is_marked_as_later(board: Board, granted: str) -> None:
    correct = {
        "type": "correct",
        "statement": granted,
        "valid_from": "2025-06-01T00:00:00Z",
        "ground": "The certificate was issued in June.",
    }
    for who in ("irma", "bc"):  # its authority, and a member
        assert await board.refused(who, correct) is Refusal.BACKDATED, who
    proposed = await board.act("irma", correct | {"evidence": EVIDENCE})
    assert proposed.status == "pending"
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    new = board.statement(proposed.id)
    assert new is not None
    assert new.valid_from == parse_instant("2025-06-01T00:00:00Z")
    assert new.recorded.at > new.valid_from
    assert new.authority == board.party("irma").id
    assert board.answer("auditor") == YES
    assert await board.refused(
        "irma", {"type": "correct", "statement": granted, "ground": "x"}
    ) is (Refusal.MALFORMED)


async def test_nothing_is_replaced_that_is_not_there(board: Board) -> None:
    renew = {"type": "renew", "statement": "0" * 64, "ground": "x"}
    assert await board.refused("irma", renew) is Refusal.UNKNOWN_STATEMENT
