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


async def test_a_graph_is_measured_where_untps_contexts_are_not_at_hand(told: list[str]) -> None:
    *measured, small, untp, hop = await cost_rows(TEXTS, told.append, quick=True)
    assert len(told) == 2
    assert [row.promised for row in measured] == ["", "<= 1.25 x", "<= 3 x", ""]
    assert small.share
    assert small.beside == "PyLD's own"
    assert untp.figure == "not measured"
    assert "https://vocabulary.uncefact.org/untp/0.7.0/context/" in untp.beside
    assert untp.kept
    assert hop.figure.endswith(" us")


async def test_a_graph_by_untps_context_is_measured_beside_pylds_own(
    told: list[str], vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_CONTEXTS", str(vectors / "untp" / "contexts"))
    *_, untp, _ = await cost_rows(TEXTS, told.append, quick=True)
    assert untp.promised == "<= 0.2 x"
    assert untp.share
    assert 0 < untp.share < 1


async def test_hostile_credentials_are_stopped(told: list[str]) -> None:
    rows = await hostile_rows(TEXTS, told.append, seconds=0.3)
    assert told == ["an idle service", "a poison graph", "10 MB"]
    assert [row.promised for row in rows] == ["", "<= 1 s", "<= 3 x", "<= 1 s", "<= 3 x"]


def test_the_credential_is_as_large_as_it_says() -> None:
    assert len(TEXTS.token) > BYTES
