from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from resolver.clock import SystemClock
from resolver.errors import FetcherBusyError, UnreachableError
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
    pages.pages["https://files.example/.well-known/did.json"] = Page(
        b'{"id":"did:web:files.example","assertionMethod":["#a"],"service":[{"id":"#files",'
        b'"type":"F","serviceEndpoint":["https://files.example/f","https://mirror.example/"]}]}'
    )
    pages.pages["https://busy.example/.well-known/did.json"] = FetcherBusyError("no room")
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


FILES = "did:web:files.example"
DEREFERENCING = "application/did-url-dereferencing"


@pytest.mark.parametrize(
    "start", [FILES + "?service=files", quote(FILES + "?service=files", safe="")]
)
async def test_a_service_redirects_to_its_endpoint(service: Service, start: str) -> None:
    url = URL(f"{service.origin}/1.0/identifiers/{start}", encoded=True)
    headers = {"Accept": "text/uri-list"}
    async with service.session.get(url, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "https://files.example/f"
        assert answer.headers["Content-Type"] == "text/uri-list"
        assert await answer.read() == b""


async def test_a_service_within_its_document_is_no_redirect(service: Service) -> None:
    for accept in (DEREFERENCING, "application/did", "*/*", None):
        status, _, body = await service.get(f"{FILES}?service=files", accept)
        assert status == 200
        document = body["content"] if accept == DEREFERENCING else body
        assert isinstance(document, dict)
        assert document["id"] == FILES


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        ("not-a-did", 400, "INVALID_DID_URL"),
        (f"{FILES}?service=files&service=files", 400, "INVALID_DID_URL"),
        (f"{FILES}?service=files&ser%76ice=files", 400, "INVALID_DID_URL"),
        (f"{quote(FILES, safe='')}?service=files", 501, "FEATURE_NOT_SUPPORTED"),
        (f"{FILES}?service=none", 404, "NOT_FOUND"),
        (f"{FILES}%23none", 404, "NOT_FOUND"),
        (f"{FILES}/path", 404, "NOT_FOUND"),
        (f"{FILES}?versionId=1", 501, "FEATURE_NOT_SUPPORTED"),
        ("did:unknown:a?service=b", 501, "METHOD_NOT_SUPPORTED"),
        ("did:web:down.example?service=b", 500, "INTERNAL_ERROR"),
        ("did:web:busy.example?service=b", 503, "INTERNAL_ERROR"),
        (f"{quote(FILES + '#a', safe='')}?verificationRelationship=x", 400, "INVALID_OPTIONS"),
    ],
)
async def test_each_error_of_dereferencing_has_its_status(
    service: Service, rest: str, status: int, code: str
) -> None:
    got, content_type, body = await service.get(rest, DEREFERENCING)
    assert (got, content_type) == (status, DEREFERENCING)
    assert body["content"] is None
    assert body["contentMetadata"] == {}
    metadata = body["dereferencingMetadata"]
    assert isinstance(metadata, dict)
    assert metadata["error"]["type"] == f"https://www.w3.org/ns/did#{code}"


@pytest.mark.parametrize("rest", ["", "%23a"])
async def test_a_relationship_is_asked_of_a_did_url(service: Service, rest: str) -> None:
    encoded = quote(FILES, safe="") + rest
    status, _, body = await service.get(
        f"{encoded}?verificationRelationship=assertionMethod", "*/*"
    )
    assert status == 500
    error = body["dereferencingMetadata"]["error"]
    assert error["type"] == "https://w3id.org/security#INVALID_VERIFICATION_METHOD"


async def test_parameters_of_a_plain_did_url_are_options_of_a_resolution(service: Service) -> None:
    status, _, body = await service.get(f"{FILES}?expandRelativeUrls=true&noCache=true")
    assert status == 200
    assert body["didDocument"]["assertionMethod"] == [f"{FILES}#a"]
    assert (await service.get(f"{FILES}?hl=x"))[0] == 501
    assert (await service.get(f"{FILES}?service=files"))[0] == 501
    assert (await service.get(f"{FILES}?versionId=1"))[0] == 501
    for rest in (f"{FILES}%23a", f"{FILES}/a?noCache=true", f"{FILES}?a=1&a=1"):
        assert (await service.get(rest))[0] == 400


