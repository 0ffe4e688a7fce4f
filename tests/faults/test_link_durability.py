"""Links are durable before they are acknowledged: killed without warning, and on a full disk."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resolver.proofs.jose import verify_jws
from tests.unit.link_resolver.shelf import open_shelf

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12


def process(command: str, folder: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.links_server", command, str(folder), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


def test_no_acknowledged_link_is_lost_however_often_the_publisher_is_killed(
    tmp_path: Path,
) -> None:
    acknowledged: dict[str, str] = {}
    for kill in range(KILLS):
        publisher = process("publish", tmp_path)
        assert publisher.stdout is not None
        said = [publisher.stdout.readline() for _ in range(1 + kill * 7 % 13)]
        publisher.send_signal(signal.SIGKILL)
        rest, _ = publisher.communicate()
        for line in (*said, *rest.splitlines(keepends=True)):
            if line.endswith("\n"):  # the last line may be cut by the kill
                _, record, path = line.split()
                acknowledged[path] = record

    async def check() -> None:
        async with open_shelf(tmp_path) as shelf:
            for path, record in acknowledged.items():
                (found,) = shelf.cache.links([path])[path]
                assert found.record == record
                kept = shelf.store.record(record)
                assert kept is not None, "acknowledged and lost"
                verify_jws(kept.jws, kept.key)
            assert shelf.store.last.size >= len(acknowledged)

    asyncio.run(check())
    assert len(acknowledged) > KILLS


def test_on_a_full_disk_nothing_is_acknowledged_and_reading_goes_on(tmp_path: Path) -> None:
    filled = process("fill", tmp_path, "400000")
    out, _ = filled.communicate(timeout=100)
    assert filled.returncode == 0, out
    said = [line.split() for line in out.splitlines()]
    assert ["refused"] in said
    (reads,) = [words for words in said if words[0] == "reads"]
    assert reads[1] == reads[2], "what was refused is not there, what was acknowledged is"
    assert said[-1][0] == "acknowledged"
