"""What is wrong with a value, as its rule and its place."""

from collections.abc import Callable
from typing import NamedTuple


class Flaw(NamedTuple):
    """A broken rule.

    Attributes:
        rule: the rule's stable name.
        offset: where in the value, in characters from 0.
    """

    rule: str
    offset: int = 0


Check = Callable[[str], Flaw | None]
"""Tells what is wrong with a value, if anything."""
