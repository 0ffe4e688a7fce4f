"""The log's own processes: a witness that is killed, a monitor that is not told the truth."""

import asyncio
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from resolver.clock import SystemClock
from tests.unit.trust_registry.board import ORIGIN, open_board, party
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey, VerifierKey, verify_note
from trust_registry.log.lines import to_base64
from trust_registry.log.notes import Note, parse_signatures
from trust_registry.log.publisher import log_origin
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash

ROOT = Path(__file__).resolve().parents[2]
LOG = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"l" * 32)


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


def touchstone(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from touchstone.cli import main; main()", *arguments]


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """A command that serves; its address. It is killed without warning at the end."""
    process = subprocess.Popen(touchstone(*arguments, "--json"), cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"}\n") and (line := process.stdout.readline()):
        said += line
    try:
        yield json.loads(said)["address"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def asking(old: int, size: int, word: str = "entry") -> bytes:
    tree = HashTree()
    for number in range(size):
        tree.append(leaf_hash(f"{word}-{number}".encode()))
    text = str(Checkpoint(LOG.public.name, size, tree.root(size)))
    proof = "".join(f"{to_base64(each)}\n" for each in tree.consistency(old, size))
    return f"old {old}\n{proof}\n{Note(text, (LOG.sign(text, SystemClock().now()),))}".encode()


def add(address: str, body: bytes) -> tuple[int, str]:
    try:
        with urlopen(Request(f"{address}/add-checkpoint", body), timeout=60) as response:  # noqa: S310  # a loopback address
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_witness_that_is_killed_remembers_what_it_cosigned(tmp_path: Path) -> None:
    key, logs = tmp_path / "witness.key", tmp_path / "logs"
    made = subprocess.run(
        touchstone("keys", "witness", "witness.test/1", "--out", str(key), "--ml-dsa-44", "--json"),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    public = [VerifierKey.parse(text) for text in json.loads(made.stdout)["keys"]]
    assert key.stat().st_mode & 0o777 == 0o600
    logs.write_text(f"log {LOG.public}\nquorum none\n")
    arguments = ("witness", "--listen", "127.0.0.1:0", "--key", str(key), "--logs", str(logs))
    data = ("--data", str(tmp_path / "witness.sqlite"))
    size = 0
    for _kill in range(3):
        with running(*arguments, *data) as address:
            for _ in range(3):
                status, lines = add(address, asking(size, size + 4))
                assert status == 200, lines
                size += 4
                text = Note.parse(asking(0, size).partition(b"\n\n")[2]).text
                assert len(verify_note(Note(text, parse_signatures(lines)), public)) == 2
    with running(*arguments, *data) as address:
        assert add(address, asking(0, size + 1)) == (409, f"{size}\n")
        assert add(address, asking(size, size + 1, "fork"))[0] == 422


def test_a_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    key, logs = tmp_path / "witness.key", tmp_path / "logs"
    key.write_text(SigningKey.generate("w.test", KeyKind.COSIGNATURE).secret_text())
    key.chmod(0o644)
    logs.write_text(f"log {LOG.public}\nquorum none\n")
    refused = subprocess.run(
        touchstone(
            "witness", "--key", str(key), "--logs", str(logs), "--data", str(tmp_path / "w")
        ),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 4
    assert b"everybody may read" in refused.stderr


@pytest.mark.timeout(300)
def test_serve_signs_and_the_monitor_sees_a_restore_from_a_backup(tmp_path: Path) -> None:
    """The whole way: key, service, monitor; then the journal is put back and goes on otherwise."""
    journal, backup, mirror = (tmp_path / name for name in ("j.sqlite", "backup", "mirror"))
    key = tmp_path / "log.key"
    key.write_text(LOG.secret_text())
    key.chmod(0o600)

    async def grow(name: str) -> None:
        board = await open_board(journal)
        board.sent = board.registry.journal.size * 1000
        await board.act("irma", party(name))
        await board.registry.close()

    def serve(copy: Path = mirror, *options: str) -> tuple[int, bytes]:
        process = subprocess.Popen(
            touchstone("serve", "--listen", "127.0.0.1:0", "--data", str(journal), "--json"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": "/usr/bin:/bin",
                "TOUCHSTONE_ORIGIN": ORIGIN,
                "TOUCHSTONE_LOG_KEY_FILE": str(key),
                "TOUCHSTONE_FRAMEWORK": "0" * 64,
                "TOUCHSTONE_ACCESS_LOG": "false",
            },
        )
        assert process.stdout is not None
        said = b""
        while not said.endswith(b"}\n") and (line := process.stdout.readline()):
            said += line
        try:
            if not said:
                return process.wait(60), process.stderr.read() if process.stderr else b""
            looked = subprocess.run(
                touchstone(
                    *("monitor", json.loads(said)["address"], "--vkey", str(LOG.public)),
                    *("--data", str(copy), "--once", "--atom", str(tmp_path / "feed.xml")),
                    *(options or ("--json",)),
                ),
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
            return looked.returncode, looked.stdout + looked.stderr
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()

    asyncio.run(grow("one"))
    shutil.copy(journal, backup)
    asyncio.run(grow("two"))
    code, out = serve()
    assert code == 0, out
    head = json.loads(out.splitlines()[-1])
    assert (head["size"], head["witnessed"]) == (3, None)
    assert (tmp_path / "feed.xml").read_text().count("<entry>") == 3
    code, out = serve(tmp_path / "another mirror", "--every", "1")
    lines = out.decode().splitlines()
    assert code == 0, out
    assert lines[0].startswith("#0 ")
    assert "adopt_framework" in lines[0]
    assert lines[3].startswith("consistent: 3 entries, root ")
    for old in tmp_path.glob("j.sqlite*"):
        old.unlink()
    shutil.copy(backup, journal)
    code, out = serve()
    assert code == 1
    assert b"shrank" in out
    asyncio.run(grow("another two"))
    code, out = serve()
    assert code == 1
    assert b"alarm" in out
    for old in tmp_path.glob("j.sqlite*"):
        old.unlink()
    shutil.copy(mirror, journal)  # what is lost is with whoever follows the log
    asyncio.run(grow("three"))
    code, out = serve()
    assert (code, json.loads(out.splitlines()[-1])["size"]) == (0, 4), out


@pytest.mark.timeout(300)
def test_a_restored_journal_is_not_served_where_a_witness_remembers_more(tmp_path: Path) -> None:
    journal, backup = tmp_path / "j.sqlite", tmp_path / "backup"
    key, witness_key, policy = (tmp_path / name for name in ("log.key", "w.key", "policy"))
    witness_name = SigningKey.generate("witness.test/1", KeyKind.COSIGNATURE)
    for file, secret in ((key, LOG), (witness_key, witness_name)):
        file.write_text(secret.secret_text())
        file.chmod(0o600)
    policy.write_text(f"log {LOG.public}\nquorum none\n")

    async def grow(name: str) -> None:
        board = await open_board(journal)
        board.sent = board.registry.journal.size * 1000
        await board.act("irma", party(name))
        await board.registry.close()

    environment = {
        "PATH": "/usr/bin:/bin",
        "TOUCHSTONE_ORIGIN": ORIGIN,
        "TOUCHSTONE_LOG_KEY_FILE": str(key),
        "TOUCHSTONE_LOG_POLICY": str(policy),
        "TOUCHSTONE_ACCESS_LOG": "false",
    }

    def served(until_cosigned: int) -> tuple[int | None, bytes]:
        """Serve until the witness has cosigned so many entries, or the service ends by itself."""
        process = subprocess.Popen(
            touchstone("serve", "--listen", "127.0.0.1:0", "--data", str(journal), "--json"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        name = hashlib.sha256(LOG.public.name.encode()).hexdigest()
        ends = time.monotonic() + 60
        try:
            while process.poll() is None and time.monotonic() < ends:
                with suppress(HTTPError):
                    note = urlopen(f"{address}/{name}/checkpoint", timeout=60).read()  # noqa: S310  # a loopback address
                    if Checkpoint.parse(Note.parse(note).text).size == until_cosigned:
                        break
                time.sleep(0.1)
            ended = process.poll()
        finally:
            process.kill()
            _, said = process.communicate()
        return ended, said

    asyncio.run(grow("one"))
    shutil.copy(journal, backup)
    asyncio.run(grow("two"))
    data = ("--data", str(tmp_path / "witness.sqlite"), "--listen", "127.0.0.1:0")
    with running("witness", "--key", str(witness_key), "--logs", str(policy), *data) as address:
        policy.write_text(
            f"log {LOG.public}\nwitness w {witness_name.public} {address}\nquorum w\n"
        )
        assert served(3)[0] is None
        for old in tmp_path.glob("j.sqlite*"):
            old.unlink()
        shutil.copy(backup, journal)
        ended, said = served(4)
        assert (ended, b"3 entries was signed, and these are gone" in said) == (4, True), said
