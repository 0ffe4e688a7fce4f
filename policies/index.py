"""The index: everything a decision looks at, in memory, along both axes of time.

Every item carries the journal position that recorded it, so one index answers for any past
journal size: what was recorded at or after `known` does not exist for that question.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policies.framework import Framework
from policies.holders import NOBODY, Bucket, Changed, Excluded, Holder, Link, Scoped
from policies.scope import Vocabulary
from policies.statements import (
    Action,
    Exclusion,
    KeyCompromise,
    Lift,
    Party,
    PartyId,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import Instant

if TYPE_CHECKING:
    from policies.chains import Chains


def _registered_as(party: Party) -> int:
    return party.recorded.position


def _recorded_as(changed: Changed) -> int:
    return changed.change.recorded.position


def _exclusion_recorded_as(excluded: Excluded) -> int:
    return excluded.exclusion.recorded.position


class Index:
    """A registry's state, folded from its journal; adding is the only way to change it.

    Attributes:
        version: counts the changes, so that what is derived can be kept until the next one.
        chains: the ways to the roots under the latest framework, once they were asked for.
    """

    def __init__(self) -> None:
        self.version = 0
        self.chains: Chains | None = None
        self._frameworks: list[Framework] = []
        self._vocabulary = Vocabulary()
        self._holders: dict[PartyId, Holder] = {}
        self._known_as: dict[str, tuple[Holder, ...]] = {}
        self._links: dict[StatementId, Link] = {}
        self._changed: dict[StatementId, Changed] = {}
        self._compromises: dict[tuple[str, str], list[KeyCompromise]] = {}

    # Writing: called by the fold alone, in journal order.

    def add_framework(self, framework: Framework) -> None:
        """Take a framework version into force."""
        self.version += 1
        self._frameworks.append(framework)
        if framework.vocabulary != self._vocabulary:
            self._vocabulary = framework.vocabulary
            for scoped in self._scoped():
                scoped.adopt(self._vocabulary)
        else:
            self._vocabulary = framework.vocabulary

    def _scoped(self) -> Iterator[Scoped]:
        yield from self._links.values()
        yield from self._changed.values()
        for holder in self._holders.values():
            yield from holder.excluded

    def add_party(self, party: Party) -> None:
        """Register a party under each of its DIDs."""
        self.version += 1
        holder = self._holder(party.id)
        holder.versions.append(party)
        holder.position = party.recorded.position
        for did in party.dids:
            others = (each for each in self._known_as.get(did.text, ()) if each is not holder)
            self._known_as[did.text] = (*others, holder)

    def add_statement(self, statement: Statement) -> None:
        """Add an authority's statement about an entity."""
        self.version += 1
        link = Link(
            statement,
            self._vocabulary,
            self.group_of(statement.authority),
            self.group_of(statement.entity),
        )
        self._links[statement.id] = link
        holder = self._holder(statement.entity)
        link.watched = bool(holder.excluded)
        holder.add(link)

    def _holder(self, party: PartyId) -> Holder:
        """Return what stands about a party, ready to be added to."""
        holder = self._holders.get(party)
        if holder is None:
            holder = self._holders[party] = Holder(party)
        return holder

    def add_change(self, change: StatusChange) -> None:
        """Suspend, withdraw or supersede a statement, whole or in part."""
        self.version += 1
        changed = Changed(change, self._vocabulary)
        self._changed[change.id] = changed
        link = self._links[change.statement]
        insort(link.changes, changed, key=_recorded_as)
        link.watched = True
        self._holder(link.entity).adverse.append(changed)

    def lift_change(self, change: StatementId, lift: Lift) -> None:
        """End a status change by a reinstatement; what was lifted once stays as it was lifted."""
        self.version += 1
        changed = self._changed[change]
        old = changed.change
        if old.lifted is not None:
            return
        changed.change = StatusChange(
            old.id,
            old.statement,
            old.change,
            old.scope,
            old.effective_from,
            old.recorded,
            old.effective_until,
            old.issued,
            lift,
        )

    def add_exclusion(self, exclusion: Exclusion) -> None:
        """Shut a party out of some claims."""
        self.version += 1
        excluded = Excluded(exclusion, self._vocabulary)
        holder = self._holder(exclusion.party)
        insort(holder.excluded, excluded, key=_exclusion_recorded_as)
        for link in holder.about:
            link.watched = True

    def add_compromise(self, compromise: KeyCompromise) -> None:
        """Record that others may have used a key."""
        key = (compromise.did.text, compromise.thumbprint)
        self._compromises.setdefault(key, []).append(compromise)

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

    def holder_of(self, did: Did, known: int) -> Holder | None:
        """Return what stands about the party that a DID belongs to, or None."""
        holders = self._known_as.get(did.text)
        if holders is None:
            return None
        if holders[-1].position < known:
            return holders[-1]
        party = self._registered(holders, did, known)
        return self._holders[party.id] if party else None

    def party_of(self, did: Did, known: int) -> Party | None:
        """Return the party that a DID belongs to, as it was last registered by then, or None."""
        holders = self._known_as.get(did.text)
        if holders is None:
            return None
        last = holders[-1]
        if last.position < known and len(last.versions) == 1:
            return last.versions[0]
        return self._registered(holders, did, known)

    def _registered(self, holders: Iterable[Holder], did: Did, known: int) -> Party | None:
        found = (
            version
            for holder in holders
            for version in holder.versions
            if version.recorded.position < known and did in version.dids
        )
        return max(found, key=_registered_as, default=None)

    def party(self, party: PartyId) -> Party | None:
        """Return a party by its id, or None where it is a framework's or unknown."""
        versions = self.holder(party).versions
        return versions[-1] if versions else None

    def versions(self, party: PartyId) -> tuple[Party, ...]:
        """Return a party as it was registered each time, the first time first."""
        return tuple(self.holder(party).versions)

    def holder(self, party: PartyId) -> Holder:
        """Return what stands about a party; nothing does about one that is unknown."""
        return self._holders.get(party, NOBODY)

    def group_of(self, party: PartyId) -> str:
        """Return the control group of a party; a framework is its own."""
        found = self.party(party)
        return (found.control_group or found.id) if found else party

    def parties(self) -> tuple[Party, ...]:
        """Return every party as last registered, in the order in which they were first named."""
        return tuple(each.versions[-1] for each in self._holders.values() if each.versions)

    def statement(self, statement: StatementId) -> Statement | None:
        """Return a statement by its id, or None."""
        link = self._links.get(statement)
        return link.statement if link else None

    def statements(self) -> Iterator[Statement]:
        """Yield every statement, in journal order."""
        return (link.statement for link in self._links.values())

    def changes(self, statement: StatementId) -> tuple[StatusChange, ...]:
        """Return the status changes of a statement, in journal order."""
        link = self._links.get(statement)
        return tuple(changed.change for changed in link.changes) if link else ()

    def change(self, change: StatementId) -> StatusChange | None:
        """Return a status change by its id, or None."""
        changed = self._changed.get(change)
        return changed.change if changed else None

    def held(self, entity: PartyId, action: Action) -> Bucket:
        """Return what a party holds for an action."""
        return self.holder(entity).held(action)

    def recognised(self, entity: PartyId) -> Bucket:
        """Return the recognitions of a party."""
        return self.holder(entity).recognised

    def exclusions(self, party: PartyId) -> list[Excluded]:
        """Return the exclusions of a party."""
        return self.holder(party).excluded

    def compromises(self, did: Did, thumbprint: str, known: int) -> tuple[KeyCompromise, ...]:
        """Return what is known of a key's compromise."""
        found = self._compromises.get((did.text, thumbprint), ())
        return tuple(each for each in found if each.recorded.position < known)


def in_force(start: Instant, end: Instant, at: Instant) -> bool:
    """Tell whether an instant lies in a half-open interval."""
    return start <= at < end
