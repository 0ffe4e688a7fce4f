"""Presentations: who shows credentials, to whom, and what each of them is worth."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.checks import CheckId, CheckOutcome, PresentationCheckId
from credentials.holding import NOTHING, Expected
from credentials.presentation import PresentationForm
from credentials.presenting import PresentationReport, verify_presentation
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.verify import Outcome
from resolver.strict_json import Json
from tests.unit.credentials.holders import (
    CHALLENGE,
    DOMAIN,
    SECONDS,
    Holder,
    enveloped,
    presentation,
)
from tests.unit.credentials.issuing import V1, V2, Issuer, Shelf, credential, envelope
from tests.unit.credentials.selective import bound, claims, sd_jwt
from tests.unit.credentials.test_hostile import JSON

DID = "did:web:ministry.example"
SHELF = Shelf()
ISSUER = Issuer.on(SHELF, DID)
HOLDER = Holder.known(SHELF)
CREDENTIAL = ISSUER.embedded(credential(DID))
ASKED = Expected(CHALLENGE, DOMAIN)
BODY = presentation(CREDENTIAL)
PASSED, FAILED, SKIPPED = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.SKIPPED


async def check(
    raw: str | bytes | Json,
    expected: Expected = ASKED,
    *,
    shelf: Shelf = SHELF,
    limits: Limits = DEFAULT_LIMITS,
) -> PresentationReport:
    return await verify_presentation(raw, shelf.verifier(limits=limits), expected)


def assert_fails(report: PresentationReport, id_: str) -> None:
    assert report.check(id_).outcome is FAILED, report.checks
    assert report.outcome is Outcome.FAILED


async def test_every_form_is_verified_with_every_credential_in_it() -> None:
    inside = presentation(CREDENTIAL, envelope(ISSUER.jwt(credential(DID))))
    whole = HOLDER.vp_jwt(inside)
    for raw, form in (
        (HOLDER.proved(inside), PresentationForm.EMBEDDED),
        (orjson.dumps(HOLDER.proved(inside)), PresentationForm.EMBEDDED),
        (whole, PresentationForm.JWT),
        (f" {whole}\n", PresentationForm.JWT),
        (enveloped(whole), PresentationForm.ENVELOPED),
        (f"data:application/vp+jwt,{whole}", PresentationForm.ENVELOPED),
    ):
        report = await check(raw)
        assert report.verified, report.checks
        assert report.form is form
        assert report.holder is not None
        assert report.holder.text == HOLDER.did
        assert [each.thumbprint for each in report.keys] == [HOLDER.key.public.thumbprint]
        assert [each.verified for each in report.credentials] == [True, True]
        assert all(each.outcome is PASSED for each in report.checks)


async def test_a_bad_credential_spoils_the_presentation_and_is_told_by_its_place() -> None:
    bad = CREDENTIAL | {"name": "another"}
    report = await check(HOLDER.proved(presentation(CREDENTIAL, bad)))
    assert_fails(report, PresentationCheckId.CREDENTIALS)
    assert [each.verified for each in report.credentials] == [True, False]
    (problem,) = report.check(PresentationCheckId.CREDENTIALS).problems
    assert problem.pointer == "/verifiableCredential/1"
    assert report.check(CheckId.PROOF).outcome is PASSED


async def test_a_presentation_may_hold_nothing_and_name_nobody() -> None:
    for body in (
        presentation(verifiableCredential=None),
        presentation(verifiableCredential=None, holder=None),
        presentation(holder={"id": HOLDER.did}),
        presentation(holder=None, verifiableCredential=CREDENTIAL),
    ):
        for raw in (HOLDER.proved(body), HOLDER.vp_jwt(body)):
            report = await check(raw)
            assert report.verified, report.checks
            assert report.holder is not None
            assert report.holder.text == HOLDER.did


async def test_without_a_signature_nobody_presents() -> None:
    report = await check(BODY)
    assert_fails(report, CheckId.PROOF)
    assert report.keys == ()


async def test_by_another_than_the_holder() -> None:
    stranger = Holder.known(SHELF, "did:web:stranger.example", seed=4)
    for raw in (stranger.proved(BODY), stranger.vp_jwt(BODY)):
        report = await check(raw)
        assert_fails(report, CheckId.KEY_BINDING)
        assert report.keys == ()
    assert_fails(await check(stranger.vp_jwt(BODY, iss=stranger.did)), PresentationCheckId.HOLDER)
    two = HOLDER.proved(presentation(holder=None))
    other = stranger.proved(presentation(holder=None))
    report = await check(two | {"proof": [two["proof"], other["proof"]]})
    assert_fails(report, CheckId.KEY_BINDING)


async def test_a_key_for_assertions_authenticates_nobody_and_the_other_way_round() -> None:
    shelf = Shelf()
    Issuer.on(shelf, DID)
    holder = Holder.known(shelf)
    shelf.documents[holder.did] |= {"authentication": [], "assertionMethod": [holder.kid]}
    for raw in (holder.proved(BODY), holder.vp_jwt(BODY)):
        assert_fails(await check(raw, shelf=shelf), CheckId.KEY_BINDING)
    assert_fails(await check(HOLDER.proved(BODY, proofPurpose="assertionMethod")), CheckId.PROOF)


@pytest.mark.parametrize(
    ("options", "id_"),
    [
        ({"challenge": None}, PresentationCheckId.CHALLENGE),
        ({"challenge": "other"}, PresentationCheckId.CHALLENGE),
        ({"domain": None}, PresentationCheckId.DOMAIN),
        ({"domain": "https://other.example"}, PresentationCheckId.DOMAIN),
        ({"domain": [DOMAIN, "https://other.example"]}, PresentationCheckId.DOMAIN),
    ],
)
async def test_a_proof_made_for_another(options: dict[str, Json], id_: str) -> None:
    report = await check(HOLDER.proved(BODY, **options))
    assert_fails(report, id_)
    assert report.check(CheckId.PROOF).outcome is PASSED
    assert (await check(HOLDER.proved(BODY, **options), NOTHING)).verified


@pytest.mark.parametrize(
    ("claims_", "id_"),
    [
        ({"nonce": None}, PresentationCheckId.CHALLENGE),
        ({"nonce": [CHALLENGE]}, PresentationCheckId.CHALLENGE),
        ({"aud": None}, PresentationCheckId.DOMAIN),
        ({"aud": "https://other.example"}, PresentationCheckId.DOMAIN),
        ({"exp": SECONDS}, CheckId.VALIDITY),
        ({"exp": "x"}, CheckId.VALIDITY),
        ({"nbf": SECONDS + 1}, CheckId.VALIDITY),
        ({"iss": "did:web:other.example"}, PresentationCheckId.HOLDER),
        ({"proof": {"type": "x"}}, CheckId.PROOF),
    ],
)
async def test_a_jwt_made_for_another(claims_: dict[str, Json], id_: str) -> None:
    assert_fails(await check(HOLDER.vp_jwt(BODY, **claims_)), id_)


async def test_a_jwt_may_be_for_several() -> None:
    token = HOLDER.vp_jwt(BODY, aud=[DOMAIN, "https://other.example"])
    assert (await check(token)).verified


async def test_a_proof_of_two_answers_the_challenge_with_each() -> None:
    first, second = HOLDER.proved(BODY), HOLDER.proved(BODY, challenge="other")
    report = await check(BODY | {"proof": [first["proof"], second["proof"]]})
    assert_fails(report, PresentationCheckId.CHALLENGE)


@pytest.mark.parametrize(
    ("members", "id_"),
    [
        ({"@context": None}, CheckId.CONTEXT),
        ({"@context": ["https://www.w3.org/ns/credentials/examples/v2", V2]}, CheckId.CONTEXT),
        ({"@context": [V2, 7]}, CheckId.CONTEXT),
        ({"@context": [V2, "https ://no"]}, CheckId.CONTEXT),
        ({"id": 7}, CheckId.STRUCTURE),
        ({"holder": "z6Mk"}, PresentationCheckId.HOLDER),
        ({"holder": {"id": "z6Mk"}}, PresentationCheckId.HOLDER),
        ({"holder": {"name": "x"}}, PresentationCheckId.HOLDER),
        ({"holder": "https://holder.example"}, PresentationCheckId.HOLDER),
        ({"verifiableCredential": ["e30.e30.e30"]}, CheckId.STRUCTURE),
        ({"verifiableCredential": [7]}, CheckId.STRUCTURE),
        ({"name": {"x": 1}}, CheckId.STRUCTURE),
    ],
    ids=str,
)
async def test_each_member(members: dict[str, Json], id_: str) -> None:
    assert_fails(await check(HOLDER.vp_jwt(presentation(CREDENTIAL, **members))), id_)


async def test_an_inline_context_leaves_it_open_what_is_meant() -> None:
    report = await check(
        HOLDER.proved(presentation(**{"@context": [V2, {"x": "https://x.example/"}]}))
    )
    assert report.outcome is Outcome.UNDETERMINED
    assert report.check(CheckId.CONTEXT).outcome is CheckOutcome.UNDETERMINED


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        [],
        {},
        "",
        "{}",
        b"\xff",
        "hello",
        {"type": "VerifiableCredential"},
        {"type": "EnvelopedVerifiablePresentation"},
        enveloped(HOLDER.vp_jwt(BODY), "application/vc+jwt"),
        enveloped(HOLDER.vp_jwt(BODY), "application/vp+sd-jwt"),
        enveloped(HOLDER.vp_jwt(BODY), "application/jwt"),
        enveloped(HOLDER.vp_jwt(enveloped(HOLDER.vp_jwt(BODY)))),
        HOLDER.jwt(credential(DID)),
        HOLDER.jwt({"vc": credential(DID)}),
        HOLDER.vp_jwt({"vp": BODY}),
    ],
    ids=str,
)
async def test_what_is_no_presentation_is_refused(raw: Json | bytes) -> None:
    report = await check(raw)
    assert [each.id for each in report.checks] == [CheckId.ENVELOPE]
    assert_fails(report, CheckId.ENVELOPE)


async def test_the_header_and_the_enveloping_context_count() -> None:
    for header in ({"typ": "vc+jwt"}, {"typ": "at+jwt"}, {"cty": "vc"}):
        assert_fails(await check(HOLDER.vp_jwt(BODY, header)), CheckId.ENVELOPE)
    for context in ([], "https://www.w3.org/ns/credentials/examples/v2"):
        raw = enveloped(HOLDER.vp_jwt(BODY)) | {"@context": context}
        assert_fails(await check(raw), CheckId.ENVELOPE)


async def test_version_1_1_presents_in_a_claim_and_may_hold_jwts() -> None:
    vp = presentation(ISSUER.jwt(credential(DID)), holder=None, **{"@context": [V1]})
    token = HOLDER.vp_jwt({"vp": vp}, {"typ": "JWT", "cty": None}, iss=HOLDER.did, jti="urn:a:b")
    report = await check(token)
    assert report.verified, report.checks
    assert report.form is PresentationForm.JWT_1_1
    vp |= {"holder": "did:web:other.example"}
    other = HOLDER.vp_jwt({"vp": vp}, {"typ": "JWT", "cty": None}, iss=HOLDER.did)
    assert_fails(await check(other), PresentationCheckId.HOLDER)


async def test_an_sd_jwt_is_presented_by_its_own_key_binding() -> None:
    text = sd_jwt(ISSUER, claims(ISSUER))
    for raw in (bound(text), enveloped(bound(text), "application/dc+sd-jwt")):
        report = await check(raw)
        assert report.verified, report.checks
        assert report.credentials[0].check(CheckId.HOLDER_BINDING).outcome is PASSED
    for raw in (text, bound(text, nonce="other"), bound(text, aud="https://other.example")):
        assert_fails(await check(raw), PresentationCheckId.CREDENTIALS)
    assert not (await check(text, NOTHING)).verified
    inside = HOLDER.vp_jwt(
        presentation(
            envelope("") | {"id": f"data:application/dc+sd-jwt,{text}"},
        )
    )
    assert (await check(inside)).verified


async def test_limits_are_named() -> None:
    whole = enveloped(HOLDER.vp_jwt(presentation(envelope(ISSUER.jwt(credential(DID))))))
    report = await check(whole, limits=Limits(max_data_uri_depth=1))
    assert "depth 2, at most 1" in report.credentials[0].check(CheckId.ENVELOPE).message
    report = await check(
        HOLDER.proved(presentation(*[CREDENTIAL] * 3)), limits=Limits(max_credentials=2)
    )
    assert "3 credentials, at most 2" in report.check(PresentationCheckId.CREDENTIALS).message
    assert len(report.credentials) == 2
    report = await check(HOLDER.vp_jwt(BODY), limits=Limits(max_bytes=100))
    assert "100 bytes" in report.check(CheckId.ENVELOPE).message


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(BODY)), JSON)
async def test_any_member_replaced(member: str, value: Json) -> None:
    body = BODY | {member: value}
    for raw in (HOLDER.proved(BODY) | {member: value}, HOLDER.vp_jwt(body)):
        report = await check(raw)
        assert all(each.message for each in report.checks)
    assert not (await check(body)).verified


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60) | JSON)
async def test_anything_at_all(raw: str | bytes | Json) -> None:
    assert not (await check(raw)).verified


async def test_a_self_asserted_credential_is_not_signed_by_its_presentation() -> None:
    own = credential(HOLDER.did)
    report = await check(HOLDER.proved(presentation(own)))
    assert_fails(report, PresentationCheckId.CREDENTIALS)
    assert report.check(PresentationCheckId.CHALLENGE).outcome is PASSED
    assert (await check(HOLDER.proved(presentation(own)), NOTHING)).check(
        PresentationCheckId.CHALLENGE
    ).outcome is SKIPPED
