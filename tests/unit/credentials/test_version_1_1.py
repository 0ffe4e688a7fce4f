"""Credentials of version 1.1: embedded proofs, and the JWT with a `vc` claim."""

import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.credential import DataModel
from credentials.envelope import Form
from credentials.verify import Outcome, Report
from resolver.instant import SECOND
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, V1, V2, Issuer, Shelf, credential

DID = "did:web:ministry.example"
ISSUED = "2026-01-01T00:00:00Z"
SECONDS = 1_767_225_600
SUBJECT = "did:example:mine"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def issuer(shelf: Shelf) -> Issuer:
    return Issuer.on(shelf, DID)


def old(**members: Json) -> dict[str, Json]:
    body: dict[str, Json] = {"@context": [V1], "validFrom": None, "issuanceDate": ISSUED}
    return credential(DID, **(body | members))


def moved(**claims: Json) -> dict[str, Json]:
    """Claims and credential as the specification moves them: nothing is said twice."""
    bare = old(id=None, issuanceDate=None, credentialSubject={"name": "Mine A"})
    del bare["issuer"]
    given: dict[str, Json] = {
        "iss": DID,
        "jti": "urn:a:b",
        "nbf": SECONDS,
        "sub": SUBJECT,
        "vc": bare,
    }
    return {name: value for name, value in (given | claims).items() if value is not None}


async def test_an_embedded_proof_holds_over_the_old_model(shelf: Shelf, issuer: Issuer) -> None:
    report = await shelf.check(issuer.embedded(old()))
    assert report.verified, report.checks
    assert report.credential is not None
    assert report.credential.model is DataModel.VCDM_1_1
    assert any("1.1" in each for each in report.check(CheckId.CONTEXT).warnings)


async def test_what_was_moved_into_claims_is_put_back(shelf: Shelf, issuer: Issuer) -> None:
    report = await shelf.check(issuer.jwt(moved(exp=SECONDS + 86_400 * 365), typ="JWT", cty=None))
    assert report.verified, report.checks
    assert report.form is Form.JWT_1_1
    read = report.credential
    assert read is not None
    assert (read.issuer, read.id) == (DID, "urn:a:b")
    assert read.body["credentialSubject"] == {"id": SUBJECT, "name": "Mine A"}
    assert (read.valid_from, read.valid_until) == (
        SECONDS * SECOND,
        (SECONDS + 86_400 * 365) * SECOND,
    )


async def test_claims_that_repeat_members_must_agree(shelf: Shelf, issuer: Issuer) -> None:
    whole = old(id="urn:a:b")
    same = await shelf.check(issuer.jwt(moved(vc=whole), typ="JWT", cty=None))
    assert same.verified, same.checks


@pytest.mark.parametrize(
    ("claims", "check"),
    [
        ({"iss": "did:web:other.example"}, CheckId.ISSUER),
        ({"jti": "urn:c:d"}, CheckId.STRUCTURE),
        ({"sub": "did:example:other"}, CheckId.STRUCTURE),
        ({"nbf": SECONDS - 60}, CheckId.VALIDITY),
        ({"exp": SECONDS + 60}, CheckId.VALIDITY),
        ({"nbf": "2026"}, CheckId.VALIDITY),
    ],
)
async def test_claims_that_differ_from_members_are_refused(
    shelf: Shelf, issuer: Issuer, claims: dict[str, Json], check: CheckId
) -> None:
    whole = old(id="urn:a:b", expirationDate="2027-01-01T00:00:00Z")
    report = await shelf.check(issuer.jwt(moved(vc=whole) | claims, typ="JWT", cty=None))
    assert report.outcome is Outcome.FAILED
    assert report.check(check).outcome is CheckOutcome.FAILED


async def test_an_expired_one_fails(shelf: Shelf, issuer: Issuer) -> None:
    late: list[Report] = [
        await shelf.check(issuer.embedded(old(expirationDate="2026-02-01T00:00:00Z"))),
        await shelf.check(issuer.jwt(moved(exp=SECONDS + 60), typ="JWT", cty=None)),
    ]
    for report in late:
        assert report.check(CheckId.VALIDITY).outcome is CheckOutcome.FAILED
    assert NOW


@pytest.mark.parametrize("typ", ["vc+jwt", "at+jwt", "vp+jwt"])
async def test_the_header_has_to_be_that_of_the_old_form(
    shelf: Shelf, issuer: Issuer, typ: str
) -> None:
    report = await shelf.check(issuer.jwt(moved(), typ=typ, cty=None))
    assert report.check(CheckId.ENVELOPE).outcome is CheckOutcome.FAILED


async def test_the_forms_of_two_versions_are_not_mixed(shelf: Shelf, issuer: Issuer) -> None:
    new_in_old = await shelf.check(issuer.jwt(moved(vc=credential(DID, **{"@context": [V2]}))))
    assert new_in_old.check(CheckId.ENVELOPE).outcome is CheckOutcome.FAILED
    old_as_new = await shelf.check(issuer.jwt(old()))
    assert old_as_new.check(CheckId.ENVELOPE).outcome is CheckOutcome.FAILED


@pytest.mark.parametrize("vc", [None, 7, [], "x", {}, {"@context": []}, {"@context": {}}])
async def test_nonsense_in_the_claim(shelf: Shelf, issuer: Issuer, vc: Json) -> None:
    report = await shelf.check(issuer.jwt({"iss": DID, "vc": vc}, typ="JWT", cty=None))
    assert report.check(CheckId.ENVELOPE).outcome is CheckOutcome.FAILED
