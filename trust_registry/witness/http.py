"""A witness over HTTP (C2SP tlog-witness)."""

from aiohttp import web

from trust_registry.errors import StoreError
from trust_registry.witness.witnessing import MAX_BODY, TEXT_TYPE, Reply, Witness


def witness_app(witness: Witness, body_timeout_s: float = 10.0) -> web.Application:
    """Put a witness's service together.

    Args:
        witness: what answers.
        body_timeout_s: seconds in which a request must have arrived on a connection.
    """

    async def add_checkpoint(request: web.Request) -> web.Response:
        try:
            return _response(await witness.add_checkpoint(await request.read()))
        except StoreError:
            text = "it could not be remembered, so it is not cosigned\n"
            return web.Response(text=text, status=503)

    async def checkpoint(request: web.Request) -> web.Response:
        note = await witness.checkpoint(request.match_info["origin"])
        if note is None:
            return web.Response(text="nothing was cosigned for such a log\n", status=404)
        headers = {"Content-Type": TEXT_TYPE, "Cache-Control": "public, max-age=5"}
        return web.Response(body=note.encode(), headers=headers)

    app = web.Application(
        client_max_size=MAX_BODY, handler_args={"keepalive_timeout": body_timeout_s}
    )
    app.add_routes(
        [
            web.post("/add-checkpoint", add_checkpoint),
            web.get("/{origin:[0-9a-f]{64}}/checkpoint", checkpoint),
        ]
    )
    return app


def _response(reply: Reply) -> web.Response:
    headers = {"Content-Type": reply.content_type}
    return web.Response(body=reply.text.encode(), status=int(reply.status), headers=headers)
