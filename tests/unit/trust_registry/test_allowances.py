"""How much one party may put into the journal in a day, and that nobody else pays for it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import accumulate
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.instant import DAY, SECOND, Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    START,
    Board,
    framework_document,
    load_framework,
    open_board,
    party,
    someone,
)
from tests.unit.trust_registry.test_fold import signer_of
from trust_registry.acts import Act
from trust_registry.allowances import IN_BULK, USUAL, Allowances, allowance
from trust_registry.documents import ACTS
from trust_registry.entries import Entry
from trust_registry.errors import (
    ActRefusedError,
    CorruptJournalError,
    InvalidFrameworkError,
    Refusal,
)
from trust_registry.folding import apply
from trust_registry.governance import Submission
from trust_registry.opening import open_act
from trust_registry.state_bytes import state_bytes

MOST = 3
LIMITED = framework_document(limits={"amend_party": MOST}, applications=2)


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[Board]:
    board = await open_board(tmp_path / "journal.sqlite", LIMITED)
    for name in ("auditor", "other"):
        await board.decide(party(name))
    yield board
    await board.registry.close()


async def amend(board: Board, by: str, name: str = "Trading") -> Submission:
    members = {"type": "amend_party", "party": someone(by).did, "trading_names": [name]}
    return await board.act(by, members)


async def use_up(board: Board, by: str) -> Submission:
    for number in range(MOST):
        last = await amend(board, by, f"Trading {number}")
    return last


async def refused(board: Board, by: str) -> ActRefusedError:
    size = board.registry.journal.size
    with pytest.raises(ActRefusedError) as caught:
        await amend(board, by)
    assert board.registry.journal.size == size
    return caught.value


async def test_one_act_too_many_is_refused_and_nobody_else_is(limited: Board) -> None:
    await use_up(limited, "auditor")
    error = await refused(limited, "auditor")
    assert error.code is Refusal.TOO_MANY_ACTS
    assert error.retryable
    assert error.retry_after_s == DAY // SECOND
    assert "from 2026-01-02T00:00:00Z on" in str(error)
    assert (await amend(limited, "other")).status == "executed"
    await limited.decide(party("third"))


async def test_one_kind_of_act_takes_nothing_from_another(limited: Board) -> None:
    """Whoever floods the journal with a member's key cannot take its vote, or lock the key in."""
    await use_up(limited, "watch")
    assert (await refused(limited, "watch")).code is Refusal.TOO_MANY_ACTS
    assert (await limited.decide(party("third"))).status == "executed"  # with the vote of watch
    await use_up(limited, "auditor")
    new = someone("auditor's new key").thumbprint
    rotating = {"type": "rotate_keys", "party": someone("auditor").did, "add": [new], "remove": []}
    assert await limited.refused("auditor", rotating) is Refusal.SIGNATURE_MISSING


async def test_the_same_act_is_taken_on_the_next_day(limited: Board) -> None:
    await use_up(limited, "auditor")
    members = {"type": "amend_party", "party": someone("auditor").did, "trading_names": ["Late"]}
    signed = limited.sign("auditor", limited.write("auditor", members))
    limited.pass_time(DAY - 1)
    with pytest.raises(ActRefusedError) as caught:
        await limited.registry.submit(signed)
    assert caught.value.retry_after_s == 1
    limited.pass_time(1)
    assert (await limited.registry.submit(signed)).status == "executed"
    await use_up_again(limited)


async def use_up_again(board: Board) -> None:
    for number in range(MOST - 1):
        await amend(board, "auditor", f"Again {number}")
    assert (await refused(board, "auditor")).code is Refusal.TOO_MANY_ACTS


async def test_an_act_that_is_recorded_counts_once_and_keeps_its_receipt(limited: Board) -> None:
    members = {"type": "amend_party", "party": someone("auditor").did, "trading_names": ["Once"]}
    signed = limited.sign("auditor", limited.write("auditor", members))
    first = await limited.registry.submit(signed)
    for _ in range(2 * MOST):
        assert await limited.registry.submit(signed) == first
    for number in range(MOST - 1):
        await amend(limited, "auditor", f"More {number}")
    assert (await refused(limited, "auditor")).code is Refusal.TOO_MANY_ACTS
    assert await limited.registry.submit(signed) == first


