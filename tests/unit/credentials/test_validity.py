import pytest

from credentials.checks import Check, CheckId, CheckOutcome
from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, Issuer, Shelf, credential

DID = "did:web:ministry.example"


async def validity(now: Instant = NOW, **members: Json) -> Check:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    report = await shelf.check(issuer.jwt(credential(DID, **members)), now=now)
    return report.check(CheckId.VALIDITY)


@pytest.mark.parametrize(
    ("members", "outcome", "words"),
    [
        ({}, CheckOutcome.PASSED, "valid at 2026-11-25T00:00:00Z"),
        ({"validFrom": None}, CheckOutcome.PASSED, "UNTP requires it"),
        ({"validFrom": "2026-11-25T00:00:00Z"}, CheckOutcome.PASSED, ""),
        ({"validFrom": "2026-11-25T00:00:00.001Z"}, CheckOutcome.FAILED, "not valid before"),
        ({"validFrom": "2026-11-25T01:00:00+01:00"}, CheckOutcome.PASSED, ""),
        ({"validUntil": "2026-11-25T00:00:00.001Z"}, CheckOutcome.PASSED, ""),
        ({"validUntil": "2026-11-25T00:00:00Z"}, CheckOutcome.FAILED, "expired"),
        ({"validUntil": "2025-01-01T00:00:00Z"}, CheckOutcome.FAILED, "ends before it begins"),
        ({"validFrom": "2026-01-01T00:00:00"}, CheckOutcome.FAILED, "/validFrom"),
        ({"validFrom": "2026-01-01"}, CheckOutcome.FAILED, "/validFrom"),
        ({"validFrom": 1767225600}, CheckOutcome.FAILED, "/validFrom"),
        ({"validUntil": ["2027-01-01T00:00:00Z"]}, CheckOutcome.FAILED, "/validUntil"),
        ({"validUntil": "Sun, 26 Feb 2023 01:22:14 +0000"}, CheckOutcome.FAILED, "/validUntil"),
        ({"exp": NOW // 1000 + 1}, CheckOutcome.PASSED, ""),
        ({"exp": NOW // 1000}, CheckOutcome.FAILED, "the signature expired"),
        ({"nbf": NOW // 1000 + 1}, CheckOutcome.FAILED, "the signature is not valid before"),
        ({"exp": "2027-01-01T00:00:00Z"}, CheckOutcome.FAILED, "NumericDate"),
        ({"iat": "2010-01-01T19:23:24Z"}, CheckOutcome.PASSED, ""),
    ],
)
async def test_the_window(members: dict[str, Json], outcome: CheckOutcome, words: str) -> None:
    found = await validity(**members)
    assert found.outcome is outcome
    assert words in "; ".join((found.message, *found.warnings))


async def test_a_null_is_not_a_missing_member() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    body: dict[str, Json] = credential(DID) | {"validFrom": None}
    report = await shelf.check(issuer.jwt(body))
    assert report.check(CheckId.VALIDITY).outcome is CheckOutcome.FAILED


async def test_one_time_judges_everything() -> None:
    body: dict[str, Json] = {"validUntil": "2027-01-01T00:00:00Z"}
    late = await validity(parse_instant("2028-01-01T00:00:00Z"), **body)
    assert late.outcome is CheckOutcome.FAILED
    assert late.inputs["now"] == "2028-01-01T00:00:00Z"
    assert late.inputs["validUntil"] == "2027-01-01T00:00:00Z"
