"""W3C's suite for DID resolution, test by test in our own words, against the service over TLS.

Each test says what the published one asks of an endpoint that resolves one valid DID, one that is
not found, one that is deactivated, and one DID URL: 36 in all. Those after them hold what the suite
leaves open.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import jsonschema
import pydid
import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from resolver.clock import SystemClock
from resolver.did import Did
from resolver.fetch import Fetcher
from resolver.hosting import Uncached
from resolver.methods import LATEST, DocumentMetadata, Resolved, Version
from resolver.methods.generative import generative_methods
from resolver.methods.web import WebMethod
from resolver.resolution import Resolver
from tests.http.conftest import SETTINGS, small_registry
from tests.loopback import TestCa, serve_tls
from touchstone.service.app import build_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

VALID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
FRAGMENT = f"{VALID}%23{VALID.removeprefix('did:key:')}"
NOT_FOUND = "did:web:absent.example"
DEACTIVATED = "did:ended:a"
NOT_DIDS = ("not-a-did", "did:example")
UNSUPPORTED = "did:unsupported:123456789abcdefghi"

RESULT = "application/did-resolution"
DEREFERENCING = "application/did-url-dereferencing"
ERRORS = "https://www.w3.org/ns/did#"


class Ended:
    """A method all of whose DIDs were ended by their controllers."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        return Resolved(None, DocumentMetadata(deactivated=True))


class Answer(NamedTuple):
    status: int
    content_type: str
    location: str | None
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Endpoint(NamedTuple):
    session: aiohttp.ClientSession
    origin: str

    async def get(self, rest: str, accept: str = RESULT) -> Answer:
        url = URL(f"{self.origin}/1.0/identifiers/{rest}", encoded=True)
        async with self.session.get(
            url, headers={"Accept": accept}, allow_redirects=False
        ) as answer:
            headers = answer.headers
            return Answer(
                answer.status,
                headers.get("Content-Type", ""),
                headers.get("Location"),
                await answer.read(),
            )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint(tmp_path_factory: pytest.TempPathFactory, ca: TestCa) -> AsyncIterator[Endpoint]:
    """The whole service, over TLS as the binding demands."""
    folder = tmp_path_factory.mktemp("suite")
    board = await small_registry(folder / "journal.sqlite")
    async with serve_tls(ca, {"absent.example": {}}) as policy, Fetcher(policy) as fetcher:
        web_method = Uncached(WebMethod(fetcher))
        methods = {**generative_methods(), "web": web_method, "ended": Ended()}
        app = build_app(
            board.registry, Resolver(methods, SystemClock()), fetcher, board.clock, SETTINGS
        )
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ca.context("localhost"))
        await site.start()
        trusted = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca.file))
        try:
            async with aiohttp.ClientSession(connector=trusted) as session:
                yield Endpoint(session, f"https://localhost:{runner.addresses[0][1]}")
        finally:
            await runner.cleanup()
    await board.registry.close()


def is_result(json: Any) -> None:
    assert isinstance(json["didResolutionMetadata"], dict)
    assert isinstance(json["didDocument"], dict)
    assert isinstance(json["didDocumentMetadata"], dict)
    pydid.DIDDocument.deserialize(json["didDocument"])


def is_error(json: Any, code: str) -> None:
    assert json["didResolutionMetadata"]["error"]["type"] == ERRORS + code
    assert json["didDocument"] is None
    assert json["didDocumentMetadata"] == {}


# Section 4: the resolution function (17 tests)


async def test_4_there_is_a_valid_did_to_test(endpoint: Endpoint) -> None:
    assert VALID in (await _test_identifiers(endpoint))["key"]


async def _test_identifiers(endpoint: Endpoint) -> Any:
    async with endpoint.session.get(f"{endpoint.origin}/1.0/testIdentifiers") as answer:
        return await answer.json()


async def test_4_one_method_at_least_is_resolved(endpoint: Endpoint) -> None:
    answer = await endpoint.get(VALID)
    assert answer.ok
    is_result(answer.json)


async def test_4_the_options_may_be_empty(endpoint: Endpoint) -> None:
    assert (await endpoint.get(VALID)).json == (await endpoint.get(f"{VALID}?")).json


async def test_4_there_is_resolution_metadata(endpoint: Endpoint) -> None:
    assert "didResolutionMetadata" in (await endpoint.get(VALID)).json


async def test_4_the_document_is_a_did_document(endpoint: Endpoint) -> None:
    is_result((await endpoint.get(VALID)).json)


async def test_4_the_documents_id_is_the_did(endpoint: Endpoint) -> None:
    assert (await endpoint.get(VALID)).json["didDocument"]["id"] == VALID


async def test_4_document_metadata_is_a_structure(endpoint: Endpoint) -> None:
    assert isinstance((await endpoint.get(VALID)).json["didDocumentMetadata"], dict)


async def test_4_a_did_is_required(endpoint: Endpoint) -> None:
    assert not (await endpoint.get("")).ok


@pytest.mark.parametrize("text", NOT_DIDS)
async def test_4_what_is_no_did_is_not_resolved(endpoint: Endpoint, text: str) -> None:
    assert not (await endpoint.get(text)).ok


@pytest.mark.parametrize("text", NOT_DIDS)
async def test_4_what_is_no_did_is_an_invalid_did(endpoint: Endpoint, text: str) -> None:
    is_error((await endpoint.get(text)).json, "INVALID_DID")


@pytest.mark.parametrize("text", NOT_DIDS)
async def test_4_an_error_is_in_the_resolution_metadata(endpoint: Endpoint, text: str) -> None:
    assert "error" in (await endpoint.get(text)).json["didResolutionMetadata"]


