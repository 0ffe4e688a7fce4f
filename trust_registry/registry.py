"""The registry: store, journal, state and governance, opened together."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from policies.index import Index
from resolver.clock import Clock
from resolver.strict_json import Json
from trust_registry.auditing import Audit, Replay
from trust_registry.entries import Entry
from trust_registry.errors import CorruptJournalError, TrustRegistryError
from trust_registry.folding import apply, recalled
from trust_registry.governance import DocumentSource, Governance, Submission
from trust_registry.journal import Journal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.keys import LogKey, VerifierKey, open_checkpoint
from trust_registry.log.notes import Note
from trust_registry.log.policies import Policy
from trust_registry.log.publisher import Publisher, log_origin
from trust_registry.state import State
from trust_registry.stores import Store
from trust_registry.stores.sqlite import SqliteStore


class Registry:
    """A trust registry over a store. Make one with `open_registry`.

    Attributes:
        origin: its name, as acts must give it.
        journal: what was recorded.
        state: what follows from it.
        publisher: signs the journal's checkpoints; None where there is no key for it.
        audit: checks the signatures of what was stored before, once it is told to begin.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        resolver: DocumentSource,
        origin: str,
        framework: str | None = None,
        log_keys: Sequence[LogKey] = (),
        witnesses: Policy | None = None,
    ) -> None:
        self.origin = origin
        self.clock = clock
        self.journal = Journal(store, clock)
        self.state = State(self.journal.root_at)
        self.audit = Audit(self.journal)
        self.publisher = (
            Publisher(self.journal, log_origin(origin), log_keys, clock, witnesses)
            if log_keys
            else None
        )
        self._store = store
        self._governance = Governance(
            self.journal,
            self.state,
            resolver,
            origin,
            self.load,
            self._replayed,
            framework,
            log_keys[0] if log_keys else None,
        )

    @property
    def index(self) -> Index:
        """What decisions look at."""
        return self.state.index

    @property
    def genesis(self) -> str:
        """SHA-256 of the first entry, in hex; empty before there is one."""
        return self.state.genesis

    def load(self) -> None:
        """Take up what the store holds beyond what is known. It blocks.

        Raises:
            CorruptJournalError: an entry is unreadable, was never to be admitted, or the journal
                is another registry's.
            StoreError: the store cannot be read.
        """
        known = self.journal.size
        if known:  # another process appended: what it did is judged, and its signatures, here
            for index, entry in enumerate(self.journal.read(known), known):
                apply(self.state, entry, index, verify=True)
                self.journal.take(entry)
        else:
            for found in recalled(self.state, self.journal.recall()):
                self.journal.take(found)
            self.audit.extend(self.journal.size)
        if self.state.size and self.state.origin != self.origin:
            raise CorruptJournalError(0, f"this is the journal of {self.state.origin}")

    def _replayed(self) -> State:
        """Fold what was acknowledged anew. It blocks."""
        fresh = State(self.journal.root_at)
        for _ in recalled(fresh, self.journal.recall(self.journal.size)):
            pass
        return fresh

    async def submit(self, jws: Json) -> Submission:
        """Take a signed act into the journal; see `Governance.submit`."""
        submission = await self._governance.submit(jws)
        if self.publisher is not None:
            self.publisher.wake()
        return submission

    async def entry(self, index: int) -> Entry:
        """Read one entry of the journal; see `Journal.entry`."""
        return await self.journal.entry(index)

    def verify(self, log_keys: Collection[VerifierKey] = ()) -> int:
        """Read every stored entry back and check all that can be checked. It blocks.

        Each entry must be canonical, signed, and admitted by the rules where it stands, and be the
        one that this process acknowledged; the last checkpoint must be signed for them.

        Args:
            log_keys: the log's; without them the checkpoint's signatures are not checked.

        Returns:
            How many entries were verified.

        Raises:
            CorruptJournalError: an entry is not what it should be; the error names its index.
            StoreError: the store cannot be read.
        """
        signed = self._store.checkpoint()  # before the entries: another process may append to both
        journal = Journal(self._store, self.clock)
        replay = Replay(journal.root_at)
        effects = self._store.effects()
        following = next(effects, None)
        for index, entry in enumerate(journal.read()):
            kept = b""
            if following is not None and following[0] == index:
                kept, following = following[1], next(effects, None)
            replay.judge(entry, kept)
            journal.take(entry)
            known = index < self.journal.size
            if known and journal.tree.node(0, index) != self.journal.tree.node(0, index):
                raise CorruptJournalError(index, "not the entry that was acknowledged")
        if following is not None and next(self._store.entries(following[0]), None) is None:
            raise CorruptJournalError(following[0], "is missing, and it is kept what it did")
        if journal.size < self.journal.size:
            raise CorruptJournalError(journal.size, "is missing")
        if journal.size and replay.state.origin != self.origin:
            raise CorruptJournalError(0, f"this is the journal of {replay.state.origin}")
        self._verify_checkpoint(signed, journal, log_keys)
        return journal.size

    def _verify_checkpoint(
        self, stored: bytes | None, journal: Journal, keys: Collection[VerifierKey]
    ) -> None:
        """Check that the last signed checkpoint is a beginning of the journal."""
        if stored is None:
            if keys and journal.size:
                raise CorruptJournalError(journal.size, "no checkpoint signs for what is before it")
            return
        try:
            note = Note.parse(stored)
            signed = open_checkpoint(note, keys) if keys else Checkpoint.parse(note.text)
        except LogError as error:
            raise CorruptJournalError(journal.size, f"its last checkpoint: {error}") from None
        if journal.root_at(signed.size) != signed.root or signed.origin != log_origin(self.origin):
            text = f"another journal was signed for at {signed.size} entries"
            raise CorruptJournalError(max(signed.size - 1, 0), text)

    async def close(self) -> None:
        """Finish what is being recorded, then let go of the store."""
        await self.audit.settle()
        await self._governance.settle()
        if self.publisher is not None:
            await self.publisher.settle()
        await asyncio.to_thread(self.journal.close)


async def open_registry(
    path: Path,
    *,
    clock: Clock,
    resolver: DocumentSource,
    origin: str,
    genesis: Callable[[], Json] | None = None,
    framework: str | None = None,
    log_keys: Sequence[LogKey] = (),
    witnesses: Policy | None = None,
) -> Registry:
    """Open a registry on an SQLite file.

    Args:
        path: the journal's file; made where it is absent.
        clock: dates the entries.
        resolver: gives the DID documents of signers.
        origin: the registry's name.
        genesis: gives the signed `adopt_framework` to begin an empty journal with (see
            `writing.found`); without it an empty journal waits for that act.
        framework: the digest of the framework that alone may begin an empty journal. Whoever lets
            others submit acts to an empty journal sets it: else the first who comes founds it.
        log_keys: what signs the log's checkpoints; nothing is signed without.
        witnesses: who cosigns them.

    Raises:
        CorruptJournalError: the journal is damaged, or another registry's.
        StoreError: the file cannot be used.
        ActRefusedError: the first act is not admitted.
    """
    store = await asyncio.to_thread(SqliteStore, path)
    registry = Registry(
        store,
        clock=clock,
        resolver=resolver,
        origin=origin,
        framework=framework,
        log_keys=log_keys,
        witnesses=witnesses,
    )
    try:
        signed = await registry.journal.checkpoint()
        await asyncio.to_thread(registry.load)
        if genesis is not None and registry.journal.size == 0:
            await registry.submit(genesis())
        if registry.publisher is not None:
            await registry.publisher.start(signed)
    except TrustRegistryError:
        await registry.close()
        raise
    return registry
