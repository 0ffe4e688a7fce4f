"""HTTP for the demo: its did:web hosts, serving on a port, and asking its own service."""

import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

from aiohttp import web

from touchstone.demo.errors import DemoStoppedError
from touchstone.service.connections import Runner
from touchstone.service.front import put_in_front

Pages: TypeAlias = Mapping[tuple[str, str], bytes]
"""Host name and path, such as `("irma.example", "/.well-known/did.json")`, to a document."""


def host_application(pages: Pages) -> web.Application:
    """Serve DID documents by host name and path; anything else is not found."""

    async def serve(request: web.Request) -> web.Response:
        host = (request.host or "").partition(":")[0]
        body = pages.get((host, request.path))
        if body is None:
            raise web.HTTPNotFound(text="this demo host serves DID documents only")
        return web.Response(body=body, content_type="application/did+json")

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    return app


def reserve(host: str, port: int) -> socket.socket:
    """Take a port before anything else is done; the caller closes it.

    Raises:
        DemoStoppedError: it is in use, or cannot be had; the message says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        text = (
            f"{host}:{port} cannot be listened on ({_why(error)}); "
            f"set TOUCHSTONE_LISTEN to another address, such as 127.0.0.1:{port + 1 or 8081}"
        )
        raise DemoStoppedError(text) from error


def _why(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)


@asynccontextmanager
async def serving(
    app: web.Application, listener: socket.socket, tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    """Serve an application on a listening socket for as long as the context is open."""
    runner = Runner(app, access_log=None)
    await runner.setup()
    put_in_front(runner)
    try:
        await web.SockSite(runner, listener, ssl_context=tls).start()
        yield
    finally:
        await runner.cleanup()
