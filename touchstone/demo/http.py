"""The demo's did:web hosts as one small web application, told apart by the Host header."""

from collections.abc import Mapping
from typing import TypeAlias

from aiohttp import web

Pages: TypeAlias = Mapping[tuple[str, str], bytes]
"""Host name and path, such as `("irma.example", "/.well-known/did.json")`, to a document."""


def application(pages: Pages) -> web.Application:
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
