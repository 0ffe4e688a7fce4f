"""GS1 Digital Link URIs: raw path segments and query to an identifier, in one pass, and back.

Section numbers are those of GS1 Digital Link: URI Syntax 1.7.0.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final
from urllib.parse import quote

from link_resolver.errors import InvalidIdentifierError
from link_resolver.escapes import PATH, QUERY, EscapeError, raw_offset, unescape
from link_resolver.gs1.associations import Violation, unserialised, violation
from link_resolver.gs1.tables import KEYS, RULES
from link_resolver.identifier import GS1, Element, Identifier

_SEGMENT: Final = PATH | {'"'}
"""The grammar names the double quote as itself (4.2), although RFC 3986 does not."""
_IN_QUERY: Final = QUERY | {" "}
"""A plus in a query is a space, and put so before it is decoded."""
_GTIN: Final = "01"
_GTIN_LENGTH: Final = 14
_SHORT_GTINS: Final = frozenset({8, 12, 13})

_COMBINATIONS: Final[dict[tuple[str, ...], Violation | None]] = {
    (code, *order): violation((code, *order), code)
    for code, rule in KEYS.items()
    for order in rule.orders()
}
"""Every key with every sequence of qualifiers that may follow it (4.9), and what that breaks."""
_NO_COMBINATION: Final = Violation("", "", "")

MISWRITTEN: Final = "not written as a URI must be"


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
    broken = _COMBINATIONS.get(codes, _NO_COMBINATION)
    attributes: tuple[Element, ...] = ()
    if query and broken is not _NO_COMBINATION:
        try:
            attributes = _attributes(query, codes, short_gtins=short_gtins)
        except InvalidIdentifierError as error:
            raise error.moved(len("/".join(segments)) + 1) from None
    if attributes:
        broken = broken_together((*elements, *attributes), codes[0])
    if broken is not None:
        broken = broken if broken is not _NO_COMBINATION else _misplaced(codes)
        position = _place_of(broken.code, segments, start, query)
        raise InvalidIdentifierError(broken.rule, broken.detail, broken.code, position)
    return Identifier(GS1, elements[0], elements[1:], attributes, query)


def _begin(segments: Sequence[str], start: int) -> int:
    return len("/".join(segments[:start])) + 1


def _place_of(code: str, segments: Sequence[str], start: int, query: str) -> int:
    """Return where an AI is written, the last time in the path, or else in the query."""
    for place in range(len(segments) - 2, start - 1, -2):
        if segments[place] == code:
            return _begin(segments, place)
    pairs = query.replace(";", "&").split("&")
    before = pairs[: next(i for i, pair in enumerate(pairs) if pair.startswith(f"{code}="))]
    return len("/".join(segments)) + 1 + sum(len(pair) + 1 for pair in before)


def read_pairs(
    segments: Sequence[str], start: int, *, short_gtins: bool = False
) -> tuple[Element, ...]:
    """Read path segments as AIs and values, without asking how they go together.

    Raises:
        InvalidIdentifierError: an AI is unknown, or a value breaks its rule.
    """
    elements: list[Element] = []
    place = start
    try:
        for place in range(start, len(segments) - 1, 2):
            code, raw = segments[place], segments[place + 1]
            elements.append(_element(code, raw, _SEGMENT, short_gtins=short_gtins))
    except InvalidIdentifierError as error:
        raise error.moved(_begin(segments, place)) from None
    if (len(segments) - start) % 2:
        position = _begin(segments, len(segments) - 1)
        code = segments[-1]
        detail = "has no value" if code else "nothing stands between two slashes"
        raise InvalidIdentifierError("value-missing", detail, code or None, position)
    return tuple(elements)


def _element(code: str, raw: str, allowed: frozenset[str], *, short_gtins: bool) -> Element:
    """Return one AI with its decoded value, which its rule has found good.

    Positions in errors count from the AI on; one character separates it from the value.
    """
    rule = RULES.get(code)
    if rule is None:
        raise InvalidIdentifierError("unknown-ai", "is no application identifier", code)
    try:
        value = raw if raw.isalnum() else unescape(raw, allowed)
    except EscapeError as error:
        position = len(code) + 1 + error.offset
        raise InvalidIdentifierError(error.rule, MISWRITTEN, code, position) from None
    if short_gtins and code == _GTIN and len(value) in _SHORT_GTINS:
        value = value.zfill(_GTIN_LENGTH)
    flaw = rule.check(value)
    if flaw is not None:
        position = len(code) + 1 + raw_offset(raw, flaw.offset)
        raise InvalidIdentifierError(flaw.rule, explain(flaw.rule, rule.title), code, position)
    return Element(code, value)


def explain(rule: str, title: str) -> str:
    """Return a sentence about a flawed value: the dictionary's names of rules say enough."""
    return f"{title or 'value'}: {rule.replace('-', ' ')}"


