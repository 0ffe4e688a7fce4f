"""What was used of late, and no more than that: a bound on what is kept twice."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_FREED = 4
"""How much of what is forgotten is freed each time that something is kept."""


class Recent(Generic[K, V]):
    """A map of what was used of late, in two generations; where one is full, the older one goes.

    It goes bit by bit: to free tens of thousands of objects at once would keep everybody waiting.

    Args:
        most: how many a generation holds.
    """

    __slots__ = ("_gone", "_most", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._gone: list[dict[K, V]] = []

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, or None."""
        found = self._young.get(key)
        if found is None and self._old and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: K, value: V) -> None:
        """Keep something under a key, for a while."""
        if len(self._young) >= self._most:
            self._let_go(self._old)
            self._young, self._old = {}, self._young
        self._young[key] = value
        if self._gone:
            self._free()

    def forget(self, key: K) -> None:
        """Keep nothing under a key any more."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._let_go(self._young)
        self._let_go(self._old)
        self._young, self._old = {}, {}

    def _let_go(self, generation: dict[K, V]) -> None:
        if generation:
            self._gone.append(generation)

    def _free(self) -> None:
        last = self._gone[-1]
        for _ in range(min(_FREED, len(last))):
            last.popitem()
        if not last:
            self._gone.pop()
