"""Taking a snapshot: the fold of a journal as long as its last signed checkpoint."""

from array import array
from dataclasses import dataclass
from pathlib import Path

from resolver.clock import SystemClock
from resolver.instant import Instant
from trust_registry.folding import apply
from trust_registry.journal import Journal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.notes import Note
from trust_registry.snapshot.errors import NotPublishedError
from trust_registry.snapshot.snapshot import Snapshot
from trust_registry.state import State
from trust_registry.stores import Store
from trust_registry.stores.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot, and the log's signed word for the journal that it follows from.

    Attributes:
        snapshot: the state.
        checkpoint: the signed note.
    """

    snapshot: Snapshot
    checkpoint: bytes


def take_snapshot(path: Path) -> Taken:
    """Fold the journal in a file anew, verifying each act, up to its last checkpoint. It blocks.

    Raises:
        NotPublishedError: nothing was signed yet, or what was signed is another journal.
        CorruptJournalError: an entry is damaged, or was never to be admitted.
        StoreError: the file cannot be read.
    """
    store = SqliteStore(path)
    try:
        return _taken(store)
    finally:
        store.close()


def _taken(store: Store) -> Taken:
    note = store.checkpoint()
    if note is None:
        raise NotPublishedError("the log signed no checkpoint yet: serve it with its key first")
    try:
        signed = Checkpoint.parse(Note.parse(note).text)
    except LogError as error:
        raise NotPublishedError(f"the last checkpoint: {error}") from None
    journal = Journal(store, SystemClock())
    state, times = State(journal.root_at), array("q")
    for index, entry in enumerate(journal.read()):
        if index == signed.size:
            break
        apply(state, entry, index, verify=True)
        journal.take(entry)
        times.append(entry.recorded_at)
    if state.size != signed.size or journal.root != signed.root or not state.size:
        raise NotPublishedError(f"another journal was signed for at {signed.size} entries")
    snapshot = Snapshot(
        origin=state.origin,
        genesis=state.genesis,
        size=state.size,
        root=signed.root,
        recorded_at=Instant(times[-1]),
        index=state.index,
        times=times,
    )
    return Taken(snapshot, note)
