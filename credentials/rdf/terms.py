"""The terms of contexts by what they mean."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from credentials.rdf.errors import InvalidJsonLdError
from credentials.rdf.jsonld import ActiveContext

_MOST_CONTEXTS = 4_000


class Terms:
    """Finds the terms that mean an IRI; keeps what it found from document to document.

    By the convention of all contexts that we know, terms of classes begin with a capital and those
    of members do not. One IRI may well have one of each.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[ActiveContext, Mapping[str, tuple[str, ...]]]] = {}

    def members(self, active: ActiveContext, iri: str) -> tuple[str, ...]:
        """Return the terms by which a member may be named, in order."""
        return tuple(term for term in self._named(active, iri) if not term[:1].isupper())

    def values(self, active: ActiveContext, iri: str) -> tuple[str, ...]:
        """Return the terms by which a class or another value may be named, in order.

        Terms of members are among them only where there are no others.
        """
        named = self._named(active, iri)
        return tuple(term for term in named if term[:1].isupper()) or named

    def _named(self, active: ActiveContext, iri: str) -> tuple[str, ...]:
        kept = self._known.get(id(active))
        if kept is None:
            if len(self._known) >= _MOST_CONTEXTS:
                self._known.clear()
            # What is told apart by identity has to live as long as the memory of it.
            kept = self._known[id(active)] = active, _by_meaning(active)
        return kept[1].get(iri, ())


def _by_meaning(active: ActiveContext) -> Mapping[str, tuple[str, ...]]:
    terms: dict[str, list[str]] = defaultdict(list)
    for term, mapping in active["mappings"].items():
        if mapping is not None and mapping["@id"] is not None and not mapping["reverse"]:
            terms[mapping["@id"]].append(term)
    return {iri: tuple(sorted(found)) for iri, found in terms.items()}


def definition_of(active: ActiveContext, name: str, pointer: str) -> Mapping[str, Any]:
    """Return how a context defines the name of a member.

    Raises:
        InvalidJsonLdError: it does not, or the name is an IRI or a keyword.
    """
    if name.startswith("@"):
        raise InvalidJsonLdError(f"{name} is not understood here", pointer)
    definition: Mapping[str, Any] | None = active["mappings"].get(name)
    if definition is not None:
        if definition["reverse"] or definition["@id"] is None:
            raise InvalidJsonLdError("not signed by this name", pointer)
        return definition
    if ":" in name:
        raise InvalidJsonLdError("a member is named by a term, not by its IRI", pointer)
    if name in active["mappings"] or "@vocab" not in active:
        raise InvalidJsonLdError("defined by no context, so not signed", pointer)
    return {"@id": active["@vocab"] + name}


def usual_name(
    terms: Terms, active: ActiveContext, value: str, pointer: str, *, vocabulary: bool
) -> tuple[str, tuple[str, ...]]:
    """Return the one spelling of an IRI that a reader of the JSON would know it by.

    Args:
        terms: the terms of contexts.
        active: the context that the value is read by.
        value: the IRI as written: a term, abbreviated, or in full.
        pointer: where it stands.
        vocabulary: whether it may be a term.

    Returns:
        The spelling, and all terms that mean the same where there are several.

    Raises:
        InvalidJsonLdError: it is no IRI, and nothing that the context defines.
    """
    full = _in_full(active, value, pointer, vocabulary=vocabulary)
    if not vocabulary:
        return full, ()
    named = terms.values(active, full)
    if named:
        return named[0], named if len(named) > 1 else ()
    prefix = active.get("@vocab")
    return (full.removeprefix(prefix) if prefix else full), ()


def _in_full(active: ActiveContext, value: str, pointer: str, *, vocabulary: bool) -> str:
    definition = active["mappings"].get(value) if vocabulary else None
    if definition is not None and definition["@id"]:
        return str(definition["@id"])
    prefix, colon, rest = value.partition(":")
    if colon:
        definition = active["mappings"].get(prefix)
        abbreviated = definition and definition["_prefix"] and not rest.startswith("//")
        return f"{definition['@id']}{rest}" if definition and abbreviated else value
    if vocabulary and "@vocab" in active:
        return f"{active['@vocab']}{value}"
    raise InvalidJsonLdError(f"{value[:100]!r} is defined by no context, so not signed", pointer)
