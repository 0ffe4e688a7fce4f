"""Strategies: values that the rules of GS1 application identifiers allow."""

from typing import Final

from hypothesis import strategies as st

from link_resolver.checks import CSET82, gs1_check_digit, gs1_check_pair
from link_resolver.gs1.tables import KEYS, RULES
from link_resolver.gs1.values import Part
from link_resolver.identifier import Element

DIGITS: Final = "0123456789"
ALPHABETS: Final = {"N": DIGITS, "X": CSET82, "Y": DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ#-/"}
KEY_CODES: Final = sorted(KEYS)


def part(wanted: Part) -> st.SearchStrategy[str]:
    """A component; those of keys and qualifiers have few linters."""
    if "pieceoftotal" in wanted.linters:
        pieces = st.tuples(st.integers(1, 99), st.integers(1, 99)).map(sorted)
        return pieces.map(lambda pair: f"{pair[0]:02}{pair[1]:02}")
    if "csum" in wanted.linters:
        body = st.text(DIGITS, min_size=wanted.most - 1, max_size=wanted.most - 1)
        return body.map(lambda digits: digits + gs1_check_digit(digits))
    if "csumalpha" in wanted.linters:
        body = st.tuples(st.text(DIGITS, min_size=4, max_size=12), st.text(CSET82, max_size=11))
        return body.map("".join).map(lambda characters: characters + gs1_check_pair(characters))
    if "zero" in wanted.linters:
        return st.just("0" * wanted.most)
    if "nozeroprefix" in wanted.linters:
        return st.integers(1, 10**wanted.most - 1).map(str)
    if "importeridx" in wanted.linters:
        return st.sampled_from(DIGITS + "ABCxyz-_")
    alphabet = ALPHABETS[wanted.kind]
    if "gcppos1" in wanted.linters:
        prefix = st.text(DIGITS, min_size=4, max_size=4)
        return st.tuples(prefix, st.text(alphabet, max_size=wanted.most - 4)).map("".join)
    return st.text(alphabet, min_size=wanted.least, max_size=wanted.most)


def value(code: str) -> st.SearchStrategy[str]:
    """A value of an application identifier, with or without its optional components."""
    parts = RULES[code].parts
    needed = st.tuples(*(part(each) for each in parts if not each.optional)).map("".join)
    whole = st.tuples(*map(part, parts)).map("".join)
    return needed | whole


@st.composite
def elements(draw: st.DrawFn, code: str) -> tuple[Element, ...]:
    """A key with some sequence of qualifiers that may follow it."""
    orders = [order for order in KEYS[code].orders() if code != "415" or order]
    order = draw(st.sampled_from(orders))
    return tuple(Element(each, draw(value(each))) for each in (code, *order))
