"""Three real signed passports, with the document that their issuer published."""

from pathlib import Path

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.envelope import Form
from credentials.verify import Outcome
from resolver.encodings import base64url, from_base64url
from resolver.instant import parse_instant
from resolver.strict_json import Json
from tests.unit.credentials.issuing import Shelf, envelope

DID = "did:web:uncefact.github.io:project-vckit:test-and-development"
NAMES = ("valid-v2-enveloped-dpp", "playground-dpp-0.6.0", "invalid-schema-v2-enveloped-dpp")
GOOD = NAMES[:2]
PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED


@pytest.fixture(scope="module")
def passports(vectors: Path) -> dict[str, Json]:
    folder = vectors / "untp/samples/signed-enveloped"
    return {name: orjson.loads((folder / f"{name}.json").read_bytes()) for name in NAMES}


@pytest.fixture(scope="module")
def shelf(vectors: Path) -> Shelf:
    path = vectors / "untp/did/vckit-test-and-development.did.json"
    return Shelf(documents={DID: orjson.loads(path.read_bytes())})


def token_of(passport: Json) -> str:
    assert isinstance(passport, dict)
    inner = passport.get("verifiableCredential", passport)
    assert isinstance(inner, dict)
    address = inner["id"]
    assert isinstance(address, str)
    return address.partition(",")[2]


@pytest.mark.parametrize("name", NAMES)
async def test_each_proof_holds_and_no_status_is_known(
    passports: dict[str, Json], shelf: Shelf, name: str
) -> None:
    report = await shelf.check(passports[name])
    assert report.form is Form.ENVELOPED
    for check in (CheckId.ENVELOPE, CheckId.ISSUER, CheckId.KEY_BINDING, CheckId.PROOF):
        assert report.check(check).outcome is PASSED
    assert report.key is not None
    assert report.key.did.text == DID
    assert report.check(CheckId.STATUS).outcome is CheckOutcome.UNDETERMINED
    assert "could not be fetched" in report.check(CheckId.STATUS).message
    assert not report.verified


@pytest.mark.parametrize("name", GOOD)
async def test_the_good_ones_lack_nothing_but_their_status(
    passports: dict[str, Json], shelf: Shelf, name: str
) -> None:
    report = await shelf.check(passports[name])
    assert report.outcome is Outcome.UNDETERMINED
    others = {c.id for c in report.checks if c.outcome is not PASSED}
    assert others == {CheckId.HOLDER_BINDING, CheckId.STATUS, CheckId.RESOURCES, CheckId.SCHEMA}
    assert report.claims


async def test_the_one_with_a_foreign_first_context_is_refused(
    passports: dict[str, Json], shelf: Shelf
) -> None:
    report = await shelf.check(passports[NAMES[2]])
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.CONTEXT).outcome is FAILED
    assert "first context" in report.check(CheckId.CONTEXT).message
    assert "UNTP requires" in report.check(CheckId.VALIDITY).warnings[0]


async def test_the_playgrounds_passport_expires(passports: dict[str, Json], shelf: Shelf) -> None:
    now = parse_instant("2026-11-28T04:47:15.136Z")
    report = await shelf.check(passports[NAMES[1]], now=now)
    assert report.check(CheckId.VALIDITY).outcome is FAILED
    assert report.outcome is Outcome.FAILED


# Which bit is flipped: the part of the token, a text before the byte, and the check that sees it.
FLIPS = [
    (0, b"did:web:", CheckId.KEY_BINDING),
    (0, b"test-and-development#", CheckId.KEY_BINDING),
    (0, b'"alg":"E', CheckId.PROOF),
    (0, b'"alg"', CheckId.ENVELOPE),
    (1, b"DigitalProduct", CheckId.PROOF),
    (1, b'"credentialSubject"', CheckId.ENVELOPE),
    (1, b"https://", CheckId.PROOF),
    (2, b"", CheckId.PROOF),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("part", "before", "check"), FLIPS)
async def test_a_flipped_bit_is_refused_by_the_check_that_sees_it(
    passports: dict[str, Json], shelf: Shelf, name: str, part: int, before: bytes, check: CheckId
) -> None:
    parts = token_of(passports[name]).split(".")
    data = bytearray(from_base64url(parts[part]))
    data[data.index(before) + len(before)] ^= 1
    parts[part] = base64url(bytes(data))
    report = await shelf.check(envelope(".".join(parts)))
    assert report.check(check).outcome is FAILED
    assert report.outcome is Outcome.FAILED
    assert report.key is None
