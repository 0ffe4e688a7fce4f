"""GS1 Digital Link URIs: raw path segments and query to an identifier, in one pass, and back.

Section numbers are those of GS1 Digital Link: URI Syntax 1.7.0.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from link_resolver.errors import InvalidIdentifierError
from link_resolver.escapes import PATH, QUERY, EscapeError, raw_offset, unescape
from link_resolver.gs1.associations import Violation, unserialised, violation
from link_resolver.gs1.tables import KEYS, RULES
from link_resolver.identifier import GS1, Element, Identifier

_SEGMENT: Final = PATH | {'"'}
"""The grammar names the double quote as itself (4.2), although RFC 3986 does not."""
_VALUE_IN_QUERY: Final = QUERY | {" "}
_GTIN: Final = "01"
_GTIN_LENGTH: Final = 14
_SHORT_GTINS: Final = frozenset({8, 12, 13})

_COMBINATIONS: Final[dict[tuple[str, ...], Violation | None]] = {
    (code, *order): violation((code, *order), code)
    for code, rule in KEYS.items()
    for order in rule.orders()
}
"""Every key with every sequence of qualifiers that may follow it (4.9), and what that breaks."""


def find_key(segments: Sequence[str]) -> int:
    """Return the segment of the rightmost primary key that pairs lead to, or -1 (4.11)."""
    for place in range(len(segments) - 2, 0, -2):
        rule = RULES.get(segments[place])
        if rule is None:
            return -1
        if rule.sequences:
            return place
    return -1


def read(
    segments: Sequence[str], start: int, query: str, *, short_gtins: bool = False
) -> Identifier:
    """Read path segments from the key on, and the query.

    Args:
        segments: the raw path, split at its slashes, so that the first is empty.
        start: which segment is the key's AI.
        query: the raw query, without its question mark.
        short_gtins: whether GTINs of 8, 12 and 13 digits are filled up to 14.

    Raises:
        InvalidIdentifierError: a rule is broken; positions count through path and query.
    """
    codes = tuple(segments[start::2])
    elements = read_pairs(segments, start, short_gtins=short_gtins)
    if codes not in _COMBINATIONS:
        raise _misplaced(codes, _begin(segments, start))
    attributes: tuple[Element, ...] = ()
    if query:
        position = len("/".join(segments)) + 1
        attributes = _attributes(query, position, codes, short_gtins=short_gtins)
    if attributes:
        check_together((*elements, *attributes), codes[0], _begin(segments, start))
    elif (broken := _COMBINATIONS[codes]) is not None:
        place = _begin(segments, start)
        raise InvalidIdentifierError(broken.rule, broken.detail, broken.code, place)
    return Identifier(GS1, elements[0], elements[1:], attributes, query)


def _begin(segments: Sequence[str], start: int) -> int:
    return len("/".join(segments[:start])) + 1


def read_pairs(
    segments: Sequence[str], start: int, *, short_gtins: bool = False
) -> tuple[Element, ...]:
    """Read path segments as AIs and values, without asking how they go together.

    Raises:
        InvalidIdentifierError: an AI is unknown, or a value breaks its rule.
    """
    position = _begin(segments, start)
    elements = []
    for place in range(start, len(segments) - 1, 2):
        code, raw = segments[place], segments[place + 1]
        elements.append(_element(code, raw, position, _SEGMENT, short_gtins=short_gtins))
        position += len(code) + len(raw) + 2
    if (len(segments) - start) % 2:
        raise InvalidIdentifierError("value-missing", "has no value", segments[-1], position)
    return tuple(elements)


def _element(
    code: str, raw: str, position: int, allowed: frozenset[str], *, short_gtins: bool
) -> Element:
    """Return one AI with its decoded value, which its rule has found good."""
    rule = RULES.get(code)
    if rule is None:
        raise InvalidIdentifierError("unknown-ai", "is no application identifier", code, position)
    position += len(code) + 1
    try:
        value = raw if raw.isalnum() else unescape(raw, allowed)
    except EscapeError as error:
        raise InvalidIdentifierError(
            error.rule, "is not percent-encoded as a URI must be", code, position + error.offset
        ) from None
    if short_gtins and code == _GTIN and len(value) in _SHORT_GTINS:
        value = value.zfill(_GTIN_LENGTH)
    flaw = rule.check(value)
    if flaw is not None:
        position += raw_offset(raw, flaw.offset)
        raise InvalidIdentifierError(flaw.rule, explain(flaw.rule, rule.title), code, position)
    return Element(code, value)


def explain(rule: str, title: str) -> str:
    """Return a sentence about a flawed value: the dictionary's names of rules say enough."""
    return f"{title or 'value'}: {rule.replace('-', ' ')}"


