"""The subject of the resolver's bench: the whole service, and hosts whose documents it keeps.

Run as a module: it prints one JSON line with its port once it answers, and ends with its input.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from touchstone.demo.data import read_demo
from touchstone.demo.ecosystem import JOURNAL, ecosystem
from touchstone.service.app import build_app
from touchstone.service.resolving import open_resolving
from touchstone.service.serving import keep_what_is_loaded, listening
from touchstone.service.settings import Settings

_HOST = "127.0.0.1"


async def serve() -> None:
    """Serve on a free port of 127.0.0.1 until standard input ends."""
    data = await asyncio.to_thread(read_demo)
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        path = Path(folder)
        settings = Settings(data=path / JOURNAL, access_log=False)
        async with (
            ecosystem(data, path, settings.audience) as eco,
            open_resolving(settings, eco.fetcher, eco.clock) as resolving,
        ):
            app = build_app(
                eco.registry,
                resolving.resolver,
                eco.fetcher,
                eco.clock,
                settings,
                resolving=resolving,
            )
            async with listening(app, _HOST, 0) as origin:
                keep_what_is_loaded()
                sys.stdout.write(json.dumps({"port": int(origin.rpartition(":")[2])}) + "\n")
                sys.stdout.flush()
                await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve on uvloop, as the product does."""
    uvloop.run(serve())


if __name__ == "__main__":
    main()
