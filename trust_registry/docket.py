"""The docket: what governance itself must remember, besides what decisions look at."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from policies.statements import (
    Exclusion,
    KeyCompromise,
    Party,
    PartyId,
    Retirement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.acts import DecideAppeal, Suspend
from trust_registry.effects import Item, Lifted
from trust_registry.proposals import Appealed, Proposal, Status

BOARD = PartyId("")
"""The maker of what a board decided."""


Names: TypeAlias = frozenset[tuple[str, str]]
"""Names with their kinds."""


def names_of(party: Party) -> Names:
    """Return what a party alone may be known by: its domains and registered identifiers."""
    if party.retired:
        return frozenset()
    domains = {("domain", domain) for domain in party.domains}
    return frozenset(domains | {("identifier", each) for each in party.identifiers})


@dataclass(slots=True)
class Docket:
    """Pending matters, and who may take back what.

    Attributes:
        proposals: every act that came before the board, by id.
        pending: those that are not decided; a long journal has many that are.
        appeals: every appeal, by id.
        makers: who made each change of status, retirement and exclusion, by its id.
        lifted: those that were ended.
        prolonged: an emergency suspension to what its ratification added.
        names: which party has a domain or registered identifier.
        emergencies: by statement, the suspensions that one member each proposed.
        applications: proposals by those who have no seat.
    """

    proposals: dict[str, Proposal] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    appeals: dict[str, Appealed] = field(default_factory=dict)
    makers: dict[StatementId, PartyId] = field(default_factory=dict)
    lifted: set[StatementId] = field(default_factory=set)
    prolonged: dict[StatementId, StatementId] = field(default_factory=dict)
    names: dict[tuple[str, str], PartyId] = field(default_factory=dict)
    emergencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    applications: set[str] = field(default_factory=set)

    def waiting(self, at: Instant) -> tuple[Proposal, ...]:
        """Return the applications that take up a place before the board at an instant."""
        found = (self.proposals[each] for each in sorted(self.applications))
        return tuple(each for each in found if each.holds_place(at))

    def take_proposal(self, proposal: Proposal, at: Instant) -> None:
        """Take up a proposal that is new or changed."""
        self.proposals[proposal.id] = proposal
        if proposal.status is Status.PENDING:
            self.pending.add(proposal.id)
        else:
            self.pending.discard(proposal.id)
        act = proposal.act
        if proposal.emergency and isinstance(act, Suspend):
            known = self.emergencies.get(act.statement, ())
            if proposal.id not in known:
                self.emergencies[act.statement] = (*known, proposal.id)
        if proposal.application:
            self.applications = {each.id for each in self.waiting(at)}
            if proposal.holds_place(at):
                self.applications.add(proposal.id)
        if proposal.status is Status.EXECUTED and isinstance(act, DecideAppeal):
            decided = replace(self.appeals[act.appeal], decision=act.decision)
            self.appeals[act.appeal] = decided

    def with_prolonged(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Let what ends a suspension end what its ratification added, too."""
        more = [
            replace(item, change=self.prolonged[item.change])
            for item in items
            if isinstance(item, Lifted) and item.change in self.prolonged
        ]
        return (*items, *more)

    def take_item(self, item: Item, before: Party | None, maker: PartyId) -> None:
        """Note what an item means for later acts.

        Args:
            item: it.
            before: the party as it was, where the item is a new version of one.
            maker: who may take it back.
        """
        if isinstance(item, StatusChange | Exclusion | Retirement):
            self.makers[item.id] = maker
        elif isinstance(item, Lifted):
            self.lifted.add(item.change)
        elif isinstance(item, KeyCompromise):
            self._strike_votes(item.did)
        elif isinstance(item, Party):
            self.rename(item.id, names_of(before) if before else frozenset(), names_of(item))

    def rename(self, party: PartyId, before: Names, now: Names) -> None:
        """Note the names that are a party's alone."""
        for name in before:
            self.names.pop(name, None)
        self.names.update(dict.fromkeys(now, party))

    def _strike_votes(self, member: Did) -> None:
        """Take back what a key that others may have used said on what still waits."""
        for id_ in self.pending:
            proposal = self.proposals[id_]
            if member in proposal.votes:
                votes = {did: vote for did, vote in proposal.votes.items() if did != member}
                self.proposals[id_] = replace(proposal, votes=votes)

    def ratify(self, first: StatementId, prolonging: StatementId) -> None:
        """Make a member's suspension the board's."""
        self.prolonged[first] = prolonging
        self.makers[first] = BOARD

    def void_pending(self) -> None:
        """End every proposal: the rules that it was made under have changed."""
        for id_ in self.pending:
            self.proposals[id_] = replace(self.proposals[id_], status=Status.VOID)
        self.pending.clear()
        self.applications.clear()
