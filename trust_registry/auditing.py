"""Auditing: the signatures of what was stored before are checked again while the registry serves.

At start each entry is read and judged by the rules where it stands. Its signatures are checked
afterwards, in the background, so that nobody waits for that; until then they are pending, and said
to be. What this process records itself was checked before.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from trust_registry.entries import Entry
from trust_registry.errors import ActRefusedError, CorruptJournalError, StoreError
from trust_registry.journal import Journal
from trust_registry.opening import open_entry, verify_signatures

_AT_ONCE = 32
"""Entries checked before others get their turn: some milliseconds of a thread."""
_REST_S = 1.0
"""Seconds until it is looked whether there is more to check, or the store can be read again."""


class Audit:
    """Checks stored signatures, in the order of the journal.

    Args:
        journal: where they are.

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
        while self.fault is None:
            try:
                while self.pending > 0:
                    await self._check()
            except CorruptJournalError as error:
                self.fault = error
            except StoreError:  # the journal itself says so to whoever needs it
                pass
            await asyncio.sleep(_REST_S)

    async def _check(self) -> None:
        start = self.checked
        data = await self._journal.stored(start, min(start + _AT_ONCE, self._due))
        await asyncio.to_thread(_verify, data, start)
        self.checked += len(data)


def _verify(entries: Sequence[bytes], start: int) -> None:
    for index, data in enumerate(entries, start):
        entry = Entry.from_bytes(data, index)
        try:
            verify_signatures(open_entry(entry, index), entry.signers)
        except ActRefusedError as error:
            raise CorruptJournalError(index, f"{error.code.value}: {error}") from error
