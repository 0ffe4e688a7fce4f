"""Objections to what is proposed, and appeals against what was done."""

import pytest

from policies.decision import Outcome, Reason
from policies.statements import StatementId
from resolver.instant import DAY
from tests.unit.trust_registry.board import Board, against, grant, party, someone
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.reading.acts import show_act


def object_to(proposal: str) -> dict[str, object]:
    return {"type": "object", "proposal": proposal, "ground": "The river is sacred."}


async def test_an_objection_is_recorded_and_makes_the_public_period_longer(board: Board) -> None:
    await board.decide(party("village"))
    proposed = await board.act("irma", grant("add_anchor", "bc"))
    assert (await board.act("village", object_to(proposed.id))).status == "recorded"
    assert await board.refused("village", object_to(proposed.id)) is Refusal.ALREADY_VOTED
    assert await board.refused("stranger", object_to(proposed.id)) is Refusal.UNKNOWN_SIGNER
    assert await board.refused("village", object_to("0" * 64)) is Refusal.UNKNOWN_PROPOSAL
    shown = await show_act(board.registry, proposed.id)
    assert shown["objected_by"] == [someone("village").did]
    assert shown["not_before"] == board.later(21 * DAY)
    board.pass_time(8 * DAY)
    assert await board.settle(proposed.id, "mark", "maker", "watch") == "pending"
    board.pass_time(13 * DAY)
    execute = {"proposal": proposed.id, "framework": board.registry.state.framework.digest}
    assert (await board.act("drc", {"type": "execute", **execute})).status == "executed"
    assert await board.refused("watch", object_to(proposed.id)) is Refusal.PROPOSAL_CLOSED


async def test_a_vote_is_taken_back_and_counts_neither_way(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    await board.vote("mark", proposed.id)
    await board.vote("mark", proposed.id, "take_back")
    assert set(board.registry.state.proposals[proposed.id].votes) == {
        board.registry.state.framework.members[2].did
    }
    with pytest.raises(ActRefusedError) as caught:
        await board.vote("mark", proposed.id, "take_back")
    assert caught.value.code is Refusal.ALREADY_VOTED
    assert (await board.vote("watch", proposed.id)).status == "recorded"
    assert (await board.vote("bc", proposed.id)).status == "executed"


@pytest.fixture
async def suspended(board: Board) -> str:
    """A suspension of an auditor by the anchor that authorised it."""
    await board.decide(party("auditor"))
    await board.anchor("irma")
    granted = await board.act("irma", grant("authorise", "auditor"))
    return (await board.act("irma", against(granted.id))).id


def appeal(change: str) -> dict[str, object]:
    return {"type": "appeal", "change": change, "ground": "The finding was closed in May."}


def decide(appealed: str, decision: str) -> dict[str, object]:
    return {
        "type": "decide_appeal",
        "appeal": appealed,
        "decision": decision,
        "ground": "Heard both sides.",
    }


async def test_an_appeal_that_is_upheld_ends_the_change(board: Board, suspended: str) -> None:
    assert await board.refused("mark", appeal(suspended)) is Refusal.NOT_ENTITLED
    assert await board.refused("auditor", appeal("0" * 64)) is Refusal.UNKNOWN_CHANGE
    asked = await board.act("auditor", appeal(suspended))
    assert asked.status == "recorded"
    assert await board.refused("auditor", appeal(suspended)) is Refusal.ALREADY_VOTED
    upheld = decide(asked.id, "upheld")
    assert await board.refused("auditor", upheld) is Refusal.NOT_ENTITLED
    assert await board.refused("bc", decide("0" * 64, "upheld")) is Refusal.UNKNOWN_PROPOSAL
    proposed = await board.act("bc", upheld)
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED
    assert (await show_act(board.registry, asked.id))["decision"] == "upheld"
    assert await board.refused("bc", decide(asked.id, "dismissed")) is Refusal.PROPOSAL_CLOSED


async def test_a_dismissed_appeal_changes_nothing_and_is_not_made_twice(
    board: Board, suspended: str
) -> None:
    asked = await board.act("auditor", appeal(suspended))
    proposed = await board.act("bc", decide(asked.id, "dismissed"))
    rival = await board.act("drc", decide(asked.id, "upheld"))
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    with pytest.raises(ActRefusedError) as caught:
        await board.settle(rival.id, "maker", "watch")
    assert caught.value.code is Refusal.PROPOSAL_CLOSED
    assert await board.refused("auditor", appeal(suspended)) is Refusal.ALREADY_VOTED


async def test_who_made_the_change_does_not_judge_it(board: Board, suspended: str) -> None:
    asked = await board.act("auditor", appeal(suspended))
    proposed = await board.act("irma", decide(asked.id, "dismissed"))
    assert board.registry.state.proposals[proposed.id].votes == {}
    vote = {"proposal": proposed.id, "framework": board.registry.state.framework.digest}
    assert await board.refused("irma", {"type": "approve", **vote}) is Refusal.ABSTAINS


async def test_the_time_to_appeal_ends(board: Board, suspended: str) -> None:
    board.pass_time(90 * DAY - 1)
    early = board.write("auditor", appeal(suspended))
    board.pass_time(1)
    assert await board.refused("auditor", appeal(suspended)) is Refusal.TOO_LATE
    with pytest.raises(ActRefusedError) as caught:
        await board.registry.submit(board.sign("auditor", early))
    assert caught.value.code is Refusal.TOO_LATE


async def test_an_exclusion_is_appealed_against_and_ended(board: Board, suspended: str) -> None:
    await board.act("irma", {"type": "reinstate", "change": suspended, "ground": "Closed"})
    shut = {"type": "exclude", "entity": someone("auditor").did, "ground": "Fraud"}
    excluded = await board.act("bc", shut)
    await board.settle(excluded.id, "maker", "watch")
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.EXCLUDED)
    assert await board.refused("mark", appeal(excluded.id)) is Refusal.NOT_ENTITLED
    asked = await board.act("auditor", appeal(excluded.id))
    board.pass_time(DAY)
    before = board.registry.journal.size
    proposed = await board.act("bc", decide(asked.id, "upheld"))
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED
    exclusion = board.registry.index.exclusion(StatementId(excluded.id))
    assert exclusion is not None
    assert exclusion.lifted is not None
    assert exclusion.lifted.recorded.position > before
    lift = {"type": "reinstate", "change": excluded.id, "ground": "Again"}
    assert await board.refused("bc", lift) is Refusal.ALREADY_LIFTED


async def test_an_exclusion_is_ended_by_the_board_alone(board: Board, suspended: str) -> None:
    shut = {"type": "exclude", "entity": someone("auditor").did, "ground": "Fraud"}
    excluded = await board.act("bc", shut)
    await board.settle(excluded.id, "maker", "watch")
    lift = {"type": "reinstate", "change": excluded.id, "ground": "Cleared"}
    assert await board.refused("auditor", lift) is Refusal.NOT_ENTITLED
    proposed = await board.act("bc", lift)
    assert proposed.status == "pending"
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
