"""Forged, borrowed and confused credentials: each is refused, by the check that sees it."""

import hashlib
import hmac

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.verify import Outcome, Report
from resolver.encodings import base64url, from_base64url
from resolver.errors import ErrorCode, ResolutionError
from resolver.keys import Curve
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V2, Issuer, Shelf, credential

DID = "did:web:ministry.example"
OTHER = "did:web:other.example"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def issuer(shelf: Shelf) -> Issuer:
    return Issuer.on(shelf, DID)


def assert_fails(report: Report, check: CheckId, words: str = "") -> None:
    found = report.check(check)
    assert found.outcome is CheckOutcome.FAILED, found
    assert words in found.message
    assert report.outcome is Outcome.FAILED
    assert not report.verified


async def test_an_issuer_that_does_not_control_the_key(shelf: Shelf, issuer: Issuer) -> None:
    thief = Issuer.on(shelf, OTHER, seed=2)
    for raw in (thief.jwt(credential(DID)), thief.embedded(credential(DID))):
        report = await shelf.check(raw)
        assert_fails(report, CheckId.KEY_BINDING, "belongs to did:web:other.example")
        assert report.check(CheckId.PROOF).outcome is CheckOutcome.SKIPPED
        assert report.key is None
    assert shelf.resolved == []


async def test_a_method_that_another_did_controls(shelf: Shelf, issuer: Issuer) -> None:
    shelf.documents[DID] |= {"verificationMethod": [issuer.method() | {"controller": OTHER}]}
    report = await shelf.check(issuer.jwt(credential(DID)))
    assert report.outcome is Outcome.FAILED
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.FAILED


async def test_a_key_that_is_not_for_assertions(shelf: Shelf, issuer: Issuer) -> None:
    shelf.documents[DID] |= {"assertionMethod": [], "authentication": [issuer.kid]}
    report = await shelf.check(issuer.jwt(credential(DID)))
    assert_fails(report, CheckId.KEY_BINDING)


@pytest.mark.parametrize("fragment", ["key-2", "", "KEY-1"])
async def test_a_key_that_does_not_stand_there(shelf: Shelf, issuer: Issuer, fragment: str) -> None:
    report = await shelf.check(issuer.jwt(credential(DID), kid=f"{DID}#{fragment}"))
    assert_fails(report, CheckId.KEY_BINDING)


@pytest.mark.parametrize(
    "kid", [None, "", "key-1", "#key-1", DID, f"{DID}?x=1#key-1", f"{DID}/a#key-1", "did:web:"]
)
async def test_a_kid_that_names_no_key(shelf: Shelf, issuer: Issuer, kid: str | None) -> None:
    report = await shelf.check(issuer.jwt(credential(DID), kid=kid))
    assert report.outcome is Outcome.FAILED
    envelope, binding = report.check(CheckId.ENVELOPE), report.check(CheckId.KEY_BINDING)
    assert CheckOutcome.FAILED in (envelope.outcome, binding.outcome)


async def test_the_fragment_decides_which_key_is_used(shelf: Shelf, issuer: Issuer) -> None:
    second = Issuer(DID, PrivateKey.from_seed(bytes([2]) * 32), "key-2")
    shelf.documents[DID] |= {
        "verificationMethod": [issuer.method(), second.method()],
        "assertionMethod": [issuer.kid, second.kid],
    }
    assert (await shelf.check(second.jwt(credential(DID)))).verified
    wrong = second.jwt(credential(DID), kid=issuer.kid)
    assert_fails(await shelf.check(wrong), CheckId.PROOF)


async def test_a_key_for_agreement_proves_nothing(shelf: Shelf, issuer: Issuer) -> None:
    agreement = {"kty": "OKP", "crv": "X25519", "x": issuer.key.public.jwk()["x"]}
    shelf.documents[DID] |= {"verificationMethod": [issuer.method() | {"publicKeyJwk": agreement}]}
    report = await shelf.check(issuer.jwt(credential(DID)))
    assert not report.verified
    assert report.key is None


@pytest.mark.parametrize("member", ["expires", "revoked"])
async def test_a_key_that_its_owner_has_ended(shelf: Shelf, issuer: Issuer, member: str) -> None:
    for end, verified in (("2026-11-25T00:00:00Z", False), ("2026-11-25T00:00:01Z", True)):
        shelf.documents[DID] |= {"verificationMethod": [issuer.method() | {member: end}]}
        report = await shelf.check(issuer.jwt(credential(DID)))
        assert report.verified is verified
    assert report.key is not None


