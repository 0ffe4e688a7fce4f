"""`touchstone monitor` over real HTTP: a log that is frozen, gone and back, in all its outputs."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from resolver.clock import SystemClock
from resolver.instant import DAY, Instant
from tests.http.conftest import small_registry
from tests.unit.trust_registry.monitor.shown import KEY, POLICY, Shown
from touchstone.cli import main
from touchstone.service.serving import listening


@dataclass
class Front:
    """A log's files over HTTP, while it is there."""

    shown: Shown
    away: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        data = await self.shown.get(request.match_info["path"], 1_000_000)
        return web.Response(status=404) if data is None else web.Response(body=data)


async def test_silence_is_told_once_and_its_end_once_in_every_output(tmp_path: Path) -> None:
    board = await small_registry(tmp_path / "journal.sqlite")
    journal = board.registry.journal
    entries, root = await journal.stored(0, journal.size), journal.root.hex()
    await board.registry.close()
    now = SystemClock().now()
    front = Front(Shown(entries[:-1], cosigned_at=Instant(now - DAY)))
    feed, policy = tmp_path / "feed.xml", tmp_path / "policy"
    await asyncio.to_thread(policy.write_text, POLICY)
    app = web.Application()
    app.router.add_get("/log/{path:.+}", front.answer)

    async with listening(app, "127.0.0.1", 0) as address:

        async def look(*options: str) -> tuple[int, list[str], str]:
            files = ("--data", str(tmp_path / "copy.sqlite"), "--atom", str(feed))
            command = ["monitor", address, "--policy", str(policy), *files, "--once", *options]
            result = await asyncio.to_thread(CliRunner().invoke, main, command)
            lines = [line for line in result.stdout.splitlines() if not line.startswith("#")]
            return result.exit_code, lines, await asyncio.to_thread(feed.read_text)

        code, lines, atom = await look()
        assert code == 3
        assert [line.partition(":")[0] for line in lines] == ["consistent", "ALARM"]
        assert "silent since" in lines[1]
        assert atom.count("<title>ALARM silent</title>") == 1

        code, lines, atom = await look("--json")  # the same episode
        assert (code, json.loads(lines[0])["size"], len(lines)) == (3, len(entries) - 1, 1)

        front.away = True
        code, lines, _ = await look()
        assert (code, lines) == (3, [])
        code, lines, _ = await look("--stale-after", "2d")  # by which it is not silent
        assert (code, [line.partition(":")[0] for line in lines]) == (4, ["ALL CLEAR"])

        front.away, front.shown.entries = False, entries
        code, lines, _ = await look()
        assert (code, [line.partition(":")[0] for line in lines]) == (3, ["consistent", "ALARM"])
        front.shown.cosigned_at = now
        code, lines, atom = await look("--json")
        told = [*map(json.loads, lines)]
        assert (code, told[0]["witnessed"], told[1]["kind"]) == (0, True, "heard")
        assert "all_clear" in told[1]
        assert atom.count("<title>ALL CLEAR heard</title>") == 2
        assert (await look())[:2] == (0, [f"consistent: {len(entries)} entries, root {root}"])

        front.shown.entries = entries[:2]
        for _ in range(2):
            code, lines, atom = await look("--json")
            told = [*map(json.loads, lines)]
            assert (code, len(told), told[0]["kind"]) == (1, 1, "misbehaviour")
            assert "shrank" in told[0]["alarm"]
            assert atom.count("<title>ALARM misbehaviour</title>") == 1


@pytest.mark.parametrize("duration", ["0s", "1", "week", "-1h"])
def test_a_duration_that_is_none_is_refused(tmp_path: Path, duration: str) -> None:
    result = CliRunner().invoke(
        main,
        [
            *("monitor", "http://127.0.0.1:1", "--vkey", str(KEY.public), "--once"),
            *("--data", str(tmp_path / "copy.sqlite"), "--stale-after", duration),
        ],
    )
    assert result.exit_code == 2
    assert "--stale-after" in result.stderr
