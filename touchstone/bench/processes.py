"""The bench's servers, each in a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_STARTS_WITHIN = 60.0


@asynccontextmanager
async def process(
    module: str, *arguments: str, starts_within: float = _STARTS_WITHIN
) -> AsyncIterator[tuple[int, int]]:
    """Run one of the bench's servers, and yield its port and process id.

    Args:
        module: its name in this package; it prints one JSON line with its `port` once it answers,
            and ends with its input.
        arguments: given to it.
        starts_within: how many seconds it may take until it answers.
    """
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"touchstone.bench.{module}",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if running.stdout is None or running.stdin is None:
        raise RuntimeError("pipes were asked for")
    try:
        line = await asyncio.wait_for(running.stdout.readline(), starts_within)
        yield json.loads(line)["port"], running.pid
    finally:
        running.stdin.close()
        await asyncio.wait_for(running.wait(), starts_within)
