"""The report: all problems at once, by their standard names; warnings apart; time bounded."""

import asyncio
from types import SimpleNamespace

import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.verify import Outcome
from resolver import clock
from resolver.did import Did
from resolver.document import DidDocument
from tests.unit.credentials.issuing import Issuer, Shelf, credential, status_entry, status_list

DID = "did:web:ministry.example"


async def test_every_problem_is_named_with_its_place_and_its_type() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    body = credential(
        DID,
        id=["urn:a:b", "urn:a:c"],
        type=["VerifiableCredential", 7],
        validFrom="yesterday",
        evidence=[{"x": 1}, {"type": "Photograph"}, "photo"],
    )
    report = await shelf.check(issuer.jwt(body, cty="vp"))
    found = {
        (each.id, problem.pointer, problem.type)
        for each in report.checks
        for problem in each.problems
    }
    assert found == {
        (CheckId.ENVELOPE, "(header)/cty", ProblemType.PARSING),
        (CheckId.STRUCTURE, "/id", ProblemType.MALFORMED_VALUE),
        (CheckId.TYPE, "/type/1", ProblemType.MALFORMED_VALUE),
        (CheckId.STRUCTURE, "/evidence/0", ProblemType.MALFORMED_VALUE),
        (CheckId.STRUCTURE, "/evidence/2", ProblemType.MALFORMED_VALUE),
        (CheckId.VALIDITY, "/validFrom", ProblemType.MALFORMED_VALUE),
    }


async def test_an_expired_credential_has_a_problem_without_a_standard_name() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    report = await shelf.check(issuer.jwt(credential(DID, validUntil="2026-02-01T00:00:00Z")))
    (problem,) = report.check(CheckId.VALIDITY).problems
    assert problem.type is None
    assert "expired" in problem.message


async def test_a_forged_signature_is_a_cryptographic_problem() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    head, body, _ = issuer.jwt(credential(DID)).split(".")
    report = await shelf.check(
        ".".join((head, body, issuer.jwt(credential(DID, id="urn:a:b")).split(".")[2]))
    )
    (problem,) = report.check(CheckId.PROOF).problems
    assert problem.type is ProblemType.CRYPTOGRAPHIC_SECURITY
    assert [each.finding.outcome for each in report.signatures] == [CheckOutcome.FAILED]
    assert report.signatures[0].proof["kid"] == issuer.kid


async def test_warnings_stand_apart_and_change_nothing() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    report = await shelf.check(issuer.jwt(credential(DID, validFrom=None)))
    assert report.verified
    assert [(each.id, each.problems) for each in report.checks if each.warnings] == [
        (CheckId.VALIDITY, ())
    ]
    assert "validFrom" not in report.check(CheckId.VALIDITY).message
    quiet = await shelf.check(issuer.jwt(credential(DID)))
    assert not any(each.warnings for each in quiet.checks)


async def test_each_check_says_how_long_its_step_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = 0
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter_ns=lambda: now_ns))

    class Slow(Shelf):
        async def document(self, did: Did) -> DidDocument:
            nonlocal now_ns
            now_ns += 20_000_000
            return await super().document(did)

    shelf = Slow()
    issuer = Issuer.on(shelf, DID)
    report = await shelf.check(issuer.jwt(credential(DID)))
    assert report.check(CheckId.KEY_BINDING).took_us == 20_000
    assert report.check(CheckId.STRUCTURE).took_us == 0


@pytest.mark.parametrize("stuck", ["document", "list"])
async def test_a_credential_has_only_so_much_time(stuck: str) -> None:
    async def for_ever() -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + 40
        loop.time = lambda: at
        await asyncio.Event().wait()

    class Stuck(Shelf):
        async def document(self, did: Did) -> DidDocument:
            if stuck == "document":
                await for_ever()
            return await super().document(did)

        async def fetch(self, url: str, **given: object):
            await for_ever()

    shelf = Stuck()
    issuer = Issuer.on(shelf, DID)
    shelf.lists["https://status.example/lists/1"] = issuer.jwt(status_list(DID)).encode()
    raw = issuer.jwt(credential(DID, credentialStatus=status_entry()))
    report = await shelf.check(raw, limits=Limits(max_seconds=30))
    assert report.outcome is Outcome.UNDETERMINED
    assert [each.id for each in report.checks] == list(CheckId)
    waiting = CheckId.PROOF if stuck == "document" else CheckId.STATUS
    assert "30 seconds" in report.check(waiting).message
    assert report.check(waiting).outcome is CheckOutcome.UNDETERMINED
