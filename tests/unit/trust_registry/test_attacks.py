"""Attacks on governance: each is tried as an attacker would, and comes to nothing."""

from pathlib import Path

import pytest

from policies.decision import Outcome
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
from trust_registry.documents import BOARD_ACTS, state_every_dimension
from trust_registry.errors import ActRefusedError, Refusal

HOUR = 3_600_000
CLASSES = ("state", "scheme-owner", "industry", "civil-society")


async def granted(board: Board) -> str:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    return (await board.act("irma", grant("authorise", "auditor"))).id


def group(name: str, *members: str) -> dict[str, Json]:
    dids: list[Json] = [someone(each).did for each in members]
    return {
        "type": "declare_control_group",
        "dids": dids,
        "control_group": name,
        "ground": "Register of beneficial owners",
    }


def compromise(name: str) -> dict[str, Json]:
    person = someone(name)
    return {
        "type": "compromise_key",
        "did": person.did,
        "thumbprint": person.thumbprint,
        "from": "2026-01-01T00:00:00Z",
    }


# A suspension that is renewed for ever, or aimed at a rival's vote. (A member whose did:web host is
# taken: see test_signers.)


async def test_one_member_cannot_suspend_for_ever(board: Board) -> None:
    statement = await granted(board)
    await board.act("drc", against(statement))
    for _ in range(3):
        board.pass_time(72 * HOUR)
        assert board.answer("auditor")[0] is Outcome.AUTHORISED
        again = against(statement, ground="Quite another finding")
        assert await board.refused("drc", again) is Refusal.ALREADY_SUSPENDED
        later = against(statement, effective_from=board.later(HOUR))
        assert await board.refused("drc", later) is Refusal.ALREADY_SUSPENDED


async def test_nor_by_ending_its_own_proposal_each_time(board: Board) -> None:
    statement = await granted(board)
    hasty = await board.act("drc", against(statement))
    await board.vote("drc", hasty.id, "reject")
    assert board.registry.state.status(hasty.id) == "void"
    assert await board.refused("drc", against(statement)) is Refusal.ALREADY_SUSPENDED


async def test_nor_can_two_members_of_one_control_group_take_turns(board: Board) -> None:
    statement = await granted(board)
    declared = await board.act("irma", group("holding", "bc", "drc"))
    assert await board.settle(declared.id, "mark", "maker", "watch") == "executed"
    await board.act("drc", against(statement))
    assert await board.refused("bc", against(statement)) is Refusal.ALREADY_SUSPENDED


async def test_no_suspension_touches_a_rivals_vote(board: Board) -> None:
    anchor = await board.anchor("mark")
    await board.act("drc", against(anchor))
    proposed = await board.act("irma", party("auditor"))
    await board.vote("mark", proposed.id)
    assert await board.settle(proposed.id, "watch") == "executed"


async def test_nor_does_an_exclusion_or_a_retirement(board: Board) -> None:
    mark = someone("mark").did
    retire = {"type": "retire_party", "party": mark, "ground": "Gone"}
    assert await board.refused("irma", retire) is Refusal.NOT_ENTITLED
    exclude = {"type": "exclude", "entity": mark, "ground": "Fraud"}
    excluded = await board.act("irma", exclude)
    assert await board.settle(excluded.id, "maker", "watch") == "executed"
    proposed = await board.act("irma", party("auditor"))
    assert await board.settle(proposed.id, "mark", "watch") == "executed"


async def test_a_member_suspends_within_its_own_powers(tmp_path: Path) -> None:
    cobalt = state_every_dimension({"commodity": ["cobalt"], "rest": "any"})
    powers: dict[str, dict[str, Json]] = {"drc": {"emergency": cobalt}}
    seats: list[Json] = [member(n, seat, **powers.get(n, {})) for n, seat in SEATS.items()]
    board = await open_board(tmp_path / "journal", framework_document(members=seats))
    statement = await granted(board)
    assert await board.refused("drc", against(statement)) is Refusal.NOT_ENTITLED
    assert (await board.act("bc", against(statement))).status == "pending"
    await board.registry.close()


# A board that is emptied class by class.


