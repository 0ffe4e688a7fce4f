"""The floor: the least that any answer over aiohttp costs.

Run as a module: it prints one JSON line with its port once it answers, and ends with its input.
"""

import asyncio
import json
import sys

import uvloop
from aiohttp import web


async def hello(_request: web.Request) -> web.Response:
    """Answer a small JSON object, as the first example of every tutorial does."""
    return web.json_response({"hello": "world"})


async def read_body(request: web.Request) -> web.Response:
    """Read a body, drop it, and answer a small JSON object."""
    await request.read()
    return web.json_response({"hello": "world"})


async def serve() -> None:
    """Serve the floor on a free port of 127.0.0.1 until standard input ends."""
    app = web.Application()
    app.add_routes([web.get("/", hello), web.post("/", read_body)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


def main() -> None:
    """Serve on uvloop."""
    uvloop.run(serve())


if __name__ == "__main__":
    main()
