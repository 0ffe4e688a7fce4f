"""Publishing: what is signed was read back, and nothing is signed beside it or instead of it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.clock import FixedClock
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from tests.unit.trust_registry.board import ORIGIN, Board, open_board, party
from trust_registry.errors import CorruptJournalError, StoreError, StoreMovedError
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import InvalidKeyTextError
from trust_registry.log.keys import KeyKind, SigningKey, open_checkpoint
from trust_registry.log.notes import Note
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import ProofFile
from trust_registry.log.publisher import Publisher, log_origin
from trust_registry.registry import Registry, open_registry
from trust_registry.stores.sqlite import SqliteStore

NAME = log_origin(ORIGIN)
ED = SigningKey.from_seed(NAME, KeyKind.ED25519, b"e" * 32)
PQ = SigningKey.from_seed(NAME, KeyKind.ML_DSA_44, b"p" * 32)
OTHER = SigningKey.from_seed(NAME, KeyKind.ED25519, b"o" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def signed(
    path: Path, clock: FixedClock, *keys: SigningKey, origin: str = ORIGIN
) -> Registry:
    """Open the journal that a board began, with keys for its log."""
    return await open_registry(
        path,
        clock=clock,
        resolver=Resolver({"key": KeyMethod()}, clock),
        origin=origin,
        log_keys=keys or (ED,),
    )


async def begun(path: Path) -> Board:
    """A board whose registry signs."""
    board = await open_board(path)
    await board.registry.close()
    board.registry = await signed(path, board.clock)
    return board


def latest(registry: Registry) -> Checkpoint:
    publisher = registry.publisher
    assert publisher is not None
    assert publisher.latest is not None
    return open_checkpoint(publisher.latest.note, publisher.vkeys)


async def stored(path: Path) -> bytes | None:
    def read() -> bytes | None:
        store = SqliteStore(path)
        try:
            return store.checkpoint()
        finally:
            store.close()

    return await asyncio.to_thread(read)


async def change(path: Path, statement: str, *parameters: bytes) -> None:
    def run() -> None:
        connection = sqlite3.connect(path)
        for name in ("entries_never_change", "entries_never_go", "checkpoints_never_shrink"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        connection.execute(statement, parameters)
        connection.commit()
        connection.close()

    await asyncio.to_thread(run)


async def settled(registry: Registry) -> None:
    assert registry.publisher is not None
    await registry.publisher.settle()


async def test_each_act_is_covered_by_a_checkpoint_soon(path: Path) -> None:
    board = await begun(path)
    assert latest(board.registry).size == 1
    await board.act("irma", party("auditor"))
    await settled(board.registry)
    journal = board.registry.journal
    assert latest(board.registry) == Checkpoint("registry.test/log", 2, journal.root)
    await board.registry.close()
    note = await stored(path)
    assert note is not None
    assert open_checkpoint(Note.parse(note), [ED.public]).size == 2


async def test_a_crash_between_append_and_checkpoint_is_made_good(path: Path) -> None:
    board = await begun(path)
    await board.registry.close()
    unsigned = await open_board(path, clock=board.clock)
    await unsigned.act("irma", party("auditor"))
    await unsigned.registry.close()
    again = await signed(path, board.clock)
    assert latest(again).size == 2
    assert latest(again).root == again.journal.root
    await again.close()


async def test_a_second_signature_is_post_quantum(path: Path) -> None:
    board = await begun(path)
    await board.registry.close()
    await change(path, "DELETE FROM checkpoint")
    registry = await signed(path, board.clock, ED, PQ)
    assert registry.publisher is not None
    assert registry.publisher.latest is not None
    note = registry.publisher.latest.note
    for key in (ED, PQ):
        assert open_checkpoint(note, [key.public]).size == 1
    await registry.close()


async def test_an_act_comes_with_its_proof(path: Path) -> None:
    board = await begun(path)
    for name in ("one", "two", "three", "four"):
        await board.act("irma", party(name))
    await settled(board.registry)
    assert board.registry.publisher is not None
    for index in range(5):
        proof = await board.registry.publisher.proof(index)
        assert proof is not None
        read = ProofFile.parse(str(proof).encode())
        assert read.extra == (await board.registry.entry(index)).to_bytes()
        evidence = read.verify(read.extra, Policy.of_log(ED.public))
        assert (evidence.index, evidence.checkpoint.size) == (index, 5)
    assert await board.registry.publisher.proof(5) is None
    await board.registry.close()


@pytest.mark.parametrize("place", range(0, 2000, 97))
async def test_a_stored_entry_that_changed_is_never_signed_for(path: Path, place: int) -> None:
    """The entry changes between its commit and its checkpoint."""
    board = await begun(path)
    registry, publisher = board.registry, board.registry.publisher
    assert publisher is not None
    registry.publisher = None  # the act is recorded, and not published yet
    await board.act("irma", party("auditor"))
    entry = (await registry.entry(1)).to_bytes()
    flipped = bytearray(entry)
    flipped[place % len(entry)] ^= 1
    await change(path, "UPDATE entries SET entry = ? WHERE position = 1", bytes(flipped))
    publisher.wake()
    await publisher.settle()
    assert isinstance(publisher.failure, CorruptJournalError)
    assert publisher.latest is not None
    assert publisher.latest.checkpoint.size == 1
    publisher.wake()
    await publisher.settle()
    assert publisher.latest.checkpoint.size == 1
    await registry.close()


async def test_a_signed_entry_that_changed_is_found_at_the_start(path: Path) -> None:
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await board.registry.close()
    entry = (await asyncio.to_thread(_entries, path))[1]
    for place in range(0, len(entry), 17):
        flipped = bytearray(entry)
        flipped[place] ^= 1
        await change(path, "UPDATE entries SET entry = ? WHERE position = 1", bytes(flipped))
        with pytest.raises(CorruptJournalError):
            await signed(path, board.clock)
    await change(path, "UPDATE entries SET entry = ? WHERE position = 1", entry)
    again = await signed(path, board.clock)
    assert latest(again).size == 2
    await again.close()


def _entries(path: Path) -> list[bytes]:
    store = SqliteStore(path)
    try:
        return list(store.entries())
    finally:
        store.close()


async def test_a_journal_shorter_than_what_was_signed_is_refused(path: Path) -> None:
    """As after a restore from a backup: what was signed cannot be taken back."""
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await board.registry.close()
    await change(path, "DELETE FROM entries WHERE position = 1")
    with pytest.raises(CorruptJournalError, match="these are gone"):
        await signed(path, board.clock)


async def test_another_history_than_the_signed_one_is_refused(path: Path, tmp_path: Path) -> None:
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await board.registry.close()
    other = await open_board(tmp_path / "other.sqlite")
    await other.act("irma", party("somebody else"))
    await other.registry.close()
    note = await stored(path)
    assert note is not None
    await change(tmp_path / "other.sqlite", "INSERT INTO checkpoint VALUES (1, 2, ?)", note)
    with pytest.raises(CorruptJournalError, match="another root"):
        await signed(tmp_path / "other.sqlite", board.clock)


async def test_every_bit_of_a_stored_checkpoint_counts(path: Path) -> None:
    board = await begun(path)
    await board.registry.close()
    note = await stored(path)
    assert note is not None
    for place in range(0, len(note), 7):
        flipped = bytearray(note)
        flipped[place] ^= 1
        await change(path, "UPDATE checkpoint SET note = ?", bytes(flipped))
        with pytest.raises(CorruptJournalError):
            await signed(path, board.clock)


async def test_verifying_a_journal_holds_it_against_what_was_signed(path: Path) -> None:
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await settled(board.registry)
    assert await asyncio.to_thread(board.registry.verify) == 2
    text = str(Checkpoint(NAME, 2, bytes(32)))
    for other in (text, str(Checkpoint("other.test", 2, board.registry.journal.root))):
        note = Note(other, (ED.sign(other, board.clock.now()),))
        await change(path, "UPDATE checkpoint SET note = ?", str(note).encode())
        with pytest.raises(CorruptJournalError, match="signed for"):
            await asyncio.to_thread(board.registry.verify)
    await board.registry.close()


async def test_a_checkpoint_is_of_the_size_that_its_row_says(path: Path) -> None:
    board = await begun(path)
    await change(path, "UPDATE checkpoint SET size = 3")
    with pytest.raises(CorruptJournalError, match="size of its row"):
        await asyncio.to_thread(board.registry.verify)
    await board.act("irma", party("auditor"))  # else the publisher would look for who moved it
    await settled(board.registry)
    assert board.registry.publisher is not None
    assert isinstance(board.registry.publisher.failure, CorruptJournalError)
    await board.registry.close()


async def test_with_a_key_given_a_checkpoint_that_is_gone_is_missed(path: Path) -> None:
    board = await begun(path)
    await change(path, "DELETE FROM checkpoint")
    assert await asyncio.to_thread(board.registry.verify) == 1
    with pytest.raises(CorruptJournalError, match="no checkpoint"):
        await asyncio.to_thread(board.registry.verify, [ED.public])
    await board.registry.close()


async def test_another_key_does_not_go_on_where_one_left_off(path: Path) -> None:
    board = await begun(path)
    await board.registry.close()
    with pytest.raises(CorruptJournalError, match="no trusted key"):
        await signed(path, board.clock, OTHER)


async def test_a_key_is_rotated_through_a_time_in_which_both_sign(path: Path) -> None:
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await board.registry.close()
    both = await signed(path, board.clock, ED, OTHER)
    assert both.publisher is not None
    assert both.publisher.latest is not None
    for key in (ED, OTHER):  # at once, though nothing was appended
        assert open_checkpoint(both.publisher.latest.note, [key.public]).size == 2
    await both.close()
    new = await signed(path, board.clock, OTHER)
    assert latest(new).size == 2
    await new.close()
    board.registry = await signed(path, board.clock, OTHER)
    await board.act("irma", party("other"))
    await settled(board.registry)
    await board.registry.close()
    note = await stored(path)
    assert note is not None
    assert open_checkpoint(Note.parse(note), [OTHER.public]).size == 3
    with pytest.raises(CorruptJournalError, match="no trusted key"):
        await signed(path, board.clock, ED)


async def test_what_a_witness_shows_counts_only_where_this_log_signed_it(path: Path) -> None:
    board = await begun(path)
    await board.act("irma", party("auditor"))
    await settled(board.registry)
    publisher, root = board.registry.publisher, board.registry.journal.root
    assert publisher is not None

    def shown(size: int, root: bytes, key: SigningKey = ED) -> bytes:
        text = str(Checkpoint(NAME, size, root))
        return str(Note(text, (key.sign(text, board.clock.now()),))).encode()

    for harmless in (shown(2, root), shown(9, root, OTHER), b"no note", shown(2, root, OTHER)):
        await publisher.hold_against(harmless)
    assert publisher.failure is None
    for damning in (shown(3, root), shown(2, bytes(32)), shown(1, root)):
        with pytest.raises(CorruptJournalError):
            await publisher.hold_against(damning)
        assert publisher.failure is not None
    await board.act("irma", party("more"))
    await settled(board.registry)
    assert latest(board.registry).size == 2
    await board.registry.close()


async def test_what_another_process_signed_is_no_sign_of_a_backup(path: Path) -> None:
    board = await begun(path)
    other = await open_board(path, clock=board.clock)
    other.sent = 1000
    await other.registry.close()
    other.registry = await signed(path, board.clock)
    await other.act("bc", party("auditor"))
    await settled(other.registry)
    note = await stored(path)
    assert note is not None
    assert board.registry.publisher is not None
    await board.registry.publisher.hold_against(note)
    assert board.registry.publisher.failure is None
    for each in (board, other):
        await each.registry.close()


async def test_two_processes_publish_one_history(path: Path) -> None:
    board = await begun(path)
    other = await open_board(path, clock=board.clock)
    other.sent = 1000
    await other.registry.close()
    other.registry = await signed(path, board.clock)
    for turn in range(6):
        writer = (board, other)[turn % 2]
        await writer.act(("irma", "bc")[turn % 2], party(f"party {turn}"))
        await settled(writer.registry)
        assert latest(writer.registry).size == turn + 2
    journal = other.registry.journal
    for each in (board.registry, other.registry):
        assert journal.root_at(latest(each).size) == latest(each).root
        await each.close()


class Overtaken(SqliteStore):
    """A file in which another process appends and signs at the worst moments."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.when_published: list[tuple[int, int, bytes]] = []
        self.when_read: list[tuple[int, bytes, bytes]] = []

    def publish(self, old: int | None, size: int, note: bytes) -> None:
        if self.when_published:
            super().publish(*self.when_published.pop(0))
        super().publish(old, size, note)

    def entries(self, start: int = 0) -> Iterator[bytes]:
        yield from super().entries(start)
        for index, entry, note in self.when_read:
            super().append(index, entry)
            super().publish(index, index + 1, note)
        self.when_read = []


