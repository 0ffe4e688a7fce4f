"""Statements and parties as columns of numbers: a row each, in journal order.

A statement as an object takes some kilobytes, as a row about a hundred bytes. Identifiers, scopes
and powers are numbers of texts that are kept once. Links between rows lead from later to earlier
ones only, so that none can lead round in a circle.
"""

from array import array
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, NamedTuple

from policies.errors import CorruptStateError
from policies.recent import Recent
from policies.statements import (
    Action,
    Kind,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
)
from policies.texts import NONE, Blobs, Texts
from policies.written import json_bytes, packed, read_json, unpacked
from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.instant import Instant

_MOST_IDS = 4096
"""Identifiers kept as text at a time."""
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

    def add(self, statement: Statement, authority: int, entity: int, scope: int) -> None:
        """Add a row.

        Raises:
            CorruptStateError: there is a statement of this id.
        """
        row = len(self)
        if self.ids.number(packed(statement.id)) != row:
            raise CorruptStateError(f"a second statement has the id {statement.id}")
        self.term.append(
            self.number_of(terms_of(statement.kind, statement.action, statement.passes_on))
        )
        self.scope.append(scope)
        self.authority.append(authority)
        self.entity.append(entity)
        self.valid_from.append(statement.valid_from)
        self.valid_until.append(statement.valid_until)
        self.position.append(statement.recorded.position)
        self.recorded_at.append(statement.recorded.at)
        lengthen(self.latest, entity)
        self.older.append(self.latest[entity])
        self.latest[entity] = row + 1

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


class PartyRows:
    """Parties and frameworks by number, with each version of a party.

    Attributes:
        ids: the ids of parties and frameworks, and the names of control groups.
        dids: their DIDs.
    """

    def __init__(self) -> None:
        self.ids = Texts()
        self.dids = Texts()
        self.details = Blobs()
        self.party, self.group = array("I"), array("I")
        self.position, self.recorded_at = array("I"), array("q")
        self.older, self.latest = array("I"), array("I")
        self.mentioned_by = array("I")
        self.older_mention, self.latest_mention = array("I"), array("I")
        self._read_ids = Recent[int, PartyId](_MOST_IDS)

    def add(self, party: Party) -> int:
        """Add a version of a party, and return the party's number."""
        version, number = len(self.older), self.ids.number(packed(party.id))
        group = party.control_group
        dids = [self.dids.number(did.text.encode()) for did in party.dids]
        self.party.append(number)
        self.group.append(self.ids.number(packed(group)) + 1 if group else NONE)
        self.position.append(party.recorded.position)
        self.recorded_at.append(party.recorded.at)
        self.details.append(_details(party, dids))
        lengthen(self.latest, number)
        self.older.append(self.latest[number])
        self.latest[number] = version + 1
        for did in dids:
            lengthen(self.latest_mention, did)
            self.mentioned_by.append(version)
            self.older_mention.append(self.latest_mention[did])
            self.latest_mention[did] = len(self.mentioned_by)
        return number

    def number(self, id_: PartyId) -> int:
        """Return the number of a party or framework, which has one from now on."""
        return self.ids.number(packed(id_))

    def find(self, id_: PartyId) -> int | None:
        """Return the number of a party or framework, or None where nothing speaks of it."""
        return self.ids.find(packed(id_))

    def id(self, number: int) -> PartyId:
        """Return the id of a party or framework."""
        found = self._read_ids.get(number)
        if found is None:
            found = PartyId(unpacked(self.ids[number]))
            self._read_ids.keep(number, found)
        return found

    def versions(self, number: int) -> list[int]:
        """Return the versions of a party, the latest first."""
        return chain(self.latest, self.older, number)

    def with_did(self, did: Did) -> Iterator[int]:
        """Yield the versions that have a DID, the latest first."""
        number = self.dids.find(did.text.encode())
        if number is not None:
            for mention in chain(self.latest_mention, self.older_mention, number):
                yield self.mentioned_by[mention]

    def group_of(self, number: int, position: int) -> int:
        """Return the number of a party's control group, as of a journal position."""
        link = self.latest[number] if number < len(self.latest) else NONE
        while link != NONE and self.position[link - 1] > position:
            link = self.older[link - 1]
        group = self.group[link - 1] if link != NONE else NONE
        return group - 1 if group != NONE else number

    def version(self, version: int) -> Party:
        """Return a party as it was registered.

        Raises:
            CorruptStateError: the row is none of a party.
        """
        written = read_json(self.details[version])
        group = self.group[version]
        try:
            return Party(
                id=self.id(self.party[version]),
                dids=tuple(Did.parse(self.dids[did].decode()) for did in written.pop(0)),
                control_group=unpacked(self.ids[group - 1]) if group else "",
                recorded=Recorded(self.position[version], Instant(self.recorded_at[version])),
                **{
                    each.name: _read(value, each.default)
                    for each, value in zip(_DETAILS, written, strict=False)
                },
            )
        except (AttributeError, IndexError, TypeError, ValueError, InvalidDidError) as error:
            raise CorruptStateError(f"a party's row: {error}") from None


_COLUMNS = frozenset({"id", "dids", "control_group", "recorded"})
_DETAILS = [each for each in fields(Party) if each.name not in _COLUMNS]


def _details(party: Party, dids: list[int]) -> bytes:
    """Write what has no column, leaving out what at the end is as it is by default."""
    values = [(each, getattr(party, each.name)) for each in _DETAILS]
    while values and values[-1][1] == values[-1][0].default:
        values.pop()
    written = [sorted(v) if isinstance(v, frozenset) else v for _, v in values]
    return json_bytes([dids, *written])


def _read(value: Any, default: Any) -> Any:
    kind = str if default is MISSING else type(default)
    several = kind in {tuple, frozenset}
    if not isinstance(value, list if several else kind) or (
        several and not all(isinstance(each, str) for each in value)
    ):
        raise TypeError(f"{value!r} stands for a {kind.__name__}")
    return kind(value)


def lengthen(column: "array[int]", number: int) -> None:
    """Let a column have a place for a number."""
    missing = number + 1 - len(column)
    if missing > 0:
        column.extend([NONE] * missing)


def chain(latest: "array[int]", older: "array[int]", start: int) -> list[int]:
    """Follow links from the latest row on, down to the first; each leads to an earlier one."""
    found = []
    link = latest[start] if start < len(latest) else NONE
    while link != NONE:
        found.append(link - 1)
        link = older[link - 1]
    return found
