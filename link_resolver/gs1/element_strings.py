"""Element strings: what a GS1 barcode carries, with FNC1 or as people write it, in brackets."""

from collections.abc import Iterator, Sequence
from typing import Final

from link_resolver.errors import InvalidIdentifierError
from link_resolver.gs1.associations import repeated
from link_resolver.gs1.digital_link import (
    broken_together,
    explain,
    in_query_order,
    render_query,
)
from link_resolver.gs1.tables import KEYS, RULES, Rule, rule_at
from link_resolver.identifier import GS1, Element, Identifier

FNC1: Final = "\x1d^"
"""How FNC1 is written: as scanners send it, and as people do, since CSET 82 has no caret."""
MAX_ELEMENTS: Final = 64
"""A symbol holds some 7,000 characters at most; nobody carries half as many elements."""


def read(text: str) -> tuple[Element, ...]:
    """Read an element string that begins with FNC1 (GenSpecs 7.8).

    Raises:
        InvalidIdentifierError: it does not, or a rule of an AI is broken.
    """
    if not text or text[0] not in FNC1:
        raise InvalidIdentifierError("no-fnc1", "an element string begins with FNC1")
    body = text.replace("^", FNC1[0])
    if len(body) == 1:
        raise InvalidIdentifierError("no-elements", "nothing follows FNC1", None, 1)
    return _collect(_split(body))


def _split(body: str) -> Iterator[tuple[Rule, str, int]]:
    place = 1
    while place < len(body):
        rule = rule_at(body, place)
        if rule is None:
            code = body[place : place + 4]
            raise InvalidIdentifierError("unknown-ai", "no AI begins here", code, place)
        begin = place + len(rule.code)
        end = body.find(FNC1[0], begin)
        end = len(body) if end < 0 else end
        if rule.fixed:
            end = min(end, begin + sum(part.most for part in rule.parts))
        yield rule, body[begin:end], begin
        place = end + body.startswith(FNC1[0], end)


def read_bracketed(text: str) -> tuple[Element, ...]:
    """Read AIs in brackets with their values; a bracket inside a value has a backslash.

    Raises:
        InvalidIdentifierError: it is not of that form, or a rule of an AI is broken.
    """
    return _collect(_split_brackets(text))


def _split_brackets(text: str) -> Iterator[tuple[Rule, str, int]]:
    place = 0
    while place < len(text):
        close = text.find(")", place)
        if text[place] != "(" or close < 0:
            raise InvalidIdentifierError(
                "not-bracketed", "an AI in brackets is wanted", None, place
            )
        code = text[place + 1 : close]
        rule = RULES.get(code)
        if rule is None:
            raise InvalidIdentifierError("unknown-ai", "is no AI", code, place + 1)
        begin, end = close + 1, _next_bracket(text, close + 1)
        yield rule, text[begin:end].replace("\\(", "("), begin
        place = end


def _next_bracket(text: str, place: int) -> int:
    while True:
        place = text.find("(", place)
        if place < 0:
            return len(text)
        if text[place - 1] != "\\":
            return place
        place += 1


def _collect(pieces: Iterator[tuple[Rule, str, int]]) -> tuple[Element, ...]:
    """Check every value; what is there twice alike counts once (GenSpecs 4.14.1)."""
    elements: list[Element] = []
    for rule, value, position in pieces:
        flaw = rule.check(value)
        if flaw is not None:
            raise InvalidIdentifierError(
                flaw.rule, explain(flaw.rule, rule.title), rule.code, position + flaw.offset
            )
        if len(elements) >= MAX_ELEMENTS:
            raise InvalidIdentifierError("too-long", f"more than {MAX_ELEMENTS} elements")
        elements.append(Element(rule.code, value))
    code = repeated(elements)
    if code is not None:
        raise InvalidIdentifierError("ai-repeated", "is there twice and differs", code)
    return tuple(dict.fromkeys(elements))


def identify(elements: Sequence[Element]) -> Identifier:
    """Arrange elements as an identifier: the first key, its qualifiers, the rest as attributes.

    Raises:
        InvalidIdentifierError: there is no key, or an element has no place beside it.
    """
    key = next((element for element in elements if element.code in KEYS), None)
    if key is None:
        raise InvalidIdentifierError("no-key", "there is no primary key")
    broken = broken_together(elements, key.code)
    if broken is not None:
        raise InvalidIdentifierError(broken.rule, broken.detail, broken.code)
    values = {element.code: element for element in elements}
    attempts = [
        [values[code] for code in sequence if code in values]
        for sequence in KEYS[key.code].sequences
    ]
    attempts.sort(key=len, reverse=True)
    for qualifiers in attempts:
        rest = [e for e in elements if e is not key and e not in qualifiers]
        attributes = tuple(in_query_order(rest))
        if all(RULES[code].attribute for code, _ in attributes):
            query = render_query(attributes)
            return Identifier(GS1, key, tuple(qualifiers), attributes, query)
    homeless = next(code for code, _ in attributes if not RULES[code].attribute)
    raise InvalidIdentifierError("not-an-attribute", f"has no place beside ({key.code})", homeless)
