"""Published credentials of real issuers, in both versions of the data model.

Their one status list names another address as its own than the one it is published at, so that no
status is good, or bad, by it.
"""

from pathlib import Path

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.credential import DataModel
from credentials.sources import Limits
from credentials.status.cache import StatusLists
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from credentials.verify import Outcome, Report, verify
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument
from resolver.resolution import native_resolver
from tests.unit.credentials.issuing import NOW, Shelf
from tests.unit.credentials.rdf.graphs import Graphs

LIST = (
    "https://raw.githubusercontent.com/digitalcredentials/verifier-core/refs/heads/main/src"
    "/test-fixtures/status/e5WK8CbZ1GjycuPombrj"
)
LIMITS = Limits(min_list_entries=100_000)
"""The list has 100,000 entries, fewer than the specification's own floor."""
VERIFIED, FAILED, UNDETERMINED = Outcome.VERIFIED, Outcome.FAILED, Outcome.UNDETERMINED


class World(Shelf):
    """Resolves did:key, and serves the one status list."""

    async def document(self, did: Did) -> DidDocument:
        return await native_resolver(self, FixedClock(NOW)).document(did)


@pytest.fixture(scope="module")
def folder(vectors: Path) -> Path:
    return vectors / "vc" / "dcc-signed"


@pytest.fixture(scope="module")
def texts(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in folder.glob("*.json")}


@pytest.fixture(scope="module")
def graphs(vectors: Path) -> Graphs:
    return Graphs.of_vectors(vectors)


async def checked(name: str, texts: dict[str, bytes], graphs: Graphs) -> Report:
    world = World(lists={LIST: texts["status-e5WK8CbZ1GjycuPombrj"]})
    query = StatusQuery(StatusLists(world, limits=LIMITS))
    return await verify(texts[name], Verifier(world, query, NOW, LIMITS, graphs=graphs))


@pytest.mark.parametrize(
    ("name", "outcome", "failed"),
    [
        ("status-e5WK8CbZ1GjycuPombrj", VERIFIED, set()),
        ("testVC", FAILED, {CheckId.PROOF}),
        ("v1NoStatus", VERIFIED, set()),
        ("v1WithValidStatus", UNDETERMINED, set()),
        ("v1Revoked", UNDETERMINED, set()),
        ("v1ExpiredWithValidStatus", FAILED, {CheckId.VALIDITY}),
        ("v1RevokedAndExpired", FAILED, {CheckId.VALIDITY}),
        ("v2NoStatus", VERIFIED, set()),
        ("v2SimpleIssuerId", VERIFIED, set()),
        ("v2OBv3SpecExample", VERIFIED, set()),
        ("v2WithValidStatus", UNDETERMINED, set()),
        ("v2EddsaWithValidStatus", UNDETERMINED, set()),
        ("v2Expired", FAILED, {CheckId.VALIDITY}),
        ("v2RevokedAndExpired", FAILED, {CheckId.VALIDITY}),
        ("v2DoubleSigWithBadStatusUrl", UNDETERMINED, set()),
        ("v2didWebMultikeyWithValidStatus", UNDETERMINED, set()),  # its host is not asked here
    ],
)
async def test_what_a_credential_comes_to(
    texts: dict[str, bytes], graphs: Graphs, name: str, outcome: Outcome, failed: set[CheckId]
) -> None:
    report = await checked(name, texts, graphs)
    assert {each.id for each in report.checks if each.outcome is CheckOutcome.FAILED} == failed
    assert report.outcome is outcome, [each for each in report.checks if each.problems]
    if CheckId.STATUS in {each.id for each in report.checks if each.problems} and "Bad" not in name:
        assert "not the one asked for" in report.check(CheckId.STATUS).message
    assert report.credential is not None
    old = orjson.loads(texts[name])["@context"][0].endswith("/v1")
    assert (report.credential.model is DataModel.VCDM_1_1) is old


def test_every_one_is_named_here(texts: dict[str, bytes]) -> None:
    (parametrize,) = test_what_a_credential_comes_to.pytestmark
    assert {case[0] for case in parametrize.args[1]} == set(texts)
