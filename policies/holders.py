"""What stands about parties: statements as links of chains, filed under those who hold them."""

from collections.abc import Sequence
from itertools import chain as chained
from typing import TYPE_CHECKING

from policies.claims import POSITION, Dimension
from policies.ledger import Ledger
from policies.scope import CompiledScope, PreparedClaim, Scope, Vocabulary
from policies.scoped import Scoped
from policies.statements import (
    Action,
    Exclusion,
    Kind,
    PartyId,
    Retirement,
    Statement,
    StatusChange,
)
from resolver.instant import Instant

if TYPE_CHECKING:
    from policies.chains import Chain, Ways

_SCHEME = POSITION[Dimension.SCHEME]
_FEW = 4
"""Statements up to which a party's chains are kept together."""
_NOTHING: frozenset[Dimension] = frozenset()
"""Shared, since an empty one takes as much memory as a full one."""


class Changed(Scoped):
    """A status change of a statement; a reinstatement replaces `change` by its lifted form."""

    __slots__ = ("change",)

    def __init__(self, change: StatusChange, vocabulary: Vocabulary) -> None:
        super().__init__(change.scope, vocabulary)
        self.change = change


class Excluded(Scoped):
    """An exclusion of a party; a reinstatement replaces `exclusion` by its lifted form."""

    __slots__ = ("exclusion",)

    def __init__(self, exclusion: Exclusion, vocabulary: Vocabulary) -> None:
        super().__init__(exclusion.scope, vocabulary)
        self.exclusion = exclusion


class Link:
    """A statement as a link of chains, flat so that judging it costs little.

    `watched` says that an act stands against it or its entity, or that one of its parties came into
    another control group since, so that more than its own scope and validity must be looked at.
    `chains` are its chains to the roots, and `ways` what these have above it, as `policies.chains`
    last found them; `chains_found_by` and `ways_found_by` say when that was. Control groups are
    numbers, as of its own position in the journal; `regroupings` says where they became others.
    """

    __slots__ = (
        "_ledger",
        "authority",
        "authority_group",
        "chains",
        "chains_found_by",
        "changes",
        "entity",
        "entity_group",
        "position",
        "recorded_at",
        "regroupings",
        "row",
        "scoped",
        "terms",
        "valid_from",
        "valid_until",
        "watched",
        "ways",
        "ways_found_by",
    )

    def __init__(
        self, ledger: Ledger, row: int, entity: PartyId, changes: Sequence[Changed]
    ) -> None:
        rows, parties = ledger.statements, ledger.parties
        authority, position = rows.authority[row], rows.position[row]
        self._ledger = ledger
        self.row = row
        self.scoped = ledger.scoped(rows.scope[row])
        self.terms = rows.terms[rows.term[row]]
        self.authority = parties.id(authority)
        self.authority_group, regroupings = parties.grouping(authority, position)
        self.entity = entity
        self.entity_group, others = parties.grouping(rows.entity[row], position)
        self.position = position
        self.recorded_at = Instant(rows.recorded_at[row])
        self.valid_from = Instant(rows.valid_from[row])
        self.valid_until = Instant(rows.valid_until[row])
        self.changes = changes
        self.regroupings = regroupings + others
        self.watched = bool(changes or self.regroupings)
        self.chains: tuple[Chain, ...] = ()
        self.chains_found_by: object = None
        self.ways: Ways | None = None
        self.ways_found_by: object = None

    @property
    def statement(self) -> Statement:
        """The statement itself."""
        return self._ledger.statement(self.row)

    @property
    def scope(self) -> Scope:
        """For which claims it is good."""
        return self.scoped.scope

    def under(self, vocabulary: Vocabulary) -> CompiledScope:
        """Return its scope as compiled under a vocabulary."""
        return self.scoped.under(vocabulary)

    def groups_at(self, known: int, at: Instant) -> tuple[int, int]:
        """Return the control groups of its authority and its entity, as declared by an instant."""
        rows, group_at = self._ledger.statements, self._ledger.parties.group_at
        return (
            group_at(rows.authority[self.row], self.position, known, at),
            group_at(rows.entity[self.row], self.position, known, at),
        )


_NO_LINKS: list[Link] = []
_NO_SCHEMES: dict[str, list[Link]] = {}


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
        self.any_scheme = _NO_LINKS
        self.by_scheme = _NO_SCHEMES

    def add(self, link: Link) -> None:
        """Add a link; once there are more than few, each is filed under the schemes it names."""
        self.all.append(link)
        if not self.few:
            self._file(link)
        elif len(self.all) > _FEW:
            self.few, self.any_scheme, self.by_scheme = False, [], {}
            for each in self.all:
                self._file(each)

    def _file(self, link: Link) -> None:
        allowed = link.scope.allowed.get(Dimension.SCHEME)
        if allowed is None or allowed.all_but:
            self.any_scheme.append(link)
        else:
            for scheme in allowed.values:
                self.by_scheme.setdefault(scheme, []).append(link)

    def candidates(self, claim: PreparedClaim) -> list[Link]:
        """Return every link that could cover the claim, in journal order; one may stand twice."""
        if self.few:
            return self.all
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


_ISSUE = Action.ISSUE


class Holder:
    """All that stands about one party: what it holds, and what was done against it.

    It is read from the ledger's rows when it is asked for, and anew after each act that
    changes more than what it holds.

    Attributes:
        id: the party's id.
        position: the journal position of the latest registration; -1 where there is none.
        issue, accredit, anchor, link: the statements that it holds, by action.
        recognised: the recognitions of it.
        about: every statement about it, in journal order.
        adverse: every status change that an act made of one of them.
        excluded: its exclusions, in journal order.
        retirement: its end, or None.
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
        "retirement",
        "turns",
        "turns_of",
    )

    def __init__(
        self,
        party: PartyId,
        position: int = -1,
        adverse: Sequence[Changed] = (),
        excluded: Sequence[Excluded] = (),
        retirement: Retirement | None = None,
    ) -> None:
        self.id = party
        self.position = position
        self.issue = self.accredit = self.anchor = self.link = self.recognised = _EMPTY
        self.about: list[Link] = []
        self.adverse = adverse
        self.excluded = excluded
        self.retirement = retirement
        self.turns: tuple[Instant, ...] = ()
        self.constrained = _NOTHING
        self.turns_of = -1

    @property
    def harmed(self) -> bool:
        """Whether an act about it or what it holds may have to be named in answers."""
        return bool(self.adverse) or self.retirement is not None

    def held(self, action: Action) -> Bucket:
        """Return what the party holds for an action."""
        if action is _ISSUE:
            return self.issue
        held: Bucket = getattr(self, action)
        return held

    def add(self, link: Link) -> None:
        """File a statement about the party."""
        link.watched = link.watched or bool(self.excluded)
        terms = link.terms
        name = "recognised" if terms.kind is Kind.RECOGNITION else terms.action.value
        if getattr(self, name) is _EMPTY:
            setattr(self, name, Bucket())
        getattr(self, name).add(link)
        self.about.append(link)


_EMPTY = Bucket()
NOBODY = Holder(PartyId(""))
"""Whoever holds nothing."""
