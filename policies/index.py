"""The index: everything a decision looks at, in memory, along both axes of time.

Every item carries the journal position that recorded it, so one index answers for any past
journal size: what was recorded at or after `known` does not exist for that question.
"""

from bisect import insort
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from policies.claims import POSITION, Dimension
from policies.framework import Framework
from policies.scope import CompiledScope, PreparedClaim, Scope, Vocabulary
from policies.statements import (
    Action,
    Exclusion,
    KeyCompromise,
    Kind,
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

_SCHEME = POSITION[Dimension.SCHEME]


class Scoped:
    """A scope compiled under the vocabulary now in force; older ones are compiled when asked."""

    __slots__ = ("compiled", "scope", "vocabulary")

    def __init__(self, scope: Scope, vocabulary: Vocabulary) -> None:
        self.scope = scope
        self.adopt(vocabulary)

    def adopt(self, vocabulary: Vocabulary) -> None:
        """Compile the scope under a new vocabulary."""
        self.vocabulary = vocabulary
        self.compiled = self.scope.compile(vocabulary)

    def under(self, vocabulary: Vocabulary) -> CompiledScope:
        """Return the scope as compiled under a vocabulary."""
        if vocabulary is self.vocabulary:
            return self.compiled
        return self.scope.compile(vocabulary)


class Changed(Scoped):
    """A status change of a statement; a reinstatement replaces `change` by its lifted form."""

    __slots__ = ("change",)

    def __init__(self, change: StatusChange, vocabulary: Vocabulary) -> None:
        super().__init__(change.scope, vocabulary)
        self.change = change


class Excluded(Scoped):
    """An exclusion of a party."""

    __slots__ = ("exclusion",)

    def __init__(self, exclusion: Exclusion, vocabulary: Vocabulary) -> None:
        super().__init__(exclusion.scope, vocabulary)
        self.exclusion = exclusion


_NOTHING: frozenset[Action] = frozenset()
_ACCREDITING = frozenset({Action.ACCREDIT})  # its depth, not its name, is what limits it


class Link(Scoped):
    """A statement as a link of chains, flat so that judging it costs little.

    `watched` says that an act stands against it or its entity, so that more than its own scope and
    validity must be looked at.
    """

    __slots__ = (
        "authority",
        "authority_group",
        "changes",
        "depth",
        "entity",
        "entity_group",
        "passes_on",
        "position",
        "recorded_at",
        "statement",
        "valid_from",
        "valid_until",
        "watched",
    )

    def __init__(
        self, statement: Statement, vocabulary: Vocabulary, authority_group: str, entity_group: str
    ) -> None:
        super().__init__(statement.scope, vocabulary)
        self.statement = statement
        self.authority = statement.authority
        self.authority_group = authority_group
        self.entity = statement.entity
        self.entity_group = entity_group
        passes_on = statement.passes_on
        self.passes_on = passes_on.actions | _ACCREDITING if passes_on else _NOTHING
        self.depth = passes_on.depth if passes_on else -1
        self.position = statement.recorded.position
        self.recorded_at = statement.recorded.at
        self.valid_from = statement.valid_from
        self.valid_until = statement.valid_until
        self.changes: list[Changed] = []
        self.watched = False


class Bucket:
    """The statements one party holds for one action, found by scheme where a claim names one."""

    __slots__ = ("all", "any_scheme", "by_scheme")

    def __init__(self) -> None:
        self.all: list[Link] = []
        self.any_scheme: list[Link] = []
        self.by_scheme: dict[str, list[Link]] = {}

    def add(self, link: Link) -> None:
        """File a link under each scheme its scope names."""
        self.all.append(link)
        allowed = link.scope.allowed.get(Dimension.SCHEME)
        if allowed is None or allowed.all_but:
            self.any_scheme.append(link)
        else:
            for scheme in allowed.values:
                self.by_scheme.setdefault(scheme, []).append(link)

    def candidates(self, claim: PreparedClaim) -> list[Link]:
        """Return every link that could cover the claim, in journal order; one may stand twice."""
        if not self.by_scheme:
            return self.any_scheme
        schemes = claim.covering[_SCHEME]
        if schemes is None:
            return self.all
        by_scheme = self.by_scheme
        if isinstance(schemes, str):
            found = [by_scheme.get(schemes, _NO_LINKS), self.any_scheme]
            if not self.any_scheme:
                return found[0]
        else:
            found = [by_scheme[each] for each in schemes if each in by_scheme]
            found.append(self.any_scheme)
        return sorted(chain.from_iterable(found), key=_journal_order)


def _journal_order(link: Link) -> int:
    return link.position


def _recorded_as(changed: Changed) -> int:
    return changed.change.recorded.position


def _exclusion_recorded_as(excluded: Excluded) -> int:
    return excluded.exclusion.recorded.position


_NO_LINKS: list[Link] = []
_EMPTY = Bucket()
_NO_EXCLUSIONS: list[Excluded] = []


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
        self._parties: dict[PartyId, Party] = {}
        self._holders: dict[str, list[Party]] = {}
        self._links: dict[StatementId, Link] = {}
        self._about: dict[PartyId, list[Link]] = {}
        self._held: dict[Action, dict[PartyId, Bucket]] = {action: {} for action in Action}
        self._recognised: dict[PartyId, Bucket] = {}
        self._changed: dict[StatementId, Changed] = {}
        self._adverse: dict[PartyId, list[Changed]] = {}
        self._excluded: dict[PartyId, list[Excluded]] = {}
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
        for excluded in self._excluded.values():
            yield from excluded

    def add_party(self, party: Party) -> None:
        """Register a party under each of its DIDs."""
        self.version += 1
        self._parties[party.id] = party
        for did in party.dids:
            self._holders.setdefault(did.text, []).append(party)

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
        self._about.setdefault(statement.entity, []).append(link)
        link.watched = statement.entity in self._excluded
        if statement.kind is Kind.RECOGNITION:
            bucket = self._recognised.setdefault(statement.entity, Bucket())
        else:
            bucket = self._held[statement.action].setdefault(statement.entity, Bucket())
        bucket.add(link)

    def add_change(self, change: StatusChange) -> None:
        """Suspend, withdraw or supersede a statement, whole or in part."""
        self.version += 1
        changed = Changed(change, self._vocabulary)
        self._changed[change.id] = changed
        link = self._links[change.statement]
        insort(link.changes, changed, key=_recorded_as)
        link.watched = True
        self._adverse.setdefault(link.entity, []).append(changed)

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
        known = self._excluded.setdefault(exclusion.party, [])
        insort(known, excluded, key=_exclusion_recorded_as)
        for link in self._about.get(exclusion.party, ()):
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

    def party_of(self, did: Did, known: int) -> Party | None:
        """Return the party that a DID belongs to, or None."""
        holders = self._holders.get(did.text)
        if holders is None:
            return None
        if holders[-1].recorded.position < known:
            return holders[-1]
        return next((each for each in reversed(holders) if each.recorded.position < known), None)

    def party(self, party: PartyId) -> Party | None:
        """Return a party by its id, or None where it is a framework's or unknown."""
        return self._parties.get(party)

    def group_of(self, party: PartyId) -> str:
        """Return the control group of a party; a framework is its own."""
        found = self._parties.get(party)
        return (found.control_group or found.id) if found else party

    def parties(self) -> tuple[Party, ...]:
        """Return every party, in the order of registration."""
        return tuple(self._parties.values())

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
        return self._held[action].get(entity, _EMPTY)

    def recognised(self, entity: PartyId) -> Bucket:
        """Return the recognitions of a party."""
        return self._recognised.get(entity, _EMPTY)

    def adverse(self, party: PartyId) -> list[Changed]:
        """Return every status change of a statement about a party."""
        return self._adverse.get(party, [])

    def exclusions(self, party: PartyId) -> list[Excluded]:
        """Return the exclusions of a party."""
        return self._excluded.get(party, _NO_EXCLUSIONS)

    def compromises(self, did: Did, thumbprint: str, known: int) -> tuple[KeyCompromise, ...]:
        """Return what is known of a key's compromise."""
        found = self._compromises.get((did.text, thumbprint), ())
        return tuple(each for each in found if each.recorded.position < known)


def in_force(start: Instant, end: Instant, at: Instant) -> bool:
    """Tell whether an instant lies in a half-open interval."""
    return start <= at < end
