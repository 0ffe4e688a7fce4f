"""The index: everything a decision looks at, in memory, along both axes of time.

Every item carries the journal position that recorded it, so one index answers for any past
journal size: what was recorded at or after `known` does not exist for that question.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from itertools import chain as chained
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
    from policies.chains import Chain, Chains

_SCHEME = POSITION[Dimension.SCHEME]
_FEW = 4
"""Statements up to which a party's chains are kept together."""


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
    validity must be looked at. `chains` are its ways to the roots, as `policies.chains` last found
    them, and `chains_found_by` says when that was.
    """

    __slots__ = (
        "authority",
        "authority_group",
        "chains",
        "chains_found_by",
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
        self.chains: tuple[Chain, ...] = ()
        self.chains_found_by: object = None


class Bucket:
    """The statements one party holds for one action, found by scheme where a claim names one.

    Attributes:
        few: whether they are so few that looking at each is cheaper than finding those of a scheme.
        chains: where they are, all their ways to the roots, as `policies.chains` last found them.
        chains_found_by: when that was.
    """

    __slots__ = ("all", "any_scheme", "by_scheme", "chains", "chains_found_by", "few")

    def __init__(self) -> None:
        self.few = True
        self.chains: tuple[Chain, ...] = ()
        self.chains_found_by: object = None
        self.all: list[Link] = []
        self.any_scheme: list[Link] = []
        self.by_scheme: dict[str, list[Link]] = {}

    def add(self, link: Link) -> None:
        """File a link under each scheme its scope names."""
        self.all.append(link)
        self.few = len(self.all) <= _FEW
        allowed = link.scope.allowed.get(Dimension.SCHEME)
        if allowed is None or allowed.all_but:
            self.any_scheme.append(link)
        else:
            for scheme in allowed.values:
                self.by_scheme.setdefault(scheme, []).append(link)

    def candidates(self, claim: PreparedClaim) -> list[Link]:
        """Return every link that could cover the claim, in journal order; one may stand twice."""
        by_scheme, any_scheme = self.by_scheme, self.any_scheme
        if not by_scheme:
            return any_scheme
        schemes = claim.covering[_SCHEME]
        if schemes is None:
            return self.all
        if isinstance(schemes, str):
            named = by_scheme.get(schemes, _NO_LINKS)
            if not any_scheme:
                return named
            found = [named, any_scheme]
        else:
            found = [by_scheme[each] for each in schemes if each in by_scheme]
            found.append(any_scheme)
        return sorted(chained.from_iterable(found), key=_journal_order)


def _journal_order(link: Link) -> int:
    return link.position


def _registered_as(party: Party) -> int:
    return party.recorded.position


def _recorded_as(changed: Changed) -> int:
    return changed.change.recorded.position


def _exclusion_recorded_as(excluded: Excluded) -> int:
    return excluded.exclusion.recorded.position


_NO_LINKS: list[Link] = []
_ISSUE = Action.ISSUE


class Holder:
    """All that stands about one party: what it holds, and what was done against it.

    Attributes:
        id: the party's id.
        versions: the party as it was registered, each time, in journal order; empty where
            statements name somebody who never was.
        position: the journal position of the latest registration; -1 where there is none.
        issue, accredit, anchor, link: the statements that it holds, by action.
        recognised: the recognitions of it.
        about: every statement about it, in journal order.
        adverse: every status change of one of them.
        excluded: its exclusions, in journal order.
        turns: the instants at which answers about it may change, as `policies.spans` found them.
        turns_of: the index version of which they are.
    """

    __slots__ = (
        "about",
        "accredit",
        "adverse",
        "anchor",
        "excluded",
        "id",
        "issue",
        "link",
        "position",
        "recognised",
        "turns",
        "turns_of",
        "versions",
    )

    def __init__(self, party: PartyId) -> None:
        self.id = party
        self.versions: list[Party] = []
        self.position = -1
        self.issue = self.accredit = self.anchor = self.link = self.recognised = _EMPTY
        self.about: list[Link] = []
        self.adverse: list[Changed] = []
        self.excluded: list[Excluded] = []
        self.turns: tuple[Instant, ...] = ()
        self.turns_of = -1

    def held(self, action: Action) -> Bucket:
        """Return what the party holds for an action."""
        if action is _ISSUE:
            return self.issue
        held: Bucket = getattr(self, action)
        return held

    def add(self, link: Link) -> None:
        """File a statement about the party."""
        kind = link.statement.kind
        name = "recognised" if kind is Kind.RECOGNITION else link.statement.action.value
        if getattr(self, name) is _EMPTY:
            setattr(self, name, Bucket())
        getattr(self, name).add(link)
        self.about.append(link)


_EMPTY = Bucket()
NOBODY = Holder(PartyId(""))
"""Whoever holds nothing."""


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
