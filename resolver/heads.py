"""Memory against rollback: the highest verified version of each self-certifying log.

A log whose host serves it without its newest entries, or with other ones, still verifies. Only who
remembers what was there before can tell (did:webvh 1.0, section Security Considerations).
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a log that was verified.

    Attributes:
        scid: the self-certifying identifier, which no move of the log changes.
        version_id: the entry's `versionId`: its number, a hyphen, and its hash.
        number: the entry's number, from 1.
    """

    scid: str
    version_id: str
    number: int


class Heads(Protocol):
    """Remembers the highest verified head of each SCID."""

    def known(self, scid: str) -> Head | None:
        """The highest head known, from memory; None where the SCID was never seen."""
        ...

    async def advance(self, head: Head) -> None:
        """Remember a verified head; it is durable when this returns, and no head is ever lowered.

        Raises:
            HeadsError: it could not be written, so that it must not be relied on.
        """
        ...


class SecurityLog(Protocol):
    """Is told of what only an attack, or a grave mistake of a log's controller, explains."""

    def rollback(self, known: Head, offered: Head, source: str) -> None:
        """Report a log that lacks the entry of a known head.

        Args:
            known: the head that was verified before.
            offered: the last entry of the log that was offered now.
            source: the URL that it was read from.
        """
        ...


class VolatileHeads:
    """Remembers heads until the process ends; for a command, and for tests."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}

    def known(self, scid: str) -> Head | None:
        """The highest head known, or None."""
        return self._heads.get(scid)

    async def advance(self, head: Head) -> None:
        """Remember a verified head, where it is higher than the known one."""
        known = self._heads.get(head.scid)
        if known is None or known.number < head.number:
            self._heads[head.scid] = head
