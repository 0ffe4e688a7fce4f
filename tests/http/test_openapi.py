"""The API's description: held against the routes and real answers."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from link_resolver.gs1.tables import KEYS
from tests.http.conftest import AUDITOR, Service

pytestmark = pytest.mark.asyncio(loop_scope="session")


DOCUMENT: Mapping[str, Any] = yaml.safe_load(
    files("touchstone.service").joinpath("openapi.yaml").read_bytes()
)


def schema_of(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def check(value: object, schema: Mapping[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


async def test_every_route_is_described_and_every_description_is_a_route(service: Service) -> None:
    described = {
        f"/{name}/{{rest}}": "/{scheme}/{rest}" for name in service.links.answering.schemes.names
    }
    described |= {f"/{key}/{{rest}}": "/{code}/{rest}" for key in KEYS}
    served = {
        (route.method, described.get(path, path))
        for route in service.app.router.routes()
        if route.method not in {"HEAD", "OPTIONS"} and route.resource is not None
        for path in [route.resource.canonical]
    }
    written = {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method in {"get", "post", "put", "delete", "patch"}
    }
    assert served == written


@pytest.mark.parametrize(
    "query",
    [
        f"issuer={AUDITOR}&commodity=copper",
        f"issuer={AUDITOR}&commodity=cobalt&at=2026-01-12T00:00:00Z",
        f"issuer={AUDITOR}",
        f"issuer={AUDITOR}&commodity=copper&commodity=cobalt",
        "issuer=did:web:nobody.example",
    ],
)
async def test_real_answers_are_what_is_described(service: Service, query: str) -> None:
    check((await service.get(f"/v1/decisions?{query}")).json, schema_of("Decision"))


async def test_real_verifications_receipts_and_problems_are_what_is_described(
    service: Service,
) -> None:
    verified = await service.post("/v1/credentials/verify", {"credential": "no.credential.here"})
    assert verified.status == 200
    check(verified.json, schema_of("Verification"))
    check((await service.get("/v1/registry")).json, schema_of("Registry"))
    check((await service.get("/schemas/")).json, schema_of("SchemaIndex"))
    check((await service.post("/v1/acts", {})).json, schema_of("Problem"))
    check((await service.get("/nowhere")).json, schema_of("Problem"))


async def test_the_file_is_served_as_it_is(service: Service) -> None:
    answer = await service.get("/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(answer.body) == DOCUMENT
    assert re.fullmatch(r'"[0-9a-f]{24}"', answer.headers["ETag"])
