"""Published vectors: what their names promise, as far as it can be decided without JSON-LD."""

from pathlib import Path

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.reading import read_credential
from credentials.verify import Outcome
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, Issuer, Shelf

# Refused only by a JSON-LD processor: what an inline context defines is not read here, so that
# such a credential comes out undetermined, never verified.
JSON_LD_ONLY = {
    "credential-redef-type2-fail.json",
    "credential-type-mapped-nonurl-fail.json",
    "credential-type-unmapped-fail.json",
    "credential-proof-missing-type-fail.json",  # the proof's own reader refuses it
}


def test_the_data_models_own_inputs(vectors: Path) -> None:
    folder = vectors / "vc" / "vcdm2-suite-input"
    seen = 0
    for path in sorted(folder.glob("credential-*.json")):
        body = orjson.loads(path.read_bytes())
        # The suite's issuer endpoint sets the issuer; most inputs leave it out.
        if path.stem == "credential-issuer-object-ok" or "issuer" not in path.stem:
            body |= {"issuer": "did:example:issuer"}
        problems = {p for p in read_credential(body).problems if p.check != "status"}
        if path.name in JSON_LD_ONLY:
            continue
        seen += 1
        assert bool(problems) is path.stem.endswith(("-fail", "-inject")), (path.name, problems)
    assert seen > 20


@pytest.fixture(scope="module")
def attacks(vectors: Path) -> dict[str, dict[str, Json]]:
    """The credential of each attack, by its number."""
    paths = sorted((vectors / "vc" / "attacks").glob("*.json"))
    return {path.name[:2]: orjson.loads(path.read_bytes())["credential"] for path in paths}


async def test_rdf_proofs_are_undetermined_and_never_verified(
    attacks: dict[str, dict[str, Json]],
) -> None:
    """The attacks' proofs are eddsa-rdfc-2022, which is not implemented: nothing is believed."""
    assert len(attacks) == 13
    for number, body in attacks.items():
        report = await ShelfOfKeys().check(body)
        assert not report.verified
        proof = report.check(CheckId.PROOF).outcome
        known = {"11": CheckOutcome.SKIPPED, "13": CheckOutcome.FAILED}
        expected = known.get(number, CheckOutcome.UNDETERMINED)
        assert proof is expected, number


async def test_the_structural_attacks_are_seen(attacks: dict[str, dict[str, Json]]) -> None:
    report = await ShelfOfKeys().check(attacks["11"])
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.FAILED
    assert report.outcome is Outcome.FAILED
    report = await ShelfOfKeys().check(attacks["10"])
    assert report.check(CheckId.CONTEXT).outcome is CheckOutcome.UNDETERMINED


@pytest.mark.parametrize(
    ("number", "control"),
    [
        ("01", "00"),
        ("03", "00"),
        ("05", "00"),
        ("07", "00"),
        ("08", "00"),
        ("10", "00"),
        ("21", "20"),
        ("23", "22"),
    ],
)
async def test_a_signature_over_the_json_sees_what_one_over_rdf_does_not(
    attacks: dict[str, dict[str, Json]], number: str, control: str
) -> None:
    """Each mutation, made after a JCS or JOSE signature, breaks it."""
    shelf = Shelf()
    issuer = Issuer.on(shelf, "did:web:issuer.example")
    mine: dict[str, Json] = {"issuer": issuer.did}
    if number == "07":
        mutant: dict[str, Json] = {"issuer": {"id": issuer.did}}
    else:
        mutant = mine
    good = {name: value for name, value in attacks[control].items() if name != "proof"} | mine
    bad = {name: value for name, value in attacks[number].items() if name != "proof"} | mutant
    signed = issuer.embedded(good)
    token = issuer.jwt(good).split(".")
    swapped = [token[0], issuer.jwt(bad).split(".")[1], token[2]]
    for raw, expected in (
        (signed, CheckOutcome.PASSED),
        (".".join(token), CheckOutcome.PASSED),
        (bad | {"proof": signed["proof"]}, CheckOutcome.FAILED),
        (".".join(swapped), CheckOutcome.FAILED),
    ):
        assert (await shelf.check(raw)).check(CheckId.PROOF).outcome is expected


@pytest.fixture(scope="module")
def published(vectors: Path) -> dict[str, str]:
    """Published credentials, as text."""
    return {
        "jcs": (vectors / "vc/eddsa/TestVectors/eddsa-jcs-2022/signedJCS.json").read_text(),
        "jwt": (vectors / "vc/jose/credential-jose-minimal.txt").read_text(),
    }


async def test_the_published_jcs_vector_is_not_by_its_issuer(published: dict[str, str]) -> None:
    """Its signature is right (the resolver's own tests say so), and is no word of its issuer."""
    report = await ShelfOfKeys().check(published["jcs"])
    assert report.check(CheckId.ISSUER).outcome is CheckOutcome.FAILED
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.FAILED


async def test_the_published_jwt_with_a_date_as_iat_opens(published: dict[str, str]) -> None:
    report = await Shelf().check(published["jwt"])
    assert report.check(CheckId.ENVELOPE).outcome is CheckOutcome.PASSED
    assert report.check(CheckId.VALIDITY).outcome is CheckOutcome.PASSED
    assert report.check(CheckId.ISSUER).outcome is CheckOutcome.FAILED
    assert not report.verified


class ShelfOfKeys(Shelf):
    """Resolves did:key too, through the resolver's own code."""

    async def document(self, did: Did) -> DidDocument:
        return await native_resolver(self, FixedClock(NOW)).document(did)
