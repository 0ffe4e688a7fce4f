"""Publishing: the demo's snapshot, signed by its board as any board would."""

from pathlib import Path

from resolver.clock import SystemClock
from touchstone.demo.data import DemoData
from touchstone.demo.ecosystem import JOURNAL
from touchstone.demo.keys import demo_key
from trust_registry.snapshot.published import custom
from trust_registry.snapshot.repository import Repository, Seats
from trust_registry.snapshot.taking import take_snapshot

SNAPSHOTS = "snapshots"
"""The folder of the repository, within the demo's own."""
_SIGNERS = 2


def publish_snapshot(data: DemoData, folder: Path) -> None:
    """Publish the state of the journal's last checkpoint. It blocks.

    Args:
        data: says who sits on the board; two of its members sign snapshots, too.
        folder: the demo's.

    Raises:
        NotPublishedError: nothing is signed yet.
    """
    clock = SystemClock()
    repository = Repository(folder / SNAPSHOTS, clock)
    board = [demo_key(f"{member}, snapshots") for member in sorted(data.seated)]
    signers, online = board[:_SIGNERS], demo_key("snapshots")
    everybody = Seats([key.public for key in board], len(board))
    signing = Seats([key.public for key in signers], _SIGNERS)
    repository.draft_root(everybody, signing, online.public)
    for key in board:
        repository.sign("root", key)
    taken = take_snapshot(folder / JOURNAL)
    repository.draft_targets(taken.snapshot.to_bytes(), custom(taken.checkpoint, clock.now()))
    for key in signers:
        repository.sign("targets", key)
    repository.refresh(online)
