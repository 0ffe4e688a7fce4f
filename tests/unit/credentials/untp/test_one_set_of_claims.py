"""The same facts in every version give the same claims."""

import pytest

from credentials.untp import Kind
from policies.claims import ClaimValue, Dimension
from policies.statements import Action
from tests.unit.credentials.untp.samples import (
    ALL,
    GTIN,
    LONG,
    LOT,
    MINE,
    OPERATOR,
    SCHEME,
    TOPIC,
    WATER,
    plain,
    read,
    sample,
)

CONCENTRATE = {"product": LOT, "commodity": "hs:260300", "country": "CL", "facility": MINE}
WATER_USE = {
    "scheme": SCHEME,
    "criterion": WATER,
    "topic": f"{TOPIC}/environment-water",
    "organisation": OPERATOR,
}
EXPECTED = {
    "dcc": [
        {
            **CONCENTRATE,
            **WATER_USE,
            "activity": "certification",
            "assessment_level": "authority-mandate",
        }
    ],
    "dpp": [{**CONCENTRATE, **WATER_USE}],
    "dfr": [
        {
            "facility": MINE,
            "country": "CL",
            "commodity": "copper",
            "process": "mining",
            "organisation": OPERATOR,
        }
    ],
    "dia": [
        {
            "organisation": OPERATOR,
            "register_type": "business",
            "id_scheme": "https://registro.example",
            "scheme": "https://registro.example/scope/mining-company",
        }
    ],
    "dte": [{"product": LOT, "facility": MINE, "process": "concentrating"}],
}


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_a_sample_of_each_type_and_version(kind: str, version: str) -> None:
    parsed = read(sample(kind, version))
    assert parsed.kind is Kind(LONG[kind])
    number = "0.2.1" if (kind, version) == ("dia", "0.5.0") else version
    assert parsed.version == number
    assert plain(parsed) == [{"credential_type": LONG[kind], **claim} for claim in EXPECTED[kind]]
    assert parsed.warnings == ()


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_who_speaks_of_whom(kind: str, version: str) -> None:
    (found,) = read(sample(kind, version)).claims
    assert found.attested is (kind in {"dcc", "dia"})
    assert found.text.endswith("self-declared") is not found.attested
    assert found.action is (Action.ANCHOR if kind == "dia" else Action.ISSUE)


@pytest.mark.parametrize("version", ["0.5.0", "0.6.1", "0.7.0"])
def test_a_lot_lies_within_its_trade_item(version: str) -> None:
    for kind in ("dcc", "dpp", "dte"):
        (found,) = read(sample(kind, version)).claims
        assert found.claim.get(Dimension.PRODUCT) == ClaimValue(LOT, within=(GTIN,))


@pytest.mark.parametrize("version", ["0.5.0", "0.6.1", "0.7.0"])
def test_the_line_that_a_person_reads(version: str) -> None:
    (found,) = read(sample("dcc", version)).claims
    assert found.text == (
        "certification of Quebrada Alta, against Responsible Copper Standard,"
        " criterion Water stewardship, conforms"
    )
    member = "conformityAssessment" if version == "0.7.0" else "assessment"
    assert found.pointer == f"/credentialSubject/{member}/0/assessmentCriteria/0"
