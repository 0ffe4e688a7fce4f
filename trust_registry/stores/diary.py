"""What a monitor remembers besides its copy of a log, in the same SQLite file or another."""

import sqlite3
from pathlib import Path
from typing import Any

from resolver.instant import Instant
from resolver.stores.sqlite import create
from trust_registry.errors import StoreError
from trust_registry.monitor.alerts import Alert, AlertKind

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signs (
    sign TEXT PRIMARY KEY CHECK (sign IN ('begun', 'heard')),
    at   INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alerts (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('misbehaviour', 'silent', 'heard')),
    text   TEXT NOT NULL
) STRICT;
"""
_HEAR = "INSERT INTO signs VALUES ('heard', ?) ON CONFLICT (sign) DO UPDATE SET at = excluded.at"
_LAST = "SELECT at, kind, text FROM alerts ORDER BY number DESC LIMIT ?"
_EPISODE = "SELECT kind FROM alerts WHERE kind <> 'misbehaviour' ORDER BY number DESC LIMIT 1"


class SqliteDiary:
    """A monitor's diary; see `Diary`.

    Args:
        path: the file; it is made where it is absent.

    Raises:
        StoreError: it cannot be opened, or is no SQLite file.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._connection = create(path, _SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def begin(self, at: Instant) -> Instant:
        """Remember when the log was first watched; see `Diary.begin`."""
        self._do("INSERT OR IGNORE INTO signs VALUES ('begun', ?)", at)
        ((begun,),) = self._do("SELECT at FROM signs WHERE sign = 'begun'")
        return Instant(begun)

    def heard_at(self) -> Instant | None:
        """Return when the log gave its last sign of life, or None."""
        rows = self._do("SELECT at FROM signs WHERE sign = 'heard'")
        return Instant(rows[0][0]) if rows else None

    def hear(self, at: Instant) -> None:
        """Remember a sign of life in place of the last one."""
        self._do(_HEAR, at)

    def silent(self) -> bool:
        """Tell whether an alarm of silence stands; see `Diary.silent`."""
        return self._do(_EPISODE) == [(AlertKind.SILENT.value,)]

    def alerts(self, most: int) -> list[Alert]:
        """Return the last alerts, oldest first."""
        rows = reversed(self._do(_LAST, most))
        return [Alert(Instant(at), AlertKind(kind), text) for at, kind, text in rows]

    def write(self, alert: Alert) -> None:
        """Remember an alert; see `Diary.write`."""
        last = self.alerts(1)
        if not last or (last[0].kind, last[0].text) != (alert.kind, alert.text):
            self._do(
                "INSERT INTO alerts (at, kind, text) VALUES (?, ?, ?)",
                *(alert.at, alert.kind.value, alert.text),
            )

    def _do(self, statement: str, *values: int | str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
