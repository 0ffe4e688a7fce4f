"""A repository of snapshots with its board, and the snapshots of a small registry."""

from pathlib import Path

from policies.index import Index
from resolver.clock import FixedClock, SystemClock
from resolver.instant import DAY, Instant
from resolver.signing import PrivateKey
from tests.unit.policies.minerals import Journal, irma_and_its_auditor
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.notes import Note
from trust_registry.snapshot.published import custom
from trust_registry.snapshot.repository import Repository, Seats
from trust_registry.snapshot.snapshot import Snapshot

LOG = SigningKey.generate("registry.example/log", KeyKind.ED25519)
ORIGIN, GENESIS = "https://registry.example", "ab" * 32


def key(number: int) -> PrivateKey:
    return PrivateKey.from_seed(bytes([number] * 32))


BOARD, SIGNERS, ONLINE = [key(n) for n in (1, 2, 3)], [key(n) for n in (4, 5, 6)], key(7)


def seats(threshold: int, *keys: PrivateKey) -> Seats:
    return Seats([each.public for each in keys], threshold)


def small_registry() -> Journal:
    journal, _, _ = irma_and_its_auditor()
    return journal


def snapshot_of(index: Index, size: int, *, genesis: str = GENESIS) -> Snapshot:
    """A snapshot of a journal whose root is told from its size alone."""
    return Snapshot(ORIGIN, genesis, size, bytes([size]) * 32, Instant(size), index)


def checkpoint_of(
    snapshot: Snapshot, *, size: int | None = None, signer: SigningKey = LOG
) -> bytes:
    text = str(Checkpoint("registry.example/log", size or snapshot.size, snapshot.root))
    return str(Note(text, (signer.sign(text, Instant(0)),))).encode()


class Publishing:
    """A repository, and all its keys in one hand."""

    def __init__(self, folder: Path, *, days_ago: int = 0) -> None:
        self.folder = folder
        now = SystemClock().now()
        self.clock = FixedClock(Instant(now - days_ago * DAY))
        self.repository = Repository(folder, self.clock)
        self.repository.draft_root(seats(2, *BOARD), seats(2, *SIGNERS), ONLINE.public)
        for each in BOARD[:2]:
            self.repository.sign("root", each)

    @property
    def root(self) -> bytes:
        return (self.folder / "metadata" / "1.root.json").read_bytes()

    def publish(self, snapshot: Snapshot, checkpoint: bytes | None = None) -> None:
        note = checkpoint or checkpoint_of(snapshot)
        said = custom(note, self.clock.now())
        self.repository.draft_targets(snapshot.to_bytes(), said)
        for each in SIGNERS[:2]:
            self.repository.sign("targets", each)
        self.repository.refresh(ONLINE)
