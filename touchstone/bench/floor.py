"""The floors: the least that any answer over aiohttp costs, and one from a plain cache.

Run as a module: it prints one JSON line with its port once it answers, and ends with its input.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop
from aiohttp import web

_FRESH_S = 300.0


async def hello(_request: web.Request) -> web.Response:
    """Answer a small JSON object, as the first example of every tutorial does."""
    return web.json_response({"hello": "world"})


async def read_body(request: web.Request) -> web.Response:
    """Read a body, drop it, and answer a small JSON object."""
    await request.read()
    return web.json_response({"hello": "world"})


def plain_cache() -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return what answers a DID document from a dictionary while it is fresh, and does no more."""
    kept: dict[str, tuple[float, bytes]] = {}

    async def document(request: web.Request) -> web.Response:
        did = request.match_info["did"]
        found = kept.get(did)
        if found is None or found[0] <= time.monotonic():
            found = (time.monotonic() + _FRESH_S, json.dumps(did_document(did)).encode())
            kept[did] = found
        return web.Response(body=found[1], content_type="application/did")

    return document


def did_document(did: str) -> dict[str, object]:
    """Return a document of one key."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#key-1",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            }
        ],
        "authentication": [f"{did}#key-1"],
        "assertionMethod": [f"{did}#key-1"],
        "capabilityInvocation": [f"{did}#key-1"],
    }


async def serve() -> None:
    """Serve the floors on a free port of 127.0.0.1 until standard input ends."""
    app = web.Application()
    app.add_routes(
        [web.get("/", hello), web.post("/", read_body), web.get("/kept/{did}", plain_cache())]
    )
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
