"""Repositories of snapshots as boards publish them, and as attackers would like them to be."""

import json
import shutil
from pathlib import Path

from tests.unit.trust_registry.snapshot.publishing import (
    Publishing,
    small_registry,
    snapshot_of,
)

JOURNAL = small_registry()
FIRST = snapshot_of(JOURNAL.index, JOURNAL.size)


def lay_out(folder: Path) -> str:
    """Make the repositories, and tell in JSON what a client shall make of each, in turn.

    A client that was at one before goes on with what it trusts.
    """
    board = Publishing(folder / "first")
    board.publish(FIRST)
    root = board.root.decode()
    spoilt = {"few": _leave_one_signature, "changed": _change_timestamp, "altered": _alter_target}
    for name, spoil in spoilt.items():
        spoil(shutil.copytree(board.folder, folder / name))
    shutil.copytree(board.folder, folder / "earlier")
    newer = small_registry()
    newer.party("newcomer")
    board.publish(snapshot_of(newer.index, newer.size))
    frozen = Publishing(folder / "frozen", days_ago=8)
    frozen.publish(FIRST)
    visits = [
        (["first"], root, ""),
        (["earlier", "first"], root, ""),
        (["first", "earlier"], root, "is less than current version"),
        (["frozen"], frozen.root.decode(), "timestamp.json is expired"),
        (["few"], root, "targets was signed by 1/2 keys"),
        (["changed"], root, "timestamp was signed by 0/1 keys"),
        (["altered"], root, "Expected hash"),
    ]
    return json.dumps([{"visits": v, "root": r, "error": e} for v, r, e in visits])


def _leave_one_signature(folder: Path) -> None:
    path = folder / "metadata" / "1.targets.json"
    metadata = json.loads(path.read_bytes())
    metadata["signatures"] = metadata["signatures"][:1]
    path.write_text(json.dumps(metadata))


def _change_timestamp(folder: Path) -> None:
    path = folder / "metadata" / "timestamp.json"
    metadata = json.loads(path.read_bytes())
    metadata["signed"]["version"] += 1
    path.write_text(json.dumps(metadata))


def _alter_target(folder: Path) -> None:
    (target,) = (folder / "targets" / "registry").iterdir()
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
