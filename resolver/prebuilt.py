"""Answers kept as bytes, so that asking for the same again costs a look into a map.

What is kept is immutable, or was fresh when its age in whole seconds was last written: it lives
until that second is over, so that no answer tells a wrong age, and none outlives what it shows by
more. What holds the documents themselves is another concern; it clears this map when it is told
to forget.
"""

from typing import NamedTuple

from multidict import CIMultiDict

from resolver.instant import END, SECOND, Instant
from resolver.methods import Provenance
from resolver.result import Resolution

MAX_ENTRIES = 4096
MAX_BYTES = 32 * 1024 * 1024
"""What is kept in all, keys included."""

Key = tuple[str, str]
"""The request's target as sent, and its `Accept` header."""


class Ready(NamedTuple):
    """An answer that needs only to be sent.

    Attributes:
        body: its bytes.
        headers: its headers; to be copied for each answer.
        head: status line and headers laid out, but for those that differ from answer to answer.
        until: when it is no longer right.
    """

    body: bytes
    headers: CIMultiDict[str]
    head: bytes
    until: Instant


class Prebuilt:
    """A bounded map of answers; the oldest goes first.

    Args:
        max_entries: the most answers kept.
        max_bytes: the most bytes kept, of bodies and keys.

    Attributes:
        cleared: how often everything was forgotten; an answer begun before is not to be kept.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._answers: dict[Key, Ready] = {}
        self._bytes = 0
        self.cleared = 0

    def get(self, key: Key, now: Instant) -> Ready | None:
        """Return what is kept for a request, if it is still right."""
        ready = self._answers.get(key)
        if ready is None or now < ready.until:
            return ready
        self._drop(key)
        return None

    def keep(self, key: Key, ready: Ready) -> None:
        """Keep an answer, in place of older ones if need be."""
        size = _size(key, ready)
        if size > self._max_bytes // 16:
            return
        self._drop(key)
        while self._answers and (
            len(self._answers) >= self._max_entries or self._bytes + size > self._max_bytes
        ):
            self._drop(next(iter(self._answers)))
        self._answers[key] = ready
        self._bytes += size

    def clear(self) -> None:
        """Forget everything: to be called when any document was withdrawn from use."""
        self._answers.clear()
        self._bytes = 0
        self.cleared += 1

    def _drop(self, key: Key) -> None:
        ready = self._answers.pop(key, None)
        if ready is not None:
            self._bytes -= _size(key, ready)


def _size(key: Key, ready: Ready) -> int:
    return len(ready.body) + len(ready.head) + len(key[0]) + len(key[1])


def kept_until(resolution: Resolution) -> Instant | None:
    """Return until when an answer may be repeated as it is; None where it may not.

    Args:
        resolution: a successful one.
    """
    if resolution.resolved is None or resolution.resolved.document is None:
        return None
    provenance = resolution.resolved.provenance
    if provenance == Provenance():
        return END
    if not provenance.cached or provenance.stale or provenance.fetched is None:
        return None
    tick = Instant(resolution.asked + SECOND - (resolution.asked - provenance.fetched) % SECOND)
    return tick if provenance.fresh_until is None else min(tick, provenance.fresh_until)
