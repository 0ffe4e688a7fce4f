"""Where entries are kept. A store is trusted to keep them, never to be right about them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol


class Store(Protocol):
    """A place for entries, in order. Every method blocks: the journal calls them off its loop."""

    def hold(self) -> int:
        """Keep all others from writing until `append` or `release`, and count the entries.

        Raises:
            StoreError: it cannot be done now.
        """
        ...

    def release(self) -> None:
        """Let other writers in again, if nothing was appended since `hold`."""
        ...

    def append(self, index: int, *entries: bytes, effects: Sequence[bytes] = ()) -> None:
        """Add entries where exactly `index` of them are, all or none; durable when this returns.

        Args:
            index: how many there are.
            entries: what is added.
            effects: what each did (see `kept`), in their order; nothing is kept of an empty one.

        Raises:
            StoreMovedError: there are more or fewer; nothing was written.
            StoreUncertainError: it cannot be told whether it was written.
            StoreError: it could not be written; nothing was.
        """
        ...

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Yield the entries from an index on, in order.

        Raises:
            CorruptJournalError: one is missing.
            StoreError: they cannot be read.
        """
        ...

    def effects(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield what entries did, each with the entry's index, in order; it is kept of some.

        Raises:
            StoreError: they cannot be read.
        """
        ...

    def keep(self, effects: Mapping[int, bytes]) -> None:
        """Keep what entries did, by their indices, where nothing is kept of them yet.

        Raises:
            StoreError: it could not be written.
        """
        ...

    def checkpoint(self) -> bytes | None:
        """Return the last signed checkpoint, or None.

        Raises:
            CorruptJournalError: its size is not the one that it was kept under.
            StoreError: it cannot be read.
        """
        ...

    def publish(self, old: int | None, size: int, note: bytes) -> None:
        """Keep a signed checkpoint in place of the one of size `old`; durable when this returns.

        Raises:
            StoreMovedError: another one is kept, or there are not so many entries.
            StoreUncertainError: it cannot be told whether it is kept.
            StoreError: it could not be written.
        """
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...
