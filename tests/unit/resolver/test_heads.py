"""The memory of heads: never lowered, and on disk before it is relied on."""

import asyncio
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from resolver.errors import HeadsError
from resolver.heads import Head, VolatileHeads
from resolver.stores.heads_sqlite import SqliteHeads

ROOT = Path(__file__).resolve().parents[3]


def head(number: int, scid: str = "Qm1") -> Head:
    return Head(scid, f"{number}-Qm{number}", number)


async def test_the_highest_head_is_known_also_by_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "heads.sqlite"
    async with SqliteHeads(file) as heads:
        assert heads.known("Qm1") is None
        await heads.advance(head(2))
        await heads.advance(head(1))
        assert heads.known("Qm1") == head(2)
    async with SqliteHeads(file) as heads:
        assert heads.known("Qm1") == head(2)
        await heads.advance(head(3))
        assert heads.known("Qm1") == head(3)
        assert heads.known("Qm2") is None


async def test_two_processes_share_a_file_and_neither_lowers_the_others(tmp_path: Path) -> None:
    file = tmp_path / "heads.sqlite"
    async with SqliteHeads(file) as one, SqliteHeads(file) as two:
        await one.advance(head(5))
        assert two.known("Qm1") == head(5)
        await two.advance(head(4))
        await two.advance(head(7))
        assert one.known("Qm1") == head(7)


async def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    async with SqliteHeads(tmp_path / "heads.sqlite") as heads:
        scids = [f"Qm{number % 100}" for number in range(1_000)]
        await asyncio.gather(*(heads.advance(head(n + 1, s)) for n, s in enumerate(scids)))
        assert all(heads.known(f"Qm{n}") == head(901 + n, f"Qm{n}") for n in range(100))


async def test_the_same_number_with_another_hash_changes_nothing(tmp_path: Path) -> None:
    for heads in (VolatileHeads(), SqliteHeads(tmp_path / "heads.sqlite")):
        if isinstance(heads, SqliteHeads):
            await heads.__aenter__()
        await heads.advance(head(2))
        await heads.advance(Head("Qm1", "2-QmOther", 2))
        assert heads.known("Qm1") == head(2)
        if isinstance(heads, SqliteHeads):
            await heads.close()


async def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "none.sqlite").write_bytes, b"no database" * 1_000)
    with pytest.raises(HeadsError):
        await SqliteHeads(tmp_path / "none.sqlite").__aenter__()
    with pytest.raises(HeadsError):
        await SqliteHeads(tmp_path / "absent" / "heads.sqlite").__aenter__()


def test_the_file_itself_refuses_to_lower_or_forget(tmp_path: Path) -> None:
    file = tmp_path / "heads.sqlite"

    async def fill() -> None:
        async with SqliteHeads(file) as heads:
            await heads.advance(head(2))

    asyncio.run(fill())
    connection = sqlite3.connect(file)
    for statement in ("UPDATE heads SET number = 1", "DELETE FROM heads"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


async def test_a_head_that_cannot_be_written_is_not_acknowledged(tmp_path: Path) -> None:
    async with SqliteHeads(tmp_path / "heads.sqlite") as heads:
        await heads._off(lambda: heads._writes.execute("PRAGMA query_only=ON"))
        with pytest.raises(HeadsError):
            await heads.advance(head(1))
        await heads._off(lambda: heads._writes.execute("PRAGMA query_only=OFF"))
        await heads.advance(head(1))
        assert heads.known("Qm1") == head(1)


WRITER = """
import asyncio, sys
from pathlib import Path
from resolver.heads import Head
from resolver.stores.heads_sqlite import SqliteHeads

async def main():
    async with SqliteHeads(Path(sys.argv[1])) as heads:
        for number in range(1, int(sys.argv[2]) + 1):
            await heads.advance(Head("Qm1", f"{number}-Qm{number}", number))
            print(f"acknowledged {number}", flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_sync_precedes_the_acknowledgement(tmp_path: Path) -> None:
    traced = tmp_path / "trace"
    strace = ["strace", "-f", "-y", "-o", str(traced), "-e", "trace=fdatasync,fsync,write,pwrite64"]
    command = [sys.executable, "-c", WRITER, str(tmp_path / "heads.sqlite"), "3"]
    ran = subprocess.run([*strace, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if "acknowledged" not in ran.stdout:
        pytest.skip("strace may not trace here")
    acknowledged, written, synced = 0, False, False
    for call in traced.read_text().splitlines():
        if "pwrite64(" in call and "heads.sqlite-wal" in call:
            written, synced = True, False
        elif re.search(r"(fdatasync|fsync)(\(.*heads\.sqlite-wal.*\)| resumed>\)) += 0$", call):
            synced = written
        elif '"acknowledged' in call:
            assert synced, "an acknowledgement before the sync of its write"
            acknowledged, written, synced = acknowledged + 1, False, False
    assert acknowledged == 3


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "heads.sqlite"
    running = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), "100000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    for _ in range(50):
        last = running.stdout.readline()
    os.kill(running.pid, signal.SIGKILL)
    rest, _ = running.communicate()
    said = [int(line.split()[1]) for line in (last + rest).splitlines() if line[-1:].isdigit()]

    async def known() -> Head | None:
        async with SqliteHeads(file) as heads:
            return heads.known("Qm1")

    found = asyncio.run(known())
    assert found is not None
    assert found.number >= max(said[:-1] or said)
