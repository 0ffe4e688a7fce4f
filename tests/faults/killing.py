"""Kills writers without warning, again and again: `python -m tests.faults.killing PATH KILLS SEED`.

Each writer is a fork of this process, so that it begins writing at once. Prints each receipt that a
writer had acknowledged: its index and the act's id.
"""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.faults.acts_server import append

LONGEST_S = 0.05


def writer(path: Path) -> tuple[int, int]:
    """A process that appends for ever; its id, and where it says what it acknowledged."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(writing, 1)
        os.close(reading)
        asyncio.run(append(path))
    os.close(writing)
    return process, reading


def killed(path: Path, moment: float) -> list[str]:
    """Kill a writer some time after its first receipt; all that it had acknowledged."""
    process, reading = writer(path)
    said = os.read(reading, 65_536)
    time.sleep(moment)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    while more := os.read(reading, 65_536):
        said += more
    os.close(reading)
    return said.decode().split("\n")[:-1]  # the kill may have cut the last line


def main(path: Path, kills: int, seed: int) -> None:
    moments = random.Random(seed)  # noqa: S311 - the same in every run
    for _ in range(kills):
        for line in killed(path, moments.uniform(0, LONGEST_S)):
            print(line, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
