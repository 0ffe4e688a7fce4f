"""The little of CBOR (RFC 8949) that derived proofs are written in, read strictly."""

from typing import TypeAlias

from resolver.errors import InvalidProofError

Cbor: TypeAlias = int | bytes | list["Cbor"] | dict[int, "Cbor"]

_MAX_DEPTH = 3
_MAX_ITEMS = 20_000
_INTEGER, _BYTES, _ARRAY, _MAP = 0, 2, 4, 5
_IMMEDIATE = 24
_WIDTHS = {24: 1, 25: 2, 26: 4}


def parse_cbor(data: bytes) -> Cbor:
    """Read whole numbers, byte strings, arrays, and maps with whole numbers as keys.

    Raises:
        InvalidProofError: anything else, a length that is not written in its shortest form, a key
            twice, deeper nesting than is used, or bytes that are left over.
    """
    reader = _Reader(data)
    value = reader.item(0)
    if reader.at != len(data):
        raise InvalidProofError("bytes after the end of CBOR")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._items = 0

    def item(self, depth: int) -> Cbor:
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise InvalidProofError("deeper or longer CBOR than is used")
        kind, number = self._head()
        if kind == _INTEGER:
            return number
        if kind == _BYTES:
            return self._take(number)
        if kind == _ARRAY:
            return [self.item(depth + 1) for _ in range(self._counted(number))]
        if kind == _MAP:
            return self._map(number, depth)
        raise InvalidProofError("CBOR of a kind that is not used")

    def _map(self, number: int, depth: int) -> dict[int, Cbor]:
        found: dict[int, Cbor] = {}
        for _ in range(self._counted(number)):
            key = self.item(depth + 1)
            if not isinstance(key, int) or key in found:
                raise InvalidProofError("a CBOR map with a key twice, or one that is no number")
            found[key] = self.item(depth + 1)
        return found

    def _head(self) -> tuple[int, int]:
        kind, extra = divmod(self._take(1)[0], 32)
        if extra < _IMMEDIATE:
            return kind, extra
        width = _WIDTHS.get(extra)
        if width is None:
            raise InvalidProofError("CBOR of an indefinite or an enormous length")
        number = int.from_bytes(self._take(width), "big")
        if number < (_IMMEDIATE if width == 1 else 1 << 4 * width):
            raise InvalidProofError("CBOR that is not in its shortest form")
        return kind, number

    def _counted(self, number: int) -> int:
        if number > len(self._data) - self.at:
            raise InvalidProofError("CBOR that ends too early")
        return number

    def _take(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise InvalidProofError("CBOR that ends too early")
        self.at += size
        return taken
