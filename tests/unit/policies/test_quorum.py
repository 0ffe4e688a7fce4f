"""Quorums: shares rounded up, classes, control groups, abstentions, waiting, and who has no vote."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.framework import Framework, Member, Rule
from policies.quorum import (
    Ballot,
    Tally,
    blocs,
    carried,
    lost,
    rules_for,
    tallies,
    tally,
    voters,
    waiting_ms,
)
from policies.statements import PartyId, Recorded
from resolver.did import Did
from resolver.instant import DAY, Instant

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


GROUPS = [f"g{n}" for n in range(9)]
NINE = board(*((SEATS[n % 4], f"g{n}") for n in range(9)))


def count(framework: Framework, rule: Rule, approving: object, **more: object) -> Tally:
    assert isinstance(approving, range | list | set | tuple)
    ballot = Ballot("act", {did(n): True for n in approving}, **more)
    return tally(framework, rule, ballot)


@pytest.mark.parametrize(
    ("share", "needed"), [("1/2", 5), ("2/3", 6), ("2/5", 4), ("1/9", 1), ("1/10", 1), ("1/1", 9)]
)
def test_a_share_of_all_seated_members_is_rounded_up(share: str, needed: int) -> None:
    rule = Rule(Fraction(share))
    assert count(NINE, rule, range(needed)).met
    assert not count(NINE, rule, range(needed - 1)).met


def test_the_board_of_a_consolidated_standard() -> None:
    """Seventy per cent of all, rounded up, and three from each of four groups."""
    twenty = board(*((SEATS[n % 4], f"g{n}") for n in range(20)))
    rule = Rule(Fraction(7, 10), dict.fromkeys(SEATS, 3))
    assert count(twenty, rule, range(14)).met
    assert not count(twenty, rule, range(13)).met
    without_industry = [n for n in range(20) if n % 4 != 2]
    assert count(twenty, rule, without_industry).lacking == {"industry": 3}
    assert count(twenty, rule, [*without_industry, 2, 6]).lacking == {"industry": 1}
    assert count(twenty, rule, [*without_industry, 2, 6, 10]).met


def test_a_class_below_its_minimum_blocks() -> None:
    rule = Rule(Fraction(1, 9), {"state": 2, "industry": 1})
    counted = count(NINE, rule, [0, 1])
    assert (counted.met, counted.lacking) == (False, {"state": 1, "industry": 1})
    assert count(NINE, rule, [0, 4, 2]).met


def test_a_class_may_have_a_share_of_its_own() -> None:
    rule = Rule(Fraction(1, 9), {"state": Fraction(1, 2)})  # of three: two
    assert count(NINE, rule, [0]).lacking == {"state": 1}
    assert count(NINE, rule, [0, 8]).met


@pytest.mark.parametrize("minimum", [1, Fraction(1, 2)])
def test_an_empty_class_blocks(minimum: int | Fraction) -> None:
    assert not count(NINE, Rule(Fraction(1, 9), {"academia": minimum}), range(9)).met


def test_one_control_group_has_one_vote_in_one_class() -> None:
    three = board(("state", "one"), ("industry", "one"), ("industry", "two"))
    rule = Rule(Fraction(1, 2), {"industry": 1})
    assert count(three, rule, [0, 1]).approvals == 1
    assert count(three, rule, [1]).lacking == {"industry": 1}
    assert count(three, rule, [2]).met


def test_control_that_is_declared_later_takes_votes_and_lowers_no_bar() -> None:
    rule = Rule(Fraction(1, 3))  # three of nine
    declared = {did(n): frozenset({"holding"}) for n in (0, 1, 2)}
    counted = count(NINE, rule, [0, 1, 2], declared=declared)
    assert (counted.approvals, counted.needed, counted.met) == (1, 3, False)
    assert count(NINE, rule, [0, 3, 4], declared=declared).met


def test_groups_that_overlap_are_one() -> None:
    declared = {
        did(0): frozenset({"a"}),
        did(3): frozenset({"b"}),
        did(6): frozenset({"a", "b"}),
    }
    found = blocs(NINE, declared)
    assert sorted(map(len, found)) == [1, 1, 1, 1, 1, 1, 3]
    assert len(voters(NINE)) == 9


def test_a_group_of_any_of_a_bloc_joins_whoever_is_in_it() -> None:
    """Also where the one by whom the bloc came about is not in it."""
    declared = {
        did(0): frozenset({"a", "b"}),
        did(3): frozenset({"a"}),
        did(6): frozenset({"b"}),
    }
    assert len(blocs(NINE, declared)) == 7
    assert count(NINE, Rule(Fraction(1, 9)), [0, 3, 6], declared=declared).approvals == 1


def test_nobody_at_all_decides_nothing() -> None:
    assert not count(board(), Rule(Fraction(1, 2)), ()).met


def test_to_be_declared_somebodys_own_puts_no_vote_into_another_class() -> None:
    declared = {did(n): frozenset({"holding"}) for n in (0, 2)}
    rule = Rule(Fraction(1, 9), {"state": 1})
    assert not count(NINE, rule, [2], declared=declared).met
    assert count(NINE, rule, [2, 0], declared=declared).met


def test_one_vote_does_not_say_both() -> None:
    two = board(("state", "one"), ("state", "one"), ("state", "two"))
    ballot = Ballot("act", {did(0): True, did(1): False})
    assert tally(two, Rule(Fraction(1, 2)), ballot).approvals == 0


def test_strangers_and_those_concerned_do_not_count_and_make_nothing_easier() -> None:
    rule = Rule(Fraction(1, 2))
    assert count(NINE, rule, range(20, 30)).approvals == 0
    counted = count(NINE, rule, range(5), abstaining={"g0"})
    assert (counted.approvals, counted.needed, counted.met) == (4, 5, False)


def test_the_operator_has_no_vote_nor_has_whom_it_controls() -> None:
    run = replace(NINE, operator=did(3))
    rule = Rule(Fraction(1, 9))
    assert count(run, rule, [0]).met
    own = board(*((SEATS[n % 4], did(n).text) for n in range(9)))
    assert not count(replace(own, operator=did(3)), rule, [3]).met
    declared = {did(0): frozenset({"holding"}), did(3): frozenset({"holding"})}
    assert not count(run, rule, [0], declared=declared).met


# The act as a whole.

RULED = replace(
    NINE,
    rules={
        "adopt_framework": Rule(Fraction(2, 3), {"state": 1}, 7 * DAY),
        "compromise_key": Rule(Fraction(1, 9)),
        "add_anchor": Rule(Fraction(1, 9), {}, 7 * DAY, 30 * DAY),
    },
)


def all_of(count_: int) -> dict[Did, bool]:
    return {did(n): True for n in range(count_)}


def test_what_no_rule_names_cannot_be_carried() -> None:
    assert rules_for(RULED, "exclude") == ()
    assert not carried((RULED,), Ballot("exclude", all_of(9)), 10**12)


def test_whoever_takes_a_vote_needs_what_changes_the_framework() -> None:
    lesser = Ballot("compromise_key", all_of(5))
    assert carried((RULED,), lesser, 0)
    touching = replace(lesser, touches_votes=True)
    assert not carried((RULED,), touching, 7 * DAY)
    assert [each.needed for each in tallies(RULED, touching)] == [1, 6]
    enough = replace(touching, votes=all_of(6))
    assert not carried((RULED,), enough, 7 * DAY - 1)
    assert carried((RULED,), enough, 7 * DAY)


def test_an_objection_makes_the_public_period_longer() -> None:
    ballot = Ballot("add_anchor", all_of(9))
    assert carried((RULED,), ballot, 7 * DAY)
    objected = replace(ballot, objected=True)
    assert waiting_ms(RULED, objected) == 30 * DAY
    assert not carried((RULED,), objected, 30 * DAY - 1)
    assert carried((RULED,), objected, 30 * DAY)
    assert waiting_ms(RULED, Ballot("adopt_framework", {}, objected=True)) == 7 * DAY


def test_a_change_of_framework_needs_the_old_and_the_new_quorum() -> None:
    new = replace(
        board(("state", "g0"), ("academia", "n1"), ("academia", "n2")),
        rules={"adopt_framework": Rule(Fraction(2, 3))},
    )
    ballot = Ballot("adopt_framework", all_of(6))
    assert carried((RULED, new), ballot, 7 * DAY)
    old_only = Ballot("adopt_framework", {did(n): True for n in range(3, 9)})
    assert carried((RULED,), old_only, 7 * DAY)
    assert not carried((RULED, new), old_only, 7 * DAY)
    new_only = Ballot("adopt_framework", all_of(3))
    assert carried((new,), new_only, 0)
    assert not carried((RULED, new), new_only, 7 * DAY)


def test_an_act_is_lost_when_too_many_reject_it() -> None:
    ballot = Ballot("adopt_framework", all_of(2))
    assert not lost((RULED,), ballot)
    assert not lost((RULED,), Ballot("adopt_framework", {}, abstaining=GROUPS))  # nobody rejects
    against = {did(n): False for n in range(5, 8)}
    assert not lost((RULED,), replace(ballot, votes=against))  # six are left
    assert lost((RULED,), replace(ballot, votes={**against, did(4): False}))
    assert lost((RULED,), replace(ballot, votes={did(n): False for n in (0, 4, 8)}))  # no state


# Laws.

ballots = st.builds(
    Ballot,
    st.just("act"),
    st.dictionaries(st.integers(0, 8).map(did), st.booleans()),
    st.frozensets(st.sampled_from(GROUPS)),
    st.dictionaries(
        st.integers(0, 8).map(did), st.frozensets(st.sampled_from("xyz"), min_size=1, max_size=2)
    ),
)
rules = st.builds(
    Rule,
    st.fractions(min_value=Fraction(1, 20), max_value=1),
    st.dictionaries(st.sampled_from(SEATS), st.integers(1, 3), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(ballots, rules, st.integers(0, 8))
def test_one_more_approval_never_breaks_a_quorum_nor_one_more_rejection_makes_it(
    ballot: Ballot, rule: Rule, who: int
) -> None:
    before = tally(NINE, rule, ballot).met
    approved = replace(ballot, votes={**ballot.votes, did(who): True})
    rejected = replace(ballot, votes={**ballot.votes, did(who): False})
    if ballot.votes.get(did(who)) is not None:  # who has voted before may also take it back
        assert not before or tally(NINE, rule, approved).met
    assert before or not tally(NINE, rule, rejected).met


@settings(max_examples=150, deadline=None)
@given(ballots, rules, st.integers(0, 8), st.sampled_from(GROUPS))
def test_more_that_is_known_of_control_and_more_abstentions_never_make_a_quorum(
    ballot: Ballot, rule: Rule, who: int, group: str
) -> None:
    before = tally(NINE, rule, ballot).met
    abstaining = replace(ballot, abstaining={*ballot.abstaining, group})
    assert before or not tally(NINE, rule, abstaining).met
    groups = {group} | ballot.declared.get(did(who), frozenset())
    more = replace(ballot, declared={**ballot.declared, did(who): frozenset(groups)})
    assert len(blocs(NINE, more.declared)) <= len(blocs(NINE, ballot.declared))
    assert before or not tally(NINE, rule, more).met


def unanimous(framework: Framework) -> Framework:
    rule = Rule(Fraction(1, 1))
    return replace(framework, rules={"act": rule, "adopt_framework": rule})


def test_who_rejects_takes_the_vote_of_its_bloc_from_what_may_be_hoped_for() -> None:
    framework = unanimous(board(("state", "one"), ("state", "one"), ("state", "two")))
    assert lost((framework,), Ballot("act", {did(0): False, did(2): True}))
    assert lost((framework,), Ballot("act", {did(1): False, did(0): True}))


def test_of_who_abstains_nothing_is_hoped() -> None:
    eight = Rule(Fraction(8, 9))
    framework = replace(NINE, rules={"act": eight, "adopt_framework": eight})
    ballot = Ballot("act", {did(1): False})
    assert not lost((framework,), ballot)
    assert lost((framework,), replace(ballot, abstaining=frozenset({"g0"})))


def test_what_one_of_the_two_frameworks_cannot_carry_any_more_is_lost() -> None:
    seats = [(SEATS[n % 4], f"g{n}") for n in range(10)]
    old, new = (
        replace(NINE, rules=dict.fromkeys(("adopt_framework",), Rule(Fraction(1, 9)))),
        (unanimous(board(*seats))),
    )
    newcomer = Ballot("adopt_framework", {did(9): False})
    assert not lost((old,), newcomer)
    assert lost((old, new), newcomer)


def test_what_takes_a_vote_is_lost_where_no_framework_could_be_changed_any_more() -> None:
    rules = {"act": Rule(Fraction(1, 9)), "adopt_framework": Rule(Fraction(1, 1))}
    framework = replace(NINE, rules=rules)
    ballot = Ballot("act", {did(0): False})
    assert not lost((framework,), ballot)
    assert lost((framework,), replace(ballot, touches_votes=True))


def test_an_act_is_not_lost_that_a_bloc_may_yet_carry_in_another_of_its_classes() -> None:
    """If both approved, theirs would count as the first one's; the second may do so alone."""
    held = frozenset({"holding"})
    rule = Rule(Fraction(1, 9), {"state": 2})  # seats 0, 4 and 8
    framework = replace(NINE, rules={"act": rule, "adopt_framework": rule})
    ballot = Ballot("act", {did(0): False}, declared={did(1): held, did(8): held})
    assert not lost((framework,), ballot)
    carrying = {**ballot.votes, did(4): True, did(8): True}
    assert carried((framework,), replace(ballot, votes=carrying), 0)
    both = {**carrying, did(1): True}
    assert not carried((framework,), replace(ballot, votes=both), 0)
    assert lost((framework,), replace(ballot, votes={did(0): False, did(4): False}))


