"""Texts: short byte strings kept end to end, each once, numbered in the order they came in.

A registry holds millions of identifiers and scopes. As objects of their own they would take most of
its memory; here each costs its bytes and nine more. The table that finds them grows by one place
at a time (linear hashing, Litwin 1980), so that no act ever waits for the whole to be laid out
anew, and is a function of the texts alone, so that it can be stored.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, count, islice
from zlib import crc32

from policies.columns import NONE, Column, below, demand, lead_back, rises

_AT_ONE_PLACE = 4
"""Texts at a place, on average."""


class Blobs:
    """Byte strings, end to end, by number."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> bytes:
        ends = self._ends
        return bytes(self._bytes[ends[number - 1] if number else 0 : ends[number]])

    def append(self, blob: bytes) -> None:
        """Keep one more."""
        self._bytes += blob
        self._ends.append(len(self._bytes))

    def extend(self, blobs: Sequence[bytes]) -> None:
        """Keep some more."""
        ends = accumulate(map(len, blobs), initial=len(self._bytes))
        self._ends.extend(islice(ends, 1, None))
        self._bytes += b"".join(blobs)

    def columns(self) -> dict[str, Column]:
        """Return what it is made of, by name, to be written or filled."""
        return {"bytes": self._bytes, "ends": self._ends}

    def check(self) -> None:
        """Check columns that were filled from outside.

        Raises:
            CorruptStateError: they do not fit together.
        """
        demand(rises(self._ends), "texts that end before they begin")
        demand((self._ends[-1] if self._ends else 0) == len(self._bytes), "texts of another length")


class Texts(Blobs):
    """Byte strings that are found by what they say, too."""

    __slots__ = ("_filling", "_heads", "_mask", "_older")

    def __init__(self) -> None:
        super().__init__()
        self._heads = array("I", [NONE])
        self._mask = 0  # one below the power of two that the places fill up to
        self._older = array("I")
        self._filling: dict[bytes, int] | None = None

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Take many texts at once: the table that finds them is laid out when all are there."""
        self._filling = {self[number]: number for number in range(len(self))}
        try:
            yield
        finally:
            self._lay_out(self._filling)
            self._filling = None

    def _lay_out(self, texts: Iterable[bytes]) -> None:
        """Lay the table out as it would have grown with these texts, which are all there are."""
        heads = self._heads = array("I", [NONE]) * self._places
        older = self._older = array("I")
        self._mask = mask = _mask_of(len(heads))
        places, half = len(heads), mask >> 1
        for link, digest in enumerate(map(crc32, texts), 1):
            place = digest & mask
            if place >= places:
                place &= half
            older.append(heads[place])
            heads[place] = link

    @property
    def _places(self) -> int:
        return max(1, -(-len(self) // _AT_ONE_PLACE))

    def columns(self) -> dict[str, Column]:
        """Return what it is made of, by name, to be written or filled."""
        return {**super().columns(), "heads": self._heads, "older": self._older}

    def check(self) -> None:
        """Check columns that were filled from outside.

        Raises:
            CorruptStateError: they do not fit together.
        """
        super().check()
        demand(len(self._older) == len(self), "links for other texts")
        demand(lead_back(self._older), "links that lead forward")
        demand(len(self._heads) == self._places, "a table of another size")
        demand(below(self._heads, len(self) + 1), "links to no text")
        self._mask = _mask_of(len(self._heads))

    def find(self, text: bytes) -> int | None:
        """Return the number of a text, or None where it is not kept."""
        if self._filling is not None:
            return self._filling.get(text)
        return self._at(self._place(text), text)

    def _at(self, place: int, text: bytes) -> int | None:
        blobs, ends, older = self._bytes, self._ends, self._older
        length, link = len(text), self._heads[place]
        while link != NONE:
            number = link - 1
            start = ends[number - 1] if number else 0
            if ends[number] - start == length and blobs.startswith(text, start):
                return number
            link = older[number]
        return None

    def number(self, text: bytes) -> int:
        """Return the number of a text, which is kept from now on."""
        if self._filling is not None:
            number = self._filling.setdefault(text, len(self._ends))
            if number == len(self._ends):
                self.append(text)
            return number
        place = self._place(text)
        found = self._at(place, text)
        if found is not None:
            return found
        self.append(text)
        self._older.append(self._heads[place])
        self._heads[place] = len(self._ends)
        if len(self._ends) > _AT_ONE_PLACE * len(self._heads):
            self._split()
        return len(self._ends) - 1

    def numbers(self, texts: Sequence[bytes]) -> list[int]:
        """Return the numbers of texts, which are kept from now on."""
        known = self._filling
        if known is None:
            return [self.number(text) for text in texts]
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, count(len(self)), strict=False))
        self.extend(new)
        return [known[text] for text in texts]

    def _place(self, text: bytes) -> int:
        place = crc32(text) & self._mask
        return place if place < len(self._heads) else place & (self._mask >> 1)

    def _split(self) -> None:
        """Add a place, and share the texts out between it and the one they all were at."""
        heads, older = self._heads, self._older
        if len(heads) > self._mask:
            self._mask = 2 * self._mask + 1
        shared = len(heads) - (self._mask + 1) // 2
        links, link = [], heads[shared]
        while link != NONE:
            links.append(link)
            link = older[link - 1]
        heads[shared] = NONE
        heads.append(NONE)
        for link in reversed(links):  # so that the latest stays the first
            place = self._place(self[link - 1])
            older[link - 1] = heads[place]
            heads[place] = link


def _mask_of(places: int) -> int:
    """Return one below the power of two that so many places fill up to."""
    return (1 << (places - 1).bit_length()) - 1
