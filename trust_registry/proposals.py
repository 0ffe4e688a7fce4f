"""Proposals: acts that wait for a board's quorum."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policies.framework import Framework, Rule
from policies.quorum import Ballot, Tally, tally
from policies.statements import PartyId
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.acts import Act


class Status(StrEnum):
    """What has become of an act."""

    PENDING = "pending"
    EXECUTED = "executed"
    RECORDED = "recorded"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act before the board; a vote gives a new one.

    Attributes:
        id: the act's id.
        act: what is proposed.
        digest: of the framework proposed, where one is.
        position: where the journal took it down.
        recorded_at: when; its waiting period runs from here.
        framework: the digest of the framework that it was proposed under.
        abstaining: the control groups that it is about.
        authority: who says what is proposed; the framework's id where the board does.
        closes: the first instant at which it can no longer be voted on.
        emergency: whether it already holds, by one member's power, until ratified.
        votes: who approves and who does not, the latest vote of each control group.
        status: what has become of it.
    """

    id: str
    act: Act
    digest: str
    position: int
    recorded_at: Instant
    framework: str
    abstaining: frozenset[str]
    authority: PartyId
    closes: Instant
    emergency: bool = False
    votes: Mapping[Did, bool] = field(default_factory=dict)
    status: Status = Status.PENDING

    @property
    def approving(self) -> frozenset[Did]:
        """Who approves."""
        return frozenset(did for did, approves in self.votes.items() if approves)

    def counted(self, framework: Framework) -> Tally | None:
        """Count the approvals under a framework; None where it has no rule for this act."""
        rule = self.rule(framework)
        ballot = Ballot(self.act.type, self.votes, self.abstaining)
        return tally(framework, rule, ballot) if rule else None

    def rule(self, framework: Framework) -> Rule | None:
        """Return the framework's rule for this kind of act."""
        return framework.rules.get(self.act.type)

    def waits_until(self, framework: Framework) -> Instant:
        """Return the instant at which its waiting period is over."""
        rule = self.rule(framework)
        return Instant(self.recorded_at + (rule.waiting_ms if rule else 0))