@settings(max_examples=100, deadline=None)
@given(ballots, rules, st.frozensets(st.integers(0, 8)))
def test_what_is_lost_is_carried_by_no_more_approvals(
    ballot: Ballot, rule: Rule, more: frozenset[int]
) -> None:
    framework = replace(NINE, rules={"act": rule, "adopt_framework": rule})
    if lost((framework,), ballot):
        votes = {**{did(n): True for n in more}, **ballot.votes}
        assert not carried((framework,), replace(ballot, votes=votes), 10**12)


@settings(max_examples=100, deadline=None)
@given(ballots, rules, st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(ballot: Ballot, rule: Rule, random: object) -> None:
    items = list(ballot.votes.items())
    random.shuffle(items)
    assert tally(NINE, rule, ballot) == tally(NINE, rule, replace(ballot, votes=dict(items)))


@settings(max_examples=150, deadline=None)
@given(ballots, rules)
def test_no_quorum_is_met_by_fewer_than_it_says(ballot: Ballot, rule: Rule) -> None:
    """Counted again, in the plainest way: by people, not by votes."""
    counted = tally(NINE, rule, ballot)
    approving = {d for d, yes in ballot.votes.items() if yes}
    assert counted.approvals <= len(approving)
    if counted.met:
        assert len(approving) >= rule.share * 9
        for seat, least in rule.minimum.items():
            people = [m for m in NINE.members if m.did in approving]
            assert sum(m.seat == seat for m in people) >= least


def test_a_bloc_of_which_one_is_the_operators_has_no_vote() -> None:
    framework = replace(board(("state", "a"), ("state", "b"), ("state", "c")), operator=did(9))
    declared = {
        did(0): frozenset({"holding", "house"}),
        did(1): frozenset({"holding"}),
        did(9): frozenset({"house"}),
    }
    assert count(framework, Rule(Fraction(1, 3)), [1], declared=declared).approvals == 0
    assert count(framework, Rule(Fraction(1, 3)), [2], declared=declared).met
