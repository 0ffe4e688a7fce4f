"""An issuer and holder that exist for conformance tests alone: they sign whatever they are given."""

import orjson
from aiohttp import web

from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.holders import Holder
from tests.unit.credentials.issuing import V2

FORMS = ("embedded", "enveloped")


def by_key(seed: int) -> Holder:
    """Someone whose DID document is a key, for assertions and authentication alike."""
    key = PrivateKey.from_seed(bytes([seed]) * 32)
    return Holder(f"did:key:{key.public.multikey}", key, key.public.multikey)


ISSUER, HOLDER = by_key(1), by_key(3)


def issue(credential: dict[str, Json], form: str = "embedded") -> dict[str, Json]:
    """Sign a credential, as wrong as it may be."""
    if form == "enveloped":
        return ISSUER.enveloped(credential)
    if "proof" in credential:
        return credential
    if "@context" in credential:
        return ISSUER.embedded(credential)
    return ISSUER.embedded({"@context": [V2], **credential}) | {"@context": []}


def with_issuer(credential: dict[str, Json]) -> dict[str, Json]:
    """Name the issuer where the input leaves it open, as the suite does."""
    named = credential.get("issuer")
    if isinstance(named, dict):
        return credential | {"issuer": {"id": ISSUER.did} | named}
    return {"issuer": ISSUER.did} | credential


def endpoint(form: str) -> web.Application:
    """`POST /credentials/issue` of VC-API, which the suites ask for what they verify."""

    async def post(request: web.Request) -> web.Response:
        body = await request.json(loads=orjson.loads)
        return web.json_response(issue(with_issuer(body["credential"]), form), status=201)

    app = web.Application()
    app.add_routes([web.post("/credentials/issue", post)])
    return app
