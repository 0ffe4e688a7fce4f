"""Quorums: who has a vote, and have enough of them approved? Pure, like all rules of authority.

Members under one control have one vote between them. How many votes there are to reach a share of
is fixed by the framework alone: control that is declared later takes votes away, and never makes
a quorum easier to reach. The same holds for those who abstain, and for the operator.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from policies.framework import Framework, Member, Rule
from resolver.did import Did

FRAMEWORK_ACT = "adopt_framework"
"""The kind of act whose quorum is also needed for what takes a vote from somebody, or gives one."""

Groups = Mapping[Did, frozenset[str]]
"""The control groups that members are declared to belong to, besides those of the framework."""


@dataclass(frozen=True, slots=True)
class Voter:
    """One vote: a member, or all members that the framework puts under one control.

    Attributes:
        members: in the order in which the framework seats them.
        seat: the class in which the vote counts: that of the first of them.
        groups: every control group of any of them.
    """

    members: tuple[Member, ...]
    seat: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is voted on, and by whom, at one position of the journal.

    Attributes:
        act: the kind of act.
        votes: who approves (true) or rejects (false); one who took a vote back is not in it.
        abstaining: the control groups that the act is about.
        declared: the control groups of members, as they are known at this position.
        touches_votes: whether the act takes a vote from somebody, or gives one.
        objected: whether somebody objected.
    """

    act: str
    votes: Mapping[Did, bool]
    abstaining: Collection[str] = ()
    declared: Groups = field(default_factory=dict)
    touches_votes: bool = False
    objected: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """A count of approvals.

    Attributes:
        approvals: how many votes approve.
        needed: how many must.
        lacking: by class of voters, how many more of it must approve.
    """

    approvals: int
    needed: int
    lacking: Mapping[str, int]

    @property
    def met(self) -> bool:
        """Whether the quorum is met."""
        return self.approvals >= self.needed and not self.lacking


def voters(framework: Framework) -> tuple[Voter, ...]:
    """Return the votes that a framework gives, in the order in which it seats their holders."""
    found: dict[str, Voter] = {}
    for member in framework.members:
        group = member.control_group
        first = found.get(group)
        members = (*first.members, member) if first else (member,)
        found[group] = Voter(members, members[0].seat, frozenset({group}))
    return tuple(found.values())


def blocs(framework: Framework, declared: Groups) -> tuple[tuple[Voter, ...], ...]:
    """Return the votes as they are to be counted: those under one control make one bloc.

    Args:
        framework: the framework in force.
        declared: what else is known of who controls whom.
    """
    found: list[tuple[frozenset[str], tuple[Voter, ...]]] = []
    for voter in voters(framework):
        more = (declared.get(member.did, frozenset()) for member in voter.members)
        groups = voter.groups.union(*more)
        same = [each for each in found if not each[0].isdisjoint(groups)]
        joined = (
            groups.union(*(each[0] for each in same)),
            (*(one for each in same for one in each[1]), Voter(voter.members, voter.seat, groups)),
        )
        found = [each for each in found if each not in same]
        found.append(joined)
    return tuple(bloc for _, bloc in found)


def tally(framework: Framework, rule: Rule, ballot: Ballot) -> Tally:
    """Count the approvals on a ballot under one rule.

    Who abstains still counts as seated: an act does not get easier to pass because it is about a
    member. A class that cannot reach its minimum, an empty one first of all, blocks.

    Args:
        framework: the framework in force where the act would be executed.
        rule: the quorum demanded.
        ballot: the votes; others than seated members do not count.
    """
    counted = blocs(framework, ballot.declared)
    seated = [voter for bloc in counted for voter in bloc]
    voteless = _voteless(framework, ballot)
    classes = [
        seat
        for bloc in counted
        if all(voter.groups.isdisjoint(voteless) for voter in bloc)
        and (seat := _approving_seat(bloc, ballot.votes)) is not None
    ]
    lacking: dict[str, int] = {}
    for seat, minimum in rule.minimum.items():
        if (missing := _least(minimum, seat, seated) - classes.count(seat)) > 0:
            lacking[seat] = missing
    return Tally(len(classes), _needed(rule, seated), lacking)