@pytest.mark.parametrize("text", NOT_DIDS)
async def test_4_an_error_leaves_document_metadata_empty(endpoint: Endpoint, text: str) -> None:
    assert (await endpoint.get(text)).json["didDocumentMetadata"] == {}


async def test_4_an_unsupported_method_is_said_to_be_one(endpoint: Endpoint) -> None:
    answer = await endpoint.get(UNSUPPORTED)
    assert not answer.ok
    is_error(answer.json, "METHOD_NOT_SUPPORTED")


# Section 10: the HTTP binding (19 tests)


async def test_10_the_endpoint_uses_tls(endpoint: Endpoint) -> None:
    assert endpoint.origin.startswith("https://")
    assert (await endpoint.get(VALID)).ok


async def test_10_get_is_implemented(endpoint: Endpoint) -> None:
    assert (await endpoint.get(VALID)).ok


async def test_10_the_whole_result_is_given_when_asked_for(endpoint: Endpoint) -> None:
    is_result((await endpoint.get(VALID, RESULT)).json)


async def test_10_a_document_is_200(endpoint: Endpoint) -> None:
    assert (await endpoint.get(VALID)).status == 200


async def test_10_the_content_type_is_that_of_the_metadata(endpoint: Endpoint) -> None:
    answer = await endpoint.get(VALID)
    assert answer.json["didResolutionMetadata"]["contentType"] in answer.content_type


async def test_10_the_body_holds_the_document(endpoint: Endpoint) -> None:
    assert isinstance((await endpoint.get(VALID)).json["didDocument"], dict)


async def test_10_a_documents_media_type_gives_the_document_alone(endpoint: Endpoint) -> None:
    for accept in ("application/did+json", "application/did+ld+json", "application/did"):
        answer = await endpoint.get(VALID, accept)
        assert (answer.status, answer.content_type) == (200, accept)
        assert answer.json["id"] == VALID
        assert "didResolutionMetadata" not in answer.json


async def test_10_a_did_may_be_percent_encoded(endpoint: Endpoint) -> None:
    is_result((await endpoint.get(quote(VALID, safe=""))).json)


@pytest.mark.parametrize("text", NOT_DIDS)
async def test_10_an_invalid_did_is_400(endpoint: Endpoint, text: str) -> None:
    assert (await endpoint.get(text)).status == 400


async def test_10_an_unsupported_method_is_501(endpoint: Endpoint) -> None:
    assert (await endpoint.get(UNSUPPORTED)).status == 501


async def test_10_what_is_not_found_is_404(endpoint: Endpoint) -> None:
    answer = await endpoint.get(NOT_FOUND)
    assert answer.status == 404
    is_error(answer.json, "NOT_FOUND")


async def test_10_an_unsupported_representation_is_406(endpoint: Endpoint) -> None:
    answer = await endpoint.get(VALID, "application/x-unsupported-did-representation-99999")
    assert answer.status == 406


async def test_10_a_deactivated_did_is_410(endpoint: Endpoint) -> None:
    answer = await endpoint.get(DEACTIVATED)
    assert answer.status == 410
    assert answer.json["didDocument"] is None
    assert answer.json["didDocumentMetadata"]["deactivated"] is True


async def test_10_a_did_url_gives_a_dereferencing_result(endpoint: Endpoint) -> None:
    answer = await endpoint.get(FRAGMENT, DEREFERENCING)
    assert answer.ok
    assert isinstance(answer.json["dereferencingMetadata"], dict)
    assert isinstance(answer.json["contentMetadata"], dict)
    assert answer.json["contentStream"] == answer.json["content"]
    assert answer.json["content"]["publicKeyMultibase"] == VALID.removeprefix("did:key:")


async def test_10_content_that_is_no_list_of_urls_is_200(endpoint: Endpoint) -> None:
    assert (await endpoint.get(FRAGMENT, DEREFERENCING)).status == 200


async def test_10_the_content_type_is_that_of_the_dereferencing(endpoint: Endpoint) -> None:
    answer = await endpoint.get(FRAGMENT, DEREFERENCING)
    assert answer.json["dereferencingMetadata"]["contentType"] in answer.content_type


async def test_10_dereferencing_has_a_body(endpoint: Endpoint) -> None:
    assert (await endpoint.get(FRAGMENT, DEREFERENCING)).body


async def test_10_content_alone_carries_no_metadata(endpoint: Endpoint) -> None:
    answer = await endpoint.get(FRAGMENT, "application/json")
    assert answer.status == 406
    content = await endpoint.get(FRAGMENT, "application/did")
    assert content.ok
    assert "dereferencingMetadata" not in content.json


# What W3C publishes beside the suite


async def test_documents_fit_the_suites_schema(endpoint: Endpoint, vectors: Path) -> None:
    file = vectors / "did" / "did-resolution" / "did-schema.json"
    schema = json.loads(await asyncio.to_thread(file.read_text))
    for did in chain.from_iterable((await _test_identifiers(endpoint)).values()):
        document = (await endpoint.get(did)).json["didDocument"]
        jsonschema.Draft7Validator(schema).validate(document)


async def test_there_are_36_tests_before_this_one() -> None:
    made = {
        name: getattr(function, "pytestmark", [])
        for name, function in globals().items()
        if name.startswith(("test_4_", "test_10_"))
    }
    count = sum(
        len(NOT_DIDS) if any(mark.name == "parametrize" for mark in marks) else 1
        for marks in made.values()
    )
    assert count == 36
