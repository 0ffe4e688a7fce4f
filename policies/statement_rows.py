"""Statements as columns of numbers: a row each, in journal order.

A statement as an object takes some kilobytes, as a row about a hundred bytes. Identifiers, scopes
and powers are numbers of texts that are kept once. Links between rows lead from later to earlier
ones only, so that none can lead round in a circle.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from policies.columns import (
    Column,
    are_instants,
    below,
    chain,
    demand,
    lead_back,
    lengthen,
    nested,
    same_length,
)
from policies.errors import CorruptStateError
from policies.lines import Row, StatementLine, read_powers, unzipped
from policies.statements import (
    Action,
    Kind,
    PartyId,
    PassesOn,
    StatementId,
)
from policies.texts import Texts
from policies.written import packed, unpacked

_COLUMNS = (
    "term",
    "scope",
    "authority",
    "entity",
    "valid_from",
    "valid_until",
    "position",
    "recorded_at",
    "older",
    "latest",
)
_NOTHING: frozenset[Action] = frozenset()
_ACCREDITING = frozenset({Action.ACCREDIT})  # its depth, not its name, is what limits it


class Terms(NamedTuple):
    """What statements have in common whatever they are about.

    Attributes:
        kind: authorisation or recognition.
        action: what the entity may do.
        passes_on: what may be granted to others.
        actions: the actions that chains through the statement may have.
        depth: how many levels of accreditation may stand below; -1 where none may.
    """

    kind: Kind
    action: Action
    passes_on: PassesOn | None
    actions: frozenset[Action]
    depth: int


def terms_of(kind: Kind, action: Action, passes_on: PassesOn | None) -> Terms:
    """Return the terms of a statement."""
    actions = passes_on.actions | _ACCREDITING if passes_on else _NOTHING
    return Terms(kind, action, passes_on, actions, passes_on.depth if passes_on else -1)


class StatementRows:
    """Statements; the row of one is the number of its id. Parties and scopes are numbers.

    Attributes:
        ids: the statements' ids.
        terms: each different one of the terms.
    """

    def __init__(self) -> None:
        self.ids = Texts()
        self.terms: list[Terms] = []
        self._terms: dict[Terms, int] = {}
        self.term, self.scope = array("H"), array("I")
        self.authority, self.entity = array("I"), array("I")
        self.valid_from, self.valid_until = array("q"), array("q")
        self.position, self.recorded_at = array("I"), array("q")
        self.older = array("I")
        self.latest = array("I")

    def __len__(self) -> int:
        return len(self.older)

    def extend(
        self,
        rows: Sequence[Row[StatementLine]],
        numbers: Mapping[PartyId, int],
        scopes: Sequence[int],
    ) -> None:
        """Add rows.

        Args:
            rows: them, in journal order.
            numbers: of the parties that they mention.
            scopes: the numbers of their scopes.

        Raises:
            CorruptStateError: there is a statement of the id of one of them.
        """
        lines, positions, times = unzipped(rows)
        self._number([line.id for line in lines])
        terms = [line.terms for line in lines]
        known = {each: self._term(*each) for each in dict.fromkeys(terms)}
        entities = [numbers[line.entity] for line in lines]
        self.term.extend([known[each] for each in terms])
        self.scope.extend(scopes)
        self.authority.extend([numbers[line.authority] for line in lines])
        self.entity.extend(entities)
        self.valid_from.extend([line.valid_from for line in lines])
        self.valid_until.extend([line.valid_until for line in lines])
        self.position.extend(positions)
        self.recorded_at.extend(times)
        self._link(entities)

    def _number(self, ids: Sequence[str]) -> None:
        """Let the rows that are next be those of some ids.

        Raises:
            CorruptStateError: one of them has a row.
        """
        first = len(self)
        for row, number in enumerate(self.ids.numbers([*map(packed, ids)]), first):
            if number != row:
                raise CorruptStateError(f"a second statement has the id {ids[row - first]}")

    def _link(self, entities: Sequence[int]) -> None:
        """Link the last rows, by whom they are about, to what came before of the same."""
        older, latest = self.older, self.latest
        lengthen(latest, max(entities))
        for link, entity in enumerate(entities, len(older) + 1):
            older.append(latest[entity])
            latest[entity] = link

    def _term(self, kind: Kind, action: Action, passes_on: str) -> int:
        return self.number_of(terms_of(kind, action, read_powers(passes_on)))

    def number_of(self, terms: Terms) -> int:
        """Return the number of some terms, which have one from now on."""
        number = self._terms.setdefault(terms, len(self.terms))
        if number == len(self.terms):
            self.terms.append(terms)
        return number

    def find(self, id_: StatementId) -> int | None:
        """Return the row of a statement, or None where there is none."""
        return self.ids.find(packed(id_))

    def id(self, row: int) -> StatementId:
        """Return the id of a statement."""
        return StatementId(unpacked(self.ids[row]))

    def about(self, entity: int) -> list[int]:
        """Return the rows about a party, in journal order."""
        return chain(self.latest, self.older, entity)[::-1]

    def rows(
        self, since: int, before: int | None, entity: int | None, authority: int | None
    ) -> Iterator[int]:
        """Yield rows between journal positions, about an entity and by an authority, if given."""
        first = bisect_left(self.position, since)
        end = len(self) if before is None else bisect_left(self.position, before)
        if entity is not None:
            found: Iterable[int] = (row for row in self.about(entity) if first <= row < end)
            if authority is not None:
                found = (row for row in found if self.authority[row] == authority)
        elif authority is not None:
            found = self._by(authority, first, end)
        else:
            found = range(first, end)
        return iter(found)

    def _by(self, authority: int, row: int, end: int) -> Iterator[int]:
        with suppress(ValueError):  # there is no further one
            while True:
                row = self.authority.index(authority, row, end)
                yield row
                row += 1

    def columns(self) -> dict[str, Column]:
        """Return the rows' columns, by name, to be written or filled."""
        return {
            **nested("ids", self.ids.columns()),
            **{name: getattr(self, name) for name in _COLUMNS},
        }

    def check(self, parties: int, scopes: int, size: int) -> None:
        """Check columns that were filled from outside.

        Args:
            parties: how many parties there are.
            scopes: how many scopes there are.
            size: the journal's size.

        Raises:
            CorruptStateError: they do not fit together.
        """
        self.ids.check()
        every = [getattr(self, name) for name in _COLUMNS if name != "latest"]
        demand(same_length(self.ids, *every), "columns of different lengths")
        demand(below(self.term, len(self.terms)), "statements of unknown terms")
        demand(below(self.scope, scopes), "statements of unknown scopes")
        demand(below(self.authority, parties) and below(self.entity, parties), "unknown parties")
        demand(below(self.position, size), "statements from beyond the journal")
        for instants in (self.valid_from, self.valid_until, self.recorded_at):
            demand(are_instants(instants), "times outside the years 0001 to 9999")
        demand(lead_back(self.older), "links that lead forward")
        demand(below(self.latest, len(self) + 1), "links to no statement")
