"""A verifier syncs what the board's repository says, and nothing else."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from policies.authorise import decide
from resolver.clock import SystemClock
from resolver.instant import DAY
from tests.unit.trust_registry.snapshot.publishing import (
    BOARD,
    LOG,
    ONLINE,
    SIGNERS,
    Publishing,
    checkpoint_of,
    key,
    seats,
    small_registry,
    snapshot_of,
)
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.snapshot.errors import (
    CorruptSnapshotError,
    NotPublishedError,
    SnapshotError,
    UntrustedSnapshotError,
)
from trust_registry.snapshot.kept import Shelf
from trust_registry.snapshot.syncing import Synced, sync

CLOCK = SystemClock()
JOURNAL = small_registry()
FIRST = snapshot_of(JOURNAL.index, JOURNAL.size)


def later() -> object:
    journal = small_registry()
    journal.party("newcomer")
    return snapshot_of(journal.index, journal.size)


@pytest.fixture
def board(tmp_path: Path) -> Publishing:
    publishing = Publishing(tmp_path / "repository")
    publishing.publish(FIRST)
    return publishing


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def synced(board: Publishing, shelf: Shelf, **more: object) -> Synced:
    return sync(str(board.folder), shelf, board.root, CLOCK, **more)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(UntrustedSnapshotError) as caught:
        yield
    assert caught.value.code == code, str(caught.value)


def test_the_latest_snapshot_is_brought_and_decides(board: Publishing, shelf: Shelf) -> None:
    found = synced(board, shelf)
    assert found.new
    assert found.notes.head.size == FIRST.size
    kept = shelf.read()
    question = JOURNAL.ask("boreal", scheme="irma").question
    assert decide(question, kept.snapshot.index) == decide(question, JOURNAL.index)
    assert kept.notes.made_at == board.clock.now()
    assert 6 * DAY < kept.notes.expires - CLOCK.now() < 7 * DAY


def test_two_do_not_bring_snapshots_to_one_folder_at_once(board: Publishing, shelf: Shelf) -> None:
    with shelf.alone(), pytest.raises(SnapshotError, match="another sync"):
        synced(board, shelf)
    assert synced(board, shelf).new
    assert shelf.read().notes.head.size == FIRST.size


def test_what_is_at_hand_is_not_fetched_again(board: Publishing, shelf: Shelf) -> None:
    first = synced(board, shelf)
    shutil.rmtree(board.folder / "targets")
    board.repository.refresh(ONLINE)
    again = sync(str(board.folder), shelf, None, CLOCK)
    assert not again.new
    assert again.notes.head == first.notes.head
    assert again.notes.synced_at >= first.notes.synced_at


def test_a_newer_snapshot_takes_the_place_of_the_old_one(board: Publishing, shelf: Shelf) -> None:
    synced(board, shelf)
    board.publish(later())
    found = sync(str(board.folder), shelf, None, CLOCK)
    assert found.new
    assert shelf.read().snapshot.size == FIRST.size + 1
    assert len(list(shelf.path().parent.glob("*.snapshot"))) == 1


def test_a_repository_is_followed_over_http(board: Publishing, shelf: Shelf) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

    handler = partial(Quiet, directory=str(board.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        found = sync(f"http://127.0.0.1:{server.server_port}", shelf, board.root, CLOCK)
        server.shutdown()
    assert found.notes.head == FIRST.head()


def test_without_a_root_nobody_is_trusted(board: Publishing, shelf: Shelf) -> None:
    with refused("refused"):
        sync(str(board.folder), shelf, None, CLOCK)


def test_a_repository_that_is_not_there(shelf: Shelf, board: Publishing, tmp_path: Path) -> None:
    with refused("unreachable"):
        sync(str(tmp_path / "nowhere"), shelf, board.root, CLOCK)


# Attacks.


def test_an_older_timestamp_is_a_rollback(board: Publishing, shelf: Shelf) -> None:
    old = (board.folder / "metadata" / "timestamp.json").read_bytes()
    board.publish(later())
    synced(board, shelf)
    (board.folder / "metadata" / "timestamp.json").write_bytes(old)
    with refused("rollback"):
        synced(board, shelf)


def test_a_server_that_stands_still_is_found_out(tmp_path: Path, shelf: Shelf) -> None:
    board = Publishing(tmp_path / "frozen", days_ago=8)
    board.publish(FIRST)
    with refused("expired"):
        synced(board, shelf)


def test_a_snapshot_that_one_of_three_signed_is_refused(board: Publishing, shelf: Shelf) -> None:
    path = board.folder / "metadata" / "1.targets.json"
    metadata = json.loads(path.read_bytes())
    metadata["signatures"] = metadata["signatures"][:1]
    path.write_text(json.dumps(metadata))
    with refused("unsigned"):
        synced(board, shelf)


def test_metadata_changed_after_signing_is_refused(board: Publishing, shelf: Shelf) -> None:
    path = board.folder / "metadata" / "timestamp.json"
    metadata = json.loads(path.read_bytes())
    metadata["signed"]["version"] += 1
    path.write_text(json.dumps(metadata))
    with refused("unsigned"):
        synced(board, shelf)


def test_an_altered_snapshot_is_refused(board: Publishing, shelf: Shelf) -> None:
    (target,) = (board.folder / "targets" / "registry").iterdir()
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    with refused("altered"):
        synced(board, shelf)
    with pytest.raises(SnapshotError):
        shelf.read()


def test_a_root_that_the_old_board_did_not_sign_is_refused(board: Publishing, shelf: Shelf) -> None:
    synced(board, shelf)
    usurpers = Publishing(board.folder.with_name("usurped"))
    new = [key(n) for n in (11, 12)]
    usurpers.repository.draft_root(seats(2, *new), seats(2, *SIGNERS), ONLINE.public)
    draft = usurpers.folder / "drafts" / "root.json"
    for each in new:
        assert usurpers.repository.sign("root", each) > 0
    (board.folder / "metadata" / "2.root.json").write_bytes(draft.read_bytes())
    with refused("unsigned"):
        synced(board, shelf)


def test_a_snapshot_of_another_journal_than_its_checkpoint_is_refused(
    board: Publishing, shelf: Shelf
) -> None:
    board.publish(FIRST, checkpoint_of(FIRST, size=FIRST.size + 1))
    with refused("refused"):
        synced(board, shelf)


def test_a_checkpoint_by_another_log_key_is_refused_where_the_log_is_known(
    board: Publishing, shelf: Shelf
) -> None:
    other = SigningKey.generate("registry.example/log", KeyKind.ED25519)
    with refused("refused"):
        synced(board, shelf, log_keys=[other.public])
    assert synced(board, shelf, log_keys=[LOG.public]).new


def test_a_shorter_journal_is_a_rollback_even_with_all_signatures(
    board: Publishing, shelf: Shelf
) -> None:
    board.publish(later())
    synced(board, shelf)
    board.publish(FIRST)
    with refused("rollback"):
        synced(board, shelf)


def test_another_registrys_snapshot_does_not_take_the_place(
    board: Publishing, shelf: Shelf
) -> None:
    synced(board, shelf)
    board.publish(snapshot_of(JOURNAL.index, JOURNAL.size, genesis="cd" * 32))
    with refused("other_registry"):
        synced(board, shelf)


def test_what_is_no_snapshot_is_refused_though_it_is_signed(
    board: Publishing, shelf: Shelf
) -> None:
    class NotOne:
        size, root = 3, bytes(32)

        def to_bytes(self) -> bytes:
            return b"no snapshot"

    board.publish(NotOne(), checkpoint_of(FIRST))
    with refused("corrupt"):
        synced(board, shelf)


def test_a_flipped_byte_at_hand_is_found(board: Publishing, shelf: Shelf) -> None:
    synced(board, shelf)
    path = shelf.path()
    data = bytearray(path.read_bytes())
    for place in (3, len(data) // 2, len(data) - 1):
        data[place] ^= 4
        path.write_bytes(data)
        with pytest.raises(CorruptSnapshotError):
            shelf.read()
        data[place] ^= 4
    path.write_bytes(data[::-1])
    synced(board, shelf)
    assert shelf.read().snapshot.size == FIRST.size


def test_a_snapshot_that_is_gone_is_missed(board: Publishing, shelf: Shelf) -> None:
    synced(board, shelf)
    shelf.path().unlink()
    with pytest.raises(CorruptSnapshotError, match="missing"):
        shelf.read()
    assert synced(board, shelf).notes.head == FIRST.head()
    assert shelf.read().snapshot.size == FIRST.size


# Seats.


def test_a_new_root_needs_the_old_board_and_the_new_one(board: Publishing, shelf: Shelf) -> None:
    synced(board, shelf)
    new = [key(n) for n in (11, 12)]
    repository = board.repository
    repository.draft_root(seats(2, *new), seats(1, key(13)), ONLINE.public)
    assert [repository.sign("root", each) for each in (*new, *BOARD[:2])] == [2, 2, 1, 0]
    with pytest.raises(NotPublishedError, match="no draft"):
        repository.sign("root", BOARD[2])
    repository.draft_targets(FIRST.to_bytes(), {})
    with pytest.raises(NotPublishedError, match="no seat"):
        repository.sign("targets", SIGNERS[0])
    assert repository.sign("targets", key(13)) == 0


def test_one_signer_counts_once(board: Publishing) -> None:
    board.repository.draft_targets(FIRST.to_bytes(), {})
    assert [board.repository.sign("targets", SIGNERS[0]) for _ in range(2)] == [1, 1]


def test_only_the_online_key_says_what_is_the_latest(board: Publishing) -> None:
    with pytest.raises(NotPublishedError, match="online"):
        board.repository.refresh(SIGNERS[0])


def test_a_threshold_that_nobody_can_meet_is_refused(board: Publishing) -> None:
    with pytest.raises(NotPublishedError, match="cannot sign"):
        board.repository.draft_root(seats(2, BOARD[0], BOARD[0]), seats(1, BOARD[0]), ONLINE.public)


def test_nothing_is_published_before_the_board_signed(tmp_path: Path) -> None:
    repository = Publishing(tmp_path / "signed").repository
    with pytest.raises(NotPublishedError, match="no snapshot"):
        repository.refresh(ONLINE)
