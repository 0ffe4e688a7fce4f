"""Columns: numbers of one kind, a row each, and what must hold of those that come from outside."""

from array import array
from collections.abc import Mapping, Sequence, Sized
from itertools import islice
from operator import le
from typing import TypeAlias

from policies.errors import CorruptStateError
from resolver.instant import BEGINNING, END

Column: TypeAlias = "bytearray | array[int]"
NONE = 0
"""Links are kept one higher than the row they lead to; nothing is a link to none."""


def lengthen(column: "array[int]", number: int) -> None:
    """Let a column of links have a place for a number."""
    missing = number + 1 - len(column)
    if missing > 0:
        column.extend([NONE] * missing)


def chain(latest: "array[int]", older: "array[int]", start: int) -> list[int]:
    """Follow links from the latest row on, down to the first; each leads to an earlier one."""
    found = []
    link = latest[start] if start < len(latest) else NONE
    while link != NONE:
        found.append(link - 1)
        link = older[link - 1]
    return found


def demand(holds: bool, otherwise: str) -> None:
    """Refuse columns of which something does not hold.

    Raises:
        CorruptStateError: it does not.
    """
    if not holds:
        raise CorruptStateError(f"there are {otherwise}")


def below(column: Sequence[int], limit: int) -> bool:
    """Tell whether every number is less than a limit."""
    return not column or max(column) < limit


def rises(column: Sequence[int]) -> bool:
    """Tell whether no number is less than the one before it."""
    return all(map(le, column, islice(column, 1, None)))


def lead_back(links: Sequence[int]) -> bool:
    """Tell whether every link leads to an earlier row, so that none lead round in a circle."""
    return all(map(le, links, range(len(links))))


def same_length(*columns: Sized) -> bool:
    """Tell whether there are as many numbers in each."""
    return len({len(each) for each in columns}) <= 1


def are_instants(column: Sequence[int]) -> bool:
    """Tell whether every number is an instant that can be written."""
    return not column or (min(column) >= BEGINNING and max(column) <= END)


def nested(prefix: str, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return columns under names that begin with the part's that they are of."""
    return {f"{prefix}.{name}": column for name, column in columns.items()}
