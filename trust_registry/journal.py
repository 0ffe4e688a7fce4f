"""The journal: an append-only log of signed acts, durable before it is acknowledged."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from resolver.clock import Clock
from resolver.instant import BEGINNING, Instant
from trust_registry.entries import Entry
from trust_registry.errors import CorruptJournalError, StoreUncertainError
from trust_registry.kept import Run, runs
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash
from trust_registry.stores import Store
from trust_registry.worker import Worker

_EARLIER = "recorded before the one before it"
_KNOWN_ROOTS = 4096
"""How many roots of past sizes are remembered; each can be computed again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where and when an entry was recorded, and the journal that then stood.

    Attributes:
        index: its position, from 0.
        recorded_at: its own time.
        size: the journal's size with it.
        root: the Merkle root of that size (RFC 6962 2.1).
    """

    index: int
    recorded_at: Instant
    size: int
    root: bytes


class Journal:
    """The log over a store: one writer; what readers need of it is in memory.

    Args:
        store: where entries are kept.
        clock: what dates them.

    Attributes:
        tree: the Merkle tree over the entries, for proofs and tiles.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.tree = HashTree()
        self._root = lru_cache(_KNOWN_ROOTS)(self.tree.root)
        self._times: list[Instant] = []
        self._uncertain = asyncio.Event()
        self._holding = False
        self._exclusive = asyncio.Lock()
        self._worker = Worker("journal")

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.tree.size

    @property
    def root(self) -> bytes:
        """The Merkle root over all entries (RFC 6962 2.1)."""
        return self._root(self.size)

    @property
    def writable(self) -> bool:
        """Whether entries can be appended: not after a commit whose outcome is unknown."""
        return not self._uncertain.is_set()

    async def uncertain(self) -> None:
        """Wait until the outcome of a commit is unknown; only a restart can tell it."""
        await self._uncertain.wait()

    def root_at(self, size: int) -> bytes | None:
        """Return the root at a past size, or None where it never was that long."""
        if not 0 <= size <= self.size:
            return None
        return self._root(size)

    @property
    def latest(self) -> Instant:
        """When the last entry was recorded; the beginning of time before there is one."""
        return self._times[-1] if self._times else BEGINNING

    def recorded_at(self, index: int) -> Instant:
        """Return when an entry was recorded."""
        return self._times[index]

    def size_at(self, instant: Instant) -> int:
        """Return how many entries were recorded by an instant."""
        return bisect_right(self._times, instant)

    def receipt(self, index: int) -> Receipt:
        """Return the receipt that an entry had when it was appended."""
        return Receipt(index, self._times[index], index + 1, self._root(index + 1))

    def next_instant(self) -> Instant:
        """Return the time that an entry appended now must carry; it never runs backwards."""
        now = self._clock.now()
        return max(now, self._times[-1]) if self._times else now

    def read(self, start: int = 0) -> Iterator[Entry]:
        """Read stored entries, from an index on. It blocks.

        Raises:
            CorruptJournalError: one is missing, not canonical, or runs back in time.
            StoreError: the store cannot be read.
        """
        before = self._before(start)
        for index, data in enumerate(self._store.entries(start), start):
            entry = Entry.from_bytes(data, index)
            if entry.recorded_at < before:
                raise CorruptJournalError(index, _EARLIER)
            before = entry.recorded_at
            yield entry

    def recall(self, end: int | None = None) -> Iterator[Run | Entry]:
        """Read what stored entries did, where that is kept, and the entries themselves else.

        Whoever asks takes each up before the next one. It blocks.

        Args:
            end: one beyond the last entry; all are read without.

        Raises:
            CorruptJournalError: one is missing, unreadable, or runs back in time.
            StoreError: the store cannot be read.
        """
        index, before = 0, BEGINNING
        effects = self._store.effects()
        if end is not None:
            effects = takewhile(lambda found: found[0] < end, effects)
        for position, run in runs(effects):
            for entry in islice(self.read(index), position - index):
                before = entry.recorded_at
                yield entry
                index += 1
            if index < position:
                raise CorruptJournalError(index, "is missing")
            for recorded_at in run.times:
                if recorded_at < before:
                    raise CorruptJournalError(index, _EARLIER)
                before, index = recorded_at, index + 1
            yield run
        yield from islice(self.read(index), None if end is None else end - index)

    def _before(self, index: int) -> Instant:
        """Return when the entry before an index was recorded, as far as that is known."""
        return self._times[index - 1] if 0 < index <= len(self._times) else BEGINNING

    async def entry(self, index: int) -> Entry:
        """Read one stored entry.

        Raises:
            CorruptJournalError: it is missing, or not what was acknowledged.
            StoreError: the store cannot be read.
        """
        return await self._worker.do(self._one, index)

    def _one(self, index: int) -> Entry:
        for data in self._store.entries(index):
            return Entry.from_bytes(data, index)
        raise CorruptJournalError(index, "is missing")

    async def stored(self, start: int, end: int) -> list[bytes]:
        """Read the bytes of stored entries back, and hold each against the tree.

        Args:
            start: the first one's index.
            end: one beyond the last one's, up to the journal's size.

        Raises:
            CorruptJournalError: one is missing, or not what was acknowledged.
            StoreError: the store cannot be read.
        """
        return await self._worker.do(self._reread, start, end)

    def _reread(self, start: int, end: int) -> list[bytes]:
        found = list(islice(self._store.entries(start), end - start))
        for index, data in enumerate(found, start):
            if leaf_hash(data) != self.tree.node(0, index):
                raise CorruptJournalError(index, "not the entry that was acknowledged")
        if len(found) < end - start:
            raise CorruptJournalError(start + len(found), "is missing")
        return found

    async def checkpoint(self) -> bytes | None:
        """Return the last checkpoint that was signed; see `Store.checkpoint`."""
        return await self._worker.do(self._store.checkpoint)

    async def publish(self, old: int | None, size: int, note: bytes) -> None:
        """Keep a signed checkpoint in place of the last one; see `Store.publish`."""
        async with self._exclusive:
            self._refuse_uncertainty()
            await self._written(self._worker.do(self._store.publish, old, size, note))

    async def effects(self, start: int, end: int) -> dict[int, bytes]:
        """Return what is kept of stored entries, by their indices.

        Raises:
            StoreError: the store cannot be read.
        """
        return await self._worker.do(self._effects, start, end)

    def _effects(self, start: int, end: int) -> dict[int, bytes]:
        return dict(takewhile(lambda found: found[0] < end, self._store.effects(start)))

    async def keep(self, effects: Mapping[int, bytes]) -> None:
        """Keep what entries did; see `Store.keep`."""
        async with self._exclusive:
            await self._worker.do(self._store.keep, effects)

    def take(self, found: Run | Entry) -> None:
        """Take what the store already holds into memory."""
        if isinstance(found, Run):
            self._times += found.times
            self.tree.extend(found.leaves)
        else:
            self._times.append(found.recorded_at)
            self.tree.append(found.leaf)

    @asynccontextmanager
    async def held(self, catch_up: Callable[[], None]) -> AsyncIterator[None]:
        """Keep every other writer out, so that what is judged now is judged on the last state.

        Args:
            catch_up: takes up what another process appended before; it may block.

        Raises:
            StoreUncertainError: the outcome of a write before is unknown; only a restart helps.
            StoreError: the store cannot be written now.
        """
        async with self._exclusive:
            self._refuse_uncertainty()
            size = await self._worker.do(self._store.hold)
            self._holding = True
            try:
                if size != self.size:
                    await asyncio.to_thread(catch_up)
                yield
            finally:
                if self._holding:
                    self._holding = False
                    await self._worker.do(self._store.release)

    async def append(self, *entries: Entry, effects: Sequence[bytes] = ()) -> None:
        """Append entries, all or none; durable before this returns.

        Args:
            entries: dated by `next_instant`, none before the one before it.
            effects: what each does, to be kept beside it; see `Store.append`.

        Raises:
            ActRefusedError: an entry is too large.
            StoreMovedError: another process appended since; it cannot be while `held`.
            StoreUncertainError: the outcome is unknown; nothing is appended until a restart.
            StoreError: they could not be written; nothing was.
        """
        self._refuse_uncertainty()
        data = [entry.to_bytes() for entry in entries]
        self._holding = False  # an append ends what was held, whatever comes of it
        await self._written(self._worker.do(self._store.append, self.size, *data, effects=effects))
        for entry in entries:
            self.tree.append(entry.leaf)
            self._times.append(entry.recorded_at)

    async def _written(self, written: "asyncio.Future[None]") -> None:
        """Wait for a write, and note where it cannot be told whether it was done."""
        try:
            await written
        except StoreUncertainError:
            self._uncertain.set()
            raise

    def _refuse_uncertainty(self) -> None:
        if self._uncertain.is_set():
            text = "a commit before this one failed: restart to read it back"
            raise StoreUncertainError(text)

    def close(self) -> None:
        """Wait for the writer, then let go of the store. It blocks."""
        self._worker.close()
        self._store.close()
