"""What a witness remembers, in one SQLite file, synchronised at every commit."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock

from resolver.stores.sqlite import create
from trust_registry.errors import StoreError, StoreMovedError
from trust_registry.witness.witnessing import Cosigned

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB NOT NULL CHECK (length(root) = 32),
    note   TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS logs_never_shrink BEFORE UPDATE ON cosigned
WHEN NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a log only grows'); END;
CREATE TRIGGER IF NOT EXISTS logs_are_not_forgotten BEFORE DELETE ON cosigned
BEGIN SELECT RAISE(ABORT, 'a log only grows'); END;
"""


class SqliteCosigned:
    """The checkpoints that a witness cosigned last, one a log.

    Args:
        path: the file; it is made where it is absent.

    Raises:
        StoreError: it cannot be opened, or is no SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        try:
            self._connection = create(path, _SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def last(self, origin: str) -> Cosigned | None:
        """Return what was cosigned last; see `CosignedStore.last`."""
        with self._lock:
            try:
                return self._last(origin)
            except sqlite3.Error as error:
                raise StoreError(str(error)) from error

    def _last(self, origin: str) -> Cosigned | None:
        row = self._connection.execute(
            "SELECT size, root, note FROM cosigned WHERE origin = ?", (origin,)
        ).fetchone()
        return Cosigned(int(row[0]), bytes(row[1]), str(row[2])) if row else None

    def advance(self, origin: str, old: int, new: Cosigned) -> None:
        """Remember a checkpoint by compare-and-swap; see `CosignedStore.advance`."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._replace(origin, old, new)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise StoreError(str(error)) from error
            except StoreMovedError:
                self._roll_back()
                raise

    def _replace(self, origin: str, old: int, new: Cosigned) -> None:
        last = self._last(origin)
        if (last.size if last else 0) != old:
            raise StoreMovedError("another checkpoint was cosigned first")
        self._connection.execute(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
            " SET size = excluded.size, root = excluded.root, note = excluded.note",
            (origin, new.size, new.root, new.note),
        )

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
