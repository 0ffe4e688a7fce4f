"""The embedded store: one SQLite file, in WAL mode, synchronised at every commit."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from resolver.stores.sqlite import create
from trust_registry.errors import (
    CorruptJournalError,
    StoreError,
    StoreMovedError,
    StoreUncertainError,
)

BATCH = 256
"""How many entries are read at once, so that a long read holds nothing open."""

_UNSYNCED = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    position INTEGER PRIMARY KEY CHECK (position >= 0),
    entry    BLOB NOT NULL CHECK (length(entry) BETWEEN 1 AND 65535)
) STRICT;
CREATE TRIGGER IF NOT EXISTS entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_never_go BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- REPLACE removes a row without asking the trigger above.
CREATE TRIGGER IF NOT EXISTS entries_follow_each_other BEFORE INSERT ON entries
WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM entries)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- What entries did, so that a start need not judge them again; the audit does, and compares.
CREATE TABLE IF NOT EXISTS effects (
    position INTEGER PRIMARY KEY,
    effect   BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    note BLOB NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS checkpoints_never_shrink BEFORE UPDATE ON checkpoint
WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
_ENTRIES = "SELECT position, entry FROM entries WHERE position >= ? ORDER BY position LIMIT ?"
_EFFECTS = "SELECT position, effect FROM effects WHERE position >= ? ORDER BY position LIMIT ?"


class SqliteStore:
    """Entries in one SQLite file.

    Args:
        path: the file; it is made where it is absent, its folder is not.

    Raises:
        StoreError: it cannot be opened, or is no SQLite file.
    """

    def __init__(self, path: Path) -> None:
        try:
            # The journal calls from one thread at a time, not always from this one.
            self._connection = create(path, _SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def append(self, index: int, *entries: bytes, effects: Sequence[bytes] = ()) -> None:
        """Add entries by compare-and-swap on the size; see `Store.append`."""
        try:
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            self._insert(index, entries)
            self._keep((at, effect) for at, effect in enumerate(effects, index) if effect)
        except sqlite3.Error as error:
            self._roll_back()
            raise StoreError(str(error)) from error
        except BaseException:
            self._roll_back()
            raise
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self._tell_whether_written(index, error)
            raise StoreError(str(error)) from error

    def hold(self) -> int:
        """Keep all other writers out; see `Store.hold`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            return self._size()
        except sqlite3.Error as error:
            self._roll_back()
            raise StoreError(str(error)) from error

    def release(self) -> None:
        """Let other writers in again; see `Store.release`."""
        self._roll_back()

    def _insert(self, index: int, entries: Sequence[bytes]) -> None:
        if self._size() != index:
            raise StoreMovedError(f"another writer took position {index}")
        self._connection.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(entries, index))

    def _keep(self, effects: Iterable[tuple[int, bytes]]) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO effects VALUES (?, ?)", effects)

    def _size(self) -> int:
        row = self._connection.execute("SELECT coalesce(max(position) + 1, 0) FROM entries")
        return int(row.fetchone()[0])

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _tell_whether_written(self, index: int, error: sqlite3.Error) -> None:
        """Raise unless the entry is certainly absent: what failed to be synced may come back."""
        try:
            absent = error.sqlite_errorcode not in _UNSYNCED and self._size() == index
        except sqlite3.Error:
            absent = False
        if not absent:
            raise StoreUncertainError(f"a commit failed: {error}") from error

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Yield the entries from an index on; see `Store.entries`."""
        while batch := self._batch(_ENTRIES, start):
            for position, entry in batch:
                if position != start:
                    raise CorruptJournalError(start, "is missing")
                yield bytes(entry)
                start += 1

    def effects(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield what entries did, from an index on; see `Store.effects`."""
        while batch := self._batch(_EFFECTS, start):
            yield from batch
            start = batch[-1][0] + 1

    def keep(self, effects: Mapping[int, bytes]) -> None:
        """Keep what entries did; see `Store.keep`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._keep(effects.items())
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise StoreError(str(error)) from error

    def _batch(self, query: str, start: int) -> list[tuple[int, bytes]]:
        try:
            return self._connection.execute(query, (start, BATCH)).fetchall()
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error

    def checkpoint(self) -> bytes | None:
        """Return the last signed checkpoint; see `Store.checkpoint`."""
        try:
            row = self._connection.execute("SELECT size, note FROM checkpoint").fetchone()
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error
        if row is None:
            return None
        size, note = row
        if note.split(b"\n", 2)[1:2] != [b"%d" % size]:
            raise CorruptJournalError(size, "its last checkpoint is not of the size of its row")
        return bytes(note)

    def publish(self, old: int | None, size: int, note: bytes) -> None:
        """Keep a signed checkpoint by compare-and-swap on the last; see `Store.publish`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            row = self._connection.execute("SELECT size FROM checkpoint").fetchone()
            moved = (row[0] if row else None) != old or self._size() < size
            if not moved:
                self._connection.execute(
                    "INSERT INTO checkpoint VALUES (1, ?, ?)"
                    " ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note",
                    (size, note),
                )
        except sqlite3.Error as error:
            self._roll_back()
            raise StoreError(str(error)) from error
        if moved:
            self._roll_back()
            raise StoreMovedError("another checkpoint was published first")
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise StoreUncertainError(f"a commit failed: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
