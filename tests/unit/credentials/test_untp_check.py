import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.verify import Outcome, Report
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V2, Issuer, Shelf, credential

DID = "did:web:ministry.example"
UNTP_07 = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
DCC = "DigitalConformityCredential"


async def report(contexts: list[Json], types: list[Json]) -> Report:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    body = credential(
        DID, **{"@context": [V2, *contexts], "type": ["VerifiableCredential", *types]}
    )
    return await shelf.check(issuer.jwt(body))


async def test_another_credential_has_no_part_in_it() -> None:
    found = await report(["https://example.com/context"], ["Diploma"])
    assert found.check(CheckId.UNTP).outcome is CheckOutcome.SKIPPED
    assert found.verified
    assert found.claims == ()


@pytest.mark.parametrize(
    ("contexts", "types"),
    [
        (["https://vocabulary.uncefact.org/untp/9.0.0/context/"], [DCC]),
        ([UNTP_07], ["Unheard"]),
        ([], [DCC]),
    ],
)
async def test_untp_of_an_unknown_kind_is_undetermined(
    contexts: list[Json], types: list[Json]
) -> None:
    found = await report(contexts, types)
    assert found.check(CheckId.UNTP).outcome is CheckOutcome.UNDETERMINED
    assert found.outcome is Outcome.UNDETERMINED


async def test_a_contradiction_fails_with_its_pointer() -> None:
    found = await report([UNTP_07], [DCC, "DigitalProductPassport"])
    assert found.check(CheckId.UNTP).outcome is CheckOutcome.FAILED
    assert found.check(CheckId.UNTP).message.startswith("/type: ")
    assert found.outcome is Outcome.FAILED
