"""Recorded verdicts on whole GS1 Digital Link URIs: GS1's engine, and the grammar by clause."""

import json
from pathlib import Path
from typing import Any

import pytest

from link_resolver.errors import InvalidIdentifierError, LinkError
from link_resolver.gs1.digital_link import render_query
from link_resolver.gs1.element_strings import identify, read_bracketed
from link_resolver.identifier import Identifier
from link_resolver.parsing import parse_path, parse_uri
from link_resolver.schemes import Schemes, default_schemes

SCHEMES = default_schemes()

STRICTER_THAN_ENGINE = {
    "4.11 a stem segment is pchar": "a stem is URI characters that a path may have",
    "4.11 port is digits": "a port is a number",
    "4.2 a malformed percent escape": "a percent sign has two hexadecimal digits behind it",
}
WIDER_THAN_ENGINE = {
    "4.9 itip-path cpv": "the key lists (22) among its qualifiers",
    "4.2 XSYMBOL names the double quote itself": "the grammar has it",
}
OPTIONS_NOT_OFFERED = {"permitConvenienceAlphas", "permitUnknownAIs", "unknownAInotDLattrCheck"}


def load(vectors: Path, name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((vectors / "gs1/vectors" / name).read_bytes())
    return cases


def parsed(uri: str, schemes: Schemes = SCHEMES, *, grammar: bool = False) -> Identifier | None:
    try:
        return parse_uri(uri, schemes, grammar=grammar)
    except LinkError:
        return None


def bracketed(identifier: Identifier) -> str:
    elements = (identifier.key, *identifier.qualifiers, *identifier.attributes)
    return "".join(f"({code}){value.replace('(', chr(92) + '(')}" for code, value in elements)


def test_the_letter_of_the_grammar(vectors: Path) -> None:
    cases = load(vectors, "dl_uri_rules.json")
    assert len(cases) == 154
    wrong = [c for c in cases if (parsed(c["uri"], grammar=True) is not None) != c["grammar"]]
    assert wrong == []


def test_the_engine_s_verdict_but_where_it_is_loose(vectors: Path) -> None:
    used = set()
    for case in load(vectors, "dl_uri_rules.json"):
        engine, found = case["engine_1_4_1"], parsed(case["uri"])
        if (found is not None) != engine["valid"]:
            reasons = STRICTER_THAN_ENGINE if engine["valid"] else WIDER_THAN_ENGINE
            assert case["rule"] in reasons, case
            assert case["engine_differs"], case
            used.add(case["rule"])
        elif found is not None:
            assert bracketed(found) == engine["ai_data"], case
            assert found.canonical == engine["canonical"], case
    assert used == STRICTER_THAN_ENGINE.keys() | WIDER_THAN_ENGINE.keys()


def test_the_engine_s_parser_cases(vectors: Path) -> None:
    cases = load(vectors, "dl_parse.json")
    assert len(cases) == 78
    for case in cases:
        if OPTIONS_NOT_OFFERED & case["flags"].keys():
            assert parsed(case["uri"]) is None, case
            continue
        short = "permitZeroSuppressedGTINinDLuris" in case["flags"]
        found = parsed(case["uri"], SCHEMES.model_copy(update={"short_gtins": short}))
        assert (found is not None) == case["parses"], case
        if found is not None:
            assert bracketed(found) == case["engine_1_4_1"]["ai_data"], case


def test_the_engine_s_generated_uris(vectors: Path) -> None:
    for case in load(vectors, "dl_generate.json"):
        if case["flags"]:
            continue
        try:
            identifier = identify(read_bracketed(case["ai_data"]))
        except InvalidIdentifierError:
            assert not case["ok"], case
            continue
        query = render_query(identifier.attributes)
        assert identifier.uri(case["stem"]) + (query and f"?{query}") == case["uri"], case
        assert parse_uri(case["uri"], SCHEMES) == identifier


NOT_KEYS = {"410", "411", "412", "413", "416"}
SECOND_PIECE_OF_ONE = "054123450000130201"


def test_extraction_cases(vectors: Path) -> None:
    cases = load(vectors, "dl_extract.json")
    assert len(cases) == 28
    for case in cases:
        wanted = "".join(
            f"({case[f'AI{n}']}){case[f'Value{n}']}" for n in range(1, 5) if case[f"AI{n}"]
        )
        found = parsed(case["digitalLink"], SCHEMES.model_copy(update={"short_gtins": True}))
        if found is None:
            unfinished = case["AI1"] == "415" and not case["AI2"]
            misnumbered = case["Value1"] == SECOND_PIECE_OF_ONE
            assert case["AI1"] in NOT_KEYS or unfinished or misnumbered, case
        else:
            assert bracketed(found) == wanted, case


@pytest.mark.parametrize("trailing", ["", "/"])
def test_a_request_may_end_with_a_slash_and_a_written_uri_may_not(trailing: str) -> None:
    path = "/01/09506000134352/10/ABC"
    assert parse_path(path + trailing, "", SCHEMES).path == path
    assert (parsed(f"https://id.gs1.org{path}{trailing}") is None) == bool(trailing)
