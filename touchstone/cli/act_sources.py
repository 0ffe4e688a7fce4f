"""What an act must know of the registry it is for: asked of a server, or read from a copy here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resolver.clock import SystemClock
from resolver.instant import format_instant
from touchstone.cli.asking import ask_server
from touchstone.cli.configuring import settings
from touchstone.cli.printing import give_up, note
from trust_registry.errors import TrustRegistryError
from trust_registry.snapshot.errors import SnapshotError

if TYPE_CHECKING:
    from policies.framework import Framework
    from policies.index import Index
    from trust_registry.journal import Journal
    from trust_registry.proposals import Proposal
    from trust_registry.state import State


@dataclass(frozen=True, slots=True)
class Target:
    """A registry at a moment.

    Attributes:
        origin: its name.
        genesis: SHA-256 of its first entry, in hex; None before there is one.
        base: the journal's size and root, in hex; None where it is empty.
        framework: the digest of the framework in force; None before there is one.
        state: everything that its journal says; None where only a server was asked.
        journal: the journal itself, closed; None where only a server was asked.
    """

    origin: str
    genesis: str | None
    base: tuple[int, str] | None
    framework: str | None
    state: "State | None" = None
    journal: "Journal | None" = None


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """What a snapshot tells of a registry; what is proposed and not decided is not in it.

    Attributes:
        index: the state that decisions look at.
        size: the journal's size.
        proposals: none.
    """

    index: "Index"
    size: int
    proposals: "Mapping[str, Proposal]" = field(default_factory=dict)

    @property
    def framework(self) -> "Framework":
        """The framework in force."""
        return self.index.framework_at(self.size)


server_option = click.option("--server", metavar="URL", help="The registry; default: this machine.")
data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A copy of the journal, such as a monitor's, instead: nothing is asked of any server.",
)


def target(server: str | None, data: Path | None) -> Target:
    """Return the registry that a command is about. Ends the process where it cannot be told."""
    if data is not None:
        if server is not None:
            give_up("say where the registry is read: --server or --data, not both")
        return read_copy(data)
    return _asked(server_of(server))


def server_of(server: str | None) -> str:
    """Return the server that is asked."""
    return server or f"http://{settings().listen}"


def _asked(server: str) -> Target:
    reply = asyncio.run(ask_server(server, "/v1/registry", method="GET"))
    if not reply.good:
        give_up(reply.complaint)
    said = reply.document
    journal, framework = said.get("journal"), said.get("framework")
    if not isinstance(journal, dict):
        give_up("the registry does not say how long its journal is")
    size, root = journal.get("size"), journal.get("root")
    return Target(
        str(said.get("origin")),
        str(said["genesis"]) if said.get("genesis") else None,
        (size, root) if isinstance(size, int) and size and isinstance(root, str) else None,
        framework if isinstance(framework, str) else None,
    )


def read_copy(path: Path) -> Target:
    """Fold a copy of a journal. Ends the process where there is none, or it is damaged."""
    from trust_registry.folding import apply
    from trust_registry.journal import Journal
    from trust_registry.state import State
    from trust_registry.stores.sqlite import SqliteStore

    if not path.is_file():
        give_up(f"{path}: there is no journal here")
    try:
        store = SqliteStore(path)
        try:
            journal = Journal(store, SystemClock())
            state = State(journal.root_at)
            for index, entry in enumerate(journal.read()):
                apply(state, entry, index, verify=True)
                journal.take(entry)
        finally:
            store.close()
    except TrustRegistryError as error:
        give_up(f"{path}: {error}")
    if not state.size:
        give_up(f"{path}: this journal is empty")
    base = (state.size, journal.root.hex())
    return Target(state.origin, state.genesis, base, state.framework.digest, state, journal)


def read_snapshot(folder: Path) -> SnapshotState:
    """Read a synced snapshot. Ends the process where there is none, or it is damaged."""
    from trust_registry.snapshot.kept import Shelf

    try:
        kept = Shelf(folder).read()
    except SnapshotError as error:
        give_up(f"{folder}: {error}")
    if kept.notes.expires <= SystemClock().now():
        made = format_instant(kept.notes.made_at)
        note(f"{folder}: made at {made}, and nobody says any more that it is the latest")
    return SnapshotState(kept.snapshot.index, kept.snapshot.size)
