"""The only place where the time is read."""

import time
from dataclasses import dataclass
from typing import Protocol

from resolver.instant import Instant


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """The present instant, cut to milliseconds."""
        return time.time_ns() // 1_000_000  # type: ignore[return-value] # a call costs as much


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is set, for tests and for replaying the past."""

    instant: Instant

    def now(self) -> Instant:
        """The instant it was set to."""
        return self.instant


class Stopwatch:
    """Measures the steps of one piece of work, from when it is made."""

    def __init__(self) -> None:
        self._since_ns = time.perf_counter_ns()

    def lap_us(self) -> int:
        """Microseconds since the last lap, or since the beginning."""
        before, self._since_ns = self._since_ns, time.perf_counter_ns()
        return (self._since_ns - before) // 1000
