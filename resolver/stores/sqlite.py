"""How each SQLite file of ours is opened: write-ahead, synchronised, by many processes at once."""

import sqlite3
import time
from pathlib import Path

BUSY_SECONDS = 5.0
"""How long to wait for another process that is writing."""
_PAUSE_SECONDS = 0.005


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection that begins its transactions itself, for one thread at a time.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def create(path: Path, schema: str) -> sqlite3.Connection:
    """Open a connection that writes, to a file that is made where it is absent.

    Whatever it commits is durable when the commit returns, and readers never wait for it.

    Args:
        path: the file; its folder is not made.
        schema: statements that change nothing where they were run before.

    Raises:
        sqlite3.Error: it cannot be opened, or is no SQLite file.
    """
    connection = connect(path)
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite does not wait here, whatever the timeout: two that both read a new file's mode, and
    # would both change it, could wait for each other for ever.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_PAUSE_SECONDS)
