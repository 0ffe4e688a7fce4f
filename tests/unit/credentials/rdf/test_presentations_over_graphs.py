"""Presentations whose graph is signed, with the credentials in them."""

from pathlib import Path
from typing import Any

import pytest

from credentials.holding import Expected
from credentials.presenting import PresentationReport, verify_presentation
from credentials.verify import Outcome
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V2, Issuer, Shelf, credential
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.signing import sign_graph

ASKED = {"challenge": "c-1", "domain": "https://verifier.example"}


@pytest.fixture(scope="module")
def graphs(vectors: Path) -> Graphs:
    return Graphs.of_vectors(vectors)


@pytest.fixture
def shelf(graphs: Graphs) -> Shelf:
    return Shelf(graphs=graphs)


@pytest.fixture
def issuer(shelf: Shelf) -> Issuer:
    return Issuer.on(shelf, "did:web:issuer.example")


@pytest.fixture
def holder(shelf: Shelf) -> Issuer:
    found = Issuer.on(shelf, "did:web:holder.example", seed=2)
    shelf.documents[found.did] |= {"authentication": [found.kid]}
    return found


async def presented(
    holder: Issuer, graphs: Graphs, *inside: Json, **options: Json
) -> dict[str, Json]:
    body: dict[str, Json] = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": holder.did,
        "verifiableCredential": list(inside),
    }
    how: dict[str, Any] = {"proofPurpose": "authentication", **ASKED, **options}
    return await sign_graph(graphs, body, holder.kid, holder.key, **how)


async def check(shelf: Shelf, raw: Json, **asked: Any) -> PresentationReport:
    expected = Expected(**({"challenge": "c-1", "domain": "https://verifier.example"} | asked))
    return await verify_presentation(raw, shelf.verifier(), expected)


async def test_a_presentation_over_a_graph_holds(
    shelf: Shelf, graphs: Graphs, issuer: Issuer, holder: Issuer
) -> None:
    body = credential(issuer.did)
    over_graph = await sign_graph(graphs, body, issuer.kid, issuer.key)
    raw = await presented(holder, graphs, over_graph, issuer.enveloped(body))
    report = await check(shelf, raw)
    assert report.verified, report.checks
    assert [each.outcome for each in report.credentials] == [Outcome.VERIFIED] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"challenge": "c-2"},
        {"domain": "https://other.example"},
        {"expires": "2026-01-01T00:00:00Z"},
        {"proofPurpose": "assertionMethod"},
    ],
)
async def test_what_it_was_made_for_is_signed(
    shelf: Shelf, graphs: Graphs, issuer: Issuer, holder: Issuer, change: dict[str, Any]
) -> None:
    inside = issuer.enveloped(credential(issuer.did))
    made_otherwise = await presented(holder, graphs, inside, **change)
    assert not (await check(shelf, made_otherwise)).verified
    good = await presented(holder, graphs, inside)
    assert (await check(shelf, good)).verified
    proof = good["proof"]
    assert isinstance(proof, dict)
    assert not (await check(shelf, {**good, "proof": {**proof, **change}})).verified


async def test_the_holder_and_what_is_inside_are_signed(
    shelf: Shelf, graphs: Graphs, issuer: Issuer, holder: Issuer
) -> None:
    inside = issuer.enveloped(credential(issuer.did))
    good = await presented(holder, graphs, inside)
    for change in (
        {"holder": issuer.did},
        {"verifiableCredential": [issuer.enveloped(credential(issuer.did, name="another"))]},
        {"verifiableCredential": []},
        {"unknown": "x"},
    ):
        assert not (await check(shelf, {**good, **change})).verified