def _approving_seat(bloc: tuple[Voter, ...], votes: Mapping[Did, bool]) -> str | None:
    """Return the class in which a bloc's one vote counts, or None where it does not approve.

    It approves where one of its members does and none rejects, and counts with the first who does:
    to be declared somebody's own puts nobody's vote into another class.
    """
    cast = [
        (votes[member.did], voter.seat)
        for voter in bloc
        for member in voter.members
        if member.did in votes
    ]
    return cast[0][1] if cast and all(approves for approves, _ in cast) else None


def _voteless(framework: Framework, ballot: Ballot) -> frozenset[str]:
    operator = framework.operator
    if operator is None:
        return frozenset(ballot.abstaining)
    declared = ballot.declared.get(operator, frozenset())
    return frozenset(ballot.abstaining) | declared | {operator.text}


def _needed(rule: Rule, seated: Sequence[Voter]) -> int:
    return max(1, ceil(rule.share * len(seated)))


def _least(minimum: int | Fraction, seat: str, seated: Sequence[Voter]) -> int:
    """Return how many of a class must approve."""
    seats = sum(each.seat == seat for each in seated)
    return minimum if isinstance(minimum, int) else max(1, ceil(minimum * seats))


def rules_for(framework: Framework, act: str, *, touches_votes: bool = False) -> tuple[Rule, ...]:
    """Return every rule whose quorum an act needs; none where no board decides such an act.

    What takes a vote from somebody, or gives one, needs what a change of the framework needs, too:
    else those who reach a lesser quorum could choose who decides on the greater one.
    """
    own = framework.rules.get(act)
    if own is None:
        return ()
    if not touches_votes or act == FRAMEWORK_ACT:
        return (own,)
    return (own, framework.rules[FRAMEWORK_ACT])


def tallies(framework: Framework, ballot: Ballot) -> tuple[Tally, ...]:
    """Count a ballot under every rule that it needs."""
    rules = rules_for(framework, ballot.act, touches_votes=ballot.touches_votes)
    return tuple(tally(framework, rule, ballot) for rule in rules)


def waiting_ms(framework: Framework, ballot: Ballot) -> int:
    """Return the milliseconds between proposal and execution: longer where somebody objects."""
    rules = rules_for(framework, ballot.act, touches_votes=ballot.touches_votes)
    waiting = [rule.waiting_ms for rule in rules]
    if ballot.objected:
        waiting += [rule.objected_ms for rule in rules]
    return max(waiting, default=0)


def carried(frameworks: tuple[Framework, ...], ballot: Ballot, elapsed_ms: int) -> bool:
    """Tell whether an act may be executed.

    Args:
        frameworks: the one in force, and for a change of it the one proposed: each must be
            satisfied; the waiting period is that of the one in force.
        ballot: the votes, as they stand where the act would be executed.
        elapsed_ms: milliseconds since it was proposed.
    """
    return elapsed_ms >= waiting_ms(frameworks[0], ballot) and all(
        counts and all(count.met for count in counts)
        for counts in (tallies(framework, ballot) for framework in frameworks)
    )


def lost(frameworks: tuple[Framework, ...], ballot: Ballot) -> bool:
    """Tell whether so many reject an act that all the others together could not carry it.

    Args:
        frameworks: as for `carried`.
        ballot: the votes, as they stand.
    """
    if all(ballot.votes.values()):
        return False
    return any(
        _out_of_reach(framework, rule, ballot)
        for framework in frameworks
        for rule in rules_for(framework, ballot.act, touches_votes=ballot.touches_votes)
    )


def _out_of_reach(framework: Framework, rule: Rule, ballot: Ballot) -> bool:
    """Tell whether a quorum is missed even if all approve who have not rejected.

    A bloc of several classes may yet come to count in any of them: that depends on who approves.
    """
    counted, voteless = blocs(framework, ballot.declared), _voteless(framework, ballot)
    hoped = [
        {voter.seat for voter in bloc}
        for bloc in counted
        if all(voter.groups.isdisjoint(voteless) for voter in bloc)
        and all(ballot.votes.get(member.did, True) for voter in bloc for member in voter.members)
    ]
    seated = [voter for bloc in counted for voter in bloc]
    return len(hoped) < _needed(rule, seated) or any(
        sum(seat in seats for seats in hoped) < _least(minimum, seat, seated)
        for seat, minimum in rule.minimum.items()
    )
