"""The snapshot that a verifier keeps: verified when it was synced, whole when it is read."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from resolver.instant import BEGINNING, END, Instant
from resolver.jcs import canonicalise
from trust_registry.fields import Closed, Digest
from trust_registry.snapshot.disk import put
from trust_registry.snapshot.errors import CorruptSnapshotError, SnapshotError
from trust_registry.snapshot.head import Head
from trust_registry.snapshot.snapshot import MAX_BYTES, Snapshot, checksum

_NOTES = "synced.json"
_Instant = Annotated[Instant, Field(ge=BEGINNING, le=END)]


class Notes(Closed):
    """What is kept beside a snapshot; times are milliseconds since 1970.

    Attributes:
        head: what names the state.
        checksum: the last 32 bytes of the snapshot, in hex, which are SHA-256 of the others.
        checkpoint: the log's signed checkpoint.
        made_at: when the snapshot was made.
        synced_at: when the repository last said that it is the latest.
        expires: until when that word holds.
    """

    head: Head
    checksum: Digest
    checkpoint: str
    made_at: _Instant
    synced_at: _Instant
    expires: _Instant


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot at hand, with what is known of it."""

    snapshot: Snapshot
    notes: Notes


class Shelf:
    """The folder where a verifier keeps its snapshot. It blocks.

    Args:
        folder: where it is.

    Attributes:
        metadata: the folder of what TUF's client trusts.
    """

    def __init__(self, folder: Path) -> None:
        self.metadata = folder / "metadata"
        self._folder = folder

    def read(self) -> Kept:
        """Read what is kept.

        Raises:
            SnapshotError: nothing is.
            CorruptSnapshotError: it is damaged.
        """
        data, notes = self._bytes()
        return Kept(Snapshot.from_bytes(data), notes)

    def _bytes(self) -> tuple[bytes, Notes]:
        notes = self.notes()
        if notes is None:
            raise SnapshotError(f"{self._folder}: no snapshot was synced into this folder yet")
        path = self._path(notes.checksum)
        try:
            data = _read(path)
        except FileNotFoundError:
            if self.notes() == notes:
                raise CorruptSnapshotError(f"{path.name} is missing") from None
            return self._bytes()  # a newer one has just taken its place
        if checksum(data) != notes.checksum:
            raise CorruptSnapshotError(f"{path.name}: not the bytes that were synced")
        return data, notes

    def path(self) -> Path | None:
        """Return where the snapshot at hand is, or None where there is none."""
        notes = self.notes()
        return None if notes is None else self._path(notes.checksum)

    def notes(self) -> Notes | None:
        """Read what is kept beside the snapshot, or None where nothing was synced yet.

        Raises:
            CorruptSnapshotError: it is damaged.
        """
        path = self._folder / _NOTES
        try:
            return Notes.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            raise CorruptSnapshotError(f"{path}: cannot be read, or is damaged") from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else bring a snapshot to the folder; the system lets go where we are killed.

        Raises:
            SnapshotError: somebody else is bringing one.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = f"{self._folder}: another sync into this folder is under way"
                raise SnapshotError(text) from None
            yield

    def keep(self, data: bytes, notes: Notes) -> None:
        """Keep a snapshot in place of the one before, which stays until the new one is whole."""
        path = self._path(notes.checksum)
        if not path.is_file() or path.read_bytes() != data:
            put(path, data)
        put(self._folder / _NOTES, canonicalise(notes.model_dump(mode="json")))
        for other in self._folder.glob("*.snapshot"):
            if other != path:
                other.unlink(missing_ok=True)

    def _path(self, named: str) -> Path:
        return self._folder / f"{named}.snapshot"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CorruptSnapshotError(f"{path.name}: {error.strerror}") from None
