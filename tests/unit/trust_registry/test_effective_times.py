"""From when and until when acts hold that say so: not from their recording, and no longer."""

from collections.abc import Sequence

import pytest

from policies.decision import Reason
from policies.scope import Scope
from policies.statements import Action, IssuedEffect, StatementId
from resolver.did import Did
from resolver.instant import DAY, Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import EVIDENCE, Board, against, grant, party, someone
from trust_registry.documents import state_every_dimension
from trust_registry.errors import Refusal

YES = Reason.AUTHORISED
GROUND: dict[str, Json] = {"ground": "Findings"}


@pytest.fixture
async def granted(board: Board) -> str:
    """A statement by irma about an auditor, for copper."""
    await board.decide(party("auditor"))
    await board.anchor("irma")
    return (await board.act("irma", grant("authorise", "auditor"))).id


def answers(board: Board, days: Sequence[int]) -> list[Reason]:
    """What is answered for copper so many days from now."""
    at = [Instant(board.clock.now() + day * DAY) for day in days]
    return [board.answer("auditor", each)[1] for each in at]


def window(board: Board) -> dict[str, Json]:
    """From the second day on, until the fifth."""
    return {"effective_from": board.later(2 * DAY), "effective_until": board.later(5 * DAY)}


async def test_a_suspension_lasts_as_long_as_it_says(board: Board, granted: str) -> None:
    await board.act("irma", against(granted, **window(board)))
    assert answers(board, [0, 1, 2, 4, 5, 9]) == [YES, YES, *2 * [Reason.SUSPENDED], YES, YES]


async def test_an_exclusion_lasts_as_long_as_it_says(board: Board, granted: str) -> None:
    excluding = {"type": "exclude", "entity": someone("auditor").did, **GROUND, **window(board)}
    await board.decide(excluding)
    assert answers(board, [0, 1, 2, 4, 5, 9]) == [YES, YES, *2 * [Reason.EXCLUDED], YES, YES]


async def test_an_exclusion_shuts_out_of_the_claims_that_it_names_alone(
    board: Board, granted: str
) -> None:
    for commodity, reason in (("cobalt", YES), ("copper", Reason.EXCLUDED)):
        scope = state_every_dimension({"commodity": [commodity], "rest": "any"})
        excluding = {"type": "exclude", "entity": someone("auditor").did, "scope": scope, **GROUND}
        await board.decide(excluding)
        assert answers(board, [0]) == [reason]


async def test_a_withdrawal_begins_when_it_says_and_never_ends(board: Board, granted: str) -> None:
    later = {"effective_from": board.later(2 * DAY)}
    await board.act("irma", against(granted, "withdraw", **later))
    assert answers(board, [0, 1, 2, 999]) == [YES, YES, *2 * [Reason.WITHDRAWN]]


async def test_a_suspension_touches_the_claims_that_it_names_alone(
    board: Board, granted: str
) -> None:
    for commodity, reason in (("cobalt", YES), ("copper", Reason.SUSPENDED)):
        scope = state_every_dimension({"commodity": [commodity], "rest": "any"})
        await board.act("irma", against(granted, scope=scope))
        assert answers(board, [0]) == [reason]


@pytest.mark.parametrize("kind", ["suspend", "withdraw"])
async def test_a_reinstatement_begins_when_it_says(board: Board, granted: str, kind: str) -> None:
    change = await board.act("irma", against(granted, kind))
    reinstating = {"type": "reinstate", "change": change.id, **GROUND}
    await board.act("irma", reinstating | {"effective_from": board.later(3 * DAY)})
    reason = {"suspend": Reason.SUSPENDED, "withdraw": Reason.WITHDRAWN}[kind]
    assert answers(board, [0, 2, 3]) == [reason, reason, YES]