def _misplaced(codes: tuple[str, ...], position: int) -> InvalidIdentifierError:
    """Tell why these AIs are no sequence of a key and its qualifiers (4.9)."""
    key, *qualifiers = codes
    content = {code for sequence in KEYS[key].sequences for code in sequence}
    for place, code in enumerate(qualifiers):
        if code not in content:
            return InvalidIdentifierError(
                "qualifier-not-allowed", f"is no qualifier of ({key})", code, position
            )
        if code in qualifiers[:place]:
            return InvalidIdentifierError("ai-repeated", "is there twice", code, position)
    if any(content_of.issuperset(qualifiers) for content_of in map(set, KEYS[key].sequences)):
        order = "".join(f"({code})" for code in max(KEYS[key].sequences, key=len))
        return InvalidIdentifierError(
            "qualifier-order", f"must be in the order {order}", qualifiers[-1], position
        )
    return InvalidIdentifierError(
        "qualifiers-exclusive", "must not be mixed with the others", qualifiers[-1], position
    )


def _attributes(
    query: str, position: int, path: tuple[str, ...], *, short_gtins: bool
) -> tuple[Element, ...]:
    """Return the data attributes of a query; other parameters are extensions (4.10)."""
    if not QUERY.issuperset(query):
        place = next(i for i, character in enumerate(query) if character not in QUERY)
        raise InvalidIdentifierError("uri-character", "not a URI", None, position + place)
    found: list[Element] = []
    seen = set(path)
    for pair in query.replace(";", "&").split("&"):
        code, _, raw = pair.partition("=")
        if code.isdigit():
            _check_attribute(code, path, seen, position)
            seen.add(code)
            value = raw.replace("+", " ")
            found.append(_element(code, value, position, _VALUE_IN_QUERY, short_gtins=short_gtins))
        position += len(pair) + 1
    return tuple(found)


def _check_attribute(code: str, path: tuple[str, ...], seen: set[str], position: int) -> None:
    """Refuse what may not be a data attribute beside this path (4.10, 4.11)."""
    rule = RULES.get(code)
    if rule is None:
        broken = ("unknown-ai", "is no application identifier, and an extension is not all digits")
    elif code in seen:
        broken = ("ai-repeated", "is there twice")
    elif not rule.attribute:
        broken = ("not-an-attribute", "must not be in the query")
    elif _belongs_in(path, code):
        broken = ("qualifier-in-query", f"belongs in the path behind ({path[0]})")
    else:
        return
    raise InvalidIdentifierError(*broken, code, position)


def _belongs_in(path: tuple[str, ...], code: str) -> bool:
    """Return whether the path could hold this qualifier as well."""
    key, *qualifiers = path
    together = {*qualifiers, code}
    return any(together.issubset(sequence) for sequence in KEYS[key].sequences)


def check_together(elements: Sequence[Element], key: str, position: int) -> None:
    """Refuse elements that break a rule between them.

    Raises:
        InvalidIdentifierError: they do.
    """
    broken = violation([code for code, _ in elements], key)
    if broken is not None:
        raise InvalidIdentifierError(broken.rule, broken.detail, broken.code, position)
    bare = unserialised(elements)
    if bare is not None:
        raise InvalidIdentifierError(
            "serial-required", "needs a serial component beside (8030)", bare, position
        )


def in_query_order(attributes: Iterable[Element]) -> list[Element]:
    """Return data attributes with those of predefined length first, as engines write them."""
    return sorted(attributes, key=lambda element: not RULES[element.code].fixed)


def render_query(attributes: Iterable[Element]) -> str:
    """Return data attributes as a query."""
    return "&".join(f"{code}={quote(value, safe='')}" for code, value in attributes)
