"""A journal's head, and what each of its acts did: from its file, or as a registry says it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.clock import SystemClock
from resolver.strict_json import Json
from touchstone.cli.asking import ask_server
from touchstone.cli.printing import give_up
from trust_registry.errors import CorruptJournalError
from trust_registry.journal import Journal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.notes import Note
from trust_registry.monitor.changes import Change, admitted
from trust_registry.state import State
from trust_registry.state_bytes import state_digest
from trust_registry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from touchstone.service.settings import Settings


async def head_here(settings: "Settings") -> dict[str, Json]:
    """Return the head of the journal that the settings name.

    Raises:
        TrustRegistryError: it is damaged, or cannot be read.
    """
    from touchstone.service.serving import open_parts

    async with open_parts(settings) as parts:
        registry = parts.registry
        signed = await registry.journal.checkpoint()
        return {
            "origin": registry.origin,
            "entries": registry.journal.size,
            "root": registry.journal.root.hex(),
            "genesis": registry.genesis or None,
            "signed": Checkpoint.parse(Note.parse(signed).text).size if signed else None,
        }


async def head_there(server: str) -> dict[str, Json]:
    """Return the head that a registry says its journal has. Ends the process where it is silent."""
    reply = await ask_server(server, "/v1/registry", method="GET")
    journal, log = reply.document.get("journal"), reply.document.get("log")
    if not reply.good or not isinstance(journal, dict):
        give_up(reply.complaint)
    return {
        "origin": reply.document.get("origin"),
        "entries": journal.get("size"),
        "root": journal.get("root"),
        "genesis": reply.document.get("genesis"),
        "signed": log.get("size") if isinstance(log, dict) else None,
    }


def replayed(path: Path, size: int | None) -> Iterator[Change]:
    """Fold the journal in a file anew, and yield what each act did. It blocks.

    Args:
        path: the file.
        size: how many entries; all of them, if None.

    Raises:
        CorruptJournalError: an entry is damaged, or was never to be admitted.
        StoreError: the file cannot be read.
    """
    store = SqliteStore(path)
    try:
        journal = Journal(store, SystemClock())
        yield from _folded(journal, State(journal.root_at), size)
    finally:
        store.close()


def replayed_digest(path: Path, size: int | None) -> str:
    """Fold the journal in a file anew, and return SHA-256 of the whole state, in hex. It blocks.

    Raises:
        CorruptJournalError: an entry is damaged, or was never to be admitted; or there is none.
        StoreError: the file cannot be read.
    """
    store = SqliteStore(path)
    try:
        journal = Journal(store, SystemClock())
        state = State(journal.root_at)
        for _ in _folded(journal, state, size):
            pass
        if not state.size:
            raise CorruptJournalError(0, "is missing")
        return state_digest(state, journal.root)
    finally:
        store.close()


def _folded(journal: Journal, state: State, size: int | None) -> Iterator[Change]:
    for index, entry in enumerate(journal.read()):
        if index == size:
            return
        change = admitted(entry, index, state)
        journal.take(entry)
        yield change
