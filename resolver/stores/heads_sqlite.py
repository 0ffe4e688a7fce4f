"""Verified heads in one SQLite file: durable before they are acknowledged, and never lowered.

One connection reads, point by point, on the event loop; another one writes, off it, and commits all
heads that wait as one transaction.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from resolver.errors import HeadsError
from resolver.heads import Head
from resolver.stores.sqlite import connect, create

MAX_BATCH = 256
"""The most heads of one transaction."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS heads (
    scid       TEXT PRIMARY KEY,
    number     INTEGER NOT NULL CHECK (number >= 1),
    version_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS heads_are_never_lowered BEFORE UPDATE ON heads
WHEN NEW.number <= OLD.number
BEGIN SELECT RAISE(ABORT, 'a head is never lowered'); END;
CREATE TRIGGER IF NOT EXISTS heads_never_go BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'a head is never forgotten'); END;
"""
_KNOWN = "SELECT version_id, number FROM heads WHERE scid = ?"
_ADVANCE = """
INSERT INTO heads (scid, number, version_id) VALUES (?, ?, ?)
ON CONFLICT (scid) DO UPDATE SET number = excluded.number, version_id = excluded.version_id
WHERE excluded.number > heads.number
"""


class SqliteHeads:
    """Heads in one file, which several processes may share; an async context manager.

    Args:
        path: the file; it is made where it is absent, its folder is not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="heads")
        self._waiting: list[tuple[Head, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._reads: sqlite3.Connection
        self._writes: sqlite3.Connection

    async def __aenter__(self) -> Self:
        await self._off(self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what waits, and let go of the file."""
        if self._writing is not None:
            await self._writing
        await self._off(self._close)
        self._thread.shutdown(wait=False)

    def known(self, scid: str) -> Head | None:
        """The highest head known of a SCID; a point read of a page that is mostly in memory.

        Raises:
            HeadsError: the file cannot be read.
        """
        try:
            row = self._reads.execute(_KNOWN, (scid,)).fetchone()
        except sqlite3.Error as error:
            raise HeadsError(f"{self._path}: {error}") from error
        return None if row is None else Head(scid, row[0], row[1])

    async def advance(self, head: Head) -> None:
        """Remember a verified head; it is on disk when this returns. A lower one changes nothing.

        Raises:
            HeadsError: it could not be written.
        """
        known = self.known(head.scid)
        if known is not None and known.number >= head.number:
            return
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((head, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="write heads")
        await asyncio.shield(written)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            failure: HeadsError | None = None
            try:
                await self._off(partial(self._commit, [head for head, _ in batch]))
            except sqlite3.Error as error:
                failure = HeadsError(f"{self._path}: {error}")
            for _, written in batch:
                if written.done():
                    continue
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(failure)
        self._writing = None

    # On the thread

    async def _off(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        try:
            self._writes = create(self._path, _SCHEMA)
            self._reads = connect(self._path)
            self._reads.execute("PRAGMA query_only=ON")
        except sqlite3.Error as error:
            raise HeadsError(f"{self._path}: {error}") from error

    def _commit(self, heads: list[Head]) -> None:
        rows = [(head.scid, head.number, head.version_id) for head in heads]
        try:
            self._writes.execute("BEGIN IMMEDIATE")
            self._writes.executemany(_ADVANCE, rows)
            self._writes.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                if self._writes.in_transaction:
                    self._writes.execute("ROLLBACK")
            raise

    def _close(self) -> None:
        self._reads.close()
        self._writes.close()
