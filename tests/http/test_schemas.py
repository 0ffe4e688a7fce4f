"""Schemas in the service: read from a folder; what does not fit is what the framework says it is."""

import asyncio
from pathlib import Path

import orjson
import pytest

from credentials.schemas.pins import digest_of
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.unit.credentials.issuing import Issuer, credential
from tests.unit.trust_registry.board import framework_document, open_board, someone
from touchstone.service.checking import checking, open_schemas
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry

URL = "https://schemas.example/permit.json"
SCHEMA: dict[str, Json] = {"type": "object", "required": ["permit"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "permit.json").write_bytes(orjson.dumps(SCHEMA))
    listed = [{"url": URL, "sha256": [digest_of(SCHEMA)]}]
    (folder / "schemas.json").write_bytes(orjson.dumps(listed))
    return folder


@pytest.mark.parametrize(
    ("framework", "outcome", "verification"),
    [({}, "passed", "verified"), ({"require_schemas": True}, "failed", "failed")],
)
async def test_the_framework_says_what_a_misfit_is(
    tmp_path: Path, folder: Path, framework: dict[str, Json], outcome: str, verification: str
) -> None:
    schemas = await asyncio.to_thread(open_schemas, Settings(schemas=folder))
    board = await open_board(tmp_path / "journal.sqlite", framework_document(**framework))
    person = someone("auditor")
    issuer = Issuer(person.did, person.key, person.key.public.multikey)
    body = credential(issuer.did, credentialSchema={"id": URL, "type": "JsonSchema"})
    async with Fetcher() as fetcher:
        examiner = Examiner(
            Desk(board.registry, Telemetry()),
            native_resolver(fetcher, board.clock),
            board.clock,
            checking(fetcher, schemas=schemas),
        )
        answer = orjson.loads(await examiner.examine({"credential": issuer.jwt(body)}))
    await board.registry.close()
    (found,) = [each for each in answer["checks"] if each["id"] == "schema"]
    assert found["outcome"] == outcome
    assert "permit" in found["message"]
    assert len(found["warnings"]) == (outcome == "passed")
    assert answer["credential"]["verification"] == verification


def test_without_a_folder_there_are_none() -> None:
    assert open_schemas(Settings()) is None


def test_a_folder_that_cannot_be_used_is_refused_at_the_start(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"TOUCHSTONE_SCHEMAS.*no folder"):
        open_schemas(Settings(schemas=tmp_path / "none"))
    (folder / "schemas.json").write_bytes(b"{}")
    with pytest.raises(SettingsError, match=r"TOUCHSTONE_SCHEMAS.*no array"):
        open_schemas(Settings(schemas=folder))
