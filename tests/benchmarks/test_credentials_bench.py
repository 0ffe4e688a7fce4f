"""The bench of credentials works; what it finds is for people to read, not for tests to judge."""

from pathlib import Path

import pytest

from touchstone.bench.credential_costs import cost_rows
from touchstone.bench.credential_texts import BYTES, conformity
from touchstone.bench.hostile import hostile_rows

TEXTS = conformity()


@pytest.fixture
def told() -> list[str]:
    return []


async def test_a_missing_context_is_said_and_no_promise_is_kept_by_it(told: list[str]) -> None:
    *measured, graph = await cost_rows(TEXTS, told.append, quick=True)
    assert len(told) == 2
    assert [row.promised for row in measured] == ["", "<= 1.25 x", "<= 3 x", ""]
    assert not graph.kept
    assert "https://vocabulary.uncefact.org/untp/0.7.0/context/" in graph.beside


async def test_a_graph_is_measured_beside_pylds_own(
    told: list[str], vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_CONTEXTS", str(vectors / "untp" / "contexts"))
    *_, graph, hop = await cost_rows(TEXTS, told.append, quick=True)
    assert graph.promised == "<= 0.2 x"
    assert graph.share
    assert 0 < graph.share < 1
    assert hop.figure.endswith(" us")


async def test_hostile_credentials_are_stopped(told: list[str]) -> None:
    rows = await hostile_rows(TEXTS, told.append, seconds=0.3)
    assert told == ["an idle service", "a poison graph", "10 MB"]
    assert [row.promised for row in rows] == ["", "<= 1 s", "<= 3 x", "<= 1 s", "<= 3 x"]


def test_the_credential_is_as_large_as_it_says() -> None:
    assert len(TEXTS.token) > BYTES
