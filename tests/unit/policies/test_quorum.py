"""Quorums: shares rounded up, classes, control groups, abstentions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.framework import Framework, Member, Rule
from policies.quorum import tally
from policies.statements import PartyId, Recorded
from resolver.did import Did
from resolver.instant import Instant

SEATS = ("state", "scheme-owner", "industry", "civil-society")


def did(number: int) -> Did:
    return Did.parse(f"did:web:m{number}.example")


def board(*members: tuple[str, str]) -> Framework:
    return Framework(
        id=PartyId("f"),
        version=1,
        name="f",
        digest="",
        members=tuple(
            Member(did(n), f"m{n}", seat, group, frozenset())
            for n, (seat, group) in enumerate(members)
        ),
        rules={},
        recorded=Recorded(0, Instant(0)),
    )


NINE = board(*((SEATS[n % 4], f"g{n}") for n in range(9)))


@pytest.mark.parametrize(
    ("share", "needed"), [("1/2", 5), ("2/3", 6), ("2/5", 4), ("1/9", 1), ("1/10", 1), ("1/1", 9)]
)
def test_a_share_of_all_seated_members_is_rounded_up(share: str, needed: int) -> None:
    rule = Rule(Fraction(share))
    assert tally(NINE, rule, [did(n) for n in range(needed)]).met
    assert not tally(NINE, rule, [did(n) for n in range(needed - 1)]).met


def test_a_class_below_its_minimum_blocks() -> None:
    rule = Rule(Fraction(1, 9), {"state": 2, "industry": 1})
    count = tally(NINE, rule, [did(0), did(1)])
    assert (count.met, count.lacking) == (False, {"state": 1, "industry": 1})
    assert tally(NINE, rule, [did(0), did(4), did(2)]).met


def test_an_empty_class_blocks() -> None:
    assert not tally(NINE, Rule(Fraction(1, 9), {"academia": 1}), [did(n) for n in range(9)]).met


def test_one_control_group_has_one_vote_in_one_class() -> None:
    three = board(("state", "one"), ("industry", "one"), ("industry", "two"))
    rule = Rule(Fraction(1, 2), {"industry": 1})
    assert tally(three, rule, [did(0), did(1)]).approvals == 1
    assert tally(three, rule, [did(1)]).lacking == {"industry": 1}
    assert tally(three, rule, [did(2)]).met


def test_strangers_and_those_concerned_do_not_count_and_make_nothing_easier() -> None:
    rule = Rule(Fraction(1, 2))
    assert tally(NINE, rule, [did(n) for n in range(20, 30)]).approvals == 0
    count = tally(NINE, rule, [did(n) for n in range(5)], {"g0"})
    assert (count.approvals, count.needed, count.met) == (4, 5, False)


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.integers(0, 8)),
    st.integers(0, 8),
    st.sets(st.sampled_from([f"g{n}" for n in range(9)])),
    st.fractions(min_value=Fraction(1, 20), max_value=1),
)
def test_one_more_approval_never_breaks_a_quorum_and_one_more_abstention_never_makes_it(
    approving: set[int], more: int, abstaining: set[str], share: Fraction
) -> None:
    rule = Rule(share, {"state": 1})
    before = tally(NINE, rule, {did(n) for n in approving}, abstaining)
    assert not before.met or tally(NINE, rule, {did(n) for n in approving | {more}}, abstaining).met
    after = tally(NINE, rule, {did(n) for n in approving}, abstaining | {f"g{more}"})
    assert before.met or not after.met
