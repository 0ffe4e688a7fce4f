"""Verification in the shape of W3C VCALM, asked over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from resolver.fetch import Fetcher
from resolver.instant import DAY
from resolver.resolution import native_resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.http.conftest import SETTINGS, Answer, small_registry
from tests.http.test_bad_input import refused
from tests.http.test_openapi import check, schema_of
from tests.unit.credentials.holders import CHALLENGE, DOMAIN, Holder, enveloped, presentation
from tests.unit.credentials.issuing import Issuer, credential, envelope
from tests.unit.trust_registry.board import Board
from touchstone.service.app import build_app
from touchstone.service.serving import listening

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED: dict[str, Json] = {"challenge": CHALLENGE, "domain": DOMAIN}


@dataclass(frozen=True)
class Verifier:
    """The service, an issuer and a holder that it can resolve."""

    board: Board
    address: str
    session: aiohttp.ClientSession
    issuer: Issuer
    holder: Holder

    async def post(self, path: str, body: Json) -> Answer:
        async with self.session.post(f"{self.address}{path}", json=body) as response:
            return Answer(response.status, response.headers, await response.read())

    async def credential(self, given: Json, **options: Json) -> Answer:
        body: Json = {"verifiableCredential": given, "options": options}
        answer = await self.post("/credentials/verify", body)
        check(body, schema_of("VcalmCredentialRequest"))
        check(answer.json, schema_of("VcalmCredentialResult"))
        assert answer.headers["Content-Type"] == "application/json"
        return answer

    async def presentation(self, given: Json, **options: Json) -> Answer:
        body: Json = {"verifiablePresentation": given, "options": ASKED | options}
        answer = await self.post("/presentations/verify", body)
        check(answer.json, schema_of("VcalmPresentationResult"))
        return answer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def verifier(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Verifier]:
    board = await small_registry(tmp_path_factory.mktemp("vcalm") / "journal.sqlite")
    issuer, holder = _by_key(1), _by_key(3)
    async with Fetcher() as fetcher:
        app = build_app(
            board.registry, native_resolver(fetcher, board.clock), fetcher, board.clock, SETTINGS
        )
        async with listening(app, "127.0.0.1", 0) as address:
            async with aiohttp.ClientSession() as session:
                yield Verifier(board, address, session, issuer, holder)
    await board.registry.close()


def _by_key(seed: int) -> Holder:
    """An issuer or holder whose document is its key."""
    key = PrivateKey.from_seed(bytes([seed]) * 32)
    return Holder(f"did:key:{key.public.multikey}", key, key.public.multikey)


async def test_a_credential_that_verifies(verifier: Verifier) -> None:
    body = verifier.issuer.embedded(credential(verifier.issuer.did))
    answer = await verifier.credential(body)
    assert (answer.status, answer.json) == (200, {"verified": True, "problemDetails": []})
    answer = await verifier.credential(
        body, returnResults=True, returnCredential=True, checks=["proof"]
    )
    assert answer.json["credential"] == body
    assert answer.json["results"] == {
        "validFrom": {"verified": True, "input": "2026-01-01T00:00:00Z"},
        "credentialSchema": [],
        "credentialStatus": [],
        "proof": [{"verified": True, "input": body["proof"]}],
    }
    quiet = await verifier.credential(body, returnProblemDetails=False)
    assert quiet.json == {"verified": True}


async def test_an_enveloped_credential_has_its_header_for_a_proof(verifier: Verifier) -> None:
    raw = verifier.issuer.enveloped(credential(verifier.issuer.did))
    answer = await verifier.credential(raw, returnResults=True)
    assert (answer.status, answer.json["verified"]) == (200, True)
    results = answer.json["results"]
    assert isinstance(results, dict)
    (proof,) = results["proof"]
    assert proof["input"]["kid"] == verifier.issuer.kid


async def test_what_is_out_of_date_does_not_verify_and_is_no_error(verifier: Verifier) -> None:
    past = verifier.board.later(-DAY)
    body = verifier.issuer.embedded(credential(verifier.issuer.did, validUntil=past))
    answer = await verifier.credential(body, returnResults=True)
    assert (answer.status, answer.json["verified"]) == (200, False)
    (problem,) = answer.json["problemDetails"]
    assert problem["type"] == "/problems/credential-check"
    assert "expired" in problem["detail"]
    results = answer.json["results"]
    assert isinstance(results, dict)
    assert results["validUntil"] == {"verified": False, "input": past}


async def test_a_status_that_cannot_be_read_does_not_verify(verifier: Verifier) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://127.0.0.1/list",
    }
    body = verifier.issuer.embedded(credential(verifier.issuer.did, credentialStatus=[entry]))
    answer = await verifier.credential(body, returnResults=True)
    assert (answer.status, answer.json["verified"]) == (200, False)
    results = answer.json["results"]
    assert isinstance(results, dict)
    assert results["credentialStatus"] == [{"verified": False, "input": entry}]


async def test_a_broken_proof_or_model_is_an_error_with_the_same_result(verifier: Verifier) -> None:
    good = verifier.issuer.embedded(credential(verifier.issuer.did))
    for bad, type_ in (
        (good | {"name": "x"}, "CRYPTOGRAPHIC_SECURITY_ERROR"),
        (credential(verifier.issuer.did), "CRYPTOGRAPHIC_SECURITY_ERROR"),
        (
            verifier.issuer.embedded(credential(verifier.issuer.did, evidence=["x"])),
            "MALFORMED_VALUE_ERROR",
        ),
        (
            verifier.issuer.embedded(
                credential(
                    verifier.issuer.did,
                    validFrom="2027-01-01T00:00:00Z",
                    validUntil="2026-01-01T00:00:00Z",
                )
            ),
            "RANGE_ERROR",
        ),
        (
            verifier.issuer.embedded(credential(verifier.issuer.did, validUntil="soon")),
            "MALFORMED_VALUE_ERROR",
        ),
        ({"type": ["NonconformingDocument"]}, "PARSING_ERROR"),
        (good | {"proof": good["proof"] | {"cryptosuite": "rot13-2026"}}, None),
    ):
        answer = await verifier.credential(bad, returnResults=True)
        assert (answer.status, answer.json["verified"]) == (400, False), bad
        details = answer.json["problemDetails"]
        assert isinstance(details, list)
        names = [each["title"] for each in details if isinstance(each, dict)]
        assert type_ is None or type_ in names


async def test_a_presentation_is_told_step_by_step(verifier: Verifier) -> None:
    issued = verifier.issuer.embedded(credential(verifier.issuer.did))
    body = verifier.holder.proved(
        presentation(
            issued,
            envelope(verifier.issuer.jwt(credential(verifier.issuer.did))),
            holder=verifier.holder.did,
        )
    )
    answer = await verifier.presentation(body, returnPresentation=True)
    assert answer.status == 200
    assert answer.json["verified"] is True
    assert answer.json["verifiablePresentation"] == body
    results = answer.json["results"]
    assert isinstance(results, dict)
    assert results["presentation"] == {
        "challenge": {"verified": True, "input": CHALLENGE},
        "domain": {"verified": True, "input": DOMAIN},
        "holder": {"verified": True, "input": verifier.holder.did},
        "proof": [{"verified": True, "input": body["proof"], "problemDetails": []}],
    }
    inside = results["credentials"]
    assert isinstance(inside, list)
    assert [each["verified"] for each in inside if isinstance(each, dict)] == [True, True]
    short = await verifier.presentation(body, returnResults=False, returnProblemDetails=False)
    assert short.json == {"verified": True}


async def test_a_presentation_for_another_or_with_a_bad_credential(verifier: Verifier) -> None:
    issued = verifier.issuer.embedded(credential(verifier.issuer.did))
    body = presentation(issued, holder=verifier.holder.did)
    proved = verifier.holder.proved(body)
    for bad, member in (
        (verifier.holder.proved(body, challenge="other"), "challenge"),
        (verifier.holder.proved(body, domain="other"), "domain"),
        (proved | {"name": "x"}, "holder"),
        (
            verifier.holder.proved(
                presentation(issued | {"name": "x"}, holder=verifier.holder.did)
            ),
            None,
        ),
        (body, None),
        (enveloped("e30.e30.e30"), None),
        ({"type": ["NonconformingDocument"]}, None),
    ):
        answer = await verifier.presentation(bad)
        assert (answer.status, answer.json["verified"]) == (400, False)
        results = answer.json["results"]
        assert isinstance(results, dict)
        if member is not None:
            assert results["presentation"][member]["verified"] is False


async def test_too_many_credentials_are_an_error(verifier: Verifier) -> None:
    issued = verifier.issuer.embedded(credential(verifier.issuer.did))
    many = presentation(*[issued] * 17, holder=verifier.holder.did)
    answer = await verifier.presentation(verifier.holder.proved(many))
    assert answer.status == 400
    assert "17 credentials, at most 16" in answer.body.decode()


@pytest.mark.parametrize(
    ("path", "body", "slug", "pointer"),
    [
        ("/credentials/verify", {}, "missing-member", None),
        ("/credentials/verify", {"verifiableCredential": "eyJ.e30.x"}, "invalid-value", "/verifiableCredential"),
        ("/credentials/verify", {"verifiableCredential": {"a": 1}, "options": 7}, "invalid-value", "/options"),
        (
            "/credentials/verify",
            {"verifiableCredential": {"a": 1}, "options": {"returnResult": True}},
            "unknown-member",
            "/options/returnResult",
        ),
        (
            "/credentials/verify",
            {"verifiableCredential": {"a": 1}, "options": {"challenge": "x"}},
            "unknown-member",
            "/options/challenge",
        ),
        (
            "/credentials/verify",
            {"verifiableCredential": {"a": 1}, "options": {"returnResults": 1}},
            "invalid-value",
            "/options/returnResults",
        ),
        (
            "/credentials/verify",
            {"verifiableCredential": {"a": 1}, "options": {"checks": ["nothing"]}},
            "invalid-value",
            "/options/checks",
        ),
        ("/presentations/verify", {"verifiablePresentation": []}, "invalid-value", "/verifiablePresentation"),
        (
            "/presentations/verify",
            {"verifiablePresentation": {"a": 1}, "options": {"domain": ["x"]}},
            "invalid-value",
            "/options/domain",
        ),
        (
            "/presentations/verify",
            {"verifiablePresentation": {"a": 1}, "options": {"challenge": ""}},
            "invalid-value",
            "/options/challenge",
        ),
        ("/presentations/verify", {"presentation": {"a": 1}}, "unknown-member", "/presentation"),
    ],
)  # fmt: skip
async def test_a_request_that_is_none_is_a_problem_document(
    verifier: Verifier, path: str, body: Json, slug: str, pointer: str | None
) -> None:
    problem = refused(await verifier.post(path, body), 400, slug)
    assert problem.get("pointer") == pointer