async def test_a_refused_act_counts_for_nothing(limited: Board) -> None:
    stolen = {"type": "amend_party", "party": someone("other").did, "trading_names": ["Taken"]}
    for _ in range(2 * MOST):
        assert await limited.refused("auditor", stolen) is Refusal.NOT_ENTITLED
    await use_up(limited, "auditor")


async def test_acts_that_come_at_once_are_counted_one_by_one(limited: Board) -> None:
    signed = [
        limited.sign("auditor", limited.write("auditor", members))
        for number in range(3 * MOST)
        for members in [
            {
                "type": "amend_party",
                "party": someone("auditor").did,
                "trading_names": [f"At once {number}"],
            }
        ]
    ]
    found = await asyncio.gather(*map(limited.registry.submit, signed), return_exceptions=True)
    kinds = Counter(type(each) for each in found)
    assert kinds == {Submission: MOST, ActRefusedError: 2 * MOST}


async def test_all_dids_of_a_party_have_one_allowance(limited: Board) -> None:
    alias = someone("alias")
    both = {"type": "amend_party", "party": someone("auditor").did, "add_dids": [alias.did]}
    assert (await limited.act("auditor", both)).status == "executed"
    for number in range(MOST - 1):
        await amend(limited, "auditor", f"Trading {number}")
    members = {"type": "amend_party", "party": alias.did, "trading_names": ["Second"]}
    assert await limited.refused("alias", members) is Refusal.TOO_MANY_ACTS


async def test_a_restart_forgets_nothing(limited: Board, tmp_path: Path) -> None:
    await use_up(limited, "auditor")
    before = state_bytes(limited.registry.state, limited.registry.journal.root)
    await limited.registry.close()
    again = await open_board(tmp_path / "journal.sqlite", LIMITED, limited.clock)
    again.sent = limited.sent
    assert state_bytes(again.registry.state, again.registry.journal.root) == before
    assert (await refused(again, "auditor")).code is Refusal.TOO_MANY_ACTS
    await again.registry.close()


async def test_an_operator_cannot_record_more_than_the_framework_allows(limited: Board) -> None:
    await use_up(limited, "auditor")
    state = limited.registry.state
    members = {"type": "amend_party", "party": someone("auditor").did, "trading_names": ["More"]}
    written = limited.sign("auditor", limited.write("auditor", members))
    signed = open_act(written)
    signer = signer_of(signed.signatures[0])
    entry = Entry(signed.written(), limited.clock.now(), signer)
    with pytest.raises(CorruptJournalError, match="too_many_acts"):
        apply(state, entry, state.size)


async def test_a_framework_raises_a_limit_at_once(limited: Board) -> None:
    await use_up(limited, "auditor")
    changed = {**LIMITED, "version": 2, "limits": {"amend_party": MOST + 1}}
    adopting = {"type": "adopt_framework", "framework": changed}
    await limited.decide(adopting, voters=("mark", "maker", "watch"))
    assert limited.registry.state.framework.version == 2
    assert (await amend(limited, "auditor")).status == "executed"
    assert (await refused(limited, "auditor")).code is Refusal.TOO_MANY_ACTS


# Strangers.


def application(name: str) -> dict[str, Json]:
    return party(name, legal_basis=EVIDENCE, evidence=EVIDENCE)


async def test_strangers_make_no_room_for_one_another(limited: Board) -> None:
    """Applications that expire at once would else follow one another without end."""
    begun = limited.clock.now()
    for name in ("first", "second"):
        soon = Instant(limited.clock.now() + SECOND)
        await limited.act(name, application(name), expires=soon)
    limited.pass_time(2 * SECOND)
    assert await limited.refused("third", application("third")) is Refusal.TOO_MANY_PENDING
    limited.clock.instant = Instant(begun + DAY - 1)
    assert await limited.refused("third", application("third")) is Refusal.TOO_MANY_PENDING
    limited.pass_time(1)
    assert (await limited.act("third", application("third"))).status == "pending"


async def test_the_board_makes_room_by_turning_an_application_down(limited: Board) -> None:
    first = await limited.act("first", application("first"))
    await limited.act("second", application("second"))
    assert await limited.refused("third", application("third")) is Refusal.TOO_MANY_PENDING
    for voter in ("bc", "drc", "irma", "mark"):
        await limited.vote(voter, first.id, "reject")
    assert (await limited.act("third", application("third"))).status == "pending"


