"""biip as a second opinion; where it is known to be wider, the rule says what it does not ask."""

import json
from pathlib import Path
from typing import Final

import pytest
from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from hypothesis import given, settings
from hypothesis import strategies as st

from link_resolver.errors import InvalidIdentifierError
from link_resolver.gs1.tables import RULES
from link_resolver.identifier import GS1, Identifier
from link_resolver.parsing import parse_uri
from link_resolver.schemes import default_schemes
from tests.unit.link_resolver.gs1_values import KEY_CODES, elements

SCHEMES: Final = default_schemes()
Pairs = list[tuple[str, str]]

NOT_ASKED_BY_BIIP: Final = {
    "ai-repeated": "the last duplicate wins",
    "ai-required": "no associations",
    "incorrect-check-digit": "check digits are only noted, and only of GTIN, GLN and SSCC",
    "incorrect-check-pair": "check characters are not calculated",
    "invalid-gcp-prefix": "no company prefix is asked of a GIAI",
    "percent-encoding": "malformed escapes are read literally",
    "qualifier-in-query": "key qualifiers are read from the query",
    "qualifiers-exclusive": "alternatives are mixed",
    "unknown-ai": "an unknown number in the query is passed over",
    "uri-character": "characters that no URI has are read",
    "uri-origin": "scheme, user and port are not judged",
    "value-too-short": "GTINs of 8, 12 and 13 digits and empty parameters are read",
}
RIGHTMOST_KEY: Final = "https://example.com/00/106141411234567897/01/09506000134352"
"""biip begins at the first primary key, GS1's engine at the last."""

LEAST_PREFIX: Final = 4
"""The dictionary lets a CPID be a company prefix alone; biip wants a character more."""


def biip_reads(uri: str) -> Pairs | None:
    try:
        found = GS1DigitalLinkURI.parse(uri)
    except ParseError:
        return None
    return [(element.ai.ai, element.value) for element in found.element_strings]


def ours(uri: str) -> Pairs | str:
    """Return the elements, or the broken rule."""
    try:
        found = parse_uri(uri, SCHEMES)
    except InvalidIdentifierError as error:
        return error.rule
    return [(e.code, e.value) for e in (found.key, *found.qualifiers, *found.attributes)]


def recorded(vectors: Path) -> list[str]:
    folder = vectors / "gs1/vectors"
    cases = [
        case
        for name in ("dl_uri_rules", "dl_parse")
        for case in json.loads((folder / f"{name}.json").read_bytes())
    ]
    return sorted({case["uri"] for case in cases if not case.get("flags")})


def test_biip_agrees_but_where_it_does_not_ask(vectors: Path) -> None:
    uris, used = recorded(vectors), set()
    assert len(uris) > 200
    for uri in uris:
        theirs, found = biip_reads(uri), ours(uri)
        if theirs is not None and isinstance(found, str):
            assert found in NOT_ASKED_BY_BIIP, uri
            used.add(found)
        elif isinstance(found, list):
            assert theirs == found or uri == RIGHTMOST_KEY, uri
    assert used == NOT_ASKED_BY_BIIP.keys()


def test_biip_knows_the_same_application_identifiers() -> None:
    for code, rule in RULES.items():
        assert GS1ApplicationIdentifier.extract(code).ai == code
        assert GS1ApplicationIdentifier.extract(code).separator_required != rule.fixed, code


@pytest.mark.parametrize("code", KEY_CODES)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_biip_reads_generated_uris_alike(code: str, data: st.DataObject) -> None:
    found = data.draw(elements(code))
    uri = Identifier(GS1, found[0], found[1:]).canonical
    bare_prefix = code == "8010" and len(found[0].value) == LEAST_PREFIX
    assert biip_reads(uri) == (None if bare_prefix else [tuple(element) for element in found])
