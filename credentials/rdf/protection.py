"""What of a document's JSON a signature over its graph protects, and what not.

A graph has no order, no repetitions, no names for members but IRIs, and one node for one id. What
two different texts say alike, such a signature cannot tell apart. Where a reader of the JSON would
not see at all what is signed, the document is refused; the rest is reported.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from credentials.rdf.errors import InvalidJsonLdError
from credentials.rdf.jsonld import ActiveContext, Expanded, Scope
from credentials.rdf.merging import Node, key_of, merged
from credentials.rdf.signed import Protection, Unprotected
from credentials.rdf.terms import Terms, definition_of, usual_name
from resolver.strict_json import Json

_FILED = frozenset({"@index", "@id", "@type"})
_VALUE_MEMBERS = frozenset({"@value", "@type", "@language"})
_CONTEXT = frozenset({"@context"})
_ASIDE = frozenset({"@context", "proof"})
_NOTHING = object()
_TWICE = "says the same twice, which is signed once"


def protection_of(document: Mapping[str, Json], expanded: Expanded, terms: Terms) -> Protection:
    """Tell what of a document is protected by a signature over its graph.

    Args:
        document: the document; its proofs are left aside.
        expanded: what the expansion found in it.
        terms: the terms of contexts, kept from document to document.

    Raises:
        InvalidJsonLdError: it has parts that are not signed, or that are signed but not to be
            seen in the JSON.
        TooMuchWorkError: nodes within each other make it far larger than it was.
    """
    first = _Reader(expanded, terms, 0)
    kept = first.object(document, "", _ASIDE)
    first.note_scattered()
    if not first.unprotected:
        return Protection(())
    context = {"@context": document["@context"]} if "@context" in document else {}
    readings = [{**context, **merged(kept, first.nodes.values())}]
    for choice in range(1, max(2, *(len(each.terms) for each in first.unprotected))):
        other = _Reader(expanded, terms, choice)
        kept = other.object(document, "", _ASIDE)
        readings.append({**context, **merged(kept, other.nodes.values())})
    return Protection(tuple(first.unprotected), tuple(readings))


class _Reader:
    """Reads a document in one of the ways in which its graph can be told.

    Args:
        expanded: what the expansion found in it.
        terms: the terms of contexts.
        choice: which way: of terms that mean the same, the one at this place is taken, and sets
            are in descending order where it is odd.
    """

    def __init__(self, expanded: Expanded, terms: Terms, choice: int) -> None:
        self._scopes = expanded.scopes
        self._value_context = expanded.value_context
        self._terms = terms
        self._choice = choice
        self.unprotected: list[Unprotected] = []
        self.nodes: dict[str, list[Node]] = defaultdict(list)

    def note_scattered(self) -> None:
        """Note the nodes of which something else is said in one place than in another."""
        for found in self.nodes.values():
            if len(found) > 1 and len({key_of(node.members) for node in found}) > 1:
                for node in found:
                    self._note(node.pointer, "what is said of its id may stand in another place")

    def object(
        self, element: Mapping[str, Json], pointer: str, aside: frozenset[str] = _CONTEXT
    ) -> dict[str, Json]:
        """Read an object but for some of its members; return its signed part."""
        if "@value" in element:
            if not element.keys() <= _VALUE_MEMBERS or len(element) == 1:
                raise InvalidJsonLdError("a value with members that are not signed", pointer)
            return dict(element)
        scope = self._scopes.get(id(element))
        if scope is None:
            raise InvalidJsonLdError("not signed", pointer)
        kept: dict[str, Json] = {}
        for name, value in element.items():
            if name in aside:
                continue
            where = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            chosen, signed = self._member(name, value, scope, where, kept)
            if signed is _NOTHING:
                continue
            kept[chosen] = self._joined(kept[chosen], signed) if chosen in kept else signed
        return kept

    def _joined(self, one: Json, other: Json) -> list[Json]:
        """Join what two members say that mean the same."""
        both = [
            *(one if isinstance(one, list) else [one]),
            *(other if isinstance(other, list) else [other]),
        ]
        return self._in_order({key_of(item): item for item in both})

    def _member(
        self, name: str, value: Json, scope: Scope, pointer: str, kept: dict[str, Json]
    ) -> tuple[str, Any]:
        definition = definition_of(scope.active, name, pointer)
        meaning = definition["@id"]
        alike = self._terms.members(scope.active, meaning)
        if alike and name not in alike:
            raise InvalidJsonLdError(f"is to be named {' or '.join(alike)}", pointer)
        if meaning == "@id":
            self.nodes[str(value)].append(Node(str(value), pointer.rpartition("/")[0], kept))
            return name, self._iri(value, scope.active, pointer, vocabulary=False)
        if meaning == "@type":
            return name, self._types(value, scope, pointer)
        if meaning.startswith("@"):
            raise InvalidJsonLdError(f"{meaning} is not understood here", pointer)
        signed = self._content(name, value, definition, scope, pointer)
        if len(alike) > 1:
            self._exchangeable(pointer, alike)
            name = self._chosen(alike)
        return name, signed

    def _content(
        self, name: str, value: Json, definition: Mapping[str, Any], scope: Scope, pointer: str
    ) -> Any:
        containers = definition.get("@container") or []
        if isinstance(value, dict) and not _FILED.isdisjoint(containers):
            raise InvalidJsonLdError("what its entries are filed under is not signed", pointer)
        as_it_is = definition.get("@type") == "@json"
        if as_it_is or (isinstance(value, dict) and "@language" in containers):
            return value
        active = self._value_context(scope.active, name)
        return self._values(value, definition, active, pointer, ordered="@list" in containers)

    def _values(
        self,
        value: Json,
        definition: Mapping[str, Any],
        active: ActiveContext,
        pointer: str,
        *,
        ordered: bool,
    ) -> Any:
        if not isinstance(value, list):
            return self._value(value, definition, active, pointer)
        if not value:
            self._note(pointer, "an empty array is not signed")
            return _NOTHING
        if not ordered and any(isinstance(item, list) for item in value):
            self._note(pointer, "nested arrays are signed as one set of all that is in them")
            return _NOTHING
        items = [
            self._values(item, definition, active, f"{pointer}/{n}", ordered=ordered)
            for n, item in enumerate(value)
        ]
        return items if ordered else self._set(items, pointer)

    def _set(self, items: list[Json], pointer: str) -> list[Json]:
        if len(items) == 1:
            return items
        distinct = {key_of(item): item for item in items}
        if len(distinct) == len(items):
            self._note(pointer, "its order is not signed")
        elif pointer.count("/") == 1:  # such as a second subject that is none
            raise InvalidJsonLdError(_TWICE, pointer)
        else:
            self._note(pointer, "neither its order nor repetitions are signed")
        return self._in_order(distinct)

    def _in_order(self, distinct: Mapping[bytes, Json]) -> list[Json]:
        return [distinct[key] for key in sorted(distinct, reverse=self._choice % 2 == 1)]

    def _chosen(self, alike: tuple[str, ...]) -> str:
        return alike[min(self._choice, len(alike) - 1)]

    def _value(
        self, value: Json, definition: Mapping[str, Any], active: ActiveContext, pointer: str
    ) -> Json:
        if value is None:
            raise InvalidJsonLdError("null says nothing in what is signed", pointer)
        if isinstance(value, dict):
            return self.object(value, pointer)
        coerced = definition.get("@type")
        if isinstance(value, str) and coerced in ("@id", "@vocab"):
            return self._iri(value, active, pointer, vocabulary=coerced == "@vocab")
        return value

    def _types(self, value: Json, scope: Scope, pointer: str) -> Json:
        listed = value if isinstance(value, list) else [value]
        names = [self._iri(item, scope.typing, pointer, vocabulary=True) for item in listed]
        if not names or len(set(names)) < len(names):
            raise InvalidJsonLdError(_TWICE if names else "not signed", pointer)
        if isinstance(value, list):
            return [*sorted(names, reverse=self._choice % 2 == 1)]
        return names[0]

    def _iri(self, value: Json, active: ActiveContext, pointer: str, *, vocabulary: bool) -> str:
        if not isinstance(value, str):
            raise InvalidJsonLdError("neither an IRI nor a term", pointer)
        name, alike = usual_name(self._terms, active, value, pointer, vocabulary=vocabulary)
        if alike:
            self._exchangeable(pointer, alike)
            return self._chosen(alike)
        if name != value:
            self._note(pointer, f"{value[:100]!r} could be written as {name[:100]!r}", (name,))
        return name

    def _exchangeable(self, pointer: str, alike: tuple[str, ...]) -> None:
        self._note(pointer, f"{', '.join(alike)} mean the same, and could be exchanged", alike)

    def _note(self, pointer: str, reason: str, terms: tuple[str, ...] = ()) -> None:
        self.unprotected.append(Unprotected(pointer, reason, terms))
