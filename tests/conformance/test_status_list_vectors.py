"""Published status lists, read as their publishers say."""

from pathlib import Path

import orjson
import pytest

from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.status.bits import ZLIB, Bits, inflate
from credentials.status.cache import StatusLists
from credentials.status.entries import ListKind, StatusEntry
from credentials.status.errors import StatusListError
from credentials.status.keeping import Held
from credentials.status.lists import StatusList, open_credential
from credentials.status.query import StatusQuery
from credentials.status.vouching import vouch
from credentials.verifier import Verifier
from resolver.clock import FixedClock
from resolver.instant import parse_instant
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from tests.unit.credentials.rdf.graphs import Graphs
from touchstone.client.unreachable import Unreachable

DCC_URL = "https://testing.dcconsortium.org/status/e5WK8CbZ1GjycuPombrj"
ENTRIES = 1_048_576
FLOOR = 131_072


@pytest.fixture(scope="module")
def token_lists(vectors: Path) -> list[dict[str, object]]:
    raw = (vectors / "vc/token-status-list/vectors.json").read_bytes()
    return orjson.loads(raw)


@pytest.mark.parametrize("number", [0, 1])
def test_every_value_of_a_token_status_list(
    token_lists: list[dict[str, object]], number: int
) -> None:
    vector = token_lists[number]
    bits, nonzero = vector["bits"], vector["nonzero"]
    assert isinstance(bits, int)
    assert isinstance(nonzero, dict)
    opened = Bits(inflate(str(vector["lst"]), ZLIB, 1024 * 1024), highest_first=False)
    assert opened.entries(bits) == vector["size"] == ENTRIES
    expected = {int(index): value for index, value in nonzero.items()}
    found = ((index, opened.value(index, bits)) for index in range(ENTRIES))
    assert {index: value for index, value in found if value} == expected
    with pytest.raises(StatusListError):
        opened.value(ENTRIES, bits)


def entry(index: int, url: str = DCC_URL) -> StatusEntry:
    return StatusEntry("", ListKind.BITSTRING, "revocation", url, index, kind=ListKind.BITSTRING)


@pytest.fixture(scope="module")
def dcc(vectors: Path) -> StatusList:
    raw = (vectors / "vc/dcc-signed/status-e5WK8CbZ1GjycuPombrj.json").read_bytes()
    return open_credential(ListKind.BITSTRING, DCC_URL, raw, Limits())


@pytest.fixture(scope="module")
def forged(vectors: Path) -> StatusList:
    raw = (vectors / "vc/dcc-signed/status-e5WK8CbZ1GjycuPombrj.json").read_bytes()
    other = raw.replace(b'"statusPurpose": "revocation"', b'"statusPurpose": "suspension"')
    assert other != raw
    return open_credential(ListKind.BITSTRING, DCC_URL, other, Limits())


@pytest.fixture(scope="module")
def graphs(vectors: Path) -> Graphs:
    return Graphs.of_vectors(vectors)


def test_a_real_list_below_the_floor_is_read_where_the_ecosystem_lowers_it(dcc: StatusList) -> None:
    assert dcc.bits.entries(1) == 100_000
    found = [index for index in range(100_000) if dcc.value(entry(index), 100_000)]
    assert found == [2, 6, 8]
    with pytest.raises(StatusListError) as refused:
        dcc.value(entry(6), FLOOR)
    assert refused.value.type is ProblemType.STATUS_LIST_LENGTH
    with pytest.raises(StatusListError) as refused:
        dcc.value(entry(100_000), 100_000)
    assert refused.value.type is ProblemType.RANGE


async def test_a_real_list_is_its_issuers_word(
    dcc: StatusList, forged: StatusList, graphs: Graphs
) -> None:
    now = parse_instant("2026-11-25T00:00:00Z")
    documents = Resolver({"key": KeyMethod()}, FixedClock(now))
    nowhere = StatusQuery(StatusLists(Unreachable()))
    verifier = Verifier(documents, nowhere, now, graphs=graphs)
    vouched = await vouch(Held(dcc, now, now, None, 0), verifier)
    assert vouched.issuer.text == "did:key:z6MknNQD1WHLGGraFi6zcbGevuAgkVfdyCdtZnQTGWVVvR5Q"
    with pytest.raises(StatusListError, match="proof"):
        await vouch(Held(forged, now, now, None, 0), verifier)


def test_a_real_list_served_under_another_address_is_another_list(vectors: Path) -> None:
    raw = (vectors / "vc/dcc-signed/status-e5WK8CbZ1GjycuPombrj.json").read_bytes()
    with pytest.raises(StatusListError, match="not the one asked for"):
        open_credential(ListKind.BITSTRING, f"{DCC_URL}/other", raw, Limits())


def test_the_list_of_a_pilot_holds_nothing_against_its_credentials(vectors: Path) -> None:
    raw = (vectors / "untp/samples/opsecid-0.5/bitstring-status-list-1.json").read_bytes()
    url = "https://untp.traceability.site/opsecid/samples/status/1"
    listed = open_credential(ListKind.BITSTRING, url, raw, Limits())
    assert listed.bits.entries(1) == FLOOR
    assert [listed.value(entry(index, url), FLOOR) for index in (1000, 3000, 4000)] == [0, 0, 0]
