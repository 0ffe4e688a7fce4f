"""Checkpoints: a log's size and root, in the text that is signed (C2SP tlog-checkpoint)."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from trust_registry.log.errors import InvalidCheckpointError
from trust_registry.log.lines import from_decimal, from_hash, to_base64

EMPTY_ROOT = sha256(b"").digest()
"""The root of the empty tree (RFC 6962 2.1)."""

_LEAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits itself to.

    Attributes:
        origin: the log's name.
        size: how many entries it has.
        root: the Merkle root over them.
        extensions: further lines, which mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint's text; its signatures are a note's.

        Raises:
            InvalidCheckpointError: it is none.
        """
        lines = text.split("\n")
        if lines.pop() or len(lines) < _LEAST_LINES or not all(lines):
            raise InvalidCheckpointError("a checkpoint has three or more lines, none of them empty")
        size, root = from_decimal(lines[1]), from_hash(lines[2])
        if size is None:
            raise InvalidCheckpointError("the second line is a size in decimal")
        if root is None:
            raise InvalidCheckpointError("the third line is the base64 of a root of 32 bytes")
        return cls(lines[0], size, root, tuple(lines[_LEAST_LINES:]))

    @property
    def possible(self) -> bool:
        """Whether there can be such a tree: an empty one has one root only."""
        return self.size > 0 or self.root == EMPTY_ROOT

    def __str__(self) -> str:
        """Its text."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)