async def test_an_exclusion_is_ended_by_a_reinstatement(board: Board, granted: str) -> None:
    excluding = {"type": "exclude", "entity": someone("auditor").did, **GROUND}
    proposed = await board.act("irma", excluding)
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    reinstating = {"type": "reinstate", "change": proposed.id, **GROUND}
    await board.decide(reinstating | {"effective_from": board.later(3 * DAY)})
    assert answers(board, [0, 2, 3]) == [Reason.EXCLUDED, Reason.EXCLUDED, YES]


@pytest.mark.parametrize(("decision", "then"), [("upheld", YES), ("dismissed", Reason.SUSPENDED)])
async def test_an_appeal_ends_a_change_when_it_says_where_it_is_upheld(
    board: Board, granted: str, decision: str, then: Reason
) -> None:
    suspended = await board.act("irma", against(granted))
    appeal = await board.act("auditor", {"type": "appeal", "change": suspended.id, **GROUND})
    deciding = {"type": "decide_appeal", "appeal": appeal.id, "decision": decision, **GROUND}
    later = {"effective_from": board.later(3 * DAY)}
    await board.decide(deciding | later, by="mark", voters=("bc", "maker", "watch"))
    assert answers(board, [0, 2, 3]) == [Reason.SUSPENDED, Reason.SUSPENDED, then]


async def test_a_retirement_begins_when_it_says(board: Board, granted: str) -> None:
    retiring = {"type": "retire_party", "party": someone("auditor").did, **GROUND}
    await board.act("auditor", retiring | {"effective_from": board.later(2 * DAY)})
    assert answers(board, [0, 1, 2]) == [YES, YES, Reason.WITHDRAWN]
    retired = [each for each in board.registry.index.parties() if each.retired]
    assert [(each.name, each.keys, each.threshold) for each in retired] == [
        ("auditor", frozenset(), 1)
    ]


async def test_a_grant_holds_from_and_until_when_it_says(board: Board, granted: str) -> None:
    await board.act("irma", against(granted, "withdraw"))
    when: dict[str, Json] = {
        "valid_from": board.later(2 * DAY),
        "valid_until": board.later(5 * DAY),
    }
    await board.act("irma", grant("authorise", "auditor", **when))
    reasons = answers(board, [1, 2, 4, 5])
    assert reasons[1:3] == [YES, YES]
    assert YES not in (reasons[0], reasons[3])


async def test_what_begins_at_the_very_instant_of_its_recording_reaches_not_back(
    board: Board, granted: str
) -> None:
    now, before = board.now, board.later(-1)
    act = grant("authorise", "auditor")
    assert (await board.act("irma", act | {"valid_from": now})).status == "executed"
    assert await board.refused("irma", act | {"valid_from": before}) is Refusal.BACKDATED
    both = act | {"valid_from": before, "evidence": EVIDENCE}
    assert (await board.act("irma", both)).status == "pending"


async def test_a_narrowing_begins_when_it_says_and_says_what_it_means_for_what_was_issued(
    board: Board, granted: str
) -> None:
    scope = state_every_dimension({"commodity": ["copper"], "country": ["CD"], "rest": "any"})
    later = {"effective_from": board.later(3 * DAY), "issued_credentials": "doubt"}
    narrowed = await board.act("irma", against(granted, "narrow", scope=scope) | later)
    assert answers(board, [0, 2, 3]) == [YES, YES, Reason.CLAIM_SILENT]
    change = board.registry.index.change(StatementId(narrowed.id))
    assert change is not None
    assert change.issued is IssuedEffect.DOUBT


async def test_a_narrowed_statement_begins_no_earlier_than_the_old_one(
    board: Board, granted: str
) -> None:
    future = grant("authorise", "auditor", valid_from=board.later(5 * DAY))
    old = await board.act("irma", future)
    scope = state_every_dimension({"commodity": ["copper"], "country": ["CD"], "rest": "any"})
    narrowed = await board.act("irma", against(old.id, "narrow", scope=scope))
    new = board.statement(narrowed.id)
    assert new is not None
    assert new.valid_from == board.clock.now() + 5 * DAY


