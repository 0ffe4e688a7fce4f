"""The published attacks: each is handled as it says that it must be."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.verify import Outcome, Report
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument
from resolver.resolution import native_resolver
from tests.unit.credentials.issuing import NOW, Issuer, Shelf, status_entry, status_list
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.own_contexts import BASE, MORE, RAW
from tests.unit.credentials.rdf.signing import sign_graph

ACCEPTED = ("00", "07", "20", "22")
UNDETECTABLE = ("21", "23")
"""Of the class `limit`: the same graph as 20 and 22."""


class ShelfOfKeys(Shelf):
    """Resolves did:key too, through the resolver's own code."""

    async def document(self, did: Did) -> DidDocument:
        if did.text in self.documents:
            return await super().document(did)
        return await native_resolver(self, FixedClock(NOW)).document(did)


@pytest.fixture(scope="module")
def attacks(vectors: Path) -> dict[str, dict[str, Any]]:
    paths = sorted((vectors / "vc" / "attacks").glob("*.json"))
    return {path.name[:2]: orjson.loads(path.read_bytes()) for path in paths}


@pytest.fixture(scope="module")
def graphs(vectors: Path) -> Graphs:
    return Graphs.of_vectors(vectors)


async def judged(attack: dict[str, Any], graphs: Graphs) -> Report:
    return await ShelfOfKeys(graphs=graphs).check(attack["credential"])


async def test_each_is_accepted_or_not_as_it_says(
    attacks: dict[str, dict[str, Any]], graphs: Graphs
) -> None:
    assert len(attacks) == 13
    for number, attack in attacks.items():
        report = await judged(attack, graphs)
        if attack["class"] == "limit":
            assert number in UNDETECTABLE
            assert report.json_protected is False
        else:
            assert report.verified is (attack["expected"] == "accept"), (number, report.checks)
        assert report.verified is (number in ACCEPTED + UNDETECTABLE)


@pytest.mark.parametrize(
    ("number", "check", "words"),
    [
        ("01", CheckId.PROOF, "/credentialSubject/conformityLevel: defined by no context"),
        ("03", CheckId.PROOF, "@index"),
        ("05", CheckId.PROOF, "/credentialSubject: says the same twice"),
        ("08", CheckId.PROOF, "written into the document"),
        ("10", CheckId.PROOF, "written into the document"),
        ("11", CheckId.KEY_BINDING, "its key belongs to"),
        ("13", CheckId.PROOF, "the proof expired at 2026-01-02T00:00:00Z"),
    ],
)
async def test_what_is_refused_is_refused_for_its_own_reason(
    attacks: dict[str, dict[str, Any]], graphs: Graphs, number: str, check: CheckId, words: str
) -> None:
    report = await judged(attacks[number], graphs)
    assert report.outcome is Outcome.FAILED
    found = report.check(check)
    assert (found.outcome, words in found.message) == (CheckOutcome.FAILED, True), found


@pytest.mark.parametrize(
    ("number", "type_"), [("01", "PROOF_TRANSFORMATION"), ("13", "PROOF_VERIFICATION")]
)
async def test_problems_have_the_types_of_data_integrity(
    attacks: dict[str, dict[str, Any]], graphs: Graphs, number: str, type_: str
) -> None:
    (problem,) = (await judged(attacks[number], graphs)).check(CheckId.PROOF).problems
    assert problem.type == f"https://w3id.org/security#{type_}_ERROR"


async def test_the_issuer_is_read_whether_it_is_a_string_or_an_object(
    attacks: dict[str, dict[str, Any]], graphs: Graphs
) -> None:
    string, thing = await judged(attacks["00"], graphs), await judged(attacks["07"], graphs)
    assert string.issuer == thing.issuer
    assert string.json_protected is thing.json_protected is True