@pytest.mark.parametrize("alg", ["none", "None", "", "HS256", "RS256", "ES256", "ES384", None, 7])
async def test_an_algorithm_that_is_not_the_keys(
    shelf: Shelf, issuer: Issuer, alg: str | int | None
) -> None:
    token = _reheaded(issuer.jwt(credential(DID)), alg=alg)
    report = await shelf.check(token)
    assert report.outcome is Outcome.FAILED
    assert report.key is None


async def test_a_public_key_is_no_shared_secret(shelf: Shelf, issuer: Issuer) -> None:
    head, payload, _ = _reheaded(issuer.jwt(credential(DID)), alg="HS256").split(".")
    secret = issuer.key.public.raw
    mac = hmac.digest(secret, f"{head}.{payload}".encode(), hashlib.sha256)
    report = await shelf.check(f"{head}.{payload}.{base64url(mac)}")
    assert report.outcome is Outcome.FAILED


async def test_keys_in_the_header_are_never_used(shelf: Shelf, issuer: Issuer) -> None:
    thief = PrivateKey.generate(Curve.ED25519)
    forged = Issuer(DID, thief)
    report = await shelf.check(forged.jwt(credential(DID), jwk={**thief.public.jwk()}))
    assert report.outcome is Outcome.FAILED
    assert report.key is None


async def test_critical_extensions_are_refused(shelf: Shelf, issuer: Issuer) -> None:
    for header in ({"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}):
        token = _reheaded(issuer.jwt(credential(DID)), **header)
        assert_fails(await shelf.check(token), CheckId.ENVELOPE)


def _reheaded(token: str, **changes: object) -> str:
    """The token with another header, and the signature that belonged to the old one."""
    head, payload, signature = token.split(".")
    header = orjson.loads(from_base64url(head)) | changes
    return f"{base64url(orjson.dumps(header))}.{payload}.{signature}"


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_every_flipped_bit_is_seen(shelf: Shelf, issuer: Issuer, part: int) -> None:
    token = issuer.jwt(credential(DID))
    parts = token.split(".")
    data = bytearray(from_base64url(parts[part]))
    for position in range(0, len(data), 5):
        data[position] ^= 1
        flipped = [*parts[:part], base64url(bytes(data)), *parts[part + 1 :]]
        data[position] ^= 1
        report = await shelf.check(".".join(flipped))
        assert report.outcome is not Outcome.VERIFIED
        assert report.key is None


async def test_a_member_twice_is_refused(shelf: Shelf, issuer: Issuer) -> None:
    text = orjson.dumps(issuer.embedded(credential(DID))).decode()
    doubled = text[:-1] + ',"issuer":"did:web:other.example"}'
    assert_fails(await shelf.check(doubled), CheckId.ENVELOPE, "twice")


async def test_a_vc_claim_is_refused_with_the_reason(shelf: Shelf, issuer: Issuer) -> None:
    report = await shelf.check(issuer.jwt({"iss": DID, "vc": credential(DID)}))
    assert_fails(report, CheckId.ENVELOPE, "version 1.1")
    others = {c.outcome for c in report.checks if c.id is not CheckId.ENVELOPE}
    assert others == {CheckOutcome.SKIPPED}
    assert report.credential is None
    assert report.form is None


async def test_an_iss_that_is_not_the_issuer(shelf: Shelf, issuer: Issuer) -> None:
    Issuer.on(shelf, OTHER, seed=2)
    for claimed in (OTHER, 7, None):
        report = await shelf.check(issuer.jwt(credential(DID, name="x") | {"iss": claimed}))
        assert_fails(report, CheckId.ISSUER, "iss differs")
    assert (await shelf.check(issuer.jwt(credential(DID, iss=DID)))).verified


async def test_an_issuer_that_is_no_did(shelf: Shelf, issuer: Issuer) -> None:
    report = await shelf.check(issuer.jwt(credential("https://ministry.example")))
    assert_fails(report, CheckId.ISSUER, "no DID")
    assert_fails(report, CheckId.KEY_BINDING)
    assert report.issuer is None


async def test_a_countersignature_is_not_ignored(shelf: Shelf, issuer: Issuer) -> None:
    witness = Issuer.on(shelf, OTHER, seed=2)
    proofs = [signer.embedded(credential(DID))["proof"] for signer in (issuer, witness)]
    assert_fails(await shelf.check(credential(DID, proof=proofs)), CheckId.KEY_BINDING)


async def test_more_proofs_than_anybody_needs(shelf: Shelf, issuer: Issuer) -> None:
    proof = issuer.embedded(credential(DID))["proof"]
    report = await shelf.check(credential(DID, proof=[proof] * 9))
    assert_fails(report, CheckId.PROOF, "9 proofs")
    assert shelf.resolved == []


@pytest.mark.parametrize("proof", [None, [], "x", [{}], {"type": "DataIntegrityProof"}])
async def test_a_proof_that_is_none(shelf: Shelf, issuer: Issuer, proof: object) -> None:
    report = await shelf.check(credential(DID, name="x") | {"proof": proof})
    assert report.outcome is Outcome.FAILED
    inside = await shelf.check(issuer.jwt(credential(DID, name="x") | {"proof": proof}))
    assert not inside.verified


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("proofPurpose", "authentication"),
        ("proofValue", "z11"),
        ("expires", "2026-11-24T00:00:00Z"),
        ("created", "2026-12-25T00:00:00Z"),
        ("verificationMethod", f"{OTHER}#key-1"),
        ("cryptosuite", "eddsa-rdfc-2022"),
        ("type", "Ed25519Signature2020"),
    ],
)
async def test_a_changed_proof_never_holds(
    shelf: Shelf, issuer: Issuer, change: str, value: str
) -> None:
    signed = issuer.embedded(credential(DID))
    proof = signed["proof"]
    assert isinstance(proof, dict)
    report = await shelf.check(signed | {"proof": proof | {change: value}})
    assert not report.verified
    assert report.key is None


