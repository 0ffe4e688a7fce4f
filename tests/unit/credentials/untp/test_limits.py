"""However a credential is shaped, its claims are bounded, and so is the work."""

from contextlib import suppress
from time import process_time
from typing import Any

import pytest

from credentials.untp import InvalidUntpError
from policies.claims import MAX_CLAIMS
from tests.unit.credentials.untp.samples import Body, dcc, dfr, dia, dpp, dte, read


def with_criteria(count: int, products: int = 1) -> Body:
    body = dcc("0.7.0")
    row = body["credentialSubject"]["conformityAssessment"][0]
    topic = row["conformityTopic"]
    row["assessmentCriteria"] = [
        {"id": f"urn:criterion:{n}", "conformityTopic": topic} for n in range(count)
    ]
    row["assessedProduct"] = [{"product": {"id": f"urn:lot:{n}"}} for n in range(products)]
    return body


def test_as_many_claims_as_may_be() -> None:
    assert len(read(with_criteria(MAX_CLAIMS)).claims) == MAX_CLAIMS
    assert len(read(with_criteria(20, 50)).claims) == MAX_CLAIMS


@pytest.mark.parametrize(
    "body", [with_criteria(MAX_CLAIMS + 1), with_criteria(5000, 5000)], ids=["one", "many"]
)
def test_one_more_is_refused(body: Body) -> None:
    began = process_time()
    with pytest.raises(InvalidUntpError, match="more than 1000") as caught:
        read(body)
    assert caught.value.pointer.startswith("/credentialSubject/conformityAssessment/0")
    assert process_time() - began < 5


def test_many_values_on_one_dimension_count() -> None:
    body = dia("0.7.0")
    scopes = [f"urn:scope:{n}" for n in range(MAX_CLAIMS + 1)]
    body["credentialSubject"]["registrationScope"] = scopes
    with pytest.raises(InvalidUntpError, match="more than 1000"):
        read(body)


def bloated() -> list[Body]:
    """About a megabyte each, in the place that costs most."""
    category = {"code": "2603", "schemeName": "Harmonized System"}
    many: Any = [category] * 20_000
    one = with_criteria(999)
    row = one["credentialSubject"]["conformityAssessment"][0]
    row["assessedProduct"] = [{"product": {"id": "urn:lot", "productCategory": many}}]
    two = dpp("0.7.0")
    two["credentialSubject"]["productCategory"] = many
    two["credentialSubject"]["performanceClaim"] *= 999
    three = dte("0.6.1")
    lots = [{"productId": f"urn:lot:{n}"} for n in range(30_000)]
    three["credentialSubject"][0]["outputQuantityList"] = lots
    four = dfr("0.7.0")
    four["credentialSubject"]["performanceClaim"] = [
        {"referenceStandard": [{"id": f"urn:standard:{n}"} for n in range(30_000)]}
    ]
    five = dcc("0.7.0")
    five["credentialSubject"]["conformityAssessment"][0]["assessmentCriteria"] = [{}] * 300_000
    return [one, two, three, four, five]


@pytest.mark.parametrize("body", bloated(), ids=["dcc", "dpp", "dte", "dfr", "criteria"])
def test_a_megabyte_costs_little(body: Body) -> None:
    began = process_time()
    with suppress(InvalidUntpError):
        read(body)
    assert process_time() - began < 5


def test_identifiers_made_to_be_slow() -> None:
    body = dpp("0.7.0")
    body["credentialSubject"]["id"] = "https://" + "/01/12345678" * 160
    began = process_time()
    read(body)
    assert process_time() - began < 1
