"""Recorded verdicts on element strings and on what application identifiers demand of each other."""

import json
import re
from pathlib import Path
from typing import Any

from link_resolver.errors import InvalidIdentifierError
from link_resolver.escapes import PATH, EscapeError, unescape
from link_resolver.gs1.associations import repeated, unserialised, violation
from link_resolver.gs1.element_strings import read, read_bracketed
from link_resolver.gs1.tables import RULES
from link_resolver.identifier import Element
from tests.conformance.test_gs1_linters import rule

UPSTREAM_SPELLING = {"coupon-invalid-exipiration-date": "coupon-invalid-expiration-date"}


def load(vectors: Path, name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((vectors / "gs1/vectors" / name).read_bytes())
    return cases


def refused(parse: Any, text: str) -> str | None:
    try:
        parse(text)
    except InvalidIdentifierError as error:
        return error.rule
    return None


def elements(ai_data: str) -> list[Element]:
    return [Element(code, value) for code, value in re.findall(r"\((\d+)\)([^(]*)", ai_data)]


def test_bracketed_ais(vectors: Path) -> None:
    for case in load(vectors, "ai_parse.json"):
        assert (refused(read_bracketed, case["ai_data"]) is None) == case["ok"], case
        if case["ok"]:
            assert read_bracketed(case["ai_data"]) == read(case["element_string"]), case


def test_element_strings(vectors: Path) -> None:
    cases = load(vectors, "ai_process.json")
    assert len(cases) == 55
    for case in cases:
        for text in (case["element_string"], case["element_string"].replace("^", "\x1d")):
            assert (refused(read, text) is None) == case["ok"], case


def test_the_named_rule_of_every_flawed_value(vectors: Path) -> None:
    cases = load(vectors, "ai_linter_errors.json")
    assert len(cases) == 78
    for case in cases:
        wanted = case["error"] and rule(case["error"])
        assert refused(read_bracketed, case["ai_data"]) == UPSTREAM_SPELLING.get(wanted, wanted), (
            case
        )


def test_associations(vectors: Path) -> None:
    cases = load(vectors, "ai_associations.json")
    assert len(cases) == 46
    for case in cases:
        found = elements(case["ai_data"])
        codes = {element.code for element in found}
        if case["check"] == "validateAIrepeats":
            broken: object = repeated(found)
        elif case["check"] == "validateDigSigRequiresSerialisedKey":
            broken = unserialised(found)
        elif codes <= RULES.keys():
            broken = violation(tuple(element.code for element in found))
        else:
            broken = "unknown AIs are refused before"
        assert (broken is None) == case["ok"], case


def test_unescaping_but_where_an_escape_is_malformed(vectors: Path) -> None:
    for case in load(vectors, "uri_unescape.json"):
        malformed = re.search(r"%(?![0-9A-Fa-f]{2})", case["in"]) is not None
        for raw, wanted in (
            (case["in"], case["path"]),
            (case["in"].replace("+", " "), case["query"]),
        ):
            try:
                found = unescape(raw, PATH | {" "})
            except EscapeError:
                assert malformed, case
            else:
                assert found == wanted, case
                assert not malformed, case


def test_escaping(vectors: Path) -> None:
    from urllib.parse import quote, quote_plus

    for case in load(vectors, "uri_escape.json"):
        assert quote(case["in"], safe="") == case["path"]
        assert quote_plus(case["in"]) == case["query"]
