"""Counting: how often each link type of a key is resolved a day, and nothing about who asked."""

from link_resolver.stores import Count
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

    def take(self) -> list[Count]:
        """Take what was counted since the last time; a count belongs to the day it is taken on."""
        waiting, self._waiting = self._waiting, {}
        today = self._clock.now() // DAY
        return [Count(today, key, link_type, times) for (key, link_type), times in waiting.items()]

    def give_back(self, counts: list[Count]) -> None:
        """Take back what could not be written."""
        for _, key, link_type, times in counts:
            counted = (key, link_type)
            if counted in self._waiting or len(self._waiting) < MAX_WAITING:
                self._waiting[counted] = self._waiting.get(counted, 0) + times