async def test_a_renewal_of_what_has_ended_begins_when_it_is_recorded(
    board: Board, granted: str
) -> None:
    short = grant("authorise", "auditor", valid_until=board.later(DAY))
    old = await board.act("irma", short)
    board.pass_time(3 * DAY)
    renewing = {"type": "renew", "statement": old.id, **GROUND}
    renewed = await board.act("irma", renewing | {"valid_until": board.later(DAY)})
    new = board.statement(renewed.id)
    assert new is not None
    assert (new.valid_from, new.valid_until) == (board.clock.now(), board.clock.now() + DAY)
    nothing = renewing | {"valid_until": board.now}  # it would end as it begins
    assert await board.refused("irma", nothing) is Refusal.MALFORMED


@pytest.mark.parametrize(("earlier", "later"), [(-9, 0), (0, 3)])
async def test_a_correction_replaces_a_statement_from_whichever_beginning_is_first(
    board: Board, granted: str, earlier: int, later: int
) -> None:
    """Where the new one begins later, the old one does not hold until then."""
    old = board.statement(granted)
    assert old is not None
    right = earlier or later
    corrected: dict[str, Json] = {
        "type": "correct",
        "statement": granted,
        "valid_from": board.later(right * DAY),
        "valid_until": board.later(20 * DAY),
        "scope": state_every_dimension({"commodity": ["copper", "cobalt"], "rest": "any"}),
        "evidence": EVIDENCE,
        **GROUND,
    }
    proposed = await board.act("irma", corrected)
    assert await board.settle(proposed.id, "mark", "maker", "watch") == "executed"
    new, change = (
        board.statement(proposed.id),
        board.registry.index.change(StatementId(proposed.id)),
    )
    assert new is not None
    assert change is not None
    now = board.clock.now()
    assert (new.valid_from, new.valid_until) == (now + right * DAY, now + 20 * DAY)
    assert new.scope != old.scope
    assert change.effective_from == min(old.valid_from, new.valid_from)
    assert change.scope == Scope()


@pytest.mark.parametrize("action", [Action.ISSUE, Action.LINK, Action.ANCHOR])
async def test_a_grant_and_an_anchor_are_for_the_action_that_they_name(
    board: Board, granted: str, action: Action
) -> None:
    await board.anchor("mark")
    authorised = grant("authorise", "auditor", action=action.value)
    given = board.statement((await board.act("irma", authorised)).id)
    assert given is not None
    assert given.action is action
    anchoring = {**grant("add_anchor", "bc"), "action": action.value}
    del anchoring["passes_on"]
    proposed = await board.act("irma", anchoring)
    board.pass_time(8 * DAY)
    assert await board.settle(proposed.id, "mark", "maker", "watch") == "executed"
    anchor = board.statement(proposed.id)
    assert anchor is not None
    assert (anchor.action, anchor.passes_on) == (action, None)


async def test_a_key_is_compromised_since_when_it_was_and_not_since_that_was_told(
    board: Board, granted: str
) -> None:
    since = Instant(board.clock.now() - DAY)
    who = someone("auditor")
    told: dict[str, Json] = {"did": who.did, "thumbprint": who.thumbprint}
    await board.decide({"type": "compromise_key", **told, "from": board.later(-DAY)})
    size = board.registry.journal.size
    found = board.registry.index.compromises(Did.parse(who.did), who.thumbprint, size)
    assert [each.compromised_from for each in found] == [since]


async def test_a_waiting_period_is_told_from_the_recording_and_not_from_the_signature(
    board: Board,
) -> None:
    signed = Instant(board.clock.now() - 3 * DAY)
    proposed = await board.act("irma", grant("add_anchor", "bc"), issued=signed)
    state = board.registry.state
    waits = state.count(state.proposals[proposed.id]).waits_until
    assert waits == board.clock.now() + 7 * DAY