async def four_signed(path: Path) -> tuple[Board, list[bytes]]:
    """A board of four entries, and the checkpoint that was signed at each size."""
    board = await begun(path)
    notes = [await stored(path)]
    for name in ("one", "two", "three"):
        await board.act("irma", party(name))
        await settled(board.registry)
        notes.append(await stored(path))
    await board.registry.close()
    return board, [note for note in notes if note is not None]


async def test_what_others_sign_while_this_one_starts_is_gone_on_from(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, notes = await four_signed(path)
    await change(path, "UPDATE checkpoint SET size = 1, note = ?", notes[0])
    store = await asyncio.to_thread(Overtaken, path)
    store.when_published = [(1, 2, notes[1]), (2, 3, notes[2])]
    monkeypatch.setattr("trust_registry.registry.SqliteStore", lambda _: store)
    registry = await signed(path, board.clock)
    assert store.when_published == []
    assert latest(registry).size == 4
    assert Checkpoint.parse(Note.parse(await stored(path) or b"").text).size == 4
    await registry.close()


@pytest.mark.parametrize("verify", [False, True])
async def test_what_others_append_and_sign_while_this_one_reads_is_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch, verify: bool
) -> None:
    board, notes = await four_signed(path)
    await change(path, "UPDATE checkpoint SET size = 3, note = ?", notes[2])
    store = await asyncio.to_thread(Overtaken, path)
    (last,) = await asyncio.to_thread(list, store.entries(3))
    await change(path, "DELETE FROM entries WHERE position = 3")
    if not verify:
        store.when_read = [(3, last, notes[3])]
    monkeypatch.setattr("trust_registry.registry.SqliteStore", lambda _: store)
    registry = await signed(path, board.clock)
    assert registry.journal.size == 3
    if verify:
        store.when_read = [(3, last, notes[3])]
        assert await asyncio.to_thread(registry.verify, [ED.public]) == 3
    assert store.when_read == []
    assert await stored(path) == notes[3]
    await registry.close()


async def test_a_checkpoint_is_kept_by_compare_and_swap(path: Path) -> None:
    def run() -> None:
        store = SqliteStore(path)
        store.append(0, b"entry")
        store.publish(None, 0, b"empty")
        for old, size in ((None, 1), (1, 1), (0, 2)):
            with pytest.raises(StoreMovedError):
                store.publish(old, size, b"other")
        store.publish(0, 1, b"log\n1\none\n")
        with pytest.raises(StoreError):
            store.publish(1, 0, b"shrunk")
        assert store.checkpoint() == b"log\n1\none\n"
        store.close()

    await asyncio.to_thread(run)


async def test_a_log_signs_first_with_what_every_witness_asks(board: Board) -> None:
    with pytest.raises(InvalidKeyTextError):
        Publisher(board.registry.journal, NAME, [PQ], board.clock)
