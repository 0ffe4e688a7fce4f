"""Receipts: the registry's signed word on an act that was submitted, which can be held against it.

A receipt says either where the act was recorded, and until when the public log must show it there;
or why it was refused, and at which state of the journal, so that anyone can judge it again there.
It is a signed note (C2SP signed-note) by the log's first key; its first line tells it from a
checkpoint.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from resolver.errors import InvalidInstantError
from resolver.instant import SECOND, Instant, format_instant, parse_instant
from trust_registry.errors import Refusal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import InvalidNoteError
from trust_registry.log.keys import LogKey, VerifierKey, verify_note
from trust_registry.log.notes import Note

MERGE_DELAY_MS = 60 * SECOND
"""Milliseconds within which a recorded act is covered by a published checkpoint."""
_FIRST = "touchstone-receipt/v1"
_LINES = ("act", "at", "size", "root", "recorded", "due")
_REFUSED = ("act", "at", "size", "root", "refused")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an act when it was submitted.

    Attributes:
        origin: the log's name.
        act: the act's id.
        at: when it was recorded or refused.
        size: the journal's size then, with the act where it was recorded.
        root: its root.
        refused: why it was not recorded; None where it was, as the last entry of that size.
    """

    origin: str
    act: str
    at: Instant
    size: int
    root: bytes
    refused: Refusal | None = None

    @property
    def index(self) -> int:
        """Where the act was recorded."""
        return self.size - 1

    @property
    def due(self) -> Instant:
        """By when a published checkpoint covers it."""
        return Instant(self.at + MERGE_DELAY_MS)

    def __str__(self) -> str:
        """What is signed."""
        lines = [
            _FIRST,
            self.origin,
            f"act {self.act}",
            f"at {format_instant(self.at)}",
            f"size {self.size}",
            f"root {self.root.hex()}",
        ]
        if self.refused is not None:
            return "\n".join((*lines, f"refused {self.refused.value}", ""))
        return "\n".join((*lines, f"recorded {self.index}", f"due {format_instant(self.due)}", ""))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a receipt.

        Raises:
            InvalidNoteError: it is none, or says what contradicts itself.
        """
        first, origin, *rest = (*text.split("\n"), "", "")[:-2]
        said = dict(line.partition(" ")[::2] for line in rest if line)
        if first != _FIRST or tuple(said) not in (_LINES, _REFUSED):
            raise InvalidNoteError("no receipt of an act")
        try:
            read = cls(
                origin,
                said["act"],
                parse_instant(said["at"]),
                int(said["size"]),
                bytes.fromhex(said["root"]),
                Refusal(said["refused"]) if "refused" in said else None,
            )
        except (InvalidInstantError, ValueError) as error:
            raise InvalidNoteError(f"no receipt of an act: {error}") from None
        if str(read) != text:
            raise InvalidNoteError("a receipt that is not written as receipts are")
        return read

    def signed(self, key: LogKey) -> str:
        """Return the receipt as a note, signed.

        Raises:
            KeyUnavailableError: the key cannot be used now.
        """
        return str(Note(str(self), (key.sign(str(self), self.at),)))


def open_receipt(data: bytes, keys: Iterable[VerifierKey]) -> Receipt:
    """Read a receipt that one of a log's keys signed.

    Raises:
        LogError: it is none, or signed by another.
    """
    note = Note.parse(data)
    verified = verify_note(note, keys)
    receipt = Receipt.parse(note.text)
    if any(each.key.name != receipt.origin for each in verified):
        raise InvalidNoteError("a receipt of another log")
    return receipt


def is_broken(receipt: Receipt, checkpoint: Checkpoint, seen_at: Instant, act: str | None) -> bool:
    """Tell whether a log is convicted of not keeping its word.

    Args:
        receipt: what it promised.
        checkpoint: what it published.
        seen_at: when it still did: the time of a witness's cosignature, or of one's own clock.
        act: the id of the act at the receipt's index, as it was proved under the checkpoint; None
            where the checkpoint does not reach so far.
    """
    if receipt.refused is not None:
        return False
    if checkpoint.size <= receipt.index:
        return seen_at >= receipt.due
    return act is not None and act != receipt.act
