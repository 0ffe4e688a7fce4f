"""Hostile texts are refused by name, quickly, and never break the parser."""

import time
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from link_resolver.compression import MAX_COMPRESSED, decompress
from link_resolver.errors import InvalidIdentifierError, LinkError
from link_resolver.gs1.element_strings import MAX_ELEMENTS
from link_resolver.parsing import MAX_PATH, MAX_QUERY, parse_any, parse_path, parse_uri
from link_resolver.schemes import default_schemes

SCHEMES: Final = default_schemes()
GTIN: Final = "/01/09506000134352"
OFTEN: Final = settings(max_examples=300, deadline=None)
WORDS: Final = """
    / // 01 09506000134352 10 21 22 235 8006 415 8020 8030 17 261231 ? & ; = % %2F %00 %ff ^ ( ) \\(
    ]C1 ]E0 https:// r.example :443 # urn:gtr: did: uuid: gleif lei AQnYUc1gmiCNV4JG eh00 é ٣
"""
PIECES: Final = st.sampled_from(
    [*WORDS.split(), "\x00", "\x1d", "\ud800", "\n", " ", "A" * 40, "1" * 40]
)


@OFTEN
@given(st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join))
@example("\ud800")
@example("/01/\ud800")
@example("]E0²²²²²²²²²²²²²")
@example("/01/09506000134352?²=1")
@example("https://[::]:/")
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal = None
    try:
        found = parse_any(text, SCHEMES)
    except LinkError as error:
        refusal = error
    if isinstance(refusal, InvalidIdentifierError):
        assert refusal.rule
        assert 0 <= refusal.position <= len(text) + 1
    if refusal is None:
        again = parse_path(found.path, "", SCHEMES)
        assert (again.key, again.qualifiers) == (found.key, found.qualifiers)
        assert found.path.isascii()


@OFTEN
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=8).map("".join))
def test_any_request_is_read_or_refused(path: str, query: str) -> None:
    for target in (f"/{path}", f"{GTIN}/{path}"):
        try:
            parse_path(target, query, SCHEMES)
        except LinkError:
            continue


@OFTEN
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", max_size=80))
def test_any_bits_are_decompressed_or_refused(segment: str) -> None:
    try:
        elements = decompress(segment)
    except InvalidIdentifierError:
        pass
    else:
        assert len({code for code, _ in elements}) == len(elements)


LONG: Final = 100_000


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("/" * LONG, "too-long"),
        ("/01" * LONG, "too-long"),
        (GTIN + "/10/" + "A" * LONG, "too-long"),
        (GTIN + "/10/" + "%41" * LONG, "too-long"),
        (GTIN + "?" + "x=1&" * LONG, "too-long"),
        (GTIN + "?" + "17=261231&" * LONG, "too-long"),
        ("https://r.example" + "/01/1" * LONG, "too-long"),
        ("https://" + "r" * LONG, "too-long"),
        ("(10)A" * LONG, "too-long"),
        ("^10A" * LONG, "too-long"),
        ("did:" + "a:" * LONG, "too-long"),
        ("9" * LONG, "too-long"),
        ("(99)A" * (MAX_ELEMENTS + 1), "too-long"),
        ("/01/1" * (MAX_PATH // 5), "value-too-short"),
        (GTIN + "/10/" + "A" * (MAX_PATH - 30), "value-too-long"),
        (GTIN + "?" + "&" * (MAX_QUERY - 1) + "04=", "too-long"),
        ("/" + "A" * (MAX_COMPRESSED + 1), "no-key"),
    ],
)
def test_size_is_refused_before_it_costs(text: str, rule: str) -> None:
    begun = time.process_time()
    with pytest.raises(InvalidIdentifierError) as refusal:
        parse_any(text, SCHEMES)
    assert refusal.value.rule == rule
    assert len(refusal.value.detail) < 300
    assert time.process_time() - begun < 2


def test_a_whole_uri_has_a_limit_of_its_own() -> None:
    with pytest.raises(InvalidIdentifierError, match="too-long"):
        parse_uri("https://r.example/" + "a" * LONG, SCHEMES)


def test_the_largest_query_costs_little() -> None:
    query = ("x=1&" * MAX_QUERY)[: MAX_QUERY - 1]
    begun = time.process_time()
    assert parse_path(GTIN, query, SCHEMES).attributes == ()
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("escape", ["%00", "%FF", "%C3%28", "%ED%A0%80", "%F5%80%80%80", "%C0%AF"])
def test_no_octets_outside_the_character_set(escape: str) -> None:
    for path in (f"{GTIN}/10/A{escape}", f"/gleif/lei/5493001KJTIIGC8Y1R{escape}"):
        with pytest.raises(InvalidIdentifierError):
            parse_path(path, "", SCHEMES)


def test_an_overlong_slash_is_no_slash() -> None:
    with pytest.raises(InvalidIdentifierError, match="cset82"):
        parse_path(f"{GTIN}/10/A%C0%AFB", "", SCHEMES)
