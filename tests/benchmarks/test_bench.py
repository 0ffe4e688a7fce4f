"""The bench works; what it finds is for people to read, not for tests to judge."""

import os
from pathlib import Path

import pytest
from aiohttp import web

from touchstone.bench import running
from touchstone.bench.answers import measure, works
from touchstone.bench.journal import journal_rows
from touchstone.bench.load import UnexpectedAnswerError, get, post, run_load
from touchstone.bench.rows import as_json, print_rows
from touchstone.bench.running import cost_of_decision


async def served(handler, measured) -> None:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await measured(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_every_kind_of_answer_is_measured_beside_its_floor() -> None:
    told: list[str] = []
    floors, measured = await measure(0.2, 4, told.append)
    assert set(floors) == {"GET", "POST"}
    assert [each.work.name for each in measured] == told == [work.name for work in works()]
    for each in measured:
        assert each.load.requests > 0
        assert 0 < each.load.p50_us <= each.load.p99_us
        assert each.share > 0


def test_no_question_of_a_series_comes_twice() -> None:
    for work in works():
        if "never" in work.name:
            asked = [work.requests[0] for _ in range(500)]
            assert len(set(asked)) == 500


def test_the_cost_of_a_decision_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_ROUNDS", 2)
    assert 0 < cost_of_decision(200) < 10_000


async def test_recording_and_proving_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    rows = await journal_rows(tmp_path, told.append, 2, (1000,))
    assert len(told) == 5
    assert [row.name for row in rows if row.promised] == [
        "verified entries, one a commit",
        "verified entries, 64 a commit",
        "verified entries, 64 writers",
        "an inclusion proof of 1,000 entries",
    ]
    assert all(row.share is None or row.share > 0 for row in rows)
    assert len(as_json(rows)) == len(rows)
    print_rows("Registry", rows)
    assert "promised" in capsys.readouterr().out


async def test_an_answer_that_is_none_is_not_measured() -> None:
    async def refusing(request: web.BaseRequest) -> web.Response:
        return web.Response(status=400, text="no")

    async def measured(port: int) -> None:
        with pytest.raises(UnexpectedAnswerError, match="400"):
            await run_load(port, os.getpid(), [get("/")], seconds=0.2, connections=2)

    await served(refusing, measured)


async def test_bodies_arrive_whole() -> None:
    seen: set[bytes] = set()

    async def reading(request: web.BaseRequest) -> web.Response:
        seen.add(await request.read())
        return web.Response(text="yes")

    async def measured(port: int) -> None:
        requests = [post("/", b'{"a":1}'), post("/", b"")]
        load = await run_load(port, os.getpid(), requests, seconds=0.2, connections=2)
        assert load.requests > 0

    await served(reading, measured)
    assert seen == {b'{"a":1}', b""}
