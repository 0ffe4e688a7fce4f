"""Opening a SQLite file while others do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest

from resolver.stores import sqlite

SCHEMA = "CREATE TABLE IF NOT EXISTS kept (one INTEGER PRIMARY KEY) STRICT;"


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """Nothing here runs on a loop."""


def test_a_file_whose_mode_another_one_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.sqlite"
    with closing(sqlite.connect(path)) as other:
        other.execute(SCHEMA)
        other.execute("BEGIN IMMEDIATE")
        waits: list[float] = []

        def let_go(seconds: float) -> None:
            waits.append(seconds)
            other.execute("COMMIT")

        monkeypatch.setattr(sqlite.time, "sleep", let_go)
        with closing(sqlite.create(path, SCHEMA)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert len(waits) == 1


def test_it_is_waited_for_no_longer_than_for_any_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.sqlite"
    with closing(sqlite.connect(path)) as other:
        other.execute(SCHEMA)
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite.create(path, SCHEMA)


def test_what_is_no_sqlite_file_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_bytes(b"not a database " * 100)
    monkeypatch.setattr(sqlite.time, "sleep", lambda _: pytest.fail("waited"))
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        sqlite.create(path, SCHEMA)


def test_many_create_one_file_at_once(tmp_path: Path) -> None:
    failed: list[Exception] = []

    def write(path: Path, together: Barrier) -> None:
        together.wait()
        try:
            with closing(sqlite.create(path, SCHEMA)) as connection:
                connection.execute("INSERT INTO kept DEFAULT VALUES")
        except sqlite3.Error as error:
            failed.append(error)

    for number in range(30):
        path, together = tmp_path / f"{number}.sqlite", Barrier(4)
        writers = [Thread(target=write, args=(path, together)) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert not failed
        with closing(sqlite.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (4,)
