"""Auditing: what was stored before is judged again, with its signatures, while the registry serves.

At start what entries did is taken up as it was kept, so that nobody waits until each was judged
and its signatures were checked. That is done afterwards, in the background; until then it is
pending, and said to be. What this process records itself was judged before.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from trust_registry.entries import Entry
from trust_registry.errors import CorruptJournalError, StoreError
from trust_registry.folding import judge
from trust_registry.journal import Journal
from trust_registry.kept import is_present_format
from trust_registry.state import State

_AT_ONCE = 256
"""Entries read at once. Each is judged by itself, so that nobody waits for more than one."""
_REST_S = 1.0
"""Seconds until it is tried again to read the store."""


class Replay:
    """Judges the entries of a journal again, one after the other.

    Args:
        root_at: tells the journal's root at a past size.

    Attributes:
        state: what follows from the entries so far.
    """

    def __init__(self, root_at: Callable[[int], bytes | None]) -> None:
        self.state = State(root_at)

    def judge(self, entry: Entry, kept: bytes) -> bytes:
        """Judge the next entry, and hold what is kept of it against what it does.

        Args:
            entry: it.
            kept: what is kept of it; nothing, where it is not.

        Returns:
            What could be kept of it.

        Raises:
            CorruptJournalError: it was never to be admitted here, is not signed, or did not do
                what is kept.
        """
        index = self.state.size
        signed, outcome = judge(self.state, entry, index, verify=True)
        effect = self.state.effect(signed, outcome, entry)
        if kept and kept != effect and is_present_format(kept):
            raise CorruptJournalError(index, "it did not do what is kept of it")
        self.state.take(signed, outcome, entry)
        return effect


class Audit:
    """Judges what is stored again, in the order of the journal.

    Args:
        journal: what is judged.

    Attributes:
        checked: how many entries were found sound, from the first on.
        fault: the first entry that was not, or None; nothing is checked beyond it.
    """

    def __init__(self, journal: Journal) -> None:
        self.checked = 0
        self.fault: CorruptJournalError | None = None
        self._journal = journal
        self._due = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """How many entries were taken up from the store and are still to be checked."""
        return self._due - self.checked

    def extend(self, size: int) -> None:
        """Have everything up to a journal size checked: it was taken up from the store."""
        self._due = size

    def begin(self) -> None:
        """Check what is due from now on, in the background."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def settle(self) -> None:
        """Check no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        replay = Replay(self._journal.root_at)
        while self.pending > 0 and self.fault is None:
            try:
                await self._check(replay)
            except CorruptJournalError as error:
                self.fault = error
            except StoreError:  # the journal itself says so to whoever needs it
                await asyncio.sleep(_REST_S)

    async def _check(self, replay: Replay) -> None:
        start = self.checked
        end = min(start + _AT_ONCE, self._due)
        data = await self._journal.stored(start, end)
        kept = await self._journal.effects(start, end)
        missing = {}
        for index, entry in enumerate(data, start):
            effect = await asyncio.to_thread(self._judge, replay, entry, kept.get(index, b""))
            if effect and index not in kept:
                missing[index] = effect
            self.checked += 1
        if missing:
            await self._journal.keep(missing)

    def _judge(self, replay: Replay, data: bytes, kept: bytes) -> bytes:
        index = self.checked
        entry = Entry.from_bytes(data, index)
        if entry.recorded_at != self._journal.recorded_at(index):
            raise CorruptJournalError(index, "recorded at another time than is kept of it")
        return replay.judge(entry, kept)
