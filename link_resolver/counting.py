"""Counting: how often each link type of a key is resolved a day, and nothing about who asked."""

from collections.abc import Mapping
from typing import NamedTuple

from resolver.clock import Clock
from resolver.instant import DAY

MAX_WAITING = 50_000
"""Keys and link types counted between two writes; beyond it, further ones are left out."""


class Counts:
    """Counts in memory until they are taken to be written.

    A key is counted without its serial, lot or other qualifier: a single item may be one person's.

    Args:
        clock: what tells the day.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[tuple[str, str], int] = {}
        self.left_out = 0

    def count(self, key: str, link_type: str) -> None:
        """Count one redirect, by the path of the key alone and the canonical link type."""
        waiting, counted = self._waiting, (key, link_type)
        times = waiting.get(counted)
        if times is not None:
            waiting[counted] = times + 1
        elif len(waiting) < MAX_WAITING:
            waiting[counted] = 1
        else:
            self.left_out += 1

    def take(self) -> "Counted":
        """Take what was counted since the last time; it belongs to the day on which it is taken."""
        waiting, self._waiting = self._waiting, {}
        return Counted(self._clock.now() // DAY, waiting)

    def give_back(self, counted: "Counted") -> None:
        """Take back what could not be written."""
        for key, times in counted.times.items():
            if key in self._waiting or len(self._waiting) < MAX_WAITING:
                self._waiting[key] = self._waiting.get(key, 0) + times


class Counted(NamedTuple):
    """What was counted, until it is written.

    Attributes:
        day: days since 1970-01-01, UTC.
        times: how often, by key and link type.
    """

    day: int
    times: Mapping[tuple[str, str], int]

    def __bool__(self) -> bool:
        return bool(self.times)
