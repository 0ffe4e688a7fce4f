"""Quorums: have enough seated members approved?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from policies.framework import Framework, Rule
from resolver.did import Did


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


def tally(
    framework: Framework, rule: Rule, approving: Collection[Did], abstaining: Collection[str] = ()
) -> Tally:
    """Count approvals under a rule.

    Members under one control have one vote between them, in the class of the first of them that
    the framework seats. Who abstains still counts as seated: an act does not get easier to pass
    because it is about a member. A class that cannot reach its minimum blocks.

    Args:
        framework: the framework in force where the act would be executed.
        rule: the quorum demanded.
        approving: who approved; others than seated members do not count.
        abstaining: the control groups that the act is about.
    """
    classes: dict[str, str] = {}
    for member in framework.members:
        classes.setdefault(member.control_group, member.seat)
    groups = {
        member.control_group
        for member in framework.members
        if member.did in approving and member.control_group not in abstaining
    }
    votes = [classes[group] for group in groups]
    lacking = {
        seat: minimum - votes.count(seat)
        for seat, minimum in rule.minimum.items()
        if votes.count(seat) < minimum
    }
    return Tally(len(groups), max(1, ceil(rule.share * len(classes))), lacking)
