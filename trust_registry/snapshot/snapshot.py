"""A snapshot: an index with the journal that it follows from, to bytes and back.

The bytes: a line that names the format; the length of a head, and the head in JSON; each part's
length when compressed, and the part (zlib); SHA-256 of all that. Parts are the index's objects as
JSON, when each entry of the journal was recorded, and the columns of the index's ledger, least
significant byte first. Numbers are 8 bytes, likewise. The head names SHA-256 of the parts as they
are before compression: equal states have equal heads.
"""

import sys
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from policies.columns import Column, are_instants, demand, rises
from policies.errors import CorruptStateError
from policies.index import Index
from policies.ledger import Ledger
from policies.statement_rows import terms_of
from resolver.instant import Instant
from trust_registry.snapshot.errors import CorruptSnapshotError
from trust_registry.snapshot.head import MAX_HEAD, Head, Part
from trust_registry.snapshot.objects import Objects

FORMAT = b"touchstone-snapshot/2\n"
MAX_BYTES = 2 * 1024**3
"""Bytes of a snapshot: some ten million statements."""
MAX_RAW = 4 * 1024**3
"""Bytes of all its parts before compression."""
_THREADS = 2
_PIECE = 1 << 14
"""Bytes that are unpacked at a time; a thousand times as many may come out."""
_DIGEST = 32
_NUMBER = 8
_LEVEL = 6
_OBJECTS = "objects"
_TIMES = "times"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at a journal size.

    Attributes:
        origin: the registry's name.
        genesis: SHA-256 of its first entry, in hex.
        size: the journal's size.
        root: the journal's root at that size.
        recorded_at: when the journal's last entry was recorded.
        index: what decisions look at.
        times: when each entry was recorded, in milliseconds since 1970; none where that was not
            noted.
    """

    origin: str
    genesis: str
    size: int
    root: bytes
    recorded_at: Instant
    index: Index
    times: "array[int]" = field(default_factory=lambda: array("q"))

    def size_at(self, instant: Instant) -> int | None:
        """Return how many entries were recorded by an instant; None where that was not noted."""
        return bisect_right(self.times, instant) if self.times else None

    def to_bytes(self) -> bytes:
        """Write the snapshot; the same state gives the same bytes. It blocks."""
        parts = self._parts()
        head = self._head(parts).to_bytes()
        written = bytearray(FORMAT + _number(len(head)) + head)
        for part in parts.values():
            packed = zlib.compress(part, _LEVEL)
            written += _number(len(packed)) + packed
        return bytes(written + sha256(written).digest())

    def head(self) -> Head:
        """Return what names the state. It blocks."""
        return self._head(self._parts())

    def _parts(self) -> dict[str, bytes]:
        columns = {_TIMES: self.times, **self.index.ledger.columns()}
        objects = {_OBJECTS: Objects.of(self.index).to_bytes()}
        return objects | {name: _little(column) for name, column in columns.items()}

    def _head(self, parts: Mapping[str, bytes]) -> Head:
        return Head(
            origin=self.origin,
            genesis=self.genesis,
            size=self.size,
            root=self.root.hex(),
            recorded_at=self.recorded_at,
            parts=tuple(Part(name=name, length=len(part)) for name, part in parts.items()),
            content=_content(parts),
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a snapshot. It blocks.

        Raises:
            CorruptSnapshotError: it is none, not whole, or of a later format.
        """
        head, packed = _opened(data)
        ledger, times = Ledger(), array("q")
        columns = {_TIMES: times, **ledger.columns()}
        if [part.name for part in head.parts] != [_OBJECTS, *columns]:
            raise CorruptSnapshotError("its parts are not those of this format")
        written = bytearray()
        _unpack(head, packed, [written, *columns.values()])
        objects = Objects.from_bytes(bytes(written))
        try:
            _check_times(times, head)
            index = _index(ledger, objects, head.size)
        except CorruptStateError as error:
            raise CorruptSnapshotError(str(error)) from None
        root = bytes.fromhex(head.root)
        return cls(head.origin, head.genesis, head.size, root, head.recorded_at, index, times)


def read_head(data: bytes) -> Head:
    """Read what names a snapshot's state, without the state. It blocks.

    Raises:
        CorruptSnapshotError: it is none, not whole, or of a later format.
    """
    return _opened(data)[0]


