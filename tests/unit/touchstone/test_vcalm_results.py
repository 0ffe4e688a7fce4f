"""What VCALM's result says of members that need something outside the credential."""

import orjson
import pytest

from credentials.schemas.checking import SchemaRules
from credentials.schemas.library import Schemas
from credentials.schemas.pins import Pin, digest_of
from credentials.verify import verify
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    NOW,
    V1,
    Issuer,
    Shelf,
    credential,
    status_entry,
    status_list,
)
from touchstone.service.vcalm_results import Wanted, credential_result, has_errors

DID = "did:web:ministry.example"
URL = "https://schemas.example/permit.json"
SCHEMA: Json = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
RULES = SchemaRules(
    Schemas((Pin(URL, (digest_of(SCHEMA),)),), {digest_of(SCHEMA): orjson.dumps(SCHEMA)})
)
ALL = Wanted(results=True, problem_details=True, document=False)


async def result(
    body: dict[str, Json], shelf: Shelf | None = None
) -> tuple[dict[str, object], bool]:
    shelf = shelf or Shelf()
    issuer = Issuer.on(shelf, DID)
    raw = issuer.embedded(body)
    report = await verify(raw, shelf.verifier(schemas=RULES))
    return credential_result(report, raw, NOW, ALL), has_errors(report.checks)


@pytest.mark.parametrize(
    ("members", "held"),
    [
        ({"name": "Permit"}, [True]),
        ({}, [False]),
        ({"name": "Permit", "url": "https://schemas.example/other.json"}, [False]),
    ],
)
async def test_a_schema_that_was_held_and_fits(members: dict[str, Json], held: list[bool]) -> None:
    members = dict(members)
    named: Json = {"id": members.pop("url", URL), "type": "JsonSchema"}
    found, errors = await result(credential(DID, credentialSchema=[named], **members))
    steps = found["results"]
    assert isinstance(steps, dict)
    assert [each["verified"] for each in steps["credentialSchema"]] == held
    assert [each["input"] for each in steps["credentialSchema"]] == [named]
    assert not errors


@pytest.mark.parametrize(("index", "value"), [("6", 0), ("7", 1)])
async def test_a_status_has_its_value(index: str, value: int) -> None:
    shelf = Shelf()
    shelf.lists[LIST_URL] = Issuer.on(shelf, DID).jwt(status_list(DID)).encode()
    entry = status_entry(index)
    found, errors = await result(credential(DID, credentialStatus=entry), shelf)
    steps = found["results"]
    assert isinstance(steps, dict)
    assert steps["credentialStatus"] == [{"value": value, "verified": not value, "input": entry}]
    assert found["verified"] is not bool(value)
    assert not errors


async def test_the_names_of_version_1_1_stand_under_those_of_2_0() -> None:
    old = credential(
        DID,
        validFrom=None,
        issuanceDate="2026-01-01T00:00:00Z",
        expirationDate="2026-02-01T00:00:00Z",
        **{"@context": [V1]},
    )
    found, _ = await result(old)
    steps = found["results"]
    assert isinstance(steps, dict)
    assert steps["validFrom"] == {"verified": True, "input": "2026-01-01T00:00:00Z"}
    assert steps["validUntil"] == {"verified": False, "input": "2026-02-01T00:00:00Z"}
