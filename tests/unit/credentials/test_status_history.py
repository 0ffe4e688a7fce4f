"""What a status was at the time asked about, and at issuance."""

import zlib
from urllib.parse import quote

import pytest

from credentials.checks import Check, CheckId, CheckOutcome
from credentials.status.cache import StatusLists
from credentials.status.entries import ListKind
from credentials.status.keeping import Wanted
from credentials.status.query import StatusQuery
from credentials.verify import Report, verify
from resolver.encodings import base64url
from resolver.instant import Instant, format_instant, parse_instant
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    NOW,
    Issuer,
    Shelf,
    credential,
    encoded_list,
    status_entry,
    status_list,
)

DID = "did:web:certifier.example"
MARCH = parse_instant("2026-03-01T00:00:00Z")
ISSUED = parse_instant("2026-01-01T00:00:00Z")
PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED


def past_address(at: Instant) -> str:
    return f"{LIST_URL}?timestamp={quote(format_instant(at), safe='')}"


class Case:
    def __init__(self) -> None:
        self.shelf = Shelf()
        self.issuer = Issuer.on(self.shelf, DID)
        self.lists = StatusLists(self.shelf)

    def publish(self, address: str, *set_bits: int, **members: Json) -> None:
        body = status_list(
            DID,
            encoded_list(set_bits),
            subject={"statusPurpose": ["revocation", "suspension"]},
            **members,
        )
        self.shelf.lists[address] = self.issuer.jwt(body).encode()

    async def report(self, purpose: str, at: Instant | None) -> Report:
        token = self.issuer.jwt(credential(DID, credentialStatus=status_entry(7, purpose)))
        query = StatusQuery(self.lists, at=at)
        return await verify(token, self.shelf.verifier(status=query))

    async def check(self, purpose: str, at: Instant | None = MARCH) -> Check:
        return (await self.report(purpose, at)).check(CheckId.STATUS)


@pytest.fixture
def case() -> Case:
    case = Case()
    case.publish(LIST_URL, validFrom="2026-11-24T00:00:00Z")
    return case


MARCHS = {"validFrom": "2026-02-28T00:00:00Z", "validUntil": "2026-03-02T00:00:00Z"}


async def test_what_is_not_revoked_now_never_was(case: Case) -> None:
    found = await case.check("revocation")
    assert found.outcome is PASSED
    assert (found.inputs["at"], found.inputs["value_at"]) == ("2026-03-01T00:00:00Z", "0")
    assert case.shelf.fetched == [LIST_URL]


async def test_without_a_time_asked_about_issuance_is_meant_and_no_past_list_fetched(
    case: Case,
) -> None:
    found = await case.check("revocation", None)
    assert (found.inputs["at"], found.inputs["value_at"]) == ("2026-01-01T00:00:00Z", "0")
    found = await case.check("suspension", None)
    assert found.outcome is PASSED
    assert found.inputs["at"] == "2026-01-01T00:00:00Z"
    assert "value_at" not in found.inputs
    assert case.shelf.fetched == [LIST_URL]


async def test_a_suspension_of_then_is_read_in_the_list_of_then(case: Case) -> None:
    case.publish(past_address(MARCH), 7, **MARCHS)
    found = await case.check("suspension")
    assert found.outcome is FAILED
    assert "at 2026-03-01T00:00:00Z, though not now" in found.message
    assert (found.inputs["value"], found.inputs["value_at"]) == ("0", "1")
    case.lists.purge(LIST_URL)
    case.publish(past_address(MARCH), **MARCHS)
    found = await case.check("suspension")
    assert found.outcome is PASSED
    assert found.inputs["value_at"] == "0"


async def test_what_is_revoked_now_fails_whatever_it_was_then(case: Case) -> None:
    case.publish(LIST_URL, 7, validFrom="2026-11-24T00:00:00Z")
    case.publish(past_address(MARCH), **MARCHS)
    found = await case.check("revocation")
    assert found.outcome is FAILED
    assert (found.inputs["value"], found.inputs["value_at"]) == ("1", "0")


@pytest.mark.parametrize(
    "members",
    [
        {"validFrom": "2026-11-24T00:00:00Z"},
        {"validFrom": "2026-03-01T00:00:01Z"},
        {"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-03-01T00:00:00Z"},
        {"validFrom": None},
    ],
)
async def test_a_list_that_is_not_of_then_says_nothing_of_then(
    case: Case, members: dict[str, Json]
) -> None:
    case.publish(past_address(MARCH), 7, **members)
    report = await case.report("suspension", MARCH)
    assert report.verified
    assert report.statuses[0].at == MARCH
    assert report.statuses[0].value_at is None


async def test_a_list_of_then_that_another_issued_says_nothing_of_then(case: Case) -> None:
    another = "did:web:another.example"
    body = status_list(
        another,
        encoded_list((7,)),
        subject={"statusPurpose": ["revocation", "suspension"]},
        **MARCHS,
    )
    signed = Issuer.on(case.shelf, another).jwt(body)
    case.shelf.lists[past_address(MARCH)] = signed.encode()
    report = await case.report("suspension", MARCH)
    assert report.verified
    assert report.statuses[0].value_at is None


async def test_a_host_that_keeps_no_past_changes_nothing(case: Case) -> None:
    report = await case.report("suspension", MARCH)
    assert report.verified
    assert report.statuses[0].value_at is None
    assert past_address(MARCH) in case.shelf.fetched


async def test_a_time_that_is_not_past_is_no_other_than_now(case: Case) -> None:
    report = await case.report("suspension", NOW)
    assert report.verified
    assert report.statuses[0].at == ISSUED


@pytest.mark.parametrize(
    ("issued", "expires", "value_at"),
    [
        ("2026-02-28T00:00:00Z", "2026-03-02T00:00:00Z", 1),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z", 1),
        ("2026-03-01T00:00:01Z", "2026-03-02T00:00:00Z", None),
        ("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", None),
    ],
)
async def test_a_past_token_counts_between_its_issue_and_its_end(
    case: Case, issued: str, expires: str, value_at: int | None
) -> None:
    url = "https://status.example/tokens/1"

    def token(values: bytes, since: str, until: str) -> bytes:
        claims: dict[str, Json] = {
            "sub": url,
            "iat": parse_instant(since) // 1000,
            "exp": parse_instant(until) // 1000,
            "status_list": {"bits": 1, "lst": base64url(zlib.compress(values))},
        }
        return case.issuer.jwt(claims, typ="statuslist+jwt", cty=None).encode()

    case.shelf.lists[url] = token(b"\x00", "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z")
    case.shelf.lists[f"{url}?time={MARCH // 1000}"] = token(b"\x80", issued, expires)
    status: Json = {"status_list": {"idx": 7, "uri": url}}
    report = await verify(
        case.issuer.jwt(credential(DID, status=status)),
        case.shelf.verifier(status=StatusQuery(case.lists, at=MARCH)),
    )
    assert report.statuses[0].value == 0
    assert report.statuses[0].value_at == value_at
    assert report.check(CheckId.STATUS).outcome is (FAILED if value_at else PASSED)


def test_a_past_list_is_asked_for_as_each_specification_says() -> None:
    assert Wanted(ListKind.BITSTRING, "https://a.example/1?x=1", MARCH).address == (
        "https://a.example/1?x=1&timestamp=2026-03-01T00%3A00%3A00Z"
    )
    assert Wanted(ListKind.CLAIM, "https://a.example/1", MARCH).address == (
        f"https://a.example/1?time={MARCH // 1000}"
    )
    assert Wanted(ListKind.BITSTRING, "https://a.example/1").address == "https://a.example/1"
