"""A disk that fails, or is full: the whole service, over HTTP."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from resolver.clock import SystemClock
from tests.faults.acts_server import LOG_KEY
from tests.faults.test_durability import verified
from tests.unit.trust_registry.board import ORIGIN, party, someone
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.notes import Note
from trust_registry.writing import sign_act, write_act

ROOT = Path(__file__).resolve().parents[2]
SERVE = "from touchstone.cli import main; main()"
COMMAND = (sys.executable, "-c", SERVE, "serve", "--listen", "127.0.0.1:0")
FAILING = ("-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


class Service:
    """`touchstone serve` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal.sqlite"
        key = folder / "log.key"
        key.write_text(LOG_KEY.secret_text())
        key.chmod(0o600)
        self.genesis = verified(self.journal).registry.genesis
        self.sent = 0
        self.process = subprocess.Popen(
            [*COMMAND, "--data", str(self.journal), "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "TOUCHSTONE_ORIGIN": ORIGIN,
                "TOUCHSTONE_LOG_KEY_FILE": str(key),
                "TOUCHSTONE_ACCESS_LOG": "false",
                "TOUCHSTONE_LINKS_DATA": str(folder / "links.sqlite"),
            },
        )
        assert self.process.stdout is not None
        said = ""
        while not said.endswith("}\n") and (line := self.process.stdout.readline()):
            said += line
        self.address = json.loads(said)["address"]

    def get(self, path: str) -> tuple[int, bytes]:
        return _answer(Request(f"{self.address}{path}"))  # noqa: S310 - a loopback address

    def submit(self) -> tuple[int, bytes]:
        """Submit an act that was never sent before."""
        self.sent += 1
        journal = json.loads(self.get("/v1/registry")[1])["journal"]
        irma = someone("irma")
        payload = write_act(
            party(f"party {self.sent}", keys=[], evidence=EVIDENCE),
            by=irma.did,
            origin=ORIGIN,
            genesis=self.genesis,
            base=(journal["size"], journal["root"]),
            issued=SystemClock().now(),
        )
        body = json.dumps(sign_act(payload, irma.kid, irma.key)).encode()
        headers = {"Content-Type": "application/json"}
        return _answer(Request(f"{self.address}/v1/acts", body, headers))  # noqa: S310 - the same

    def signed(self) -> int:
        """How many entries the stored checkpoint covers."""
        connection = sqlite3.connect(self.journal)
        (note,) = connection.execute("SELECT note FROM checkpoint").fetchone()
        connection.close()
        return Checkpoint.parse(Note.parse(note).text).size


EVIDENCE = [
    {"uri": f"https://evidence.test/{n}" + "x" * 200, "sha256": "0" * 64} for n in range(40)
]
"""Enough to fill a small disk soon."""


def _answer(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=60) as response:  # noqa: S310 - a loopback address
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    service = Service(folder)
    try:
        yield service
    finally:
        service.process.kill()
        service.process.communicate()


def until(condition, seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    return bool(condition())


@strace
def test_a_sync_that_fails_ends_the_process_and_nothing_is_signed(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        assert service.submit()[0] == 202
        assert until(lambda: service.signed() == 2)
        trace = tmp_path / "trace"
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(service.process.pid), "-o", str(trace), *FAILING],
            stderr=subprocess.PIPE,
        )
        assert tracer.stderr is not None
        if b"attached" not in tracer.stderr.readline():
            tracer.communicate()
            pytest.skip("strace may not trace here")
        status, body = service.submit()
        assert status == 503, body
        _, complaint = service.process.communicate(timeout=100)
        tracer.communicate(timeout=100)
        assert "EIO" in trace.read_text(), "no sync failed: the test tests nothing"
        assert service.process.returncode == 4
        assert "restart" in complaint
        assert service.signed() == 2
    journal = verified(service.journal).registry.journal
    assert journal.size in (2, 3)  # what was never acknowledged may be there, or not
    with serving(tmp_path) as again:
        assert again.submit()[0] == 202
        assert until(lambda: again.signed() == journal.size + 1)


def test_on_a_full_disk_writes_are_refused_and_reads_go_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("a file system of a given size cannot be mounted here")
    try:
        with serving(disk) as service:
            statuses = [service.submit()[0]]
            while statuses[-1] == 202 and len(statuses) < 200:
                statuses.append(service.submit()[0])
            assert statuses[-1] == 503, statuses
            recorded = len(statuses)  # with the framework, without the one that was refused
            assert service.submit()[0] == 503
            assert service.get("/ready")[0] in (200, 503)
            assert json.loads(service.get("/v1/registry")[1])["journal"]["size"] == recorded
            assert service.get(f"/log/proof/inclusion?index={recorded - 1}")[0] == 200
            larger = ["mount", "-o", "remount,size=8m", str(disk)]
            subprocess.run(larger, check=True, capture_output=True)
            assert service.submit()[0] == 202
            assert until(lambda: service.signed() == recorded + 1)
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(60) == 0
        assert verified(disk / "journal.sqlite").registry.journal.size == recorded + 1
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True, capture_output=True)