async def test_an_unknown_cryptosuite_is_undetermined(shelf: Shelf, issuer: Issuer) -> None:
    signed = issuer.embedded(credential(DID))
    proof = signed["proof"]
    assert isinstance(proof, dict)
    report = await shelf.check(signed | {"proof": proof | {"cryptosuite": "eddsa-rdfc-2022"}})
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.UNDETERMINED
    assert "eddsa-rdfc-2022" in report.check(CheckId.PROOF).message
    assert report.outcome is Outcome.UNDETERMINED


async def test_contexts_appended_after_signing_are_nobodys_word(
    shelf: Shelf, issuer: Issuer
) -> None:
    signed = issuer.embedded(credential(DID))
    added: Json = [V2, "https://vocabulary.uncefact.org/untp/0.7.0/context/"]
    report = await shelf.check(signed | {"@context": added})
    assert_fails(report, CheckId.PROOF, "appended")
    assert report.key is None
    assert (await shelf.check(signed | {"@context": V2})).verified


async def test_an_issuer_that_cannot_be_read(shelf: Shelf, issuer: Issuer) -> None:
    token = issuer.jwt(credential(DID))
    shelf.errors[DID] = ResolutionError(ErrorCode.INTERNAL_ERROR, "no answer")
    report = await shelf.check(token)
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.UNDETERMINED
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.UNDETERMINED
    assert report.outcome is Outcome.UNDETERMINED
    shelf.errors[DID] = ResolutionError(ErrorCode.NOT_FOUND, "gone", deactivated=True)
    report = await shelf.check(token)
    assert_fails(report, CheckId.KEY_BINDING, "deactivated")


async def test_all_problems_are_named_at_once(shelf: Shelf, issuer: Issuer) -> None:
    body = credential(
        DID,
        **{"@context": ["https://example.com"], "type": ["Thing"], "iss": OTHER},
        validFrom="soon",
        validUntil="2026-11-01T00:00:00Z",
        credentialSubject={},
        credentialStatus={"type": "BitstringStatusListEntry"},
    )
    report = await shelf.check(issuer.jwt(body, typ="at+jwt"))
    failed = {c.id for c in report.checks if c.outcome is CheckOutcome.FAILED}
    assert failed == {
        CheckId.ENVELOPE,
        CheckId.CONTEXT,
        CheckId.TYPE,
        CheckId.STRUCTURE,
        CheckId.ISSUER,
        CheckId.VALIDITY,
        CheckId.STATUS,
    }
    validity = report.check(CheckId.VALIDITY).message
    assert "/validFrom" in validity
    assert "expired" in validity
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.PASSED
