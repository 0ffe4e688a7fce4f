"""A credential whose graph is signed, verified by the whole service in a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from credentials.rdf.context_sources import Texts
from credentials.rdf.contexts import Contexts, digest_of, own_pins
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from tests.http.conftest import AUDITOR, SETTINGS, small_registry
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.own_contexts import MORE, RAW
from tests.unit.credentials.rdf.signing import sign_graph
from tests.unit.trust_registry.board import someone
from touchstone.service.app import build_app
from touchstone.service.checking import open_checking
from touchstone.service.errors import SettingsError
from touchstone.service.serving import listening

V2 = "https://www.w3.org/ns/credentials/v2"
PINS = {MORE: frozenset({digest_of(RAW[MORE])})}
GRAPHS = Graphs(
    Contexts({**own_pins(), **PINS}, [Texts.of_pyld(), Texts({digest_of(RAW[MORE]): RAW[MORE]})])
)
BODY: dict[str, Any] = {
    "@context": [V2, MORE],
    "type": ["VerifiableCredential"],
    "issuer": AUDITOR,
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"type": "Mine", "name": "North pit"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an operator fills it."""
    folder = tmp_path / "contexts"
    folder.mkdir()
    (folder / "more.jsonld").write_bytes(RAW[MORE])
    (folder / "contexts.json").write_bytes(orjson.dumps({MORE: digest_of(RAW[MORE])}))
    return folder


@pytest_asyncio.fixture
async def address(tmp_path: Path, folder: Path) -> AsyncIterator[str]:
    board = await small_registry(tmp_path / "journal.sqlite")
    settings = SETTINGS.model_copy(update={"contexts": folder, "graph_timeout_s": 10.0})
    async with Fetcher() as fetcher, open_checking(settings, fetcher) as checks:
        resolver = native_resolver(fetcher, board.clock)
        app = build_app(board.registry, resolver, fetcher, board.clock, settings, checks=checks)
        async with listening(app, "127.0.0.1", 0) as origin:
            yield origin
    await board.registry.close()


async def verified(address: str, body: dict[str, Any]) -> dict[str, Any]:
    key = someone("auditor")
    signed = await sign_graph(GRAPHS, body, key.kid, key.key)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/v1/credentials/verify", json={"credential": signed}) as response,
    ):
        assert response.status == 200
        found: dict[str, Any] = await response.json()
        return found


def outcome(answer: dict[str, Any], check: str) -> str:
    return next(each["outcome"] for each in answer["checks"] if each["id"] == check)


async def test_the_answer_says_what_of_the_json_is_protected(address: str) -> None:
    whole = await verified(address, BODY)
    assert outcome(whole, "proof") == "passed"
    assert (whole["json_protected"], whole["unprotected"]) == (True, [])
    subject = {**BODY["credentialSubject"], "auditor": {"id": "did:example:a"}}
    open_ = await verified(address, {**BODY, "credentialSubject": subject})
    assert outcome(open_, "proof") == "passed"
    assert open_["json_protected"] is False
    (part,) = open_["unprotected"]
    assert part["pointer"] == "/credentialSubject/auditor"
    assert part["terms"] == ["assessed", "auditor"]
    assert "could be exchanged" in part["reason"]


async def test_a_folder_that_cannot_be_used_is_refused_at_the_start(folder: Path) -> None:
    async with Fetcher() as fetcher:
        absent = SETTINGS.model_copy(update={"contexts": folder / "absent"})
        with pytest.raises(SettingsError, match="is no folder"):
            async with open_checking(absent, fetcher):
                pass
        await asyncio.to_thread((folder / "contexts.json").write_text, '{"https://a.example": 1}')
        with pytest.raises(SettingsError, match="not SHA-256 digests"):
            async with open_checking(SETTINGS.model_copy(update={"contexts": folder}), fetcher):
                pass
