"""Following: new entries are believed once a checkpoint covers them and the rules admit them.

The monitor holds every entry itself. That a log only grew needs no proof from the log: the root of
a new checkpoint is computed over the monitor's own copy and what is new.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Protocol

from resolver.clock import Clock
from resolver.instant import Instant, format_instant
from trust_registry.entries import Entry
from trust_registry.errors import CorruptJournalError, TrustRegistryError
from trust_registry.folding import apply
from trust_registry.journal import Journal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.keys import open_checkpoint
from trust_registry.log.lines import HASH_BYTES
from trust_registry.log.notes import MAX_NOTE, Note
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import verified_cosignatures
from trust_registry.log.publisher import log_origin
from trust_registry.log.tiles import HEIGHT, WIDTH, TileName, names, parse_bundle, tile
from trust_registry.merkle import MerkleTree, leaf_hash
from trust_registry.monitor.changes import Change, admitted, change_of
from trust_registry.monitor.silence import attested_at
from trust_registry.state import MAX_SKEW, State
from trust_registry.stores import Store

_MAX_BUNDLE = WIDTH * (2 + 65_535)


class MisbehaviourError(TrustRegistryError):
    """The log did what a log never does: it shrank, forked, lied, or admitted what it must not."""


class Source(Protocol):
    """Where a log's files are read, such as an HTTP client."""

    async def get(self, path: str, most: int) -> bytes | None:
        """Return a file by its path below the log's prefix; None where there is none.

        Args:
            path: such as `tile/0/000`.
            most: bytes that it may have.

        Raises:
            SourceError: it cannot be read now.
        """
        ...


class SourceError(TrustRegistryError):
    """A log cannot be read now; that says nothing about the log."""


