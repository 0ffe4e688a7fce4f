"""Tiles: the tree and its entries cut into files that never change (C2SP tlog-tiles)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from trust_registry.log.errors import LogError
from trust_registry.log.tree import HashTree

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""How many hashes a full tile has, or entries a full bundle."""
MAX_LEVEL = 63
_PREFIX = 2
_PATH = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class InvalidTileError(LogError):
    """Not the path of a tile, or not a tile's or a bundle's bytes."""


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile of its level, or which bundle.

    Attributes:
        index: from 0.
        width: how many hashes or entries it has, up to 256.
    """

    index: int
    width: int = WIDTH

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read `<N>[.p/<W>]`.

        Raises:
            InvalidTileError: it is no such path, or not in its one form.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            raise InvalidTileError("a tile's path is as x001/x234/067 or 067.p/112")
        index = int(match[1].replace("x", "").replace("/", ""))
        name = cls(index, int(match[2]) if match[2] else WIDTH)
        if str(name) != path:
            raise InvalidTileError("a tile has one path only, and a partial width below 256")
        return name

    @property
    def start(self) -> int:
        """The index of its first hash in its level, or of its first entry."""
        return self.index * WIDTH

    @property
    def end(self) -> int:
        """One beyond its last."""
        return self.start + self.width

    def __str__(self) -> str:
        """The path."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([*(f"x{each}" for each in groups[:-1]), groups[-1]])
        return path if self.width == WIDTH else f"{path}.p/{self.width}"


def names(size: int, level: int = 0, start: int = 0) -> Iterator[TileName]:
    """Yield the tiles of a level that a tree of a size has, the partial one last.

    Args:
        size: of the tree.
        level: of the tiles; that of bundles is 0.
        start: the first tile's index.
    """
    hashes = size >> (HEIGHT * level)
    for index in range(start, hashes // WIDTH):
        yield TileName(index)
    if hashes % WIDTH and hashes // WIDTH >= start:
        yield TileName(hashes // WIDTH, hashes % WIDTH)


def tile(tree: HashTree, level: int, name: TileName) -> bytes | None:
    """Return a tile's bytes, or None where the tree is not large enough for it yet."""
    if name.end > tree.size >> (HEIGHT * level):
        return None
    return tree.nodes(HEIGHT * level, name.start, name.width)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries as a bundle; each has at most 65,535 bytes."""
    return b"".join(len(each).to_bytes(_PREFIX, "big") + each for each in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Read a bundle.

    Raises:
        InvalidTileError: it does not hold exactly so many entries.
    """
    found: list[bytes] = []
    at = 0
    while at < len(data) and len(found) < width:
        start = at + _PREFIX
        at = start + int.from_bytes(data[at:start], "big")
        found.append(data[start:at])
    if at != len(data) or len(found) != width:
        raise InvalidTileError(f"the bundle does not hold {width} entries")
    return found
