"""The index: everything a decision looks at, in memory, along both axes of time.

Every item carries the journal position that recorded it, so one index answers for any past
journal size: what was recorded at or after `known` does not exist for that question.

Parties and statements are rows of a ledger; the parties that were asked about of late are kept as
objects, so that asking costs little and a million statements take little memory.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policies.adverse import Adverse
from policies.columns import NONE
from policies.errors import CorruptStateError
from policies.framework import Framework
from policies.holders import NOBODY, Bucket, Changed, Excluded, Holder, Link
from policies.ledger import Ledger
from policies.lines import PartyLine, Row, StatementLine
from policies.owners import Owners
from policies.recent import Recent
from policies.scope import Vocabulary
from policies.statements import (
    Action,
    Exclusion,
    KeyCompromise,
    Lift,
    Party,
    PartyId,
    Retirement,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant

if TYPE_CHECKING:
    from policies.chains import Chains


MOST_HOLDERS = 32_768
"""Parties kept as objects at a time, in each of two generations; one takes some 2.3 kilobytes.

So those of a registry of 100,000 statements all stay; a larger one takes some 150 MB more at most,
and for a while half as much again, since those that go are freed bit by bit.
"""

_ALL_IT_HOLDS = StatementId("")
"""Stands for each statement of a party that retired: a link's changes are asked for no id."""


