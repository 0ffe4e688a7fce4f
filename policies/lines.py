"""Lines: parties and statements in plain values, as rows take them up and as they can be kept."""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar

from policies.errors import CorruptStateError
from policies.statements import (
    Action,
    Change,
    IssuedEffect,
    Kind,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from policies.written import json_bytes, read_json, read_scope, scope_bytes
from resolver.instant import Instant

_IN_COLUMNS = frozenset({"id", "dids", "control_group", "recorded"})
_DETAILS = [each for each in fields(Party) if each.name not in _IN_COLUMNS]


class StatementLine(NamedTuple):
    """A statement without where it was recorded.

    Attributes:
        id: the act that made it.
        kind: see `Kind`.
        authority: who says it.
        entity: whom it is about.
        action: see `Action`.
        passes_on: the depth and the actions, or nothing.
        scope: as `scope_bytes` writes it.
        valid_from: milliseconds since 1970.
        valid_until: likewise.
    """

    id: str
    kind: Kind
    authority: PartyId
    entity: PartyId
    action: Action
    passes_on: str
    scope: str
    valid_from: int
    valid_until: int

    @classmethod
    def of(cls, statement: Statement) -> Self:
        """Write a statement."""
        passes_on = statement.passes_on
        return cls(
            statement.id,
            statement.kind,
            statement.authority,
            statement.entity,
            statement.action,
            ""
            if passes_on is None
            else " ".join([str(passes_on.depth), *sorted(passes_on.actions)]),
            scope_bytes(statement.scope).decode(),
            statement.valid_from,
            statement.valid_until,
        )

    @property
    def terms(self) -> tuple[Kind, Action, str]:
        """What it has in common with others, whatever they are about."""
        return self.kind, self.action, self.passes_on

    @property
    def mentions(self) -> tuple[PartyId, ...]:
        """Whom it speaks of, in the order in which they are numbered."""
        return self.entity, self.authority


def read_powers(passes_on: str) -> PassesOn | None:
    """Read what a statement's line passes on.

    Raises:
        ValueError: it is no such thing.
    """
    depth, *actions = passes_on.split() or ("",)
    return PassesOn(frozenset(map(Action, actions)), int(depth)) if depth else None


class ChangeLine(NamedTuple):
    """A status change that nothing lifted, without where it was recorded.

    Attributes:
        id: the act.
        statement: the statement that it changes.
        change: see `Change`.
        scope: as `scope_bytes` writes it.
        effective_from: milliseconds since 1970.
        effective_until: likewise.
        issued: see `IssuedEffect`.
    """

    id: str
    statement: str
    change: Change
    scope: str
    effective_from: int
    effective_until: int
    issued: IssuedEffect

    @classmethod
    def of(cls, change: StatusChange) -> Self:
        """Write a change."""
        return cls(
            change.id,
            change.statement,
            change.change,
            scope_bytes(change.scope).decode(),
            change.effective_from,
            change.effective_until,
            change.issued,
        )

    def read(self, recorded: Recorded) -> StatusChange:
        """Read the change.

        Raises:
            CorruptStateError: its scope is none.
        """
        return StatusChange(
            id=StatementId(self.id),
            statement=StatementId(self.statement),
            change=self.change,
            scope=read_scope(self.scope.encode()),
            effective_from=Instant(self.effective_from),
            recorded=recorded,
            effective_until=Instant(self.effective_until),
            issued=self.issued,
        )


class PartyLine(NamedTuple):
    """A party as it was registered, without where.

    Attributes:
        id: the act that registered it first.
        dids: the DIDs it is known by.
        control_group: who controls it, or nothing.
        details: all that has no column, as a list in JSON.
    """

    id: PartyId
    dids: tuple[str, ...]
    control_group: str
    details: str

    @classmethod
    def of(cls, party: Party) -> Self:
        """Write a party, leaving out what at the end is as it is by default."""
        values = [(each, getattr(party, each.name)) for each in _DETAILS]
        while values[-1][1] == values[-1][0].default:
            values.pop()
        written = [sorted(v) if isinstance(v, frozenset) else v for _, v in values]
        dids = tuple(did.text for did in party.dids)
        return cls(party.id, dids, party.control_group, json_bytes(written).decode())

    @property
    def mentions(self) -> tuple[PartyId, ...]:
        """Whom it speaks of, in the order in which they are numbered."""
        return (self.id, PartyId(self.control_group)) if self.control_group else (self.id,)


L = TypeVar("L", bound=PartyLine | StatementLine)
Row: TypeAlias = tuple[L, int, Instant]
"""A line, and the journal position and the time at which it was recorded."""


def unzipped(rows: Sequence[Row[L]]) -> tuple[Sequence[L], Sequence[int], Sequence[Instant]]:
    """Return the lines of some rows, their positions and their times."""
    lines, positions, times = zip(*rows, strict=True)
    return lines, positions, times


def row_of(dids: list[int], details: str) -> bytes:
    """Write what a party's row keeps beside its columns: the numbers of its DIDs, and details."""
    return f"[[{','.join(map(str, dids))}],{details[1:]}".encode()


def dids_of(row: bytes) -> list[int]:
    """Read the numbers of the DIDs alone from what `row_of` wrote.

    Raises:
        CorruptStateError: it is no such row.
    """
    try:
        return [int(each) for each in row[2 : row.index(b"]")].split(b",") if each]
    except ValueError as error:
        raise CorruptStateError(f"a party's row: {error}") from None


def read_row(row: bytes) -> tuple[list[int], dict[str, Any]]:
    """Read what `row_of` wrote: the numbers of the DIDs, and the details by name.

    Raises:
        CorruptStateError: it is no such row.
    """
    written = read_json(row)
    try:
        dids, *values = written
        named = zip(_DETAILS, values, strict=False)
        return dids, {each.name: _read(value, each.default) for each, value in named}
    except (TypeError, ValueError) as error:
        raise CorruptStateError(f"a party's row: {error}") from None


def _read(value: Any, default: Any) -> Any:
    kind = str if default is MISSING else type(default)
    several = kind in {tuple, frozenset}
    if not isinstance(value, list if several else kind) or (
        several and not all(isinstance(each, str) for each in value)
    ):
        raise TypeError(f"{value!r} stands for a {kind.__name__}")
    return kind(value)
