"""The repository that snapshots are published in: TUF metadata in a folder, served as files.

The board's keys are the root. Who signs a new snapshot, offline and several together, are the
`targets`; a key that is online says every day which of them is the latest. So whoever takes the
server can at most withhold news until that word expires, and never make a snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from resolver.clock import Clock
from resolver.keys import PublicKey
from resolver.signing import PrivateKey
from trust_registry.snapshot.disk import put
from trust_registry.snapshot.errors import NotPublishedError
from trust_registry.snapshot.published import TARGET
from trust_registry.snapshot.signing import TufSigner, tuf_key

_T = TypeVar("_T", Root, Targets, Snapshot, Timestamp)
_LASTS = {"root": 400, "targets": 120, "snapshot": 30, "timestamp": 7}
"""Days until each role's word expires; the last one is given anew every day."""


@dataclass(frozen=True, slots=True)
class Seats:
    """Who signs for a role.

    Attributes:
        keys: the public keys.
        threshold: how many of them must sign.
    """

    keys: Sequence[PublicKey]
    threshold: int


class Repository:
    """A repository in a folder. Drafts wait below it until enough have signed. It blocks.

    Args:
        folder: where it is; made where it is absent.
        clock: dates what is signed.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._metadata = folder / "metadata"
        self._targets = folder / "targets"
        self._drafts = folder / "drafts"
        self._clock = clock

    def draft_root(self, board: Seats, targets: Seats, online: PublicKey) -> None:
        """Write down who signs for what, for the board to sign; the old board signs a change, too.

        Raises:
            NotPublishedError: a threshold cannot be met, or a key cannot be used.
        """
        old = self._latest(Root, "root")
        root = Root(version=old.signed.version + 1 if old else 1, expires=self._until("root"))
        last = Seats([online], 1)
        seats = {"root": board, "targets": targets, "snapshot": last, "timestamp": last}
        for role, each in seats.items():
            if not 0 < each.threshold <= len({key.raw for key in each.keys}):
                raise NotPublishedError(f"{role}: {each.threshold} of {len(each.keys)} cannot sign")
            for key in each.keys:
                root.add_key(tuf_key(key), role)
            root.roles[role].threshold = each.threshold
        put(self._drafts / "root.json", Metadata(root).to_bytes())

    def draft_targets(self, snapshot: bytes, custom: Mapping[str, str]) -> None:
        """Put a snapshot into the repository, and write its name down for `targets` to sign.

        Args:
            snapshot: its bytes.
            custom: what is said of it.

        Raises:
            NotPublishedError: no root is signed yet.
        """
        self._root()
        old = self._latest(Targets, "targets")
        file = TargetFile.from_data(TARGET, snapshot, ["sha256"])
        file.unrecognized_fields["custom"] = dict(custom)
        targets = Targets(
            version=old.signed.version + 1 if old else 1,
            expires=self._until("targets"),
            targets={TARGET: file},
        )
        folder, name = TARGET.split("/")
        hashed = f"{sha256(snapshot).hexdigest()}.{name}"
        put(self._targets / folder / hashed, snapshot)
        put(self._drafts / "targets.json", Metadata(targets).to_bytes())

    def sign(self, role: str, key: PrivateKey) -> int:
        """Sign a draft; with enough signatures it takes the place of what it follows.

        Args:
            role: `root` or `targets`.
            key: the signer's key.

        Returns:
            How many signatures are still missing.

        Raises:
            NotPublishedError: there is no such draft, or the key has no seat in it.
        """
        if role == "root":
            return self._sign_root(key)
        draft, root = self._draft(Targets, role), self._root()
        return self._signed(draft, role, key, [root])

    def _sign_root(self, key: PrivateKey) -> int:
        draft, old = self._draft(Root, "root"), self._latest(Root, "root")
        judges = [draft.signed, *([old.signed] if old else [])]
        return self._signed(draft, "root", key, judges)

    def _signed(
        self, draft: Metadata[_T], role: str, key: PrivateKey, judges: Sequence[Root]
    ) -> int:
        """Add a signature to a draft, and install it once every root of the judges is content."""
        signer = TufSigner(key)
        if not any(signer.public_key.keyid in root.roles[role].keyids for root in judges):
            raise NotPublishedError(f"this key has no seat among the signers of {role}")
        draft.sign(signer, append=True)
        data = draft.to_bytes()
        missing = 0
        for root in judges:
            judged = root.get_verification_result(role, draft.signed_bytes, draft.signatures)
            missing = max(missing, judged.missing)
        path = self._drafts / f"{role}.json"
        if missing:
            put(path, data)
            return missing
        put(self._metadata / f"{draft.signed.version}.{role}.json", data)
        path.unlink()
        return 0

    def refresh(self, key: PrivateKey) -> None:
        """Say with the online key what is the latest, for some days.

        Raises:
            NotPublishedError: nothing is signed yet, or this is not the online key.
        """
        root, targets = self._root(), self._latest(Targets, "targets")
        if targets is None:
            raise NotPublishedError("no snapshot is signed yet")
        if TufSigner(key).public_key.keyid not in root.roles["timestamp"].keyids:
            raise NotPublishedError("this is not the online key that the root names")
        version = self._snapshot(targets.signed.version, key)
        old = self._latest(Timestamp, "timestamp")
        timestamp = Timestamp(
            version=old.signed.version + 1 if old else 1,
            expires=self._until("timestamp"),
            snapshot_meta=MetaFile(version),
        )
        self._issue(self._metadata / "timestamp.json", timestamp, key)

    def _snapshot(self, targets: int, key: PrivateKey) -> int:
        """Write TUF's own snapshot of versions, and return its version."""
        old = self._latest(Snapshot, "snapshot")
        version = old.signed.version + 1 if old else 1
        meta = {"targets.json": MetaFile(targets)}
        made = Snapshot(version=version, expires=self._until("snapshot"), meta=meta)
        self._issue(self._metadata / f"{version}.snapshot.json", made, key)
        return version

    def _issue(self, path: Path, signed: _T, key: PrivateKey) -> None:
        metadata = Metadata(signed)
        metadata.sign(TufSigner(key))
        put(path, metadata.to_bytes())

    def _root(self) -> Root:
        latest = self._latest(Root, "root")
        if latest is None:
            raise NotPublishedError("no root is signed yet: the board signs it first")
        return latest.signed

    def _latest(self, kind: type[_T], role: str) -> Metadata[_T] | None:
        """Read what holds now for a role."""
        if role == "timestamp":
            path = self._metadata / "timestamp.json"
            return _read(kind, path) if path.is_file() else None
        found = [each.name.split(".")[0] for each in self._metadata.glob(f"*.{role}.json")]
        versions = [int(each) for each in found if each.isdecimal()]
        return _read(kind, self._metadata / f"{max(versions)}.{role}.json") if versions else None

    def _draft(self, kind: type[_T], role: str) -> Metadata[_T]:
        path = self._drafts / f"{role}.json"
        if not path.is_file():
            raise NotPublishedError(f"no draft of {role} waits to be signed")
        return _read(kind, path)

    def _until(self, role: str) -> datetime:
        now = datetime.fromtimestamp(self._clock.now() // 1000, UTC)
        return now + timedelta(days=_LASTS[role])


def _read(kind: type[_T], path: Path) -> Metadata[_T]:
    """Read metadata of one kind.

    Raises:
        NotPublishedError: it is damaged.
    """
    try:
        read = Metadata.from_bytes(path.read_bytes())
    except (DeserializationError, RepositoryError) as error:
        raise NotPublishedError(f"{path.name} is damaged: {error}") from None
    if not isinstance(read.signed, kind):
        raise NotPublishedError(f"{path.name} is no {kind.type}")
    return read
