"""What stands about parties: statements as links of chains, filed under those who hold them."""

from itertools import chain as chained
from typing import TYPE_CHECKING

from policies.claims import POSITION, Dimension
from policies.scope import CompiledScope, PreparedClaim, Scope, Vocabulary
from policies.statements import (
    Action,
    Exclusion,
    Kind,
    Party,
    PartyId,
    Statement,
    StatusChange,
)
from resolver.instant import Instant

if TYPE_CHECKING:
    from policies.chains import Chain

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
        constrained: the dimensions on which they depend, likewise.
        turns_of: the index version of which both are.
    """

    __slots__ = (
        "about",
        "accredit",
        "adverse",
        "anchor",
        "constrained",
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
        self.constrained: frozenset[Dimension] = frozenset()
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