def _misplaced(codes: tuple[str, ...]) -> Violation:
    """Tell why these AIs are no sequence of a key and its qualifiers (4.9)."""
    key, *qualifiers = codes
    sequences = KEYS[key].sequences
    for place, code in enumerate(qualifiers):
        if not any(code in sequence for sequence in sequences):
            return Violation("qualifier-not-allowed", code, f"is no qualifier of ({key})")
        if code in qualifiers[:place]:
            return Violation("ai-repeated", code, "is there twice")
    for place, code in enumerate(qualifiers):
        together = qualifiers[: place + 1]
        fitting = [sequence for sequence in sequences if set(together).issubset(sequence)]
        if not fitting:
            return Violation("qualifiers-exclusive", code, "must not be mixed with the others")
        if tuple(together) not in combinations(fitting[0], len(together)):
            order = "".join(f"({qualifier})" for qualifier in fitting[0])
            return Violation("qualifier-order", code, f"is out of the order {order}")
    raise AssertionError("a sequence that is asked about is misplaced")


def _attributes(query: str, path: tuple[str, ...], *, short_gtins: bool) -> tuple[Element, ...]:
    """Return the data attributes of a query; other parameters are extensions (4.10)."""
    if not QUERY.issuperset(query):
        place = next(i for i, character in enumerate(query) if character not in QUERY)
        raise InvalidIdentifierError("uri-character", MISWRITTEN, None, place)
    found: list[Element] = []
    seen = set(path)
    position = 0
    for pair in query.replace(";", "&").split("&"):
        code, _, raw = pair.partition("=")
        if code.isdigit():
            if code in seen:
                raise InvalidIdentifierError("ai-repeated", "is there twice", code, position)
            refusal = _refusal(code, path)
            if refusal is not None:
                raise InvalidIdentifierError(*refusal, code, position)
            seen.add(code)
            value = raw.replace("+", " ")
            try:
                found.append(_element(code, value, _IN_QUERY, short_gtins=short_gtins))
            except InvalidIdentifierError as error:
                raise error.moved(position) from None
        position += len(pair) + 1
    return tuple(found)


@lru_cache(maxsize=4096)
def _refusal(code: str, path: tuple[str, ...]) -> tuple[str, str] | None:
    """Tell why an AI may not be a data attribute beside this path (4.10, 4.11)."""
    rule = RULES.get(code)
    if rule is None:
        return "unknown-ai", "is no application identifier, and an extension is not all digits"
    if not rule.attribute:
        return "not-an-attribute", "must not be in the query"
    together = {*path[1:], code}
    if any(together.issubset(sequence) for sequence in KEYS[path[0]].sequences):
        return "qualifier-in-query", f"belongs in the path behind ({path[0]})"
    return None


def broken_together(elements: Sequence[Element], key: str) -> Violation | None:
    """Return the first broken rule between the elements of an identifier."""
    broken = violation(tuple([code for code, _ in elements]), key)
    if broken is not None:
        return broken
    bare = unserialised(elements)
    if bare is None:
        return None
    return Violation("serial-required", bare, "needs a serial component beside (8030)")


def in_query_order(attributes: Iterable[Element]) -> list[Element]:
    """Return data attributes with those of predefined length first, as engines write them."""
    return sorted(attributes, key=lambda element: not RULES[element.code].fixed)


def render_query(attributes: Iterable[Element]) -> str:
    """Return data attributes as a query."""
    return "&".join(f"{code}={quote(value, safe='')}" for code, value in attributes)
