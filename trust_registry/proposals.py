"""Proposals: acts that wait for a board's quorum. Appeals: what somebody asks it to judge anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policies.statements import PartyId, StatementId
from resolver.did import Did
from resolver.instant import DAY, Instant
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
        abstaining: the control groups that it was about when it was proposed.
        authority: who says what is proposed; the framework's id where the board does.
        closes: the first instant at which it can no longer be voted on.
        emergency: whether it already holds, by one member's power, until ratified.
        application: whether somebody without a seat asks for it.
        votes: who approves and who does not.
        objections: who objected, in the order of the journal.
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
    application: bool = False
    votes: Mapping[Did, bool] = field(default_factory=dict)
    objections: tuple[Did, ...] = ()
    status: Status = Status.PENDING

    @property
    def approving(self) -> frozenset[Did]:
        """Who approves."""
        return frozenset(did for did, approves in self.votes.items() if approves)

    def is_open(self, at: Instant) -> bool:
        """Tell whether it can be voted on at an instant."""
        return self.status is Status.PENDING and at < self.closes

    def holds_place(self, at: Instant) -> bool:
        """Tell whether, as an application, it takes up a place before the board at an instant.

        One that nobody decides does so for a day at least, however soon it expires: else strangers
        could fill the journal with applications that make room for one another.
        """
        until = max(self.closes, self.recorded_at + DAY)
        return self.status is Status.PENDING and at < until


@dataclass(frozen=True, slots=True)
class Appealed:
    """An appeal.

    Attributes:
        id: the act that asked.
        change: the change of status that it is against.
        by: the party that asked.
        recorded_at: when.
        decision: `upheld` or `dismissed`; empty before it is decided.
    """

    id: str
    change: StatementId
    by: PartyId
    recorded_at: Instant
    decision: str = ""
