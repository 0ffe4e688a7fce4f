"""The journal: append-only, one history, in order of time, and read back with suspicion."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from resolver.clock import FixedClock
from resolver.errors import NotCanonicalisableError
from resolver.instant import Instant
from resolver.jcs import canonicalise
from resolver.resolution import Resolver
from resolver.strict_json import parse_json
from tests.unit.trust_registry.board import ORIGIN, START, Board, open_board, party, someone
from trust_registry.entries import Entry
from trust_registry.errors import (
    CorruptJournalError,
    StoreError,
    StoreMovedError,
    StoreUncertainError,
)
from trust_registry.journal import Journal
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash
from trust_registry.registry import open_registry
from trust_registry.stores.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "entries.sqlite")
    yield opened
    opened.close()


def test_a_store_takes_the_next_entry_and_no_other(store: SqliteStore) -> None:
    store.append(0, b"zero")
    for index in (0, 2):
        with pytest.raises(StoreMovedError):
            store.append(index, b"other")
    store.append(1, b"one")
    assert list(store.entries()) == [b"zero", b"one"]
    assert list(store.entries(1)) == [b"one"]
    assert list(store.entries(2)) == []


def test_entries_are_added_all_or_none(store: SqliteStore) -> None:
    store.append(0, b"zero")
    with pytest.raises(StoreError):
        store.append(1, b"one", b"")
    assert list(store.entries()) == [b"zero"]
    store.append(1, b"other", b"two")
    assert list(store.entries()) == [b"zero", b"other", b"two"]


class Failing(SqliteStore):
    """The real store; its disk fails once where it is told to, after all was written."""

    error: Exception | None = None

    def _keep(self, effects: Iterable[tuple[int, bytes]]) -> None:
        super()._keep(effects)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("error", [StoreError("full"), StoreUncertainError("who knows")])
async def test_an_append_that_fails_leaves_the_journal_as_it_was(
    board: Board, tmp_path: Path, error: StoreError
) -> None:
    entry = await board.registry.entry(0)
    store = await asyncio.to_thread(Failing, tmp_path / "failing.sqlite")
    journal = Journal(store, board.clock)
    await journal.append(entry, entry, entry)

    def shown() -> tuple[object, ...]:
        edge = journal.tree.edge(journal.size)
        return journal.size, edge, journal.latest, journal.size_at(START), journal.receipt(2)

    assert [entry.leaf] * 3 == [journal.tree.node(0, index) for index in range(3)]
    before = shown()
    for failed in (1, 4):
        store.error = error
        with pytest.raises(type(error)):
            await journal.append(*[entry] * failed)
        assert shown() == before
    assert journal.writable is not isinstance(error, StoreUncertainError)
    store.error = None
    if journal.writable:
        await journal.append(*[entry] * 5)
        again = HashTree()
        again.extend([leaf_hash(entry.to_bytes())] * 8)
        assert (journal.size, journal.root) == (8, again.root(8))
    await asyncio.to_thread(journal.close)


def test_a_store_reads_beyond_one_batch(store: SqliteStore) -> None:
    for index in range(600):
        store.append(index, b"%d" % index)
    assert list(store.entries(10)) == [b"%d" % index for index in range(10, 600)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET entry = x'00'",
        "DELETE FROM entries",
        "REPLACE INTO entries VALUES (0, x'00')",
    ],
)
def test_entries_never_change_and_never_go(
    store: SqliteStore, tmp_path: Path, statement: str
) -> None:
    store.append(0, b"zero")
    other = sqlite3.connect(tmp_path / "entries.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()
    assert list(store.entries()) == [b"zero"]


@pytest.mark.parametrize("entry", [b"", b"x" * 65_536])
def test_an_entry_has_a_size_that_a_log_can_hold(store: SqliteStore, entry: bytes) -> None:
    with pytest.raises(StoreError):
        store.append(0, entry)
    assert list(store.entries()) == []


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database, but text that is long enough to be one" * 100)
    with pytest.raises(StoreError):
        SqliteStore(tmp_path / "text")


async def verified(board: Board) -> int:
    return await asyncio.to_thread(board.registry.verify)


async def test_an_entry_never_goes_back_in_time(board: Board) -> None:
    board.clock.instant = Instant(START - 60_000)
    receipt = await board.act("irma", party("auditor"), issued=START)
    assert receipt.recorded_at == START
    journal = board.registry.journal
    assert journal.size_at(Instant(START - 1)) == 0
    assert journal.size_at(START) == 2


async def test_a_receipt_names_the_journal_as_it_stood(board: Board) -> None:
    receipt = await board.act("irma", party("auditor"))
    later = await board.act("irma", party("other"))
    journal = board.registry.journal
    assert (receipt.size, later.size) == (2, 3)
    assert receipt.root == journal.root_at(2) != later.root == journal.root
    assert journal.root_at(4) is journal.root_at(-1) is None


async def test_reopening_gives_the_same_journal_and_state(board: Board, tmp_path: Path) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    root, size = board.registry.journal.root, board.registry.journal.size
    again = await open_board(tmp_path / "journal.sqlite")
    assert (again.registry.journal.root, again.registry.journal.size) == (root, size)
    assert again.registry.genesis == board.registry.genesis
    assert again.registry.index.parties() == board.registry.index.parties()
    assert again.registry.state.proposals == board.registry.state.proposals
    assert await verified(again) == size
    await again.registry.close()


async def test_a_second_writer_takes_up_what_the_first_wrote(board: Board, tmp_path: Path) -> None:
    other = await open_board(tmp_path / "journal.sqlite", clock=board.clock)
    first = await board.act("irma", party("auditor"))
    second = await other.act("bc", party("other"), nonce="the-second-writer")
    assert (first.index, second.index) == (1, 2)
    third = await board.act("mark", party("third"))
    assert third.index == 3
    assert board.registry.journal.root_at(3) == other.registry.journal.root
    assert await verified(board) == await verified(other) == 4
    await other.registry.close()


async def test_a_journal_of_another_registry_is_refused(board: Board, tmp_path: Path) -> None:
    with pytest.raises(CorruptJournalError, match=ORIGIN):
        await open_registry(
            tmp_path / "journal.sqlite",
            clock=board.clock,
            resolver=Resolver({}, board.clock),
            origin="https://other.test",
        )


# Damage at rest.


def damaged(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TRIGGER entries_never_change; DROP TRIGGER entries_never_go"
        "; DROP TRIGGER entries_follow_each_other"
    )
    connection.execute(statement, values)
    connection.commit()
    connection.close()


async def damage(path: Path, statement: str, *values: object) -> None:
    await asyncio.to_thread(damaged, path, statement, *values)


async def restore(path: Path) -> None:
    """Put the triggers back, as opening the file does."""
    store = await asyncio.to_thread(SqliteStore, path)
    await asyncio.to_thread(store.close)


async def stored(path: Path, index: int) -> bytes:
    return await asyncio.to_thread(read_stored, path, index)


def read_stored(path: Path, index: int) -> bytes:
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT entry FROM entries WHERE position = ?", (index,)).fetchone()
    connection.close()
    return bytes(row[0])


async def test_each_kind_of_damage_is_found_where_it_is(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await board.decide(party("auditor"))
    original = await stored(path, 2)
    entry = parse_json(original)
    assert isinstance(entry, dict)
    assert isinstance(entry["act"], dict)
    assert isinstance(entry["signer"], dict)
    other = someone("mark").key.public.multikey
    changes = {
        "not canonical": original.replace(b'{"act"', b'{ "act"'),
        "another time": canonicalise(entry | {"recorded_at": "2026-01-01T00:00:01Z"}),
        "back in time": canonicalise(entry | {"recorded_at": "2025-12-31T00:00:00Z"}),
        "another key": canonicalise(entry | {"signer": entry["signer"] | {"public_key": other}}),
        "no signature": canonicalise(entry | {"act": entry["act"] | {"signature": "AA"}}),
        "another payload": canonicalise(entry | {"act": entry["act"] | {"payload": "e30"}}),
        "one member more": canonicalise(entry | {"more": 1}),
        "another entry": await stored(path, 1),
        "no JSON": b"entry",
    }
    for what, changed in changes.items():
        await damage(path, "UPDATE entries SET entry = ? WHERE position = 2", changed)
        with pytest.raises(CorruptJournalError) as caught:
            await verified(board)
        assert caught.value.index == 2, what
        await restore(path)
    await damage(path, "UPDATE entries SET entry = ? WHERE position = 2", original)
    assert await verified(board) == 4
    await restore(path)
    await damage(path, "DELETE FROM entries WHERE position = 3")
    with pytest.raises(CorruptJournalError) as caught:
        await verified(board)
    assert caught.value.index == 3
    await restore(path)
    await damage(path, "DELETE FROM entries WHERE position = 1")
    with pytest.raises(CorruptJournalError) as caught:
        await verified(board)
    assert caught.value.index == 1


async def test_what_the_rules_never_admitted_is_found_on_opening(
    board: Board, tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"
    payload = board.write("irma", party("auditor"), origin="https://other.test")
    signed = board.sign("irma", payload, "irma")
    good = Entry.from_bytes(await stored(path, 0), 0)
    jws = {name: str(value) for name, value in signed.items()}
    forged = Entry(jws, board.clock.now(), good.signer)
    store = await asyncio.to_thread(SqliteStore, path)
    await asyncio.to_thread(store.append, 1, forged.to_bytes())
    await asyncio.to_thread(store.close)
    with pytest.raises(CorruptJournalError, match="wrong_registry") as caught:
        await open_board(path, clock=FixedClock(START))
    assert caught.value.index == 1


def test_entries_are_read_as_strictly_as_they_are_written() -> None:
    with pytest.raises(CorruptJournalError):
        Entry.from_bytes(b"[]", 0)
    with pytest.raises(NotCanonicalisableError):
        canonicalise({"a": float("nan")})
