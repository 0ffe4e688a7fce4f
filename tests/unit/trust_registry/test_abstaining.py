"""Who an act is about abstains: as of its proposal, and as of its execution."""

import pytest

from resolver.did import Did
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, against, grant, party, someone
from tests.unit.trust_registry.test_attacks import group
from trust_registry.errors import Refusal
from trust_registry.writing import vote_on


async def test_a_vote_stops_counting_once_its_member_is_known_to_be_the_subject(
    board: Board,
) -> None:
    await board.decide(party("auditor"))
    shut: dict[str, Json] = {
        "type": "exclude",
        "entity": someone("auditor").did,
        "ground": "Fraud",
    }
    proposed = await board.act("irma", shut)
    await board.vote("maker", proposed.id)
    declared = await board.act("irma", group("holding", "auditor", "maker"))
    assert await board.settle(declared.id, "bc", "drc", "mark", "watch") == "executed"
    assert await board.settle(proposed.id, "watch") == "pending"
    assert await board.settle(proposed.id, "mark") == "executed"


async def test_nor_does_it_count_once_the_subject_is_moved_out_of_the_members_group(
    board: Board,
) -> None:
    await board.decide(party("auditor"))
    declared = await board.act("irma", group("holding", "auditor", "maker"))
    assert await board.settle(declared.id, "bc", "drc", "mark", "watch") == "executed"
    shut: dict[str, Json] = {
        "type": "exclude",
        "entity": someone("auditor").did,
        "ground": "Fraud",
    }
    proposed = await board.act("irma", shut)
    moved = await board.act("irma", group("alone", "auditor"))
    assert await board.settle(moved.id, "bc", "watch") == "executed"
    vote = vote_on(proposed.id, board.registry.state.framework.digest)
    assert await board.refused("maker", vote) is Refusal.ABSTAINS


@pytest.mark.parametrize("about", ["register", "amend", "rotate", "declare", "grant", "compromise"])
async def test_a_member_does_not_vote_on_what_is_about_it(board: Board, about: str) -> None:
    await board.decide(party("auditor"))
    mark = someone("mark")
    acts: dict[str, dict[str, Json]] = {
        "register": party("subsidiary", control_group=mark.did),
        "amend": {"type": "amend_party", "party": mark.did, "name": "Ministry"},
        "rotate": {"type": "rotate_keys", "party": mark.did, "add": [mark.thumbprint]},
        "declare": group("holding", "mark", "auditor"),
        "grant": grant("add_anchor", "mark"),
        "compromise": {
            "type": "compromise_key",
            "did": mark.did,
            "thumbprint": "t" * 43,
            "from": "2026-01-01T00:00:00Z",
        },
    }
    by = "mark" if about == "rotate" else "irma"
    proposed = await board.act(by, acts[about])
    vote = vote_on(proposed.id, board.registry.state.framework.digest)
    assert await board.refused("mark", vote) is Refusal.ABSTAINS
    assert board.registry.state.proposals[proposed.id].votes.keys() == (
        set() if by == "mark" else {Did.parse(someone("irma").did)}
    )


async def test_nor_on_what_it_holds(board: Board) -> None:
    anchor = await board.anchor("mark")
    hasty = await board.act("drc", against(anchor))
    scope: dict[str, Json] = {"commodity": ["cobalt"], "rest": "any"}
    acts: list[dict[str, Json]] = [
        against(anchor, "remove_anchor"),
        against(anchor, "rescope_anchor", scope=scope),
        {"type": "reinstate", "change": hasty.id, "ground": "Nothing was found"},
    ]
    for act in acts:
        proposed = await board.act("irma", act)
        vote = vote_on(proposed.id, board.registry.state.framework.digest)
        assert await board.refused("mark", vote) is Refusal.ABSTAINS, act["type"]


@pytest.mark.parametrize("vote", ["approve", "reject", "take_back", "execute"])
async def test_nor_does_anybody_without_a_seat(board: Board, vote: str) -> None:
    await board.decide(party("auditor"))
    proposed = await board.act("irma", party("other"))
    members = vote_on(proposed.id, board.registry.state.framework.digest, vote)
    assert await board.refused("auditor", members) is Refusal.NOT_ENTITLED
