"""Generated identifiers of every primary key come back from each form they are written in."""

from itertools import pairwise
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from link_resolver.gs1.element_strings import identify, read, read_bracketed
from link_resolver.gs1.tables import RULES
from link_resolver.identifier import GS1, Identifier
from link_resolver.parsing import parse_any, parse_path, parse_uri
from link_resolver.schemes import default_schemes
from tests.unit.link_resolver.gs1_values import KEY_CODES, elements

SCHEMES: Final = default_schemes()
FOR_EACH_KEY: Final = settings(max_examples=40, deadline=None)
STEMS: Final = st.sampled_from(["", "/a", "/a/b/c", "/10", "/a%20b//", "/01"])


def identifier(code: str) -> st.SearchStrategy[Identifier]:
    return elements(code).map(lambda found: Identifier(GS1, found[0], found[1:]))


def escaped_everywhere(text: str) -> str:
    return "".join(f"%{ord(character):02x}" for character in text)


def test_every_primary_key_of_the_dictionary_is_generated() -> None:
    known = "00 01 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018"
    assert " ".join(KEY_CODES) == known


@pytest.mark.parametrize("code", KEY_CODES)
@FOR_EACH_KEY
@given(st.data())
def test_a_uri_comes_back(code: str, data: st.DataObject) -> None:
    made = data.draw(identifier(code))
    assert parse_path(made.path, "", SCHEMES) == made
    assert parse_path(made.path + "/", "", SCHEMES) == made
    assert parse_uri(made.canonical, SCHEMES, grammar=True) == made
    stem = data.draw(STEMS)
    assert parse_any(f"https://r.example{stem}{made.path}", SCHEMES) == made


@pytest.mark.parametrize("code", KEY_CODES)
@FOR_EACH_KEY
@given(st.data())
def test_escaping_more_than_needed_names_the_same(code: str, data: st.DataObject) -> None:
    made = data.draw(identifier(code))
    pairs = [(each, escaped_everywhere(value)) for each, value in (made.key, *made.qualifiers)]
    raw = "".join(f"/{each}/{value}" for each, value in pairs)
    assert parse_path(raw, "", SCHEMES) == made
    assert parse_path(raw, "", SCHEMES).path == made.path


@pytest.mark.parametrize("code", KEY_CODES)
@FOR_EACH_KEY
@given(st.data())
def test_an_element_string_comes_back(code: str, data: st.DataObject) -> None:
    found = data.draw(elements(code))
    text = "".join(f"\x1d{each}{value}" for each, value in found)
    assert read(text) == found
    packed = "".join(f"{each}{value}" + ("" if RULES[each].fixed else "^") for each, value in found)
    assert parse_any(f"^{packed}", SCHEMES) == identify(found)
    brackets = "".join(f"({each}){value.replace('(', chr(92) + '(')}" for each, value in found)
    assert read_bracketed(brackets) == found
    assert parse_any(brackets, SCHEMES).path == identify(found).path


@pytest.mark.parametrize("code", KEY_CODES)
@FOR_EACH_KEY
@given(st.data())
def test_the_levels_of_an_identifier(code: str, data: st.DataObject) -> None:
    made = data.draw(identifier(code))
    levels = made.levels()
    assert levels[0] == made
    assert len({level.path for level in levels}) == len(levels)
    qualifiers = [set(level.qualifiers) for level in levels]
    for earlier, later in pairwise(qualifiers):
        assert not earlier < later
        assert later <= set(made.qualifiers)
    if code != "415":
        assert levels[-1].qualifiers == ()
    assert made.anchor.path in {level.path for level in levels}
    for level in levels:
        assert level.key == made.key
        assert parse_path(level.path, "", SCHEMES) == level


@FOR_EACH_KEY
@given(st.data(), st.sampled_from(["10", "21", "22", "235"]))
def test_attributes_and_extensions_stay_beside_a_gtin(data: st.DataObject, qualifier: str) -> None:
    made = data.draw(identifier("01"))
    lot = data.draw(
        st.text("ABC/%+ &", min_size=1, max_size=5).filter(lambda text: " " not in text)
    )
    if "&" in lot or qualifier == "10":
        lot = "A"
    query = f"utm=1;99={quote(lot, safe='')}&linkType=gs1:pip&17=261200"
    found = parse_path(made.path, query, SCHEMES)
    assert (found.key, found.qualifiers) == (made.key, made.qualifiers)
    assert found.query == query
    assert found.attributes == (("99", lot), ("17", "261200"))
