"""A clock for telling a history: it stands where it is put, until it is let go."""

from resolver.clock import Clock, SystemClock
from resolver.instant import Instant


class StoryClock:
    """A clock that is moved by hand, and afterwards follows another.

    Args:
        start: the first instant it shows.
        after: the clock it follows once released.
    """

    def __init__(self, start: Instant, after: Clock | None = None) -> None:
        self._at: Instant | None = start
        self._after = after or SystemClock()

    def now(self) -> Instant:
        """Return the instant it stands at, or the present once released."""
        return self._after.now() if self._at is None else self._at

    def move(self, at: Instant) -> None:
        """Put it forward; a registry's time never runs backwards.

        Raises:
            ValueError: it was released, or would go back.
        """
        if self._at is None or at < self._at:
            raise ValueError("a story's clock moves forward, and only until it is released")
        self._at = at

    def release(self) -> None:
        """Follow the other clock from now on."""
        self._at = None
