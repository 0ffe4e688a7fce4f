"""Durable before acknowledged: watched by strace, killed without warning, on a full disk."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.faults.acts_server import LOG_KEY
from tests.unit.trust_registry.board import (
    EVIDENCE,
    ORIGIN,
    START,
    Board,
    framework_document,
    open_board,
    party,
    someone,
)
from trust_registry.documents import load_framework
from trust_registry.writing import sign_act, write_act

ROOT = Path(__file__).resolve().parents[2]
JOURNALS = 8
KILLS = 25
ADOPTED = load_framework(framework_document())


def process(
    command: str, path: Path, *more: str, before: tuple[str, ...] = ()
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*before, sys.executable, "-m", "tests.faults.acts_server", command, str(path), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(running: "subprocess.Popen[str]") -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def end(running: "subprocess.Popen[str]") -> list[str]:
    """Kill without warning; what it had still said."""
    running.send_signal(signal.SIGKILL)
    rest, _ = running.communicate()
    return rest.splitlines()


def verified(path: Path) -> Board:
    async def open_and_verify() -> Board:
        board = await open_board(path)
        assert board.registry.verify() == board.registry.journal.size
        await board.registry.close()
        return board

    return asyncio.run(open_and_verify())


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_sync_precedes_the_reply(tmp_path: Path) -> None:
    path, trace = tmp_path / "journal.sqlite", tmp_path / "trace"
    calls = "trace=fdatasync,fsync,sendto,sendmsg,write,writev,pwrite64"
    watched = process(
        "serve", path, before=("strace", "-f", "-y", "-s", "24", "-o", str(trace), "-e", calls)
    )
    started = line(watched).split()
    if not started:
        watched.communicate()
        pytest.skip("strace may not trace here")
    port, served = map(int, started)
    try:
        for number in range(3):
            submit(port, path, number)
    finally:
        os.kill(served, signal.SIGTERM)  # strace ends with what it traces, not before
        watched.communicate(timeout=60)
    replies = 0
    written, synced = False, False
    for call in trace.read_text().splitlines():
        if "pwrite64(" in call and "journal.sqlite-wal" in call:
            written, synced = True, False
        elif re.search(r"(fdatasync|fsync)(\(.*journal\.sqlite-wal.*\)| resumed>\)) += 0$", call):
            synced = written
        elif '"HTTP/1.1 202' in call:
            assert written, "an acknowledgement without a write before it"
            assert synced, "an acknowledgement before the sync of its write"
            replies += 1
            written, synced = False, False
    assert replies == 3


def submit(port: int, path: Path, number: int) -> None:
    """Submit one act as anyone would, on the base that the registry publishes."""
    journal = read(port, "/v1/frameworks")["journal"]
    assert isinstance(journal, dict)
    irma = someone("irma")
    payload = write_act(
        party(f"party {number}", keys=[], evidence=EVIDENCE),
        by=irma.did,
        origin=ORIGIN,
        genesis=verified(path).registry.genesis,
        base=(journal["size"], journal["root"]),
        issued=START,
    )
    body = json.dumps(sign_act(payload, irma.kid, irma.key)).encode()
    request = Request(  # a loopback address of our own
        f"http://127.0.0.1:{port}/v1/acts", body, {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=60) as response:  # noqa: S310  # the same
        assert response.status == 202


def read(port: int, path: str) -> dict[str, object]:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:  # the same
        answer: dict[str, object] = json.load(response)
        return answer


@pytest.mark.timeout(300)
def test_no_acknowledged_entry_is_lost_however_often_the_writer_is_killed(tmp_path: Path) -> None:
    """Two hundred times, over some journals side by side."""
    paths = [tmp_path / f"journal-{number}.sqlite" for number in range(JOURNALS)]
    killers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.killing", str(path), str(KILLS), str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, path in enumerate(paths)
    ]
    lines = [killer.communicate()[0].splitlines() for killer in killers]
    assert [killer.returncode for killer in killers] == [0] * JOURNALS
    for path, said in zip(paths, lines, strict=True):
        acknowledged = {id_: int(index) for index, id_ in map(str.split, said)}
        assert len(acknowledged) >= KILLS
        journal = asyncio.run(positions(path, acknowledged))
        assert journal == acknowledged


async def positions(path: Path, acts: Iterable[str]) -> dict[str, int | None]:
    """Where a journal that is sound, and signed for, has these acts."""
    board = await open_board(path, log_keys=[LOG_KEY])
    registry = board.registry
    assert registry.publisher is not None
    assert registry.publisher.latest is not None
    assert registry.publisher.latest.checkpoint.size == registry.journal.size
    keys = registry.publisher.vkeys
    assert await asyncio.to_thread(registry.verify, keys) == registry.journal.size
    recordings = {act: registry.state.recording(act) for act in acts}
    await registry.close()
    return {act: found and found.position for act, found in recordings.items()}


def test_two_processes_write_one_history(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    asyncio.run(positions(path, ()))
    writers = [process("append", path) for _ in range(2)]
    rounds = [[line(writer) for writer in writers] for _ in range(40)]
    said = [
        [*before, *end(writer)]
        for before, writer in zip(zip(*rounds, strict=True), writers, strict=True)
    ]
    receipts = [each.split() for lines in said for each in lines if each.count(" ") == 1]
    acknowledged = {id_: int(index) for index, id_ in receipts if len(id_) == 64}
    assert len(set(acknowledged.values())) == len(acknowledged) >= 80
    one, other = ([int(each.split()[0]) for each in lines[:-1]] for lines in said)
    together = min(one) < max(other) and min(other) < max(one)
    assert together, "one wrote after the other: the test tests nothing"
    assert asyncio.run(positions(path, acknowledged)) == acknowledged


def test_on_a_full_disk_nothing_is_acknowledged_and_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    filled = process("fill", path, "200000")
    out, _ = filled.communicate(timeout=100)
    assert filled.returncode == 0, out
    said = [each.split() for each in out.splitlines()]
    acknowledged = [int(words[1]) for words in said if words[0] == "acknowledged"]
    assert ["refused", "StoreError"] in said
    assert ["reads", "6", str(len(acknowledged))] in said
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert verified(path).registry.journal.size == len(acknowledged) + 1
