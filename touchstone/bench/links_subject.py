"""The subject of the links' bench: the whole service over a store of links, in its own process.

Run as a module with the store's file: it prints one JSON line with its port once it answers, and
ends with its input.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from link_resolver.schemes import default_schemes
from link_resolver.stores.sqlite import SqliteLinks
from touchstone.bench.link_store import ORIGIN, LinkingRegistry
from touchstone.service.app import build_app
from touchstone.service.links import assemble
from touchstone.service.publishers import RegistryPublishers
from touchstone.service.serving import keep_what_is_loaded, listening, open_parts
from touchstone.service.settings import Settings


async def serve(file: Path) -> None:
    """Serve the links of a file on a free port of 127.0.0.1 until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        settings = Settings.load(data=Path(folder) / "registry.sqlite", access_log=False)
        async with open_parts(settings) as parts:
            schemes = default_schemes()
            publishers = RegistryPublishers(LinkingRegistry(), schemes, parts.clock)
            store = await asyncio.to_thread(SqliteLinks, file)
            links = assemble(
                settings, store, publishers, parts.resolver, schemes, parts.clock, ORIGIN
            )
            app = build_app(
                parts.registry, parts.resolver, parts.fetcher, parts.clock, settings, links
            )
            async with listening(app, "127.0.0.1", 0) as address:
                keep_what_is_loaded()
                sys.stdout.write(json.dumps({"port": int(address.rpartition(":")[2])}) + "\n")
                sys.stdout.flush()
                await asyncio.to_thread(sys.stdin.read)
            await links.publishing.close()


def main() -> None:
    """Serve on uvloop, as the product does."""
    uvloop.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
