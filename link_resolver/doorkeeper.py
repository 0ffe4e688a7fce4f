"""What is worth keeping: only what is asked for again."""

MOST_SEEN = 16_384
"""Keys remembered as asked for once, some 70 bytes each."""


class Doorkeeper:
    """Lets a key into a cache the second time it is asked for.

    What is asked for once, as each serial number is by a scanner, neither drives out what is asked
    for often nor costs the memory to keep it (TinyLFU names this filter so).
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def admits(self, key: object) -> bool:
        """Tell whether a key was asked for lately; it is from now on."""
        # Two keys of one hash are harmless: one of them is kept a little early.
        number, seen = hash(key), self._seen
        if number in seen:
            return True
        if len(seen) >= MOST_SEEN:
            seen.clear()
        seen.add(number)
        return False