async def test_who_has_no_seat_proposes_no_framework(board: Board) -> None:
    await board.decide(party("auditor"))
    new: dict[str, Json] = {
        "type": "adopt_framework",
        "framework": framework_document(version=2),
    }
    assert await board.refused("auditor", new) is Refusal.NOT_ENTITLED
    for other in ({"id": "https://other.test/framework", "version": 2}, {"version": 3}):
        act: dict[str, Json] = {**new, "framework": framework_document(**other)}
        assert await board.refused("irma", act) is Refusal.WRONG_FRAMEWORK


async def test_no_class_is_unseated_without_itself(tmp_path: Path) -> None:
    everybody: dict[str, Json] = {"share": "1/6", "minimum": dict.fromkeys(CLASSES, 1)}
    rules: dict[str, Json] = dict.fromkeys(BOARD_ACTS, everybody)
    board = await open_board(tmp_path / "journal", framework_document(rules=rules))
    remaining = [member(n, seat) for n, seat in SEATS.items() if seat != "industry"]
    without: dict[str, Json] = {"share": "1/6", "minimum": {"state": 1}}
    new = framework_document(version=2, members=remaining, rules=dict.fromkeys(BOARD_ACTS, without))
    proposed = await board.act("irma", {"type": "adopt_framework", "framework": new})
    assert await board.settle(proposed.id, "bc", "drc", "mark", "watch") == "pending"
    assert await board.settle(proposed.id, "maker") == "executed"
    await board.registry.close()


async def test_an_emptied_class_blocks_and_frees_nobody(tmp_path: Path) -> None:
    """Keys that are declared compromised do not vote, and their seats still count."""
    lesser: dict[str, Json] = {"share": "1/6"}
    greater: dict[str, Json] = {"share": "2/3", "minimum": {"industry": 1}}
    rules: dict[str, Json] = dict.fromkeys(BOARD_ACTS, lesser) | {"adopt_framework": greater}
    board = await open_board(tmp_path / "journal", framework_document(rules=rules))
    proposed = await board.act("irma", compromise("maker"))  # a lesser quorum would suffice
    assert await board.settle(proposed.id, "bc", "drc", "mark", "watch") == "pending"
    grouped = await board.act("irma", group("cartel", "maker", "watch"))
    assert await board.settle(grouped.id, "bc", "drc", "mark") == "pending"
    stolen = {
        "type": "recover_keys",
        "party": someone("maker").did,
        "keys": [someone("maker").thumbprint],
        "ground": "x",
        "evidence": EVIDENCE,
    }
    recovered = await board.act("irma", stolen, also=["maker"])
    assert await board.settle(recovered.id, "bc", "drc", "mark", "watch") == "pending"
    await board.registry.close()


async def test_no_framework_is_adopted_that_nobody_could_change(board: Board) -> None:
    locked = framework_document(
        version=2, rules={"adopt_framework": {"share": "1/2", "minimum": {"academia": 1}}}
    )
    with pytest.raises(ActRefusedError) as caught:
        board.write("irma", {"type": "adopt_framework", "framework": locked})
    assert caught.value.code is Refusal.MALFORMED


# Two DIDs of one control group.


async def test_one_control_group_has_one_vote_and_grants_itself_nothing(board: Board) -> None:
    declared = await board.act("irma", group("holding", "mark", "maker"))
    assert await board.settle(declared.id, "bc", "drc", "watch") == "executed"
    proposed = await board.act("mark", party("auditor"))
    assert await board.settle(proposed.id, "maker", "watch") == "pending"  # two votes of six
    assert await board.settle(proposed.id, "irma") == "executed"
    await board.anchor("irma")
    anchored = await board.act("irma", grant("add_anchor", "mark"))
    vote: dict[str, Json] = {
        "type": "approve",
        "proposal": anchored.id,
        "framework": board.registry.state.framework.digest,
    }
    assert await board.refused("maker", vote) is Refusal.ABSTAINS
    board.pass_time(8 * DAY)
    assert await board.settle(anchored.id, "bc", "drc", "watch") == "executed"
    assert await board.refused("mark", grant("authorise", "maker")) is Refusal.SELF_GRANT


