"""The subject of the bench: the whole service over the demo's ecosystem, in a process of its own.

Run as a module: it prints one JSON line with its port once it answers, and ends with its input.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from touchstone.demo.data import read_demo
from touchstone.demo.serving import served
from touchstone.service.serving import keep_what_is_loaded


async def serve() -> None:
    """Serve the demo's ecosystem on a free port of 127.0.0.1 until standard input ends."""
    data = await asyncio.to_thread(read_demo)
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        async with served(data, Path(folder), "127.0.0.1:0") as (_, origin):
            keep_what_is_loaded()
            sys.stdout.write(json.dumps({"port": int(origin.rpartition(":")[2])}) + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve on uvloop, as the product does."""
    uvloop.run(serve())


if __name__ == "__main__":
    main()
