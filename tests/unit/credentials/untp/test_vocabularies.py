"""Commodities and topics: the small tables, and that nothing beyond them is guessed."""

from typing import Any

import pytest

from credentials.untp import InvalidUntpError
from credentials.untp.commodities import of_facility, of_product
from credentials.untp.materials import harmonized, plain_name
from credentials.untp.node import Node
from credentials.untp.topics import canonical_topic
from policies.claims import ClaimValue
from tests.unit.credentials.untp.samples import TOPIC, Body, dcc, plain, read

CPC = {"schemeId": "https://unstats.un.org/unsd/classifications/Econ/cpc/", "schemeName": "CPC"}
HS = {"schemeId": "https://www.wcoomd.org/hs", "schemeName": "Harmonized System"}


@pytest.mark.parametrize(
    ("name", "value", "within"),
    [
        ("Copper", "copper", ()),
        ("COPPER ORES AND CONCENTRATES", "copper", ()),
        ("Copper Concentrate (Cu 30%)", "copper-concentrate", ("copper",)),
        ("Unwrought copper", "copper", ()),
        ("Refined copper cathodes", "copper-cathode", ("copper",)),
        ("Cobalt hydroxide", "cobalt-hydroxide", ("cobalt",)),
        ("Nickel sulfate", "nickel-sulphate", ("nickel",)),
        ("Aluminum", "aluminium", ()),
        ("Spodumene", "spodumene", ("lithium",)),
        ("Natural graphite", "natural-graphite", ("graphite",)),
        ("Platinum-group metals", "platinum-group-metals", ()),
        ("Thermal  Coal", "thermal-coal", ("coal",)),
    ],
)
def test_plain_names(name: str, value: str, within: tuple[str, ...]) -> None:
    assert plain_name(name) == ClaimValue(value, within=within)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "()",
        "Metallurgic",
        "Construction Aggregate",
        "EV battery 300Ah.",
        "Batch of raw copper",
        "Copper and cobalt concentrate",
        "Copper-free alloy",
        "Leadership",
        "Gold Standard",
        "copper concentrate from cobalt ore",
        "Other non-ferrous metal ores and concentrates",
        "ore",
        "c" * 5000,
        "(" * 5000,
    ],
)
def test_everything_else_is_not_guessed_at(name: str) -> None:
    assert plain_name(name) is None


@pytest.mark.parametrize(
    ("digits", "value", "within"),
    [
        ("2603", "hs:2603", ("copper",)),
        ("26030000", "hs:260300", ("copper",)),
        ("74", "hs:74", ("copper",)),
        ("740311", "hs:740311", ("copper",)),
        ("250410", "hs:250410", ("natural-graphite", "graphite")),
        ("283691", "hs:283691", ("lithium-carbonate", "lithium")),
        ("2836", "hs:2836", ()),
        ("2616", "hs:2616", ()),
        ("850760", "hs:850760", ()),
    ],
)
def test_harmonized_codes(digits: str, value: str, within: tuple[str, ...]) -> None:
    assert harmonized(digits) == ClaimValue(value, within=within)


def product(*categories: Body, name: str = "Lot 7") -> list[str]:
    found = of_product(Node({"name": name, "productCategory": list(categories)}, ""))
    return [each.value for each in found]


def test_the_harmonized_system_is_preferred() -> None:
    hs: Any = HS | {"code": "2603.00", "name": "x"}
    cpc: Any = CPC | {"code": "14110", "name": "Copper ores and concentrates"}
    assert product(cpc, hs) == ["hs:260300"]
    assert product(cpc) == ["copper"]


def test_a_category_of_another_material_is_not_lost() -> None:
    hs: Any = HS | {"code": "HS 2603", "name": "x"}
    cobalt: Any = CPC | {"code": "14210", "name": "Cobalt"}
    assert product(hs, cobalt) == ["hs:2603", "cobalt"]