def checksum(data: bytes) -> str:
    """Return the checksum that a snapshot ends with, in hex; reading the snapshot checks it."""
    return data[-_DIGEST:].hex()


def _content(parts: Mapping[str, bytes]) -> str:
    hashed = sha256()
    for part in parts.values():
        hashed.update(part)
    return hashed.hexdigest()


def _opened(data: bytes) -> tuple[Head, memoryview]:
    if len(data) > MAX_BYTES:
        raise CorruptSnapshotError(f"it is longer than {MAX_BYTES} bytes")
    if not data.startswith(FORMAT):
        raise CorruptSnapshotError("it is no snapshot of this format")
    view = memoryview(data)[:-_DIGEST]
    if len(data) < len(FORMAT) + _NUMBER + _DIGEST or sha256(view).digest() != data[-_DIGEST:]:
        raise CorruptSnapshotError("it is not whole: its checksum differs")
    head, rest = _taken(view[len(FORMAT) :])
    if len(head) > MAX_HEAD:
        raise CorruptSnapshotError("its head is too long")
    return Head.from_bytes(bytes(head)), rest


def _unpack(head: Head, packed: memoryview, into: Sequence[Column]) -> None:
    """Fill columns with the parts, each no longer than the head says; several at a time."""
    if sum(part.length for part in head.parts) > MAX_RAW:
        raise CorruptSnapshotError(f"it is longer than {MAX_RAW} bytes before compression")
    compressed = []
    for _ in head.parts:
        part, packed = _taken(packed)
        compressed.append(part)
    if packed:
        raise CorruptSnapshotError("something stands behind its end")
    for expected, column in zip(head.parts, into, strict=True):
        _make_room(expected, column)  # here: what threads allocate stays theirs
    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(_fill, head.parts, compressed, into))


def _make_room(part: Part, column: Column) -> None:
    width = column.itemsize if isinstance(column, array) else 1
    if part.length % width:
        raise CorruptSnapshotError(f"{part.name} has half a number")
    del column[:]
    column.append(0)
    column *= part.length // width


def _fill(part: Part, compressed: memoryview, column: Column) -> None:
    """Fill a column in place, piece by piece, so that nothing stays in memory beside it."""
    unpacking, filled = zlib.decompressobj(), 0
    with memoryview(column).cast("B") as into:
        for start in range(0, len(compressed), _PIECE):
            try:
                piece = unpacking.decompress(compressed[start : start + _PIECE])
            except zlib.error as error:
                raise CorruptSnapshotError(f"{part.name}: {error}") from None
            end = filled + len(piece)
            if end > part.length:
                break
            into[filled:end] = piece
            filled = end
    if filled != part.length or not unpacking.eof or unpacking.unused_data:
        raise CorruptSnapshotError(f"{part.name} has another length than its head says")
    if sys.byteorder == "big" and isinstance(column, array):
        column.byteswap()


def _taken(view: memoryview) -> tuple[memoryview, memoryview]:
    """Split off what a length stands before."""
    length = int.from_bytes(view[:_NUMBER], "little")
    rest = view[_NUMBER:]
    if length > len(rest):
        raise CorruptSnapshotError("it ends too early")
    return rest[:length], rest[length:]


def _check_times(times: "array[int]", head: Head) -> None:
    if times:
        demand(len(times) == head.size, "times of more entries, or of fewer")
        demand(are_instants(times) and rises(times), "times that run backwards")
        demand(times[-1] == head.recorded_at, "times that end at another than the head's")


def _index(ledger: Ledger, objects: Objects, size: int) -> Index:
    for terms in objects.terms:
        ledger.statements.number_of(terms_of(*terms))
    if len(ledger.statements.terms) != len(objects.terms):
        raise CorruptSnapshotError("the same terms stand twice")
    ledger.check(size)
    index = Index(ledger)
    for framework in objects.frameworks:
        index.add_framework(framework)
    for change in objects.changes:
        index.add_change(change)
    for retirement in objects.retirements:
        index.add_retirement(retirement)
    for exclusion in objects.exclusions:
        index.add_exclusion(exclusion)
    for compromise in objects.compromises:
        index.add_compromise(compromise)
    return index


def _little(column: Column) -> bytes:
    if sys.byteorder == "big" and isinstance(column, array):
        column = array(column.typecode, column)
        column.byteswap()
    return bytes(column)


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER, "little")
