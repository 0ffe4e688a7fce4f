import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.envelope import Form
from credentials.verify import Outcome, Report
from resolver.keys import Curve
from tests.unit.credentials.issuing import NOW, Issuer, Shelf, credential, envelope

DID = "did:web:ministry.example"
SKIPPED = {
    CheckId.HOLDER_BINDING,
    CheckId.STATUS,
    CheckId.RESOURCES,
    CheckId.SCHEMA,
    CheckId.UNTP,
}


def assert_verified(report: Report) -> None:
    assert report.verified, [c for c in report.checks if c.outcome is not CheckOutcome.PASSED]
    skipped = {c.id for c in report.checks if c.outcome is CheckOutcome.SKIPPED}
    assert skipped == SKIPPED
    assert [c.id for c in report.checks] == list(CheckId)


@pytest.mark.parametrize("curve", [Curve.ED25519, Curve.P256, Curve.P384, Curve.SECP256K1])
async def test_a_jwt_of_each_algorithm_holds(curve: Curve) -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID, curve=curve)
    report = await shelf.check(issuer.jwt(credential(DID)))
    assert_verified(report)
    assert report.form is Form.JWT
    assert report.key is not None
    assert report.key.thumbprint == issuer.key.public.thumbprint
    assert report.key.did.text == DID
    assert report.credential is not None
    assert report.credential.issuer_name == "Test issuer"


async def test_every_spelling_of_one_credential_holds() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    token = issuer.jwt(credential(DID))
    enveloped = envelope(token)
    for raw, form in (
        (token, Form.JWT),
        (token.encode(), Form.JWT),
        (f"  {token}\n", Form.JWT),
        (f"data:application/vc+jwt,{token}", Form.ENVELOPED),
        (enveloped, Form.ENVELOPED),
        (orjson.dumps(enveloped), Form.ENVELOPED),
        ({"verifiableCredential": enveloped}, Form.ENVELOPED),
        (issuer.embedded(credential(DID)), Form.EMBEDDED),
        (orjson.dumps(issuer.embedded(credential(DID))).decode(), Form.EMBEDDED),
    ):
        report = await shelf.check(raw)
        assert_verified(report)
        assert report.form is form


async def test_the_header_is_read_as_issuers_write_it() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    for header in ({"typ": None, "cty": None}, {"typ": "JWT"}, {"typ": "application/vc+jwt"}):
        assert_verified(await shelf.check(issuer.jwt(credential(DID), **header)))
    body = credential(DID, iss=DID)
    assert_verified(await shelf.check(issuer.jwt(body, kid="#key-1")))


async def test_two_proofs_of_one_issuer_both_hold() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    first = issuer.embedded(credential(DID))["proof"]
    second = issuer.embedded(credential(DID))["proof"]
    body = credential(DID, proof=[first, second])
    assert_verified(await shelf.check(body))
    assert isinstance(second, dict)
    body = credential(DID, proof=[first, second | {"created": "2020-01-01T00:00:00Z"}])
    report = await shelf.check(body)
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.FAILED


async def test_a_proof_inside_a_jwt_must_hold_too() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    signed = issuer.embedded(credential(DID))
    assert_verified(await shelf.check(issuer.jwt(signed)))
    changed = signed | {"credentialSubject": {"id": "did:example:other"}}
    report = await shelf.check(issuer.jwt(changed))
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.FAILED
    assert "embedded proof" in report.check(CheckId.PROOF).message


async def test_without_any_signature_nothing_is_proved() -> None:
    shelf = Shelf()
    Issuer.on(shelf, DID)
    report = await shelf.check(credential(DID))
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.FAILED
    assert report.keys == ()
    assert shelf.resolved == []
    assert NOW
