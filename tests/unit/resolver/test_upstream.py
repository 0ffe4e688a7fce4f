"""Other methods through real HTTPS servers, shaped as a Universal Resolver's and as a registry's."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from aiohttp import web

from resolver import trace
from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import ErrorCode, InvalidUpstreamError, ResolutionError
from resolver.fetch import Fetcher
from resolver.hosting import Uncached
from resolver.instant import parse_instant
from resolver.methods import LATEST
from resolver.methods.upstream import MAX_BYTES, Upstream, UpstreamMethod
from resolver.signing import PrivateKey
from tests.loopback import TestCa, serve_tls

HOST = "uni.example"
UNIVERSAL = Upstream.parse(f"https://{HOST}/1.0/identifiers/{{did}}")
REGISTRY = Upstream.parse(f"https://{HOST}/registry/v5/ids?did={{did}}")
DID = Did.parse("did:ebsi:zjUnExsyyweQ9p4cy3nvrVc")
KEY = PrivateKey.from_seed(bytes(32)).public
DOCUMENT = {
    "@context": "https://www.w3.org/ns/did/v1",
    "id": DID.text,
    "verificationMethod": [
        {"id": "#a", "type": "Multikey", "controller": DID.text, "publicKeyMultibase": KEY.multikey}
    ],
    "assertionMethod": ["#a"],
}


def answering(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:
    async def handler(request: web.Request) -> web.Response:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return web.Response(body=data, status=status, headers=headers)

    return handler


async def ask(ca: TestCa, site: Any, upstream: Upstream = UNIVERSAL, did: Did = DID) -> Any:
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        return await Uncached(UpstreamMethod(fetcher, upstream)).resolve(did)


async def refused(ca: TestCa, site: Any, did: Did = DID) -> ResolutionError:
    with pytest.raises(ResolutionError) as caught:
        await ask(ca, site, did=did)
    return caught.value


async def test_a_whole_result_is_taken_in_the_name_of_its_resolver(ca: TestCa) -> None:
    asked: list[tuple[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append((request.raw_path, request.headers["Accept"]))
        result = {
            "didDocument": DOCUMENT,
            "didResolutionMetadata": {"contentType": "application/did"},
            "didDocumentMetadata": {
                "created": "2024-01-01T00:00:00Z",
                "updated": "yesterday",
                "versionId": "7",
                "canonicalId": "did:example:somebody-else",
                "equivalentId": ["did:example:somebody-else"],
            },
        }
        return web.json_response(result)

    resolved = await ask(ca, handler)
    assert asked[0][0] == f"/1.0/identifiers/{DID}"
    assert asked[0][1].startswith("application/did-resolution,")
    assert resolved.document.verification_methods[f"{DID}#a"].key == KEY
    assert resolved.provenance.via == f"https://{HOST}"
    assert resolved.provenance.source == f"https://{HOST}/1.0/identifiers/{DID}"
    assert resolved.metadata.created == parse_instant("2024-01-01T00:00:00Z")
    assert resolved.metadata.updated is None
    assert resolved.metadata.version_id == "7"
    assert resolved.metadata.canonical_id is None
    assert resolved.metadata.equivalent_id == ()


async def test_a_bare_document_of_a_registry_is_taken_too(ca: TestCa) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["did"])
        return web.json_response(DOCUMENT)

    resolved = await ask(ca, handler, REGISTRY)
    assert asked == [DID.text]
    assert resolved.document.id == DID
    assert resolved.provenance.via == f"https://{HOST}"


async def test_escapes_of_an_identifier_reach_the_upstream_as_they_are(ca: TestCa) -> None:
    did = Did.parse("did:webs:hook.example%3A7702:dws:%2e%2e")
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"id": did.text})

    resolved = await ask(ca, handler, did=did)
    assert asked == [f"/1.0/identifiers/{did}"]
    assert resolved.document.id == did


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, ErrorCode.NOT_FOUND),
        (404, ErrorCode.NOT_FOUND),
        (501, ErrorCode.METHOD_NOT_SUPPORTED),
        (500, ErrorCode.INTERNAL_ERROR),
        (302, ErrorCode.INTERNAL_ERROR),
        (204, ErrorCode.INTERNAL_ERROR),
    ],
)
async def test_a_status_says_why_there_is_no_document(
    ca: TestCa, status: int, code: ErrorCode
) -> None:
    body = b"" if status == 204 else b"{}"
    assert (await refused(ca, answering(body, status))).code is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("notFound", ErrorCode.NOT_FOUND),
        ("invalidDid", ErrorCode.NOT_FOUND),
        ("methodNotSupported", ErrorCode.METHOD_NOT_SUPPORTED),
        ("internalError", ErrorCode.INTERNAL_ERROR),
        ({"type": "https://www.w3.org/ns/did#NOT_FOUND"}, ErrorCode.NOT_FOUND),
        ({"type": 7}, ErrorCode.INTERNAL_ERROR),
        ([], ErrorCode.INTERNAL_ERROR),
    ],
)
async def test_an_error_within_an_answer_counts(ca: TestCa, error: Any, code: ErrorCode) -> None:
    result: dict[str, Any] = {"didDocument": DOCUMENT, "didResolutionMetadata": {"error": error}}
    assert (await refused(ca, answering(result))).code is code
    del result["didDocument"]
    assert (await refused(ca, answering(result))).code is code


@pytest.mark.parametrize(
    "body",
    [
        {**DOCUMENT, "id": "did:ebsi:another"},
        {"didDocument": None},
        {"didDocument": {**DOCUMENT, "id": "did:ebsi:another"}},
        [],
        b"not json",
        b'{"id":"did:ebsi:a","id":"did:ebsi:zjUnExsyyweQ9p4cy3nvrVc"}',
        b" " * (MAX_BYTES + 1),
    ],
)
async def test_what_is_not_its_document_is_refused(ca: TestCa, body: Any) -> None:
    assert (await refused(ca, answering(body))).code is ErrorCode.INVALID_DID_DOCUMENT


async def test_nobody_answering_is_an_error_of_ours(ca: TestCa) -> None:
    async with serve_tls(ca, {HOST: answering(DOCUMENT)}) as policy:
        pass
    async with Fetcher(policy) as fetcher:
        with pytest.raises(ResolutionError) as caught:
            await Uncached(UpstreamMethod(fetcher, UNIVERSAL)).resolve(DID)
    assert caught.value.code is ErrorCode.INTERNAL_ERROR


@pytest.mark.parametrize(
    "site",
    [
        answering(b"", 410),
        answering({"didDocument": None, "didDocumentMetadata": {"deactivated": True}}),
        answering({"didDocument": DOCUMENT, "didDocumentMetadata": {"deactivated": True}}),
        answering({"didDocument": DOCUMENT, "didDocumentMetadata": {"deactivated": "yes"}}),
    ],
)
async def test_a_deactivated_did_has_no_document(ca: TestCa, site: Any) -> None:
    resolved = await ask(ca, site)
    assert resolved.document is None
    assert resolved.metadata.deactivated
    assert resolved.provenance.via == f"https://{HOST}"


async def test_an_answer_is_confirmed_by_its_tag_and_survives_being_written_down(
    ca: TestCa,
) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        headers = {"ETag": '"1"', "Cache-Control": "max-age=60"}
        return web.json_response(DOCUMENT, headers=headers)

    async with serve_tls(ca, {HOST: handler}) as policy, Fetcher(policy) as fetcher:
        method = UpstreamMethod(fetcher, UNIVERSAL)
        state = await method.load(DID, None)
        assert state.ttl_s == 60
        assert await method.load(DID, state) is state
        kept = method.decode(DID, method.encode(state))
        assert kept == state
        assert method.answer(kept, DID, LATEST) == method.answer(state, DID, LATEST)
        assert await method.load(DID, kept) is kept
        for raw in (b"[]", b"{}", b"[null,7]", b"x"):
            with pytest.raises(ResolutionError):
                method.decode(DID, raw)


async def test_a_deactivation_survives_being_written_down(ca: TestCa) -> None:
    async with serve_tls(ca, {HOST: answering(b"", 410)}) as policy, Fetcher(policy) as fetcher:
        method = UpstreamMethod(fetcher, UNIVERSAL)
        kept = method.decode(DID, method.encode(await method.load(DID, None)))
        assert kept.metadata.deactivated


async def test_a_trace_says_whose_word_it_is(ca: TestCa) -> None:
    with trace.Trace(SystemClock()) as steps:
        await ask(ca, answering(DOCUMENT))
    assert any(HOST in step.detail and "unverified" in step.detail for step in steps.steps)


def test_dots_do_not_climb_out_of_their_place() -> None:
    upstream = Upstream.parse("https://uni.example/ids/{id}")
    assert upstream.url_of(Did.parse("did:x:a")) == "https://uni.example/ids/a"
    for dots in (".", "..", "..."):
        with pytest.raises(ResolutionError):
            upstream.url_of(Did.parse(f"did:x:{dots}"))
    assert upstream.url_of(Did.parse("did:x:%2e%2e")).endswith("/ids/%252e%252e")


@pytest.mark.parametrize(
    "pattern",
    [
        "http://uni.example/{did}",
        "https://uni.example/",
        "https://uni.example/{did}/{id}",
        "https://uni.example/{did}/{did}",
        "https://{id}/x",
        "https://{id}.uni.example/",
        "https://user@uni.example/{did}",
        "https://uni.example/#{did}",
        "https:///{did}",
        "https://[::1/{did}",
        "uni.example/{did}",
        "https://uni.example/{did}" + "x" * 2000,
    ],
)
def test_an_upstream_needs_a_fixed_https_host_and_one_place_for_the_did(pattern: str) -> None:
    with pytest.raises(InvalidUpstreamError):
        Upstream.parse(pattern)
