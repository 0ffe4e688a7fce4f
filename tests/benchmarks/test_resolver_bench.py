"""The bench of the resolver works; what it finds is for people to read, not for tests to judge."""

import json

import pytest
from blockbuster import BlockBuster
from click.testing import CliRunner

from touchstone.bench import resolver, webvh
from touchstone.bench.load import Load
from touchstone.cli.bench import bench


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, no_blocking_calls: BlockBuster) -> None:
    no_blocking_calls.deactivate()  # the other implementation reads its file in the loop
    monkeypatch.setattr(resolver, "_QUICK_S", 0.1)
    monkeypatch.setattr(resolver, "_ROUNDS", 1)
    monkeypatch.setattr(webvh, "SIZES", (1, 30))


@pytest.mark.usefixtures("short")
def test_every_answer_and_every_log_is_measured_beside_its_floor() -> None:
    shown = CliRunner().invoke(bench, ["resolver", "--quick", "--json"])
    assert shown.exit_code in {0, 1}, shown.output
    found = json.loads(shown.stdout)
    assert found["floor"]["cpu_us"] > 0
    assert [each["name"] for each in found["answers"]] == [work.name for work in resolver.works()]
    for each in found["answers"]:
        assert each["share_of_floor"] > 0
        assert each["requests_per_second"] > 0
    assert [each["entries"] for each in found["logs"]] == [1, 30]
    for each in found["logs"]:
        assert 0 < each["floor_us"] < each["cold_us"] < each["did_webvh_us"]
        assert each["x_floor"] > 1


def test_it_is_printed_for_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    load = Load(10, 1.0, 10.0, 20.0, 50.0)
    measured = [resolver.Measured(work, load, 0.95) for work in resolver.works()]
    resolver._print(load, measured, [webvh.LogCost(1, 100.0, 140.0, 130.0, None)])
    shown = capsys.readouterr().out
    for words in (
        "floor: bare aiohttp",
        "did:web, kept",
        ">= 1.16",
        "0.95",
        "1.40",
        "not installed",
    ):
        assert words in shown
    assert [each.kept for each in measured].count(False) == 1


def test_the_tail_of_a_long_log_is_cheap() -> None:
    assert not webvh.LogCost(1000, 1.0, 1.4, 1.4, None).kept
    assert webvh.LogCost(1000, 1.0, 1.4, 0.02, None).kept
    assert not webvh.LogCost(1, 1.0, 1.6, 0.01, None).kept
