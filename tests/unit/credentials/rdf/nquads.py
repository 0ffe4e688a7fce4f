"""N-Quads, as far as the conformance tests of RDF canonicalisation write them."""

import re

from credentials.rdf.quads import Quad, iri, literal

_IRI, _BLANK = r"<([^>]*)>", r"(_:[^\s<\"]+)"
_LITERAL = rf'"((?:[^"\\]|\\.)*)"(?:\^\^{_IRI}|@([A-Za-z0-9-]+))?'
_QUAD = re.compile(
    rf"\s*(?:{_IRI}|{_BLANK})\s*{_IRI}\s*(?:{_IRI}|{_BLANK}|{_LITERAL})\s*(?:{_IRI}|{_BLANK})?\s*\.\s*"
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _PLAIN.get(code, code)

    return _ESCAPE.sub(plain, text)


def _term(iri_: str | None, blank: str | None) -> str:
    return blank or (iri(_unescaped(iri_)) if iri_ is not None else "")


def parse_nquads(text: str) -> list[Quad]:
    quads = []
    for written in text.split("\n"):
        if not written.strip() or written.startswith("#"):
            continue
        found = _QUAD.fullmatch(written)
        assert found, written
        s1, s2, p, o1, o2, value, datatype, language, g1, g2 = found.groups()
        if value is None:
            object_ = _term(o1, o2)
        else:
            kind = None if datatype is None else _unescaped(datatype)
            object_ = literal(_unescaped(value), kind, language)
        quads.append((_term(s1, s2), iri(_unescaped(p)), object_, _term(g1, g2)))
    return quads
