"""From expanded JSON-LD to quads (JSON-LD 1.1 API, 8); what no quad can hold is an error."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from credentials.rdf.errors import InvalidJsonLdError, TooMuchWorkError
from credentials.rdf.quads import Quad, iri, is_blank, literal
from resolver.errors import NotCanonicalisableError
from resolver.jcs import canonicalise as canonical_json

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (iri(_RDF + name) for name in ("type", "first", "rest", "nil"))
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_LARGE = 10**21
_READ = frozenset({"@id", "@type", "@graph"})


def quads_of(nodes: Sequence[Mapping[str, Any]], most: int) -> list[Quad]:
    """Return the quads of expanded nodes.

    Args:
        nodes: nodes as the expansion algorithm leaves them.
        most: the most quads.

    Raises:
        InvalidJsonLdError: a part that would be lost: a relative IRI, a blank node as a property,
            an index, a text direction.
        TooMuchWorkError: there are more quads.
    """
    writer = _Writer(most)
    for node in nodes:
        writer.node(node, "")
    return writer.quads


def canonical_double(value: float) -> str:
    """Write a number as XML Schema's canonical double."""
    mantissa, _, exponent = f"{value:.15E}".partition("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"


class _Writer:
    def __init__(self, most: int) -> None:
        self.quads: list[Quad] = []
        self._most = most
        self._labels: Iterator[int] = count()

    def _add(self, quad: Quad) -> None:
        if len(self.quads) >= self._most:
            raise TooMuchWorkError(f"the graph has more than {self._most} quads")
        self.quads.append(quad)

    def _blank(self) -> str:
        return f"_:b{next(self._labels)}"

    def node(self, node: Mapping[str, Any], graph: str) -> str:
        """Write a node with all that hangs on it, and return its term."""
        subject = _resource(node["@id"]) if "@id" in node else self._blank()
        for kind in node.get("@type", ()):
            self._add((subject, _TYPE, _resource(kind), graph))
        for inner in node.get("@graph", ()):
            self.node(inner, subject)
        for name, values in node.items():
            if name.startswith("@"):
                if name not in _READ:
                    raise InvalidJsonLdError(f"{name} would be lost in the graph that is signed")
                continue
            predicate = _resource(name)
            if is_blank(predicate):
                raise InvalidJsonLdError("a blank node is no property")
            for value in values:
                self._add((subject, predicate, self._object(value, graph), graph))
        return subject

    def _object(self, value: Mapping[str, Any], graph: str) -> str:
        if "@value" in value:
            return _literal(value)
        if "@list" in value:
            return self._list(value["@list"], graph)
        return self.node(value, graph)

    def _list(self, values: Sequence[Mapping[str, Any]], graph: str) -> str:
        cells = [self._blank() for _ in values]
        for cell, value, rest in zip(cells, values, [*cells[1:], _NIL], strict=False):
            self._add((cell, _FIRST, self._object(value, graph), graph))
            self._add((cell, _REST, rest, graph))
        return cells[0] if cells else _NIL


def _resource(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidJsonLdError("an identifier that is no string")
    if is_blank(text):
        raise InvalidJsonLdError("blank nodes have no names of their own in what is signed")
    if not _IRI.fullmatch(text):
        raise InvalidJsonLdError(f"{text[:100]!r} is no absolute IRI, and would be lost")
    return iri(text)


def _literal(value: Mapping[str, Any]) -> str:
    content, kind, language = value["@value"], value.get("@type"), value.get("@language")
    for name in value.keys() - {"@value", "@type", "@language"}:
        raise InvalidJsonLdError(f"{name} would be lost in the graph that is signed")
    if kind == "@json":
        return literal(_json(content), f"{_RDF}JSON")
    if language is not None:
        if not isinstance(content, str) or not _LANGUAGE.fullmatch(language):
            raise InvalidJsonLdError("not a string in a language")
        return literal(content, language=language)
    text, natural = _lexical(content, kind)
    datatype = kind or natural
    if datatype is not None:
        datatype = _resource(datatype)[1:-1]
    return literal(text, None if datatype == f"{_XSD}string" else datatype)


def _lexical(content: object, kind: str | None) -> tuple[str, str | None]:
    """Write a JSON value as text, with the datatype that it has by itself."""
    double = f"{_XSD}double"
    if isinstance(content, bool):
        return ("true" if content else "false"), f"{_XSD}boolean"
    if isinstance(content, str):
        # Written as other implementations do, so that what they sign verifies.
        return (_as_double(content) if kind == double else content), None
    if not isinstance(content, int | float):
        raise InvalidJsonLdError("a value that no literal can hold")
    whole = content == int(content) and abs(content) < _LARGE
    if whole and kind != double:
        return str(int(content)), f"{_XSD}integer"
    text = canonical_double(content)
    if float(text) != content:
        raise InvalidJsonLdError(f"{content!r} has more digits than are signed")
    return text, double


def _as_double(text: str) -> str:
    try:
        return canonical_double(float(text))
    except ValueError:
        return text


def _json(content: Any) -> str:
    try:
        return canonical_json(content).decode()
    except NotCanonicalisableError as error:
        raise InvalidJsonLdError(f"JSON that has no canonical form: {error}") from None
