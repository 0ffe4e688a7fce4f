import gzip
from base64 import urlsafe_b64encode

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.sources import Limits
from credentials.verify import Outcome, Report
from resolver.instant import parse_instant
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
PASSED, FAILED, UNDETERMINED = (
    CheckOutcome.PASSED,
    CheckOutcome.FAILED,
    CheckOutcome.UNDETERMINED,
)


def messages(*texts: str) -> list[Json]:
    return [{"status": hex(value), "message": text} for value, text in enumerate(texts)]


class Case:
    """A credential with status entries, and the list they point to."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.issuer = Issuer.on(self.shelf, DID)

    def publish(self, body: dict[str, Json], issuer: Issuer | None = None) -> None:
        self.shelf.lists[LIST_URL] = (issuer or self.issuer).jwt(body).encode()

    async def check(self, *entries: Json, limits: Limits | None = None) -> Report:
        status = entries[0] if len(entries) == 1 else list(entries)
        token = self.issuer.jwt(credential(DID) | {"credentialStatus": status})
        return await self.shelf.check(token, limits=limits or Limits())

    async def outcome(self, *entries: Json) -> tuple[CheckOutcome, str]:
        found = (await self.check(*entries)).check(CheckId.STATUS)
        return found.outcome, found.message


@pytest.fixture
def case() -> Case:
    case = Case()
    case.publish(status_list(DID))
    return case


@pytest.mark.parametrize("index", ["6", 6, 5, 8, "3999", 131_071])
async def test_an_unset_bit_is_good(case: Case, index: Json) -> None:
    report = await case.check(status_entry(index))
    assert report.verified
    assert report.statuses[0].value == 0
    inputs = report.check(CheckId.STATUS).inputs
    assert inputs["value"] == "0"
    assert inputs["now"] == "2026-11-25T00:00:00Z"
    assert len(inputs["list_sha256"]) == 64


@pytest.mark.parametrize("index", ["7", 7, 4000])
async def test_a_set_bit_revokes(case: Case, index: Json) -> None:
    report = await case.check(status_entry(index))
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.STATUS).message == "the credential is revoked"


async def test_the_first_entry_is_the_highest_bit(case: Case) -> None:
    raw = bytes([0x80]) + bytes(131_072 // 8 - 1)
    encoded = "u" + urlsafe_b64encode(gzip.compress(raw)).rstrip(b"=").decode()
    case.publish(status_list(DID, encoded))
    assert (await case.outcome(status_entry(0)))[0] is FAILED
    assert (await case.outcome(status_entry(7)))[0] is PASSED


async def test_several_entries_share_one_fetch_and_the_worst_counts(case: Case) -> None:
    purposes: Json = ["revocation", "suspension", "refresh"]
    case.publish(status_list(DID, subject={"statusPurpose": purposes}))
    good = [status_entry(n, p) for n, p in enumerate(("revocation", "suspension", "refresh"))]
    report = await case.check(*good)
    assert report.verified
    assert len(report.statuses) == 3
    assert case.shelf.fetched == [LIST_URL]
    assert "0.value" in report.check(CheckId.STATUS).inputs
    bad = await case.outcome(good[0], status_entry(7, "suspension"))
    assert bad == (FAILED, "the credential is suspended")
    newer = (await case.check(status_entry(7, "refresh"))).check(CheckId.STATUS)
    assert newer.outcome is PASSED
    assert newer.warnings == ("/credentialStatus: a newer credential is available",)


async def test_nothing_to_ask_is_skipped(case: Case) -> None:
    report = await case.shelf.check(case.issuer.jwt(credential(DID)))
    assert report.check(CheckId.STATUS).outcome is CheckOutcome.SKIPPED
    assert report.verified


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (status_entry(purpose="message"), "not for message"),
        (status_entry(purpose="suspension"), "not for suspension"),
        (status_entry(131_072), "none at 131072"),
        (status_entry() | {"type": "StatusList2021Entry"}, "no StatusList2021Credential"),
        (status_entry() | {"type": "RevocationList2020Status"}, "RevocationList2020Status"),
        (status_entry() | {"type": "status_list"}, "not understood"),
        (status_entry(statusListCredential="https://status.example/none"), "404"),
        (status_entry(statusListCredential="http://localhost:3332/x"), "could not be fetched"),
    ],
)
async def test_what_cannot_be_read_is_undetermined(case: Case, entry: Json, words: str) -> None:
    outcome, message = await case.outcome(entry)
    assert outcome is UNDETERMINED
    assert words in message
    assert (await case.check(entry)).outcome is Outcome.UNDETERMINED


async def test_a_purpose_that_is_not_understood_is_undetermined(case: Case) -> None:
    case.publish(status_list(DID, subject={"statusPurpose": "other"}))
    assert (await case.outcome(status_entry(purpose="other")))[0] is UNDETERMINED


@pytest.mark.parametrize(
    "entry",
    [
        status_entry(-1),
        status_entry("six"),
        status_entry(True),
        status_entry(6.5),
        status_entry(10**18),
        status_entry("9" * 30),
        status_entry("٣"),
        status_entry(statusSize=0),
        status_entry(statusSize="x"),
        status_entry(statusSize=17),
        status_entry(statusSize=10**15),
        status_entry(statusSize=2),
        status_entry(statusSize=2, statusMessage=messages("a", "b")),
        status_entry(statusSize=2, statusMessage=messages("a", "b", "c", "d", "e")),
        status_entry(statusSize=2, statusMessage=[*messages("a", "b", "c"), "d"]),
        status_entry(statusSize=2, statusMessage=messages("a", "b", "c") + messages("a")),
        status_entry(statusSize=2, statusMessage="0x0"),
        status_entry(statusMessage=messages("a", "b", "c")),
        status_entry(id=LIST_URL),
        status_entry(statusListCredential="not a URL"),
        status_entry(statusReference="not a URL"),
        status_entry(statusReference=["https://a.example", 7]),
        status_entry(statusPurpose=None),
        status_entry(statusListCredential=7),
        {"id": "urn:x:y"},
        "revoked",
        None,
    ],
)
async def test_a_malformed_entry_fails(case: Case, entry: Json) -> None:
    assert (await case.outcome(entry))[0] is FAILED


async def test_a_list_of_another_issuer_must_itself_be_accepted(case: Case) -> None:
    other = Issuer.on(case.shelf, "did:web:other.example", seed=2)
    case.publish(status_list(other.did), other)
    for index in (6, 7):
        outcome, message = await case.outcome(status_entry(index))
        assert outcome is UNDETERMINED
        assert "did:web:other.example issued it" in message


async def test_a_list_signed_by_someone_else_is_not_believed(case: Case) -> None:
    thief = Issuer.on(case.shelf, "did:web:thief.example", seed=2)
    case.publish(status_list(DID), thief)
    outcome, message = await case.outcome(status_entry())
    assert outcome is UNDETERMINED
    assert "key_binding" in message
    forged = Issuer(DID, thief.key)
    case.publish(status_list(DID), forged)
    assert "proof" in (await case.outcome(status_entry()))[1]
    case.shelf.lists[LIST_URL] = orjson.dumps(status_list(DID))
    assert (await case.outcome(status_entry()))[0] is UNDETERMINED


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (status_list(DID, validUntil="2026-11-24T00:00:00Z"), "expired"),
        (status_list(DID, validFrom="2026-11-26T00:00:00Z"), "not valid before"),
        (status_list(DID, type=["VerifiableCredential"]), "no BitstringStatusListCredential"),
        (status_list(DID, id="https://status.example/lists/2"), "not the one asked for"),
        (status_list(DID, credentialSubject={"type": "X"}), "BitstringStatusList"),
        (status_list(DID, subject={"encodedList": 7}), "no encodedList"),
        (status_list(DID, "zabc"), "multibase"),
        (status_list(DID, "u!!!"), "cannot be opened"),
        (status_list(DID, "uAAAA"), "cannot be opened"),
        (status_list(DID, encoded_list()[:-8]), "cut short"),
        (status_list(DID, encoded_list(entries=1024)), "fewer than"),
        (status_list(DID, encoded_list(entries=8 * 17 * 1024 * 1024)), "more than"),
        (status_list(DID, subject={"statusPurpose": 7}), "nothing"),
        (status_list(DID, subject={"ttl": "soon"}), "its ttl is no whole number"),
        (status_list(DID, subject={"ttl": -1}), "its ttl is no whole number"),
        (status_list(DID, subject={"statusSize": 2}), "2 bits an entry, not 1"),
    ],
)
async def test_a_list_that_does_not_hold_is_undetermined(
    case: Case, body: dict[str, Json], words: str
) -> None:
    case.publish(body)
    outcome, message = await case.outcome(status_entry())
    assert outcome is UNDETERMINED
    assert words in message


async def test_nothing_may_follow_the_list(case: Case) -> None:
    packed = gzip.compress(bytes(131_072 // 8))
    for rest in (b"x", packed):
        encoded = "u" + urlsafe_b64encode(packed + rest).rstrip(b"=").decode()
        case.publish(status_list(DID, encoded))
        outcome, message = await case.outcome(status_entry())
        assert outcome is UNDETERMINED
        assert "something after" in message


async def test_the_floor_can_be_lowered(case: Case) -> None:
    case.publish(status_list(DID, encoded_list((8,), entries=100_000)))
    report = await case.check(status_entry(6), limits=Limits(min_list_entries=100_000))
    assert report.verified


async def test_a_list_may_travel_in_any_form(case: Case) -> None:
    body = status_list(DID)
    for raw in (case.issuer.enveloped(body), case.issuer.embedded(body)):
        case.shelf.lists[LIST_URL] = orjson.dumps(raw)
        assert (await case.outcome(status_entry()))[0] is PASSED
    case.publish(status_list(DID, encoded_list().removeprefix("u")))
    assert (await case.outcome(status_entry()))[0] is PASSED


async def test_freshness_is_the_earlier_of_end_and_time_to_live(case: Case) -> None:
    assert (await case.check(status_entry())).fresh_until == NOW + 300_000
    case.publish(status_list(DID, validUntil="2026-11-25T00:05:00Z"))
    fresh = (await case.check(status_entry())).fresh_until
    assert fresh == parse_instant("2026-11-25T00:05:00Z")
    case.publish(status_list(DID, validUntil="2026-11-25T00:05:00Z", subject={"ttl": 60_000}))
    assert (await case.check(status_entry())).fresh_until == NOW + 60_000


async def test_too_many_entries_are_not_followed(case: Case) -> None:
    entries = [status_entry(statusListCredential=f"https://x.example/{n}") for n in range(9)]
    outcome, message = await case.outcome(*entries)
    assert outcome is UNDETERMINED
    assert "9 entries" in message
    assert case.shelf.fetched == []