class Monitor:
    """Follows one log.

    Args:
        store: its own copy of the log; empty to begin with.
        source: where the log is read.
        policy: the log's keys, and the witnesses that are looked for.
        clock: what no entry may be recorded after, nor after a witness saw it. Else who keeps the
            log's clock could end a waiting period by itself.

    Attributes:
        journal: the copy.
        state: what follows from it.
        cosigned: whether the policy's quorum stood behind the last checkpoint.
        attested_at: until when the witnesses say that what was last taken up is all there is;
            None where they do not.
    """

    def __init__(self, store: Store, source: Source, policy: Policy, clock: Clock) -> None:
        self.journal = Journal(store, clock)
        self.state = State(self.journal.root_at)
        self.cosigned = False
        self.attested_at: Instant | None = None
        self._store = store
        self._source = source
        self._policy = policy
        self._clock = clock
        self._latest = clock.now()
        self._kept: int | None = None

    def load(self) -> None:
        """Read the copy back. It blocks.

        Raises:
            CorruptJournalError: the copy is damaged.
            StoreError: it cannot be read.
        """
        for index, entry in enumerate(self.journal.read()):
            apply(self.state, entry, index)
            self.journal.take(entry)
        kept = self._store.checkpoint()
        if kept is not None:
            last = Checkpoint.parse(Note.parse(kept).text)
            if self.journal.root_at(last.size) != last.root:
                raise CorruptJournalError(last.size, "the copy is not what was once verified")
            self._kept = last.size

    async def follow(self) -> AsyncIterator[Change]:
        """Take up what is new, and yield it.

        Raises:
            MisbehaviourError: the log is not to be believed.
            SourceError: it cannot be read now.
            StoreError: the copy cannot be written.
        """
        note, checkpoint, attested = await self._checkpoint()
        size = self.journal.size
        if checkpoint.size < size:
            text = f"the log shrank from {size} entries to {checkpoint.size}"
            raise MisbehaviourError(text)
        leaves = await self._leaves(checkpoint)
        for name in names(checkpoint.size, 0, size // WIDTH):
            if name.end > self.journal.size:
                for change in await self._take_bundle(name, leaves):
                    yield change
        await self._compare_tiles(size, checkpoint.size)
        if checkpoint.size != self._kept:
            data = str(note).encode()
            await self.journal.publish(self._kept, checkpoint.size, data)
            self._kept = checkpoint.size
        self.attested_at = attested  # not before the entries: they may be what is withheld

    async def _checkpoint(self) -> tuple[Note, Checkpoint, Instant | None]:
        data = await self._file("checkpoint", MAX_NOTE)
        try:
            note = Note.parse(data)
            checkpoint = open_checkpoint(note, self._policy.logs)
            cosigned = verified_cosignatures(note, self._policy)
        except LogError as error:
            raise MisbehaviourError(f"the checkpoint is not the log's: {error}") from None
        self.cosigned = self._policy.met([each.key for each in cosigned])
        seen = (each.made_at for each in cosigned if each.made_at is not None)
        now = self._clock.now()
        self._latest = Instant(min([now, *seen]) + MAX_SKEW)
        return note, checkpoint, attested_at(cosigned, self._policy, Instant(now + MAX_SKEW))

    async def _leaves(self, checkpoint: Checkpoint) -> dict[int, bytes]:
        """Read the hashes of the new entries; they must give the checkpoint's root."""
        size = self.journal.size
        tree = MerkleTree(self.journal.tree.edge(size), size)
        leaves: dict[int, bytes] = {}
        for name in names(checkpoint.size, 0, size // WIDTH):
            data = await self._partial(f"tile/0/{name}", name, WIDTH * HASH_BYTES)
            if len(data) < name.width * HASH_BYTES or len(data) % HASH_BYTES:
                raise MisbehaviourError(f"the tile {name} has another width")
            for index in range(max(name.start, size), name.end):
                at = (index - name.start) * HASH_BYTES
                leaves[index] = data[at : at + HASH_BYTES]
                tree.append_hash(leaves[index])
        if tree.root != checkpoint.root:
            text = f"the log of {checkpoint.size} entries does not begin with the {size} known ones"
            raise MisbehaviourError(text)
        return leaves

    async def _compare_tiles(self, before: int, size: int) -> None:
        """Compare the tiles above the leaves, by which others prove, with those of the copy."""
        level = 1
        while size >> (HEIGHT * level):
            for name in names(size, level, (before >> (HEIGHT * level)) // WIDTH):
                data = await self._partial(f"tile/{level}/{name}", name, WIDTH * HASH_BYTES)
                if data[: name.width * HASH_BYTES] != tile(self.journal.tree, level, name):
                    raise MisbehaviourError(f"the tile {level}/{name} is not what the tree says")
            level += 1

    async def _take_bundle(self, name: TileName, leaves: dict[int, bytes]) -> list[Change]:
        data = await self._partial(f"tile/entries/{name}", name, _MAX_BUNDLE)
        try:
            entries = parse_bundle(data, name.width)
        except LogError:
            entries = _first(data, name)
        known = self.journal.size - name.start
        return await asyncio.to_thread(self._replay, entries[known:], leaves)

    def _replay(self, entries: list[bytes], leaves: dict[int, bytes]) -> list[Change]:
        """Admit entries, then keep them. It blocks."""
        start, changes, taken = self.journal.size, list[Change](), list[bytes]()
        failure: MisbehaviourError | None = None
        for index, data in enumerate(entries, start):
            if leaf_hash(data) != leaves[index]:
                failure = MisbehaviourError(f"entry {index} is not what the tree says")
                break
            try:
                changes.append(self._admit(data, index))
            except CorruptJournalError as error:
                failure = MisbehaviourError(f"the log admitted what it must not: {error}")
                break
            taken.append(data)
        if taken:
            self._store.append(start, *taken)
        if failure is not None:
            raise failure
        return changes

    def _admit(self, data: bytes, index: int) -> Change:
        entry = Entry.from_bytes(data, index)
        if index and entry.recorded_at < self.journal.latest:
            raise CorruptJournalError(index, "recorded before the one before it")
        if entry.recorded_at > self._latest:
            when = format_instant(entry.recorded_at)
            raise CorruptJournalError(index, f"recorded at {when}, which is yet to come")
        change = admitted(entry, index, self.state)
        if log_origin(self.state.origin) not in {key.name for key in self._policy.logs}:
            raise CorruptJournalError(index, f"this is the journal of {self.state.origin}")
        self.journal.take(entry)
        return change

    def recent(self, count: int) -> Iterator[Change]:
        """Describe the last entries of the copy, oldest first. It blocks."""
        start = max(self.journal.size - count, 0)
        for index, entry in islice(enumerate(self.journal.read(start), start), count):
            yield change_of(entry, index, self.state)

    async def _partial(self, path: str, name: TileName, most: int) -> bytes:
        """Read a tile or bundle; where its partial form is gone, its full form."""
        data = await self._source.get(path, most)
        if data is None and name.width < WIDTH:
            data = await self._source.get(path.partition(".p/")[0], most)
        if data is None:
            raise MisbehaviourError(f"the log does not show {path}, which it signed for")
        return data

    async def _file(self, path: str, most: int) -> bytes:
        data = await self._source.get(path, most)
        if data is None:
            raise SourceError(f"there is no {path}")
        return data

    def close(self) -> None:
        """Let go of the copy. It blocks."""
        self.journal.close()


def _first(data: bytes, name: TileName) -> list[bytes]:
    """Read the beginning of a full bundle that was served instead of a partial one."""
    try:
        return parse_bundle(data, WIDTH)[: name.width]
    except LogError as error:
        raise MisbehaviourError(f"the bundle {name}: {error}") from None
