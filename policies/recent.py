"""What was used of late, and no more than that: a bound on what is kept twice."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A map of what was used of late, in two generations; where one is full, the older one goes.

    Args:
        most: how many a generation holds.
    """

    __slots__ = ("_most", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, or None."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: K, value: V) -> None:
        """Keep something under a key, for a while."""
        if len(self._young) >= self._most:
            self._young, self._old = {}, self._young
        self._young[key] = value

    def forget(self, key: K) -> None:
        """Keep nothing under a key any more."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._young.clear()
        self._old.clear()
