"""One node for one id: what a document says of an id in several places, put together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from credentials.rdf.errors import TooMuchWorkError
from resolver.strict_json import Json

_MOST_OBJECTS = 20_000


@dataclass(frozen=True, slots=True)
class Node:
    """A node as it stands in one place of a document.

    Attributes:
        id: its id.
        pointer: JSON pointer (RFC 6901) to it.
        members: its members, its id among them.
    """

    id: str
    pointer: str
    members: dict[str, Json]


def key_of(value: Json) -> bytes:
    """Return what is the same for equal values only."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def merged(document: dict[str, Json], nodes: Iterable[Sequence[Node]]) -> dict[str, Json]:
    """Give each node of a document all that is said of its id anywhere.

    Args:
        document: the document.
        nodes: its nodes that have an id, those of one id together.

    Raises:
        TooMuchWorkError: nodes within each other make it far larger than it was.
    """
    return _Merging([found for found in nodes if len(found) > 1]).object(document, frozenset())


class _Merging:
    def __init__(self, several: Sequence[Sequence[Node]]) -> None:
        self._union = {found[0].id: _union(found) for found in several}
        self._ids = {id(node.members): node.id for found in several for node in found}
        self._left = _MOST_OBJECTS

    def object(self, element: dict[str, Json], above: frozenset[str]) -> dict[str, Json]:
        self._left -= 1
        if self._left < 0:
            raise TooMuchWorkError(f"more than {_MOST_OBJECTS} objects within each other")
        id_ = self._ids.get(id(element))
        if id_ is None:
            return {name: self._value(value, above) for name, value in element.items()}
        if id_ in above:
            return {name: value for name, value in element.items() if value == id_}
        members = self._union[id_]
        return {name: self._value(value, above | {id_}) for name, value in members.items()}

    def _value(self, value: Json, above: frozenset[str]) -> Json:
        if isinstance(value, dict):
            return self.object(value, above)
        if isinstance(value, list):
            return [self._value(item, above) for item in value]
        return value


def _union(nodes: Sequence[Node]) -> dict[str, Json]:
    """Put together what is said in each place; a member has an array where it has one anywhere."""
    members: dict[str, dict[bytes, Json]] = defaultdict(dict)
    arrays: set[str] = set()
    for node in nodes:
        for name, value in node.members.items():
            if isinstance(value, list):
                arrays.add(name)
            for item in value if isinstance(value, list) else [value]:
                members[name][key_of(item)] = item
    union: dict[str, Json] = {}
    for name, found in members.items():
        values = [found[key] for key in sorted(found)]
        union[name] = values if name in arrays or len(values) > 1 else values[0]
    return union
