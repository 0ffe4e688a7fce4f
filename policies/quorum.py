"""Quorums: have enough seated members approved?"""

from collections.abc import Collection
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
    lacking: dict[str, int]

    @property
    def met(self) -> bool:
        """Whether the quorum is met."""
        return self.approvals >= self.needed and not self.lacking


def tally(
    framework: Framework, rule: Rule, approving: Collection[Did], subjects: Collection[str]
) -> Tally:
    """Count approvals under a rule.

    The subject of an act abstains: it neither counts as seated nor votes. Members under one
    control have one vote between them. A class that cannot reach its minimum blocks.

    Args:
        framework: the framework in force where the act would be executed.
        rule: the quorum demanded.
        approving: who approved; others than seated members do not count.
        subjects: the control groups that the act is about.
    """
    seated = [member for member in framework.members if member.control_group not in subjects]
    groups = {member.control_group for member in seated}
    approved = [member for member in seated if member.did in approving]
    lacking = {}
    for seat, minimum in rule.minimum.items():
        votes = len({member.control_group for member in approved if member.seat == seat})
        if votes < minimum:
            lacking[seat] = minimum - votes
    votes = len({member.control_group for member in approved})
    needed = max(1, ceil(rule.share * len(groups)))
    return Tally(votes, needed, lacking)
