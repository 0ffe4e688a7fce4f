"""Processes of the minerals value chain: plain words only."""

from collections.abc import Iterable

from credentials.untp.dimensions import Values
from credentials.untp.node import Node
from policies.claims import ClaimValue, Dimension

_WORDS = {
    "exploration": "exploration",
    "mining": "mining",
    "concentrating": "concentrating",
    "smelting": "smelting",
    "refining": "refining",
    "recycling": "recycling",
    "trading": "trading",
}


def processes(categories: Iterable[Node]) -> Values:
    """Return the processes that categories name by a plain word, such as "Smelting"."""
    return processes_named(node.text("name") for node in categories)


def processes_named(names: Iterable[str | None]) -> Values:
    """Return the processes among names; what is no plain word says nothing."""
    found = (_WORDS.get((name or "").strip().lower()) for name in names)
    values = tuple(dict.fromkeys(ClaimValue(word) for word in found if word))
    return {Dimension.PROCESS: values} if values else {}
