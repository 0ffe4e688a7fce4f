"""Entries of several bits, messages, and the older kind of list."""

import gzip

import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.problem_types import ProblemType
from credentials.verify import Outcome, Report
from resolver.encodings import base64url
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    Issuer,
    Shelf,
    credential,
    status_entry,
    status_list,
)

DID = "did:web:certifier.example"
WORDS = ("valid", "under review", "recalled", "undefined")
FAILED, PASSED, UNDETERMINED = (
    CheckOutcome.FAILED,
    CheckOutcome.PASSED,
    CheckOutcome.UNDETERMINED,
)


def of_two_bits(*values: int) -> str:
    raw = bytearray(131_072 * 2 // 8)
    for index, value in enumerate(values):
        raw[index // 4] |= value << (6 - index % 4 * 2)
    return "u" + base64url(gzip.compress(bytes(raw)))


def entry(index: int, purpose: str) -> Json:
    messages: list[Json] = [{"status": hex(n), "message": text} for n, text in enumerate(WORDS)]
    return status_entry(index, purpose, statusSize=2, statusMessage=messages)


async def check(given: Json, listed: dict[str, Json]) -> Report:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    shelf.lists[LIST_URL] = issuer.jwt(listed).encode()
    return await shelf.check(issuer.jwt(credential(DID, credentialStatus=given)))


@pytest.mark.parametrize(
    ("purpose", "index", "outcome", "words"),
    [
        ("message", 0, PASSED, "(0x0: valid)"),
        ("message", 1, UNDETERMINED, "(0x1: under review)"),
        ("message", 3, UNDETERMINED, "(0x3: undefined)"),
        ("revocation", 0, PASSED, "not revoked"),
        ("revocation", 1, FAILED, "revoked (0x1: under review)"),
        ("suspension", 2, FAILED, "suspended (0x2: recalled)"),
    ],
)
async def test_a_value_of_two_bits_is_read_with_its_message(
    purpose: str, index: int, outcome: CheckOutcome, words: str
) -> None:
    listed = status_list(DID, of_two_bits(0, 1, 2, 3), subject={"statusPurpose": purpose})
    report = await check(entry(index, purpose), listed)
    found = report.check(CheckId.STATUS)
    assert (found.outcome, words in found.message) == (outcome, True), found.message
    assert found.inputs["value"] == str(index)
    assert found.inputs["message"] == WORDS[index]


async def test_the_floor_counts_entries_and_not_bits() -> None:
    encoded = "u" + base64url(gzip.compress(bytes(131_072 // 8)))
    report = await check(entry(0, "revocation"), status_list(DID, encoded))
    (problem,) = report.check(CheckId.STATUS).problems
    assert problem.type is ProblemType.STATUS_LIST_LENGTH
    assert "65536 entries, fewer than 131072" in problem.message


async def test_the_first_entries_beyond_a_list_of_several_bits_are_none() -> None:
    listed = status_list(DID, of_two_bits(0))
    assert (await check(entry(131_071, "revocation"), listed)).verified
    report = await check(entry(131_072, "revocation"), listed)
    assert report.outcome is Outcome.UNDETERMINED
    assert report.check(CheckId.STATUS).problems[0].type is ProblemType.RANGE


@pytest.mark.parametrize(
    ("given", "listed", "type_"),
    [
        (status_entry("x"), status_list(DID), ProblemType.MALFORMED_VALUE),
        (status_entry(purpose="suspension"), status_list(DID), ProblemType.STATUS_VERIFICATION),
        (status_entry(131_072), status_list(DID), ProblemType.RANGE),
        (status_entry(), status_list(DID, "u!"), ProblemType.MALFORMED_VALUE),
        (
            status_entry(),
            status_list(DID, type=["VerifiableCredential"]),
            ProblemType.MALFORMED_VALUE,
        ),
        (
            status_entry(),
            status_list(DID, validUntil="2026-11-01T00:00:00Z"),
            ProblemType.STATUS_VERIFICATION,
        ),
        (
            status_entry(statusListCredential="https://status.example/none"),
            status_list(DID),
            ProblemType.STATUS_RETRIEVAL,
        ),
    ],
)
async def test_each_error_has_the_type_that_the_specification_gives_it(
    given: Json, listed: dict[str, Json], type_: ProblemType
) -> None:
    (problem,) = (await check(given, listed)).check(CheckId.STATUS).problems
    assert problem.type is type_
    assert problem.pointer == "/credentialStatus"


class TestStatusList2021:
    """The kind before the Recommendation: the same list under other names."""

    def listed(self, **members: Json) -> dict[str, Json]:
        subject: dict[str, Json] = {
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": base64url(gzip.compress(b"\x01" + bytes(131_072 // 8 - 1))),
        }
        return status_list(
            DID,
            type=["VerifiableCredential", "StatusList2021Credential"],
            credentialSubject=subject | members,
        )

    def entry(self, index: Json, purpose: str = "revocation") -> Json:
        return status_entry(index, purpose, type="StatusList2021Entry")

    @pytest.mark.parametrize(("index", "outcome"), [(6, PASSED), ("7", FAILED), (8, PASSED)])
    async def test_it_is_read(self, index: Json, outcome: CheckOutcome) -> None:
        report = await check(self.entry(index), self.listed())
        assert report.check(CheckId.STATUS).outcome is outcome

    async def test_it_is_not_taken_for_the_newer_kind(self) -> None:
        for given, listed, words in (
            (status_entry(), self.listed(), "no BitstringStatusListCredential"),
            (self.entry(6), status_list(DID), "no StatusList2021Credential"),
            (self.entry(6, "suspension"), self.listed(), "not for suspension"),
            (self.entry(6), self.listed(type="BitstringStatusList"), "not one StatusList2021"),
        ):
            found = (await check(given, listed)).check(CheckId.STATUS)
            assert found.outcome is UNDETERMINED
            assert words in found.message


async def test_no_list_is_asked_for_before_the_credential_is_proved() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    shelf.lists[LIST_URL] = issuer.jwt(status_list(DID)).encode()
    forged = Issuer(DID, Issuer.on(Shelf(), DID, seed=9).key)
    report = await shelf.check(forged.jwt(credential(DID, credentialStatus=status_entry(7))))
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.STATUS).outcome is CheckOutcome.SKIPPED
    assert shelf.fetched == []
