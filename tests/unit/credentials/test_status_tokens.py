"""Token Status List: a list of its own kind of JWT, named by a token's `status` claim."""

import zlib

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.status.errors import StatusListError
from credentials.status.tokens import open_token
from credentials.verify import Report
from resolver.encodings import base64url
from resolver.instant import SECOND
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, Issuer, Shelf, credential

DID = "did:web:certifier.example"
URL = "https://status.example/tokens/1"
FAILED, PASSED, UNDETERMINED = (
    CheckOutcome.FAILED,
    CheckOutcome.PASSED,
    CheckOutcome.UNDETERMINED,
)
VALUES = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
PACKED = bytes([0xC9, 0x44, 0xF9])


def claims(packed: bytes = PACKED, bits: Json = 2, **members: Json) -> dict[str, Json]:
    status_list: Json = {"bits": bits, "lst": base64url(zlib.compress(packed))}
    body: dict[str, Json] = {
        "sub": URL,
        "iat": NOW // SECOND - 60,
        "exp": NOW // SECOND + 600,
        "ttl": 120,
        "status_list": status_list,
    }
    body |= members
    return {name: value for name, value in body.items() if value is not None}


def named(index: Json, uri: Json = URL) -> Json:
    return {"status_list": {"idx": index, "uri": uri}}


class Case:
    def __init__(self) -> None:
        self.shelf = Shelf()
        self.issuer = Issuer.on(self.shelf, DID)

    def publish(self, body: dict[str, Json], issuer: Issuer | None = None, **header: Json) -> None:
        signed = (issuer or self.issuer).jwt(
            body, **{"typ": "statuslist+jwt", "cty": None} | header
        )
        self.shelf.lists[URL] = signed.encode()

    async def check(self, status: Json, limits: Limits | None = None) -> Report:
        token = self.issuer.jwt(credential(DID, status=status))
        return await self.shelf.check(token, limits=limits or Limits())

    async def outcome(self, status: Json) -> tuple[CheckOutcome, str]:
        found = (await self.check(status)).check(CheckId.STATUS)
        return found.outcome, found.message


@pytest.fixture
def case() -> Case:
    case = Case()
    case.publish(claims())
    return case


@pytest.mark.parametrize("index", range(12))
async def test_each_value_is_read_from_the_lowest_bits_up(case: Case, index: int) -> None:
    report = await case.check(named(index))
    assert report.statuses[0].value == VALUES[index]
    expected = (PASSED, FAILED, FAILED, UNDETERMINED)[VALUES[index]]
    assert report.check(CheckId.STATUS).outcome is expected
    assert report.verified is (expected is PASSED)


async def test_what_is_said_of_the_list_is_reported(case: Case) -> None:
    report = await case.check(named(2))
    inputs = report.check(CheckId.STATUS).inputs
    assert inputs["status.status_list.list"] == URL
    assert inputs["status.status_list.list_ttl_ms"] == "120000"
    assert inputs["status.status_list.list_valid_until"] == "2026-11-25T00:10:00Z"
    assert inputs["status.status_list.list_age_s"] == "0"
    assert report.fresh_until == NOW + 120_000


async def test_an_index_outside_the_list_says_nothing(case: Case) -> None:
    report = await case.check(named(12))
    assert not report.verified
    (problem,) = report.check(CheckId.STATUS).problems
    assert problem.type is ProblemType.RANGE


@pytest.mark.parametrize(
    "status",
    [
        named(-1),
        named("1"),
        named(True),
        named(1.5),
        named(10**17),
        named(1, None),
        named(1, ""),
        named(1, "not a URL"),
        {"status_list": None},
        {"status_list": []},
    ],
)
async def test_a_malformed_claim_fails(case: Case, status: Json) -> None:
    assert (await case.outcome(status))[0] is FAILED


@pytest.mark.parametrize("status", ["valid", {}, {"other": 1}, [], None, 7])
async def test_a_claim_that_names_no_list_is_none(case: Case, status: Json) -> None:
    assert (await case.outcome(status))[0] is CheckOutcome.SKIPPED


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (claims(sub="https://status.example/tokens/2"), "another list"),
        (claims(sub=None), "another list"),
        (claims(iat=None), "iat"),
        (claims(iat="2026-11-24"), "iat"),
        (claims(exp="never"), "exp"),
        (claims(exp=NOW // SECOND), "expired"),
        (claims(exp=1e300), "exp"),
        (claims(nbf=NOW // SECOND + 1), "not valid before"),
        (claims(ttl=0), "ttl"),
        (claims(ttl="60"), "ttl"),
        (claims(ttl=True), "ttl"),
        (claims(bits=3), "bits of 1, 2, 4 or 8"),
        (claims(bits=True), "bits of 1, 2, 4 or 8"),
        (claims(bits="2"), "bits of 1, 2, 4 or 8"),
        (claims(status_list=None), "status_list"),
        (claims(status_list={"bits": 1}), "lst"),
        (claims(status_list={"bits": 1, "lst": "!"}), "cannot be opened"),
        (claims(iss="did:web:other.example"), "key_binding"),
        (claims(iss=7), "issuer"),
    ],
)
async def test_a_token_that_does_not_hold_is_undetermined(
    case: Case, body: dict[str, Json], words: str
) -> None:
    case.publish(body)
    outcome, message = await case.outcome(named(2))
    assert outcome is UNDETERMINED
    assert words in message


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt", None, "statuslist+cwt"])
async def test_a_token_of_another_type_is_no_list(case: Case, typ: Json) -> None:
    case.publish(claims(), typ=typ)
    outcome, message = await case.outcome(named(2))
    assert outcome is UNDETERMINED
    assert "(header)/typ" in message


async def test_its_issuer_may_be_named_by_its_key_or_by_iss(case: Case) -> None:
    case.publish(claims(iss=DID), kid="#key-1")
    assert (await case.outcome(named(2)))[0] is PASSED
    case.publish(claims(), typ="application/statuslist+jwt")
    assert (await case.outcome(named(2)))[0] is PASSED
    case.publish(claims(), kid=None)
    assert (await case.outcome(named(2)))[0] is UNDETERMINED


async def test_a_token_of_another_issuer_must_itself_be_accepted(case: Case) -> None:
    other = Issuer.on(case.shelf, "did:web:other.example", seed=2)
    case.publish(claims(), other)
    outcome, message = await case.outcome(named(2))
    assert outcome is UNDETERMINED
    assert "did:web:other.example issued it" in message


async def test_a_forged_token_is_not_believed(case: Case) -> None:
    case.publish(claims(), Issuer(DID, Issuer.on(Shelf(), DID, seed=9).key))
    assert (await case.outcome(named(2)))[0] is UNDETERMINED


async def test_a_token_opens_within_bounds() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    bomb = issuer.jwt(claims(bytes(1_000_000), bits=1), typ="statuslist+jwt", cty=None)
    with pytest.raises(StatusListError, match="max_inflated_bytes"):
        open_token(URL, bomb.encode(), Limits(max_inflated_bytes=999_999))
    with pytest.raises(StatusListError, match="no acceptable JWT"):
        open_token(URL, bomb.encode(), Limits(max_list_bytes=100))
    for raw in (b"", b"\xff", b"a.b.c", orjson.dumps(claims())):
        with pytest.raises(StatusListError):
            open_token(URL, raw, Limits())
