"""The head of a snapshot: what names a state, in few bytes."""

from typing import Annotated, Self

from pydantic import Field, ValidationError

from resolver.errors import InvalidJsonError
from resolver.instant import BEGINNING, END, Instant
from resolver.jcs import canonicalise
from resolver.strict_json import parse_json
from trust_registry.fields import Closed, Digest, Plain
from trust_registry.snapshot.errors import CorruptSnapshotError

MAX_HEAD = 64 * 1024
"""Bytes of a head."""
_MAX_DEPTH = 4
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class Part(Closed):
    """A part of a snapshot: its name, and its length in bytes before compression."""

    name: Plain
    length: _Count


class Head(Closed):
    """What names a state.

    Attributes:
        origin: the registry's name.
        genesis: SHA-256 of its first entry, in hex.
        size: the journal's size.
        root: the journal's root at that size, in hex.
        recorded_at: when the journal's last entry was recorded, in milliseconds since 1970.
        parts: what the state is made of, in order.
        content: SHA-256 of the parts before compression, one after the other, in hex.
    """

    origin: Plain
    genesis: Digest
    size: Annotated[_Count, Field(ge=1)]
    root: Digest
    recorded_at: Annotated[Instant, Field(ge=BEGINNING, le=END)]
    parts: tuple[Part, ...]
    content: Digest

    def to_bytes(self) -> bytes:
        """Write the head (RFC 8785)."""
        return canonicalise(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a head.

        Raises:
            CorruptSnapshotError: it is none, or not in its canonical form.
        """
        try:
            parse_json(data, max_bytes=MAX_HEAD, max_depth=_MAX_DEPTH)
            head = cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CorruptSnapshotError(f"its head: {where}: {first['msg']}") from None
        except InvalidJsonError as error:
            raise CorruptSnapshotError(f"its head: {error}") from None
        if head.to_bytes() != data:
            raise CorruptSnapshotError("its head is not in its canonical form")
        return head
