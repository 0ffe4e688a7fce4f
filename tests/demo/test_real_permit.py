"""British Columbia's real permit, re-issued under the demo ministry's officer.

The permit carries no authorisation of its own. Who may issue it is known from the registry alone.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from policies.statements import StatementId
from tests.demo.conftest import Service
from touchstone.demo.issuing import secure
from touchstone.demo.keys import demo_key

MINES_ACT = "https://www.bclaws.gov.bc.ca/civix/document/id/complete/statreg/96293_01"
Permit = dict[str, Any]

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def permit(vectors: Path) -> Permit:
    """The permit without its proof, which was made by another issuer's key."""
    path = vectors / "untp" / "samples" / "bcgov" / "BCMinesActPermit-v1.1-sample.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["proof"]
    return document


@pytest.fixture
def reissue(service: Service, permit: Permit) -> Callable[..., Awaitable[Permit]]:
    """Issue the permit under a party of the demo, and have the service verify it."""

    async def verified(party: str, form: str = "embedded") -> Permit:
        did = service.eco.data.parties[party].did
        body = {**permit, "issuer": {**permit["issuer"], "id": did}}
        signed = secure(body, form, method=f"{did}#key-1", key=demo_key(party))
        return await service.verify(signed)

    return verified


async def test_the_permit_says_nothing_of_who_authorised_it(permit: Permit) -> None:
    assert "authorisation" not in permit["credentialSubject"]
    assert permit["credentialSubject"]["assessmentLevel"] == "authority-mandate"


@pytest.mark.parametrize("form", ["embedded", "jwt", "enveloped"])
async def test_the_officers_permit_is_authorised_by_the_ministry(
    service: Service, reissue: Callable[..., Awaitable[Permit]], form: str
) -> None:
    answer = await reissue("permitting-officer", form)
    assert answer["outcome"] == "authorised", answer["message"]
    assert answer["claims"]
    for claim in answer["claims"]:
        decision = claim["decision"]
        assert claim["attested"]
        assert decision["reason"] == "AUTHORISED"
        grant, anchor = decision["chain"]
        assert grant["statement"] == service.eco.ids["permitting-officer"]
        assert grant["authority"]["did"] == service.eco.data.parties["ministry"].did
        assert anchor["statement"] == service.eco.ids["mines-act"]


async def test_its_date_lies_before_the_registry_and_the_answer_says_so(
    reissue: Callable[..., Awaitable[Permit]],
) -> None:
    answer = await reissue("permitting-officer")
    for claim in answer["claims"]:
        decision = claim["decision"]
        assert decision["at"] == "2015-03-19T00:00:00Z"
        assert decision["basis"] == "asserted"
        assert [step["recorded_later"] for step in decision["chain"]] == [True, True]
        assert all(step["recorded_at"] > "2026" for step in decision["chain"])


async def test_before_the_board_decided_nobody_could_have_said_yes(
    service: Service, permit: Permit
) -> None:
    did = service.eco.data.parties["permitting-officer"].did
    body = {**permit, "issuer": {**permit["issuer"], "id": did}}
    signed = secure(body, "jwt", method=f"{did}#key-1", key=demo_key("permitting-officer"))
    url = f"{service.origin}/v1/credentials/verify"
    asked = {"credential": signed, "known_at": "2026-01-20T00:00:00Z"}
    async with service.session.post(url, json=asked) as response:
        answer = await response.json()
    assert answer["outcome"] == "not_authorised"
    assert {claim["decision"]["reason"] for claim in answer["claims"]} == {"NO_STATEMENT"}


async def test_by_nothing_else_than_the_ministrys_statement(
    service: Service, permit: Permit
) -> None:
    index, size = service.eco.registry.index, service.eco.registry.journal.size
    grant = index.statement(StatementId(service.eco.ids["permitting-officer"]))
    assert grant is not None
    held = [each.id for each in index.statements() if each.entity == grant.entity]
    assert held == [grant.id]
    assert grant.recorded.position < size


@pytest.mark.parametrize("party", ["global-certifier", "scs", "export-authority", "ministry"])
async def test_the_same_permit_by_another_is_refused(
    reissue: Callable[..., Awaitable[Permit]], party: str
) -> None:
    answer = await reissue(party)
    assert answer["outcome"] == "not_authorised"
    expected = {
        "global-certifier": "RESERVED_SCOPE",
        "scs": "OUT_OF_SCOPE",
        "export-authority": "OUT_OF_SCOPE",
        "ministry": "NO_STATEMENT",  # it may let others issue; that does not let it issue itself
    }
    reasons = {claim["decision"]["reason"] for claim in answer["claims"]}
    assert reasons == {expected[party]}


async def test_the_reserved_scope_is_named(
    reissue: Callable[..., Awaitable[Permit]],
) -> None:
    answer = await reissue("global-certifier")
    for claim in answer["claims"]:
        assert claim["decision"]["reservation"] == "mine-permits-of-british-columbia"
        assert claim["decision"]["nearest_miss"][0]["outcome"] == "authorised"


async def test_the_original_proof_does_not_vouch_for_the_new_issuer(
    service: Service, vectors: Path, permit: Permit
) -> None:
    did = service.eco.data.parties["permitting-officer"].did
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": f"{did}#key-1",
        "proofValue": "z" + "2" * 87,
    }
    answer = await service.verify(
        {**permit, "issuer": {**permit["issuer"], "id": did}, "proof": [proof]}
    )
    assert answer["outcome"] == "not_authorised"
    assert answer["reason"] == "CREDENTIAL_FAILED"