async def test_what_a_member_proposes_takes_no_place_of_an_application(limited: Board) -> None:
    for name in ("one", "two", "three"):
        assert (await limited.act("irma", party(name))).status == "pending"
    for name in ("first", "second"):
        assert (await limited.act(name, application(name))).status == "pending"
    assert await limited.refused("third", application("third")) is Refusal.TOO_MANY_PENDING
    assert (await limited.act("irma", party("four"))).status == "pending"


async def test_who_has_retired_is_a_stranger_whose_count_is_its_own(tmp_path: Path) -> None:
    """What it had recorded as a party keeps it from no application."""
    one = framework_document(limits={"register_party": 1}, applications=2)
    board = await open_board(tmp_path / "journal.sqlite", one)
    await board.decide(party("sponsor"))
    await board.anchor("sponsor")
    assert (await board.act("sponsor", party("first"))).status == "executed"
    assert await board.refused("sponsor", party("second")) is Refusal.TOO_MANY_ACTS
    retiring = {"type": "retire_party", "party": someone("sponsor").did, "ground": "We merge"}
    await board.act("sponsor", retiring)
    assert (await board.act("sponsor", application("sponsor"))).status == "pending"
    await board.registry.close()


# The numbers.


def test_what_is_allowed_where_a_framework_says_nothing() -> None:
    framework = load_framework(framework_document(limits={"withdraw": 7}))
    found = {kind: allowance(framework, kind) for kind in ACTS}
    assert found["withdraw"] == 7
    assert {kind for kind, most in found.items() if most == IN_BULK} == {
        "register_party", "authorise", "accredit", "recognise", "renew", "narrow", "correct",
        "suspend", "reinstate", "approve", "reject", "take_back", "execute", "object",
    }  # fmt: skip
    assert {found[kind] for kind in ("amend_party", "rotate_keys", "adopt_framework")} == {USUAL}


@pytest.mark.parametrize("kind", ["authorise", "amend_party"])
@pytest.mark.parametrize("most", [1, IN_BULK + 1, 1_000_000])
def test_a_framework_says_less_or_more_than_is_usual(kind: str, most: int) -> None:
    framework = load_framework(framework_document(limits={kind: most}))
    assert allowance(framework, kind) == most


def test_every_act_has_an_allowance() -> None:
    kinds = [get_args(each.model_fields["type"].annotation)[0] for each in get_args(Act)]
    assert sorted(ACTS) == sorted(kinds)


@pytest.mark.parametrize(
    ("limits", "member"),
    [
        ({"amend": 5}, "no act 'amend'"),
        ({"approve": 0}, "greater than or equal to 1"),  # a board that cannot vote is stuck
        ({"approve": 1_000_001}, "less than or equal to 1000000"),
        ({"approve": "5"}, "valid integer"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(limits: dict[str, Json], member: str) -> None:
    with pytest.raises(InvalidFrameworkError, match=member):
        load_framework(framework_document(limits=limits))


@given(
    st.integers(1, 4),
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, DAY)), max_size=40
    ),
)
def test_nobody_has_more_in_a_day_than_is_allowed(
    most: int, tried: list[tuple[str, str, int]]
) -> None:
    allowances, recorded, at = Allowances(), Counter[tuple[int, str, str]](), START
    for who, kind, pause in tried:
        at = Instant(at + pause)
        if recorded[at // DAY, who, kind] < most:
            allowances.refuse_more(who, kind, most, at)
            allowances.take(who, kind, at)
            recorded[at // DAY, who, kind] += 1
            continue
        with pytest.raises(ActRefusedError) as caught:
            allowances.refuse_more(who, kind, most, at)
        again = Instant(at + (caught.value.retry_after_s or 0) * SECOND)
        allowances.refuse_more(who, kind, most, again)
        assert again // DAY == at // DAY + 1


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, DAY)), max_size=40
    ),
    st.integers(1, 9),
)
def test_acts_counted_at_once_are_as_those_that_came_one_by_one(
    tried: list[tuple[str, str, int]], at_once: int
) -> None:
    single, several = Allowances(), Allowances()
    times = [Instant(each) for each in accumulate((pause for *_, pause in tried), initial=START)]
    for (who, kind, _), at in zip(tried, times[1:], strict=True):
        single.take(who, kind, at)
    for start in range(0, len(tried), at_once):
        some = slice(start, start + at_once)
        several.take_all([(who, kind) for who, kind, _ in tried[some]], times[1:][some])
    assert several.written() == single.written()