async def test_options_are_taken_from_a_body(service: Service) -> None:
    async def post(body: bytes | None, kind: str | None, rest: str = FILES) -> tuple[int, str]:
        headers = {"Accept": RESULT} | ({} if kind is None else {"Content-Type": kind})
        url = URL(f"{service.origin}/1.0/identifiers/{rest}", encoded=True)
        skipped = ["Content-Type"] if kind is None else []
        async with service.session.post(
            url, data=body, headers=headers, skip_auto_headers=skipped
        ) as answer:
            return answer.status, await answer.text()

    for kind in ("application/json", RESULT, DEREFERENCING, None):
        status, text = await post(b'{"expandRelativeUrls": true}', kind)
        assert status == 200
        assert f'"assertionMethod":["{FILES}#a"]' in text
    assert (await post(None, None))[0] == 200
    assert (await post(b"{}", "application/x-www-form-urlencoded"))[0] == 415
    for body in (
        b"[]",
        b"null",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":' + b" " * 20_000 + b"1}",
        b"[" * 99,
    ):
        status, text = await post(body, "application/json")
        assert (status, "#INVALID_OPTIONS" in text) == (400, True)
    for body in (b'{"noCache":[]}', b'{"noCache":{"a":1}}', b'{"noCache":null}', b'{"noCache":1}'):
        assert (await post(body, "application/json"))[0] == 400
    assert (await post(b'{"x":1}', "application/json"))[0] == 501
    status, _ = await post(
        b'{"noCache":true}', "application/json", f"{quote(FILES, safe='')}?noCache=true"
    )
    assert status == 400


async def test_what_is_resolved_here_is_told(service: Service) -> None:
    async def get(name: str) -> object:
        async with service.session.get(f"{service.origin}/1.0/{name}") as answer:
            assert (answer.status, answer.content_type) == (200, "application/json")
            return await answer.json()

    assert await get("methods") == ["key", "web", "gone"]
    properties = await get("properties")
    assert properties["key"]["versions"] is False
    assert properties["gone"] == {"versions": False}
    identifiers = await get("testIdentifiers")
    assert identifiers.keys() == {"key", "web", "gone"}
    for did in identifiers["key"]:
        assert (await service.get(did))[0] == 200


async def test_no_did_at_all_is_an_invalid_one(service: Service) -> None:
    assert (await service.get(""))[0] == 400


@given(
    st.binary(min_size=1, max_size=30),
    st.sampled_from(
        ["", "did:", "did%3A", "did:key:", "did:web:", "did:web:a:", f"{KEY}?service=", f"{KEY}/"]
    ),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_input_is_our_fault(service: Service, tail: bytes, start: str) -> None:
    for accept in (RESULT, DEREFERENCING, "text/uri-list"):
        status, _, _ = await service.get(start + quote(tail, safe=":.?#/&="), accept)
        assert status in {400, 404, 406, 501}


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("a secret of ours")


@pytest.mark.parametrize(
    ("rest", "accept"),
    [
        (KEY, "*/*"),
        (KEY, RESULT),
        (KEY, DEREFERENCING),
        (f"{KEY}%23a", "*/*"),
        (f"{KEY}?service=a", DEREFERENCING),
        (f"{KEY}?service=a", "text/uri-list"),
    ],
)
async def test_what_nobody_foresaw_is_an_internal_error(
    service: Service,
    rest: str,
    accept: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(KeyMethod, "resolve", broken)
    status, _, body = await service.get(rest, accept)
    metadata = body.get("didResolutionMetadata") or body["dereferencingMetadata"]
    assert isinstance(metadata, dict)
    assert (status, metadata["error"]) == (
        500,
        {
            "type": "https://www.w3.org/ns/did#INTERNAL_ERROR",
            "title": "The DID could not be resolved",
            "detail": "an unexpected error, which was logged",
        },
    )
    assert "a secret of ours" in caplog.text
    assert "Traceback" in caplog.text


async def test_what_nobody_foresaw_while_dereferencing(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolver.dereference.select", broken)
    status, _, body = await service.get(f"{FILES}?service=files", DEREFERENCING)
    metadata = body["dereferencingMetadata"]
    assert isinstance(metadata, dict)
    assert (status, metadata["error"]["detail"]) == (500, "an unexpected error, which was logged")
    assert "a secret of ours" in caplog.text
