"""Stored signatures are checked again in the background, and pending until then."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.trust_registry.board import Board, open_board, party
from trust_registry import auditing
from trust_registry.errors import CorruptJournalError


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "_REST_S", 0.01)
    monkeypatch.setattr(auditing, "_AT_ONCE", 2)


async def recorded(path: Path, acts: int = 5) -> None:
    board = await open_board(path)
    await board.anchor("mark")
    for number in range(acts):
        await board.act("mark", party(f"auditor-{number}"))
    await board.registry.close()


async def until(board: Board, pending: int) -> None:
    async with asyncio.timeout(60):
        audit = board.registry.audit
        while audit.pending != pending and audit.fault is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def change(path: Path, index: int) -> None:
    """Exchange an entry's first signature for another text of its form; leave all else as it is."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER entries_never_change")
        (data,) = connection.execute(
            "SELECT entry FROM entries WHERE position = ?", (index,)
        ).fetchone()
        changed = re.sub(rb'"signature":"[^"]{3}', b'"signature":"AAA', data, count=1)
        assert changed != data
        connection.execute("UPDATE entries SET entry = ? WHERE position = ?", (changed, index))
        connection.commit()


async def test_what_was_stored_is_pending_until_it_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await recorded(path)
    board = await open_board(path)
    size, audit = board.registry.journal.size, board.registry.audit
    assert (audit.checked, audit.pending) == (0, size)
    audit.begin()
    await until(board, 0)
    assert (audit.checked, audit.pending, audit.fault) == (size, 0, None)
    await board.act("mark", party("latecomer"))
    assert audit.pending == 0
    await board.registry.close()


async def test_a_signature_that_was_exchanged_at_rest_is_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await recorded(path)
    board = await open_board(path)
    last = board.registry.journal.size - 1
    await board.registry.close()
    await asyncio.to_thread(change, path, last)
    board = await open_board(path)
    audit = board.registry.audit
    audit.begin()
    await until(board, 0)
    assert audit.fault is not None
    assert audit.fault.index == last
    assert audit.pending > 0
    await board.registry.close()


async def test_what_another_process_stored_is_judged_at_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = await open_board(path)
    second = await open_board(path, clock=first.clock)
    await first.anchor("mark")
    await asyncio.to_thread(second.registry.load)
    assert second.registry.journal.size == first.registry.journal.size
    await first.act("mark", party("auditor"))
    await asyncio.to_thread(change, path, first.registry.journal.size - 1)
    with pytest.raises(CorruptJournalError) as raised:
        await asyncio.to_thread(second.registry.load)
    assert raised.value.index == first.registry.journal.size - 1
    for each in (first, second):
        await each.registry.close()
