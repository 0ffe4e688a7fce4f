"""Syncing: a TUF client follows a repository and brings the latest snapshot to a folder.

TUF's client refuses what too few signed, what is older than what it saw, and what has expired.
What it accepts is held against the log's checkpoint that was signed with it, and is read as a whole
before it takes the place of the snapshot at hand.
"""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Metadata, TargetFile
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from resolver.clock import Clock
from resolver.instant import SECOND, Instant
from trust_registry.log.keys import VerifierKey
from trust_registry.snapshot.errors import CorruptSnapshotError, UntrustedSnapshotError
from trust_registry.snapshot.head import Head
from trust_registry.snapshot.kept import Notes, Shelf
from trust_registry.snapshot.published import TARGET, Published
from trust_registry.snapshot.snapshot import MAX_BYTES, Snapshot, checksum, read_head

_CHUNK = 1 << 20
_CONFIG = UpdaterConfig()
_CONFIG.app_user_agent = "touchstone"
_NOT_FOUND = 404
_CODES = {
    tuf_errors.ExpiredMetadataError: "expired",
    tuf_errors.BadVersionNumberError: "rollback",
    tuf_errors.EqualVersionNumberError: "rollback",
    tuf_errors.UnsignedMetadataError: "unsigned",
    tuf_errors.LengthOrHashMismatchError: "altered",
    tuf_errors.DownloadError: "unreachable",
}


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync brought.

    Attributes:
        notes: what is known of the state at hand.
        new: whether it is another one than before.
    """

    notes: Notes
    new: bool


def sync(
    source: str,
    shelf: Shelf,
    root: bytes | None,
    clock: Clock,
    log_keys: Collection[VerifierKey] = (),
) -> Synced:
    """Follow a repository, and keep its latest snapshot. It blocks.

    Args:
        source: the repository: an https or http address, or a folder.
        shelf: where the snapshot is kept.
        root: the board's root metadata, got on a trusted way; None where an earlier one is kept.
        clock: tells the present.
        log_keys: whose signature the checkpoint needs, besides the repository's word for it.

    Raises:
        UntrustedSnapshotError: what is offered is not to be used, or cannot be had.
        CorruptSnapshotError: what is at hand is damaged.
        SnapshotError: another sync into the same folder is under way.
    """
    with shelf.alone():
        with _refusals():
            published, data, expires = _offered(source, shelf, root)
        head, new = _checked(data, shelf)
        published.check(head, log_keys)
        notes = Notes(
            head=head,
            checksum=checksum(data),
            checkpoint=published.checkpoint,
            made_at=published.made_at,
            synced_at=clock.now(),
            expires=expires,
        )
        shelf.keep(data, notes)
        return Synced(notes, new)


def _offered(source: str, shelf: Shelf, root: bytes | None) -> tuple[Published, bytes, Instant]:
    """Return what a repository offers: what it says of the snapshot, it, and until when it says so.

    Nothing is fetched that is at hand.
    """
    updater = _updater(source, shelf.metadata, root)
    updater.refresh()
    target = updater.get_targetinfo(TARGET)
    if target is None:
        raise UntrustedSnapshotError("refused", "the repository has no snapshot")
    if target.length > MAX_BYTES:
        raise UntrustedSnapshotError("refused", f"the snapshot has {target.length} bytes")
    at_hand = shelf.path()
    if at_hand and updater.find_cached_target(target, str(at_hand)):
        data = at_hand.read_bytes()
    else:
        data = _downloaded(updater, target)
    expires = Metadata.from_file(str(shelf.metadata / "timestamp.json")).signed.expires
    return Published.read(target.custom), data, Instant(int(expires.timestamp()) * SECOND)


def _checked(data: bytes, shelf: Shelf) -> tuple[Head, bool]:
    """Read a snapshot as a whole, where it is new, and tell whether it may follow the one kept."""
    before = shelf.notes()
    new = before is None or before.checksum != checksum(data)
    try:
        head = _whole(data) if new else read_head(data)
    except CorruptSnapshotError as error:
        raise UntrustedSnapshotError("corrupt", str(error)) from None
    if before is not None:
        _follows(head, before.head)
    return head, new


def _whole(data: bytes) -> Head:
    """Read a snapshot, and return its head once it is that of the very state that was read."""
    head = read_head(data)
    if Snapshot.from_bytes(data).head() != head:
        raise CorruptSnapshotError("its head names another state")
    return head


def _follows(head: Head, before: Head) -> None:
    if (head.origin, head.genesis) != (before.origin, before.genesis):
        text = f"a snapshot of {head.origin}, where one of {before.origin} is kept"
        raise UntrustedSnapshotError("other_registry", text)
    if head.size < before.size:
        text = f"a snapshot of {head.size} entries, where one of {before.size} is kept"
        raise UntrustedSnapshotError("rollback", text)


def _updater(source: str, metadata: Path, root: bytes | None) -> Updater:
    metadata.mkdir(parents=True, exist_ok=True)
    if root is None and not (metadata / "root.json").exists():
        text = "whom to trust? give the board's root, got on a trusted way, the first time"
        raise UntrustedSnapshotError("refused", text)
    remote = urlsplit(source).scheme in {"http", "https"}
    base = source if remote else Path(source).resolve().as_uri()
    return Updater(
        str(metadata),
        f"{base.rstrip('/')}/metadata/",
        target_base_url=f"{base.rstrip('/')}/targets/",
        fetcher=None if remote else _FileFetcher(),
        config=_CONFIG,
        bootstrap=root,
    )


def _downloaded(updater: Updater, target: TargetFile) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return Path(updater.download_target(target, str(Path(folder) / "snapshot"))).read_bytes()


class _FileFetcher(FetcherInterface):
    """Reads a repository that is a folder, such as one that came on a disk."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(unquote(urlsplit(url).path))
        if not path.is_file():
            raise tuf_errors.DownloadHTTPError(f"{path.name} is not there", _NOT_FOUND)
        with path.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk


@contextmanager
def _refusals() -> Iterator[None]:
    """Name what TUF's client refuses."""
    try:
        yield
    except tuf_errors.DownloadLengthMismatchError as error:
        raise UntrustedSnapshotError("altered", str(error)) from None
    except (tuf_errors.RepositoryError, tuf_errors.DownloadError) as error:
        raise UntrustedSnapshotError(_code(error), str(error)) from None


def _code(error: object) -> str:
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), "refused")
