"""A did:webvh over HTTP: versions, its end, and what lies below it."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from resolver.caching import Cached
from resolver.clock import FixedClock
from resolver.http import routes
from resolver.instant import SECOND, Instant
from resolver.methods.webvh import ScidMethod
from resolver.methods.webvh.writing import Written, next_entry
from resolver.resolution import Resolver
from tests.webvh import NOW, Pages, did_of, genesis, key, method_over, publish, second

RESULT = "application/did-resolution"
DEREFERENCING = "application/did-url-dereferencing"


class Service(NamedTuple):
    session: aiohttp.ClientSession
    origin: str
    clock: FixedClock
    pages: Pages
    log: list[Written]

    @property
    def did(self) -> str:
        return did_of(self.log).text

    async def get(self, rest: str, accept: str = RESULT) -> tuple[int, Any, str | None]:
        url = URL(f"{self.origin}/1.0/identifiers/{rest}", encoded=True)
        async with self.session.get(
            url, headers={"Accept": accept}, allow_redirects=False
        ) as answer:
            body = await answer.json(content_type=None) if answer.status != 303 else None
            return answer.status, body, answer.headers.get("Location")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    log = [genesis()]
    log.append(
        next_entry(
            log[-1],
            key(1),
            second(60),
            state={**log[0].state, "alsoKnownAs": ["did:web:x.example"]},
        )
    )
    log.append(next_entry(log[-1], key(1), second(120), {"deactivated": True, "updateKeys": []}))
    pages, clock = publish(log[:2]), FixedClock(NOW)
    cached = Cached(method_over(pages), clock)
    app = web.Application()
    app.add_routes(routes(Resolver({"webvh": cached, "scid": ScidMethod(cached)}, clock)))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield Service(session, origin, clock, pages, log)
    finally:
        await runner.cleanup()
        await cached.close()


async def test_each_version_can_be_asked_for(service: Service) -> None:
    did, encoded = service.did, quote(service.did, safe="")
    first = service.log[0].version_id
    for rest in (
        f"{did}?versionId={first}",
        f"{encoded}?versionId={first}",
        f"{encoded}?versionTime=2025-01-01T00:00:30Z",
        f"{encoded}?versionTime=2025-01-01T01:00:30%2B01:00",
        f"{encoded}?versionNumber=1",
    ):
        status, body, _ = await service.get(rest)
        assert status == 200
        metadata = body["didDocumentMetadata"]
        assert metadata["versionId"] == first
        assert metadata["nextVersionId"] == service.log[1].version_id
        assert "alsoKnownAs" not in body["didDocument"]
    status, body, _ = await service.get(did)
    assert body["didDocumentMetadata"]["versionId"] == service.log[1].version_id
    assert body["didDocumentMetadata"]["created"] == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("versionId=9-x", 404),
        ("versionTime=2024-01-01T00:00:00Z", 404),
        ("versionNumber=9", 404),
        ("versionTime=today", 400),
        ("versionNumber=1&versionTime=2025-01-01T00:00:30Z", 400),
        ("versionId=1&versionId=1", 400),
        ("versionid=1", 501),
    ],
)
async def test_a_version_that_is_not_there_is_said_to_be(
    service: Service, query: str, status: int
) -> None:
    got, body, _ = await service.get(f"{quote(service.did, safe='')}?{query}")
    assert got == status
    assert body["didDocument"] is None


async def test_metadata_tells_what_was_kept_and_how_old_it_is(service: Service) -> None:
    _, body, _ = await service.get(service.did)
    source = body["didResolutionMetadata"]["source"]
    fresh = {"cached": False, "stale": False, "age": 0, "source": source}
    fresh |= {"retrieved": "2026-01-01T00:00:00Z", "contentType": "application/did"}
    assert body["didResolutionMetadata"] == fresh
    for seconds in (5, 6):
        service.clock.instant = Instant(NOW + seconds * SECOND)
        for _ in range(2):
            _, body, _ = await service.get(service.did)
            assert body["didResolutionMetadata"] == {**fresh, "cached": True, "age": seconds}
    asked = len(service.pages.asked)
    _, body, _ = await service.get(f"{quote(service.did, safe='')}?noCache=true")
    assert len(service.pages.asked) > asked
    assert body["didResolutionMetadata"]["cached"] is False
    assert body["didResolutionMetadata"]["age"] == 0


async def test_an_ended_did_is_gone_but_its_past_is_not(service: Service) -> None:
    service.pages.pages.update(publish(service.log).pages)
    did, first = service.did, service.log[0].version_id
    for accept in (RESULT, "application/did"):
        status, body, _ = await service.get(did, accept)
        assert status == 410
        assert body["didDocument"] is None
        assert body["didDocumentMetadata"]["deactivated"] is True
    status, body, _ = await service.get(f"{did}?service=files", DEREFERENCING)
    assert (status, body["content"]) == (410, None)
    status, body, _ = await service.get(f"{did}?versionId={first}")
    assert status == 410
    assert body["didDocument"]["id"] == did
    assert body["didDocumentMetadata"]["deactivated"] is True
    assert body["didDocumentMetadata"]["versionId"] == first
    status, body, _ = await service.get(f"{did}?versionId={first}", "application/did")
    assert (status, body["id"]) == (410, did)


async def test_what_lies_below_it_is_named(service: Service) -> None:
    scid = service.did.split(":")[2]
    for did, query in ((service.did, ""), (f"did:scid:vh:1:{scid}", "?src=example.com")):
        for path, place in (
            ("/whois", "https://example.com/whois.vp"),
            ("/a/b.json", "https://example.com/a/b.json"),
        ):
            for accept in ("*/*", "text/uri-list", DEREFERENCING):
                status, _, location = await service.get(f"{did}{path}{query}", accept)
                assert (status, location) == (303, place)
    status, body, _ = await service.get(f"{service.did}/../../x", "text/uri-list")
    assert status == 400
    assert body["content"] is None