def test_the_product_s_own_name_where_no_category_is_plain() -> None:
    code: Any = CPC | {"code": "34270", "name": "Other things"}
    assert product(code, name="Cobalt hydroxide") == ["cobalt-hydroxide"]
    assert product(name="Copper cathode") == ["copper-cathode"]
    assert product(name="Lot 7") == []


def test_codes_of_other_classifications_stay_as_they_are() -> None:
    def coded(**members: str) -> list[str]:
        return product({"name": "Something", **members})

    assert coded(code="46410", **CPC) == ["cpc:46410"]
    isic = "https://unstats.un.org/unsd/classifications/Econ/isic/"
    assert coded(code="0729", schemeID=isic) == ["isic:0729"]
    assert coded(code="A1", schemeId="https://codes.example/list") == [
        "https://codes.example/list/A1"
    ]
    assert coded(code="A1", schemeId="https://codes.example#") == ["https://codes.example#A1"]
    assert coded(code="A1", id="https://codes.example/a1") == ["https://codes.example/a1"]
    assert coded(code="A1") == []
    assert coded(schemeId="https://codes.example") == []


@pytest.mark.parametrize("code", ["copper", "26.0", "123", "12345678901", "٢٦٠٣"])
def test_a_harmonized_code_is_digits(code: str) -> None:
    with pytest.raises(InvalidUntpError) as caught:
        product(HS | {"code": code, "name": "x"})
    assert caught.value.pointer == "/productCategory/0/code"


def test_a_facility_works_with_everything_that_it_lists() -> None:
    categories: Any = [
        CPC | {"code": "14210", "name": "Copper"},
        CPC | {"code": "41320", "name": "Gold"},
        CPC | {"code": "14", "name": "metallurgic"},
    ]
    found = of_facility(Node({"name": "Copper", "processCategory": categories}, ""))
    assert [each.value for each in found] == ["copper", "gold", "cpc:14"]


@pytest.mark.parametrize(
    ("stated", "slug"),
    [
        ("environment.emissions", "environment-emissions"),
        ("Governance.Compliance", "governance-compliance"),
        (f"{TOPIC}/water-conservation", "water-conservation"),
        (f"{TOPIC}/water-conservation/", "water-conservation"),
        (
            "https://vocabulary.uncefact.org/untp/conformity-topic/origin-tracking",
            "origin-tracking",
        ),
        ("https://vocabulary.uncefact.org/conformity-topics/rules-of-origin", "rules-of-origin"),
        (
            "https://test.uncefact.org/vocabulary/untp/core/0/conformityTopicCode#social.safety",
            "social-safety",
        ),
    ],
)
def test_a_topic_has_one_form(stated: str, slug: str) -> None:
    assert canonical_topic(stated) == f"{TOPIC}/{slug}"
    body = dcc("0.7.0")
    row = body["credentialSubject"]["conformityAssessment"][0]
    for form in (stated, {"id": stated, "name": "x"}, [stated], [{"id": stated}]):
        row["assessmentCriteria"][0]["conformityTopic"] = form
        row["conformityTopic"] = form
        assert [claim["topic"] for claim in plain(read(body))] == [f"{TOPIC}/{slug}"]


def test_a_topic_of_another_vocabulary_stays_as_it_is() -> None:
    body = dcc("0.7.0")
    row = body["credentialSubject"]["conformityAssessment"][0]
    own = "https://scheme.example/topics/tailings"
    row["assessmentCriteria"][0]["conformityTopic"] = row["conformityTopic"] = {"id": own}
    assert [claim["topic"] for claim in plain(read(body))] == [own]


@pytest.mark.parametrize("value", ["water", {"name": "Water"}, 7, [["a.b"]], {"id": 3}])
def test_what_is_no_topic_is_refused(value: object) -> None:
    body = dcc("0.7.0")
    body["credentialSubject"]["conformityAssessment"][0]["conformityTopic"] = value
    with pytest.raises(InvalidUntpError) as caught:
        read(body)
    assert "/conformityTopic" in caught.value.pointer