async def test_control_that_is_declared_while_votes_are_out_counts_at_once(board: Board) -> None:
    proposed = await board.act("mark", party("auditor"))
    await board.vote("maker", proposed.id)
    declared = await board.act("irma", group("holding", "mark", "maker"))
    assert await board.settle(declared.id, "bc", "drc", "watch") == "executed"
    assert await board.settle(proposed.id, "watch") == "pending"
    assert await board.settle(proposed.id, "bc") == "executed"


async def test_the_operator_does_not_vote(tmp_path: Path) -> None:
    document = framework_document(operator=someone("operator").did)
    board = await open_board(tmp_path / "journal", document)
    await board.decide(party("operator"))
    assert await board.refused("operator", party("auditor")) is Refusal.NOT_ENTITLED
    declared = await board.act("irma", group("house", "operator", "mark"))
    assert await board.settle(declared.id, "maker", "watch", "bc") == "executed"
    proposed = await board.act("mark", party("auditor"))
    assert await board.settle(proposed.id, "maker", "watch") == "pending"  # mark is the operator's
    await board.registry.close()
    seated = framework_document(operator=someone("mark").did)
    with pytest.raises(ActRefusedError):
        await open_board(tmp_path / "other", seated)


# Grants that reach back, and claims on what is another's: also in test_governance, test_enrolment.


async def test_no_grant_is_backdated_by_fewer_than_the_quorum(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    early = grant("authorise", "auditor", valid_from="2020-01-01T00:00:00Z", evidence=EVIDENCE)
    proposed = await board.act("irma", early)
    assert await board.settle(proposed.id, "watch") == "pending"
    assert board.statement(proposed.id) is None
    assert board.answer("auditor")[0] is Outcome.NOT_AUTHORISED


async def test_no_waiting_period_is_over_before_it_was_public(board: Board) -> None:
    early = Instant(board.clock.now() - 8 * DAY)  # when its signer says that it was signed
    proposed = await board.act("irma", grant("add_anchor", "mark"), issued=early)
    assert await board.settle(proposed.id, "bc", "maker", "watch") == "pending"
    board.pass_time(7 * DAY)
    await board.vote("irma", proposed.id, "execute")
    assert board.registry.state.status(proposed.id) == "executed"


async def test_nor_is_an_exclusion(board: Board) -> None:
    await granted(board)
    shut: dict[str, Json] = {
        "type": "exclude",
        "entity": someone("auditor").did,
        "effective_from": "2026-01-01T00:00:00Z",
        "ground": "Fraud",
    }
    assert await board.refused("irma", shut) is Refusal.BACKDATED
    assert (await board.act("irma", {**shut, "evidence": EVIDENCE})).status == "pending"


async def test_nor_is_a_reinstatement(board: Board) -> None:
    statement = await granted(board)
    ended = await board.act("irma", against(statement, "withdraw"))
    since = board.now
    board.pass_time(30 * DAY)
    lift: dict[str, Json] = {
        "type": "reinstate",
        "change": ended.id,
        "effective_from": since,
        "ground": "A mistake",
    }
    assert await board.refused("irma", lift) is Refusal.BACKDATED
    proposed = await board.act("irma", {**lift, "evidence": EVIDENCE})
    assert await board.settle(proposed.id, "watch") == "pending"
    assert board.answer("auditor")[0] is Outcome.NOT_AUTHORISED
    assert await board.settle(proposed.id, "maker") == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED


@pytest.mark.parametrize("name", ["add_dids", "register"])
async def test_nobody_claims_anothers_did(board: Board, name: str) -> None:
    victim = someone("victim").did
    if name == "register":
        claim: dict[str, Json] = party("thief") | {"dids": [someone("thief").did, victim]}
        assert await board.refused("irma", claim, also=["thief"]) is Refusal.SIGNATURE_MISSING
        return
    await board.decide(party("thief"))
    claim = {"type": "amend_party", "party": someone("thief").did, "add_dids": [victim]}
    assert await board.refused("thief", claim, also=["thief"]) is Refusal.SIGNATURE_MISSING
