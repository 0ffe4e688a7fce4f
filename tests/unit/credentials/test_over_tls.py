"""The whole way: did:web documents and status lists over real TLS on loopback, vetted as ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.status.cache import StatusLists
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from credentials.verify import Outcome, Report, verify
from resolver.clock import FixedClock
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.loopback import Site, TestCa, make_ca, serve_tls
from tests.unit.credentials.issuing import (
    LIST_URL,
    NOW,
    Issuer,
    Shelf,
    credential,
    status_entry,
    status_list,
)

UNCEFACT = "uncefact.github.io"
UNCEFACT_PATH = "/project-vckit/test-and-development/did.json"
PASSPORTS = (
    ("valid-v2-enveloped-dpp", Outcome.UNDETERMINED),
    ("playground-dpp-0.6.0", Outcome.UNDETERMINED),
    ("invalid-schema-v2-enveloped-dpp", Outcome.FAILED),
)
DID = "did:web:certifier.example:body"
ISSUER = Issuer.on(Shelf(), DID)
DOCUMENT = orjson.dumps(ISSUER.document())


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> TestCa:
    return make_ca(tmp_path_factory.mktemp("ca"))


class World:
    """A verifier that reaches the hosts that are served, and no other."""

    def __init__(self, fetcher: Fetcher) -> None:
        resolver = native_resolver(fetcher, FixedClock(NOW))
        self._verifier = Verifier(resolver, StatusQuery(StatusLists(fetcher)), NOW)

    async def check(self, raw: Json) -> Report:
        return await verify(raw, self._verifier)


@asynccontextmanager
async def world(ca: TestCa, sites: dict[str, Site]) -> AsyncIterator[World]:
    async with serve_tls(ca, sites) as policy, Fetcher(policy, lookup=_nowhere) as fetcher:
        yield World(fetcher)


async def _nowhere(host: str, port: int, family: int) -> list[str]:
    raise OSError(f"{host} is not served here")


@pytest.fixture(scope="module")
def uncefact(vectors: Path) -> bytes:
    return (vectors / "untp/did/vckit-test-and-development.did.json").read_bytes()


@pytest.fixture(scope="module")
def passports(vectors: Path) -> dict[str, Json]:
    folder = vectors / "untp/samples/signed-enveloped"
    return {name: orjson.loads((folder / f"{name}.json").read_bytes()) for name, _ in PASSPORTS}


@pytest.mark.parametrize(("name", "outcome"), PASSPORTS)
async def test_the_real_passports_at_their_own_address(
    ca: TestCa, uncefact: bytes, passports: dict[str, Json], name: str, outcome: Outcome
) -> None:
    async with world(ca, {UNCEFACT: {UNCEFACT_PATH: uncefact}}) as verifier:
        report = await verifier.check(passports[name])
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.PASSED
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.PASSED
    assert report.check(CheckId.STATUS).outcome is CheckOutcome.UNDETERMINED
    assert report.outcome is outcome


async def test_an_issuer_that_is_not_served_is_undetermined(
    ca: TestCa, passports: dict[str, Json]
) -> None:
    async with world(ca, {"other.example": {}}) as verifier:
        report = await verifier.check(passports[PASSPORTS[0][0]])
    assert report.check(CheckId.KEY_BINDING).outcome is CheckOutcome.UNDETERMINED
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.UNDETERMINED
    assert report.outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("index", "outcome"),
    [(6, Outcome.VERIFIED), (7, Outcome.FAILED), (10**7, Outcome.UNDETERMINED)],
)
async def test_a_status_list_is_fetched_and_read(ca: TestCa, index: int, outcome: Outcome) -> None:
    listed = orjson.dumps(ISSUER.enveloped(status_list(DID)))
    sites: dict[str, Site] = {
        "certifier.example": {"/body/did.json": DOCUMENT},
        "status.example": {"/lists/1": listed},
    }
    token = ISSUER.jwt(credential(DID, credentialStatus=status_entry(index)))
    async with world(ca, sites) as verifier:
        report = await verifier.check(token)
    assert report.outcome is outcome


async def test_a_list_that_its_host_does_not_have_is_undetermined(ca: TestCa) -> None:
    sites: dict[str, Site] = {
        "certifier.example": {"/body/did.json": DOCUMENT},
        "status.example": {},
    }
    token = ISSUER.jwt(credential(DID, credentialStatus=status_entry(6)))
    async with world(ca, sites) as verifier:
        report = await verifier.check(token)
    assert report.outcome is Outcome.UNDETERMINED
    assert "404" in report.check(CheckId.STATUS).message
    assert LIST_URL in report.check(CheckId.STATUS).message


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/lists/1", "https://169.254.169.254/latest", "file:///etc/passwd"]
)
async def test_a_status_list_never_leads_inside(ca: TestCa, url: str) -> None:
    sites: dict[str, Site] = {"certifier.example": {"/body/did.json": DOCUMENT}}
    token = ISSUER.jwt(credential(DID, credentialStatus=status_entry(6, statusListCredential=url)))
    async with world(ca, sites) as verifier:
        report = await verifier.check(token)
    assert report.check(CheckId.STATUS).outcome is CheckOutcome.UNDETERMINED
