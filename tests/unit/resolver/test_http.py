from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from resolver.clock import SystemClock
from resolver.errors import UnreachableError
from resolver.hosting import Uncached
from resolver.http import routes
from resolver.methods import Method
from resolver.methods.key import KeyMethod
from resolver.methods.web import WebMethod
from resolver.resolution import Resolver

from .conftest import Page, Pages
from .test_resolution import Deactivated

KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
RESULT = "application/did-resolution"


class Service:
    """The binding on a loopback port."""

    def __init__(self, session: ClientSession, origin: str) -> None:
        self.session = session
        self.origin = origin

    async def get(
        self, rest: str, accept: str | None = RESULT
    ) -> tuple[int, str, dict[str, object]]:
        url = URL(f"{self.origin}/1.0/identifiers/{rest}", encoded=True)
        headers = {} if accept is None else {"Accept": accept}
        async with self.session.get(url, headers=headers) as answer:
            return (
                answer.status,
                answer.headers["Content-Type"],
                await answer.json(content_type=None),
            )


@pytest.fixture
async def service(pages: Pages) -> AsyncIterator[Service]:
    pages.pages["https://example.com:3000/.well-known/did.json"] = Page(
        b'{"id":"did:web:example.com%3A3000"}'
    )
    pages.pages["https://down.example/.well-known/did.json"] = UnreachableError("nobody answers")
    pages.pages["https://other.example/.well-known/did.json"] = Page(
        b'{"id":"did:web:example.com"}'
    )
    methods: dict[str, Method] = {
        "key": KeyMethod(),
        "web": Uncached(WebMethod(pages)),
        "gone": Deactivated(),
    }
    app = web.Application()
    app.add_routes(routes(Resolver(methods, SystemClock())))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with ClientSession() as session:
            yield Service(session, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (RESULT, RESULT),
        (None, "application/did"),
        ("*/*", "application/did"),
        ("application/*", "application/did"),
        ("application/did", "application/did"),
        ("application/did+json", "application/did+json"),
        ("application/did+ld+json", "application/did+ld+json"),
        ("APPLICATION/DID", "application/did"),
        ("text/html, application/did;q=0.9, application/did-resolution;q=0.5", "application/did"),
        ("application/did;q=0.5, application/did-resolution", RESULT),
        ("*/*, application/did-resolution", RESULT),
        ("application/did;q=0, */*;q=0.1", "application/did"),
        ('application/did-resolution;profile="x"', RESULT),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/did"),
    ],
)
async def test_the_accept_header_chooses(
    service: Service, accept: str | None, content_type: str
) -> None:
    for did in (KEY, quote(KEY, safe="")):
        status, got, body = await service.get(did, accept)
        assert (status, got) == (200, content_type)
        document = body["didDocument"] if content_type == RESULT else body
        assert isinstance(document, dict)
        assert document["id"] == KEY


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/json",
        "application/did;q=0",
        ",",
        ";",
    ],
)
async def test_other_representations_are_not_given(service: Service, accept: str) -> None:
    status, content_type, body = await service.get(KEY, accept)
    assert (status, content_type) == (406, RESULT)
    assert body["didDocument"] is None


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        ("not-a-did", 400, "INVALID_DID"),
        ("did:example", 400, "INVALID_DID"),
        ("did%3Aexample", 400, "INVALID_DID"),
        ("did%3Akey", 400, "INVALID_DID"),
        ("did:key:zzz", 400, "INVALID_DID"),
        ("did:web:127.0.0.1", 400, "INVALID_DID"),
        ("did%3Aweb%3Aexample.com:..", 400, "INVALID_DID"),
        ("did%3aweb%3aex%00ample.com", 400, "INVALID_DID"),
        ("%ff%fe", 400, "INVALID_DID"),
        ("%0A", 400, "INVALID_DID"),
        ("did%3Aweb%3A%ff", 400, "INVALID_DID"),
        (f"{quote(KEY, safe='')}?noCache=perhaps", 400, "INVALID_OPTIONS"),
        ("did:web:example.com", 404, "NOT_FOUND"),
        ("did:example:123", 501, "METHOD_NOT_SUPPORTED"),
        ("did:webvh:bad:example.com", 501, "METHOD_NOT_SUPPORTED"),
        (f"{quote(KEY, safe='')}?versionId=1", 501, "FEATURE_NOT_SUPPORTED"),
        (f"{quote(KEY, safe='')}?versionTime=never", 501, "FEATURE_NOT_SUPPORTED"),
        (f"{quote(KEY, safe='')}?%ff=%ff", 501, "FEATURE_NOT_SUPPORTED"),
        ("did:web:down.example", 500, "INTERNAL_ERROR"),
        ("did:web:other.example", 500, "INVALID_DID_DOCUMENT"),
    ],
)
async def test_each_error_has_its_status(
    service: Service, rest: str, status: int, code: str
) -> None:
    for accept in (RESULT, "application/did"):
        got, content_type, body = await service.get(rest, accept)
        assert (got, content_type) == (status, RESULT)
        assert body["didDocument"] is None
        assert body["didDocumentMetadata"] == {}
        metadata = body["didResolutionMetadata"]
        assert isinstance(metadata, dict)
        assert metadata["error"]["type"] == f"https://www.w3.org/ns/did#{code}"


@pytest.mark.parametrize("did", ["did:web:example.com%3A3000", "did%3Aweb%3Aexample.com%253A3000"])
async def test_a_port_is_told_from_the_encoding_of_the_whole(service: Service, did: str) -> None:
    status, _, body = await service.get(did, "application/did")
    assert (status, body["id"]) == (200, "did:web:example.com%3A3000")


async def test_options_belong_to_an_encoded_did(service: Service) -> None:
    status, _, body = await service.get(f"{quote(KEY, safe='')}?noCache=true")
    assert status == 200
    assert body["didDocument"]


async def test_a_deactivated_did_is_gone(service: Service) -> None:
    status, content_type, body = await service.get("did:gone:a", "application/did")
    assert (status, content_type) == (410, RESULT)
    assert body["didDocumentMetadata"] == {"deactivated": True}
    assert body["didDocument"] is None


@given(
    st.binary(min_size=1, max_size=30),
    st.sampled_from(["", "did:", "did%3A", "did:key:", "did:web:", "did:web:a:"]),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_input_is_our_fault(service: Service, tail: bytes, start: str) -> None:
    status, _, _ = await service.get(start + quote(tail, safe=":."))
    assert status in {400, 404, 501}