@pytest.mark.parametrize("number", ["20", "21"])
async def test_who_was_assessed_and_who_audited_is_left_open(
    attacks: dict[str, dict[str, Any]], graphs: Graphs, number: str
) -> None:
    report = await judged(attacks[number], graphs)
    assert report.protection
    named = {each.pointer: each.terms for each in report.protection.unprotected}
    for member in ("auditor", "assessedOrganisation"):
        pointer = f"/credentialSubject/assessment/0/{member}"
        assert named[pointer] == ("assessedOrganisation", "auditor")
    assert any("assessedOrganisation, auditor" in each for each in report.check("proof").warnings)
    assert report.claims == ()
    assert report.claims_left_out > 0
    assert "claims are left out" in report.check(CheckId.UNTP).warnings[-1]


@pytest.mark.parametrize("number", ["22", "23"])
async def test_the_polygon_is_left_open_and_no_claim_depends_on_it(
    attacks: dict[str, dict[str, Any]], graphs: Graphs, number: str
) -> None:
    report = await judged(attacks[number], graphs)
    assert report.protection
    pointer = "/credentialSubject/facility/locationInformation/geoBoundary/coordinates"
    assert pointer in {each.pointer for each in report.protection.unprotected}
    assert report.claims
    assert report.claims_left_out == 0


async def test_a_signature_over_the_json_beside_it_protects_the_json(
    attacks: dict[str, dict[str, Any]], graphs: Graphs
) -> None:
    shelf = ShelfOfKeys(graphs=graphs)
    issuer = Issuer.on(shelf, "did:web:issuer.example")
    body = {**attacks["20"]["credential"], "issuer": issuer.did}
    del body["proof"]
    signed = await sign_graph(graphs, body, issuer.kid, issuer.key)
    assert (await shelf.check(signed)).json_protected is False
    over_json = issuer.embedded(body)["proof"]
    both = await shelf.check({**body, "proof": [signed["proof"], over_json]})
    assert both.verified
    assert both.json_protected is True
    assert both.claims
    assert both.claims_left_out == 0


async def test_without_graphs_nothing_is_known(
    attacks: dict[str, dict[str, Any]],
) -> None:
    report = await ShelfOfKeys().check(attacks["00"]["credential"])
    assert report.outcome is Outcome.UNDETERMINED
    assert report.json_protected is None


async def test_a_status_list_may_be_signed_so_too(vectors: Path, graphs: Graphs) -> None:
    shelf = ShelfOfKeys(graphs=graphs)
    issuer = Issuer.on(shelf, "did:web:issuer.example")
    body = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": issuer.did,
        "credentialSubject": {"id": "did:example:mine"},
        "credentialStatus": status_entry("6"),
    }
    listed = await sign_graph(graphs, status_list(issuer.did), issuer.kid, issuer.key)
    signed = await sign_graph(graphs, body, issuer.kid, issuer.key)
    shelf.lists["https://status.example/lists/1"] = orjson.dumps(listed)
    assert (await shelf.check(signed)).verified
    body["credentialStatus"] = status_entry("7")
    revoked = await sign_graph(graphs, body, issuer.kid, issuer.key)
    assert (await shelf.check(revoked)).check(CheckId.STATUS).outcome is CheckOutcome.FAILED


async def test_a_revocation_cannot_be_hidden() -> None:
    """Under another name for the same member, nobody would ask for the status."""
    graphs = Graphs.of(RAW)
    shelf = ShelfOfKeys(graphs=graphs)
    issuer = Issuer.on(shelf, "did:web:issuer.example")
    entry = {"id": "urn:status:1", "name": "an entry"}
    body = {
        "@context": [BASE, MORE],
        "type": "VerifiableCredential",
        "issuer": issuer.did,
        "credentialStatus": [entry],
    }
    signed = await sign_graph(graphs, body, issuer.kid, issuer.key)
    assert (await shelf.check(signed)).check(CheckId.PROOF).outcome is CheckOutcome.PASSED
    for hidden in (
        {"https://www.w3.org/2018/credentials#credentialStatus": [entry]},
        {"credentialStatus": [entry, entry]},
        {"credentialStatus": "urn:status:1"},
        {},
    ):
        bare = {name: value for name, value in signed.items() if name != "credentialStatus"}
        report = await shelf.check({**bare, **hidden})
        assert report.check(CheckId.PROOF).outcome is CheckOutcome.FAILED
