"""Identifiers: canonical forms, levels, and who holds them."""

from typing import Final

import pytest

from link_resolver.identifier import Element, Holder, Identifier
from link_resolver.parsing import parse_any, parse_path
from link_resolver.schemes import default_schemes

SCHEMES: Final = default_schemes()
GTIN: Final = "/01/09506000134352"


def at(path: str, query: str = "") -> Identifier:
    return parse_path(path, query, SCHEMES)


def levels(path: str) -> list[str]:
    return [level.path for level in at(path).levels()]


def test_a_serial_outranks_a_batch_and_a_batch_outranks_a_variant() -> None:
    assert levels(f"{GTIN}/22/V/10/B/21/S") == [
        f"{GTIN}/22/V/10/B/21/S",
        f"{GTIN}/21/S",
        f"{GTIN}/22/V/10/B",
        f"{GTIN}/10/B",
        f"{GTIN}/22/V",
        GTIN,
    ]


@pytest.mark.parametrize(
    ("path", "coarser"),
    [
        (GTIN, []),
        (f"{GTIN}/21/S", [GTIN]),
        (f"{GTIN}/10/B", [GTIN]),
        (f"{GTIN}/10/B/21/S", [f"{GTIN}/21/S", f"{GTIN}/10/B", GTIN]),
        (f"{GTIN}/22/V/10/B", [f"{GTIN}/10/B", f"{GTIN}/22/V", GTIN]),
        (f"{GTIN}/235/T", [GTIN]),
        ("/8006/095060001343520101/21/S", ["/8006/095060001343520101"]),
        ("/414/4226350800008/254/E", ["/414/4226350800008"]),
        ("/8010/4012345ABC/8011/12", ["/8010/4012345ABC"]),
        ("/415/4226350800008/8020/REF", []),
        ("/00/106141411234567897", []),
        ("/gleif/lei/5493001KJTIIGC8Y1R12", []),
    ],
)
def test_levels_from_the_most_specific_to_the_key(path: str, coarser: list[str]) -> None:
    assert levels(path) == [path, *coarser]


def test_the_levels_of_one_identifier_drop_attributes_and_query_below_it() -> None:
    own, *coarser = at(f"{GTIN}/10/B", "17=261231&linkType=gs1:pip").levels()
    assert own.attributes == (Element("17", "261231"),)
    assert own.query == "17=261231&linkType=gs1:pip"
    assert [(each.attributes, each.query) for each in coarser] == [((), "")]


@pytest.mark.parametrize(
    ("path", "anchor"),
    [
        (f"{GTIN}/22/V/10/B/21/S", f"{GTIN}/21/S"),
        (f"{GTIN}/22/V/10/B", f"{GTIN}/22/V/10/B"),
        ("/8006/095060001343520101/10/B/21/S", "/8006/095060001343520101/21/S"),
        (f"{GTIN}/235/T", f"{GTIN}/235/T"),
        ("/8010/4012345ABC/8011/12", "/8010/4012345ABC/8011/12"),
    ],
)
def test_links_of_a_serial_hang_on_the_key_and_the_serial_alone(path: str, anchor: str) -> None:
    assert at(path).anchor.path == anchor


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        (GTIN, "9506", "950600013435"),
        ("/00/106141411234567897", "0614", "061414112345"),
        ("/414/4226350800008", "4226", "422635080000"),
        ("/8003/04012345678901ABC", "4012", "401234567890"),
        ("/8006/095060001343520101", "9506", "950600013435"),
        ("/8004/4012345ABC123", "4012", "4012345"),
        ("/8004/4012A", "4012", "4012"),
    ],
)
def test_every_company_prefix_that_a_key_may_begin_with(path: str, first: str, last: str) -> None:
    holder = at(path).holder
    assert holder[:3] == ("gs1", *at(path).key)
    assert holder.prefixes == tuple(last[:length] for length in range(4, len(last) + 1))
    assert holder.prefixes[0] == first


def test_no_company_prefix_outside_gs1() -> None:
    assert at("/abr/abn/51824753556").holder == Holder("abr", "abn", "51824753556")


def test_canonical_forms() -> None:
    found = at("/01/09506000134352/10/a%2fb", "3103=000195&linkType=x&17=261231&10x=1")
    assert found.path == "/01/09506000134352/10/a%2Fb"
    assert found.uri("https://r.example/") == "https://r.example/01/09506000134352/10/a%2Fb"
    assert found.canonical == "https://id.gs1.org/01/09506000134352/10/a%2Fb?17=261231&3103=000195"
    did = parse_any("did:web:ministry.example", SCHEMES)
    assert did.path == "/did/did/did%3Aweb%3Aministry.example"
    assert parse_path(did.path, "", SCHEMES) == did
