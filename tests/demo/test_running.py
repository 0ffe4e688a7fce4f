"""`touchstone demo` comes up, answers, and ends when told to, as its own process."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from touchstone.cli import main; main()", "demo")
ENVIRONMENT = {name: value for name, value in os.environ.items() if "TOUCHSTONE" not in name}


@asynccontextmanager
async def demo(*arguments: str, listen: str = "127.0.0.1:0") -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        cwd=ROOT,
        env={**ENVIRONMENT, "TOUCHSTONE_LISTEN": listen, "NO_COLOR": "1"},
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def report_of(process: Process) -> dict:
    """Read the JSON report, which ends before the process does."""
    assert process.stdout is not None
    text = b""
    while line := await process.stdout.readline():
        text += line
        if line == b"}\n":
            return json.loads(text)
    raise AssertionError(f"the demo ended: {text!r}, {(await process.communicate())[1]!r}")


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_a_yes_and_a_no_and_ends_when_told(order: signal.Signals) -> None:
    async with demo("--json") as process:
        async with asyncio.timeout(100):
            report = await report_of(process)
        assert [each["answer"]["outcome"] for each in report["answers"]] == [
            "authorised",
            "not_authorised",
        ]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{report['origin']}/health") as response:
                assert response.status == 200
            async with session.get(f"{report['origin']}/v1/parties") as response:
                assert response.status == 200
        folder = Path(report["folder"])
        assert await asyncio.to_thread(folder.exists)
        process.send_signal(order)
        async with asyncio.timeout(100):
            assert await process.wait() == 0
        assert not await asyncio.to_thread(folder.exists)


async def test_each_next_step_works_as_printed() -> None:
    async with demo("--json") as process:
        async with asyncio.timeout(100):
            report = await report_of(process)
        for step in report["next"]:
            if not step.startswith("curl "):
                continue
            curl = await asyncio.create_subprocess_shell(f"{step} -f", stdout=PIPE)
            out, _ = await curl.communicate()
            if curl.returncode == 127:
                pytest.skip("curl is not installed")
            assert curl.returncode == 0, step
            assert isinstance(json.loads(out), dict)


async def test_the_text_shows_both_trees_and_says_that_it_is_illustrative() -> None:
    async with demo() as process:
        assert process.stdout is not None
        async with asyncio.timeout(100):
            text = (await process.stdout.readuntil(b"Stop with")).decode()
    assert text.startswith("Illustrative")
    assert "✓ authorised  AUTHORISED" in text
    assert "✗ not authorised  OUT_OF_SCOPE" in text
    assert "curl -s -X POST" in text


async def test_a_busy_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with demo(listen=address) as process:
            async with asyncio.timeout(100):
                out, err = await process.communicate()
    assert process.returncode == 4
    assert out == b""
    assert f"{address} cannot be listened on" in err.decode()
    assert "TOUCHSTONE_LISTEN" in err.decode()


async def test_a_kept_folder_is_kept_and_not_written_over(tmp_path: Path) -> None:
    async with demo("--json", "--folder", str(tmp_path / "kept")) as process:
        async with asyncio.timeout(100):
            report = await report_of(process)
        process.terminate()
        assert await process.wait() == 0
    assert report["folder"] == str(tmp_path / "kept")
    assert await asyncio.to_thread((tmp_path / "kept" / "registry.sqlite").exists)
    async with demo("--folder", str(tmp_path / "kept")) as process:
        _, err = await process.communicate()
    assert process.returncode == 4
    assert "exists already" in err.decode()
