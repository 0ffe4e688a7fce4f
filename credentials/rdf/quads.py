"""RDF quads, each term held as N-Quads writes it."""

from typing import TypeAlias

Quad: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object and graph name; an empty graph name is the default graph."""

_ESCAPES = {ord(c): f"\\u{ord(c):04X}" for c in map(chr, (*range(0x20), 0x7F))} | {
    ord("\b"): "\\b",
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\f"): "\\f",
    ord("\r"): "\\r",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def is_blank(term: str) -> bool:
    """Tell whether a term is a blank node."""
    return term.startswith("_:")


def iri(text: str) -> str:
    """Write an IRI as a term."""
    return f"<{text}>"


def literal(value: str, datatype: str | None = None, language: str | None = None) -> str:
    """Write a literal as a term, in canonical form (RDFC-1.0, A)."""
    quoted = f'"{value.translate(_ESCAPES)}"'
    if language is not None:
        return f"{quoted}@{language}"
    return quoted if datatype is None else f"{quoted}^^<{datatype}>"


def line(quad: Quad) -> str:
    """Write a quad as one line of canonical N-Quads (RDFC-1.0, A)."""
    subject, predicate, object_, graph = quad
    if graph:
        return f"{subject} {predicate} {object_} {graph} .\n"
    return f"{subject} {predicate} {object_} .\n"