class Index:
    """A registry's state, folded from its journal; adding is the only way to change it.

    Attributes:
        version: counts the changes, so that what is derived can be kept until the next one.
        ledger: its parties and statements.
        chains: the ways to the roots under the latest framework, once they were asked for.
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        """`ledger` may hold what was read before; frameworks and adverse acts are added to it."""
        self.version = 0
        self.chains: Chains | None = None
        self._frameworks: list[Framework] = []
        self._vocabulary = Vocabulary()
        self.ledger = ledger or Ledger()
        self._adverse = Adverse()
        self._holders = Recent[int, Holder](MOST_HOLDERS)
        self._owners = Owners(self.ledger.parties, MOST_HOLDERS)

    def become(self, other: "Index") -> None:
        """Take over everything of another fold; what was derived from either is derived anew."""
        version = max(self.version, other.version) + 1
        vars(self).update(vars(other))
        self.version, self.chains = version, None

    # Writing: called by the fold alone, in journal order.

    def add_framework(self, framework: Framework) -> None:
        """Take a framework version into force."""
        self.version += 1
        self._frameworks.append(framework)
        self._vocabulary = framework.vocabulary
        self.ledger.adopt(self._vocabulary)
        self._holders.clear()

    def add_party(self, party: Party) -> None:
        """Register a party under each of its DIDs, and under none that it had before."""
        self.add_parties([party])

    def add_parties(self, parties: Sequence[Party]) -> None:
        """Register parties at once, in journal order; see `add_party`."""
        self.version += 1
        earlier = [self.party(each.id) for each in parties]
        rows = [(PartyLine.of(each), each.recorded.position, each.recorded.at) for each in parties]
        self.ledger.extend(rows)
        for before, (line, _, _) in zip(earlier, rows, strict=True):
            self._holders.forget(self.ledger.parties.number(line.id))
            self._owners.take([each.text for each in before.dids] if before else (), line.dids)
            if before and before.control_group != line.control_group:
                self._holders.clear()  # whom it granted to must be judged with the new group

    def add_statement(self, statement: Statement) -> None:
        """Add an authority's statement about an entity.

        Raises:
            CorruptStateError: there is a statement of this id.
        """
        self.version += 1
        row, recorded = len(self.ledger.statements), statement.recorded
        self.ledger.extend([(StatementLine.of(statement), recorded.position, recorded.at)])
        party = self.ledger.statements.entity[row]
        holder = self._holders.get(party)
        if holder is not None:  # it may hold so much that reading it anew takes long
            self._file(holder, row, self._withdrawal(party, _ALL_IT_HOLDS))

    def extend(self, rows: Sequence[Row[PartyLine | StatementLine]]) -> None:
        """Register parties and add statements, in journal order; what was derived is dropped.

        Raises:
            CorruptStateError: there is a statement of the id of one of them.
        """
        self.version += 1
        self.ledger.extend(rows)
        self._holders.clear()
        self._owners.clear()

    def add_change(self, change: StatusChange) -> None:
        """Suspend, withdraw or supersede a statement, whole or in part.

        Raises:
            CorruptStateError: there is no such statement.
        """
        self.version += 1
        changed = Changed(change, self._vocabulary)
        row = self.ledger.statements.find(change.statement)
        if row is None:
            raise CorruptStateError(f"no statement has the id {change.statement}")
        party = self.ledger.statements.entity[row]
        self._adverse.add_change(row, party, changed)
        self._holders.forget(party)

    def lift_change(self, change: StatementId, lift: Lift) -> None:
        """End a status change; see `Adverse.lift_change`."""
        self.version += 1
        self._adverse.lift_change(change, lift)

    def add_exclusion(self, exclusion: Exclusion) -> None:
        """Shut a party out of some claims."""
        self.version += 1
        party = self.ledger.parties.number(exclusion.party)
        self._adverse.add_exclusion(party, Excluded(exclusion, self._vocabulary))
        self._holders.forget(party)

    def lift_exclusion(self, exclusion: StatementId, lift: Lift) -> None:
        """End an exclusion; see `Adverse.lift_exclusion`."""
        self.version += 1
        self._adverse.lift_exclusion(exclusion, lift)

    def add_retirement(self, retirement: Retirement) -> None:
        """End a party; that is one item, however much it holds."""
        self.version += 1
        party = self.ledger.parties.number(retirement.party)
        self._adverse.add_retirement(party, retirement)
        self._holders.forget(party)

    def add_compromise(self, compromise: KeyCompromise) -> None:
        """Record that others may have used a key."""
        self.version += 1
        self._adverse.add_compromise(compromise)

    # Reading.

    def framework_at(self, known: int) -> Framework:
        """Return the framework in force for a journal size.

        Raises:
            LookupError: none was recorded by then.
        """
        if self._frameworks and self._frameworks[-1].recorded.position < known:
            return self._frameworks[-1]
        for framework in reversed(self._frameworks):
            if framework.recorded.position < known:
                return framework
        raise LookupError("no framework is recorded for this journal size")

    def frameworks(self) -> tuple[Framework, ...]:
        """Return every framework version, oldest first."""
        return tuple(self._frameworks)

    def holder_of(self, did: Did, known: int, at: Instant = END) -> Holder | None:
        """Return what stands about the party that a DID belonged to at an instant, or None."""
        number = self._owners.settled(did)
        holder = self._holders.get(number) if number is not None else None
        if holder is not None and holder.position < known:
            return holder
        version = self._owners.version(did, known, at)
        if version is None:
            return None
        number = self.ledger.parties.party[version]
        self._owners.settle(did, number)
        return self._holders.get(number) or self._read(number)

    def party_of(self, did: Did, known: int, at: Instant = END) -> Party | None:
        """Return the party that a DID belonged to at an instant, as last registered by then.

        Args:
            did: which.
            known: the journal size whose knowledge counts.
            at: the instant; a party has its first DIDs for all the time before, too.

        Returns:
            The party, or None where it is nobody's.
        """
        parties, version = self.ledger.parties, self._owners.version(did, known, at)
        if version is None:
            return None
        if at < END:
            versions = parties.versions(parties.party[version])
            version = next(each for each in versions if parties.position[each] < known)
        return parties.version(version)

    def is_settled(self, did: Did) -> bool:
        """Tell whether a DID has been but one party's, so that no time says whose it is."""
        return self._owners.is_settled(did)

    def next_holder(self, did: Did, known: int, at: Instant) -> Instant:
        """Return the next instant after one at which a DID may become another's, or `END`."""
        return self._owners.next_change(did, known, at)

    def last_party_of(self, did: Did) -> Party | None:
        """Return the party that a DID belongs to, or belonged to last, as it is now, or None."""
        parties, version = self.ledger.parties, self._owners.latest(did)
        return None if version is None else self.party(parties.id(parties.party[version]))

    def party(self, party: PartyId) -> Party | None:
        """Return a party by its id, or None where it is a framework's or unknown."""
        return next(self._versions(party), None)

    def party_as_known(self, party: PartyId, known: int) -> Party | None:
        """Return a party as it was last registered by a journal size, or None."""
        parties, number = self.ledger.parties, self.ledger.parties.find(party)
        versions = () if number is None else parties.versions(number)
        found = next((each for each in versions if parties.position[each] < known), None)
        return None if found is None else parties.version(found)

    def versions(self, party: PartyId) -> tuple[Party, ...]:
        """Return a party as it was registered each time, the first time first."""
        return tuple(self._versions(party))[::-1]

    def _versions(self, party: PartyId) -> Iterator[Party]:
        """Yield a party as it was registered each time, the latest time first."""
        parties = self.ledger.parties
        number = parties.find(party)
        return map(parties.version, () if number is None else parties.versions(number))

    def holder(self, party: PartyId) -> Holder:
        """Return what stands about a party; nothing does about one that is unknown."""
        number = self.ledger.parties.find(party)
        if number is None:
            return NOBODY
        return self._holders.get(number) or self._read(number)

    def _read(self, number: int) -> Holder:
        """Read a party from the ledger, and keep it at hand."""
        ledger = self.ledger
        latest = next(ledger.parties.versions(number), None)
        holder = Holder(
            ledger.parties.id(number),
            -1 if latest is None else ledger.parties.position[latest],
            self._adverse.against(number),
            self._adverse.excluded(number),
            self._adverse.retirement(number),
        )
        withdrawal = self._withdrawal(number, _ALL_IT_HOLDS)
        for row in ledger.statements.about(number):
            self._file(holder, row, withdrawal)
        self._holders.keep(number, holder)
        return holder

    def _file(self, holder: Holder, row: int, withdrawal: Changed | None) -> None:
        holder.add(Link(self.ledger, row, holder.id, self._adverse.changes(row, withdrawal)))

    def _withdrawal(self, party: int, statement: StatementId) -> Changed | None:
        return self._adverse.withdrawal(party, statement, self._vocabulary)

    def group_of(self, party: PartyId) -> str:
        """Return the control group of a party; a framework is its own."""
        found = self.party(party)
        return (found.control_group or found.id) if found else party

    def parties(self) -> tuple[Party, ...]:
        """Return every party as last registered, in the order in which they were first named."""
        parties = self.ledger.parties
        return tuple(parties.version(link - 1) for link in parties.latest if link != NONE)

    def party_ids(self) -> Iterator[PartyId]:
        """Yield the id of every party, in the order in which they were first named."""
        return (party for _, party in self.numbered_parties())

    def numbered_parties(self, since: int = 0) -> Iterator[tuple[int, PartyId]]:
        """Yield the id of every party from a number on, with its number, which it has for good."""
        parties, latest = self.ledger.parties, self.ledger.parties.latest
        numbers = range(since, len(latest))
        return ((each, parties.id(each)) for each in numbers if latest[each] != NONE)

    def registrations(self, since: int = 0) -> Iterator[Party]:
        """Yield parties as they were registered each time, from a journal position on."""
        parties = self.ledger.parties
        return map(parties.version, range(bisect_left(parties.position, since), len(parties.party)))

    def statement(self, statement: StatementId) -> Statement | None:
        """Return a statement by its id, or None."""
        row = self.ledger.statements.find(statement)
        return None if row is None else self.ledger.statement(row)

    def statements(
        self,
        since: int = 0,
        before: int | None = None,
        *,
        about: PartyId | None = None,
        by: PartyId | None = None,
    ) -> Iterator[Statement]:
        """Yield statements in journal order; rows that are not asked for are not read.

        Args:
            since: the journal position to begin at.
            before: the one to end before; none, if None.
            about: whom they are about; anybody, if None.
            by: who makes them; a party or a framework, or anybody, if None.
        """
        return map(self.ledger.statement, self._rows(since, before, about, by))

    def links(self, authority: PartyId, entity: PartyId) -> Iterator[Link]:
        """Yield what one party states about another, in journal order."""
        for row in self._rows(0, None, entity, authority):
            withdrawal = self._withdrawal(self.ledger.statements.entity[row], _ALL_IT_HOLDS)
            yield Link(self.ledger, row, entity, self._adverse.changes(row, withdrawal))

    def _rows(
        self, since: int, before: int | None, about: PartyId | None, by: PartyId | None
    ) -> Iterator[int]:
        rows, parties = self.ledger.statements, self.ledger.parties
        entity, authority = (None if each is None else parties.find(each) for each in (about, by))
        if (about is None) is not (entity is None) or (by is None) is not (authority is None):
            return iter(())
        return rows.rows(since, before, entity, authority)

    def anchors(self) -> int:
        """Count the statements that the framework itself makes: those of trust anchors."""
        parties, authorities = self.ledger.parties, self.ledger.statements.authority
        roots = {parties.find(framework.id) for framework in self._frameworks}
        return sum(authorities.count(root) for root in roots if root is not None)

    def under_one_control(self, statement: Statement, known: int, at: Instant) -> bool:
        """Tell whether who made a statement and who holds it are by then declared to be one."""
        parties, since = self.ledger.parties, statement.recorded.position
        authority, entity = parties.find(statement.authority), parties.find(statement.entity)
        if authority is None or entity is None or self.party(statement.authority) is None:
            return False
        group = parties.group_at(authority, since, known, at)
        return group == parties.group_at(entity, since, known, at)

    def changes(self, statement: StatementId) -> tuple[StatusChange, ...]:
        """Return the status changes of a statement, its party's retirement among them, in order."""
        row = self.ledger.statements.find(statement)
        if row is None:
            return ()
        withdrawal = self._withdrawal(self.ledger.statements.entity[row], statement)
        return tuple(changed.change for changed in self._adverse.changes(row, withdrawal))

    def retirement(self, party: PartyId) -> Retirement | None:
        """Return the end of a party, or None where it has not come."""
        number = self.ledger.parties.find(party)
        return None if number is None else self._adverse.retirement(number)

    def all_retirements(self) -> tuple[Retirement, ...]:
        """Return the end of every party that has retired, in journal order."""
        return self._adverse.all_retirements()

    def change(self, change: StatementId) -> StatusChange | None:
        """Return a status change by its id, or None."""
        return self._adverse.change(change)

    def all_changes(self) -> tuple[StatusChange, ...]:
        """Return every status change that an act made of one statement, in journal order."""
        return self._adverse.all_changes()

    def exclusion(self, exclusion: StatementId) -> Exclusion | None:
        """Return an exclusion by its id, or None."""
        return self._adverse.exclusion(exclusion)

    def all_exclusions(self) -> tuple[Exclusion, ...]:
        """Return every exclusion, in journal order of each party."""
        return self._adverse.all_exclusions()

    def all_compromises(self) -> tuple[KeyCompromise, ...]:
        """Return every key's compromise, in journal order of each key."""
        return self._adverse.all_compromises()

    def held(self, entity: PartyId, action: Action) -> Bucket:
        """Return what a party holds for an action."""
        return self.holder(entity).held(action)

    def recognised(self, entity: PartyId) -> Bucket:
        """Return the recognitions of a party."""
        return self.holder(entity).recognised

    def exclusions(self, party: PartyId) -> Sequence[Excluded]:
        """Return the exclusions of a party."""
        return self.holder(party).excluded

    def compromises(self, did: Did, thumbprint: str, known: int) -> tuple[KeyCompromise, ...]:
        """Return what is known of a key's compromise."""
        return self._adverse.compromises(did, thumbprint, known)


def in_force(start: Instant, end: Instant, at: Instant) -> bool:
    """Tell whether an instant lies in a half-open interval."""
    return start <= at < end
