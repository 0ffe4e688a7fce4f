"""Bits: a status list as it lies in memory, opened within bounds and looked up by index."""

import zlib
from dataclasses import dataclass

from credentials.problem_types import ProblemType
from credentials.status.errors import StatusListError
from resolver.encodings import from_base64url
from resolver.errors import InvalidEncodingError

GZIP = 16 + zlib.MAX_WBITS
"""One gzip member (RFC 1952), as Bitstring Status List and StatusList2021 have it."""
ZLIB = zlib.MAX_WBITS
"""A zlib stream (RFC 1950), as Token Status List has it."""


@dataclass(frozen=True, slots=True)
class Bits:
    """The values of a status list.

    Attributes:
        raw: all of them.
        highest_first: whether the first entry lies in the highest bits of the first byte (Bitstring
            Status List 1.0 section 3.3), or in the lowest ones (Token Status List).
    """

    raw: bytes
    highest_first: bool = True

    def entries(self, size: int) -> int:
        """Return how many entries of some bits there are."""
        return len(self.raw) * 8 // size

    def value(self, index: int, size: int = 1) -> int:
        """Return one entry's value.

        Args:
            index: its position, counted in entries.
            size: bits an entry.

        Raises:
            StatusListError: there is no such entry.
        """
        begin = index * size
        end = begin + size
        held = self.raw[begin // 8 : (end + 7) // 8]
        if end > len(self.raw) * 8:
            message = f"has {self.entries(size)} entries, none at {index}"
            raise StatusListError(message, ProblemType.RANGE)
        if self.highest_first:
            shifted = int.from_bytes(held, "big") >> -end % 8
        else:
            shifted = int.from_bytes(held, "little") >> begin % 8
        return shifted & (1 << size) - 1


def inflate(encoded: str, form: int, max_bytes: int) -> bytes:
    """Open an encoded list: base64url of one compressed stream, and nothing after it.

    Args:
        encoded: the text, without a multibase prefix.
        form: `GZIP` or `ZLIB`.
        max_bytes: how far it may open; no byte more is ever made.

    Raises:
        StatusListError: it is something else, is cut short, or opens to more.
    """
    try:
        stream = zlib.decompressobj(form)
        raw = stream.decompress(from_base64url(encoded), max_bytes + 1)
    except (InvalidEncodingError, zlib.error) as error:
        raise _malformed(f"its list cannot be opened: {error}") from None
    if len(raw) > max_bytes:
        raise _malformed(f"its list opens to more than {max_bytes} bytes (max_inflated_bytes)")
    if not stream.eof:
        raise _malformed("its list is cut short")
    if stream.unused_data:
        raise _malformed("its list has something after it")
    return raw


def _malformed(message: str) -> StatusListError:
    return StatusListError(message, ProblemType.MALFORMED_VALUE)
