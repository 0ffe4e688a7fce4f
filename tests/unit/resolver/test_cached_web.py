"""A cached did:web over real TLS: what its host says of keeping it, and what it may not hide."""

import orjson
import pytest
from aiohttp import web

from resolver.caching import Cached
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.errors import ErrorCode, InvalidDidError, ResolutionError
from resolver.fetch import Fetcher
from resolver.instant import SECOND, Instant
from resolver.keeping import CachePolicy
from resolver.methods.web import WebMethod, url_of
from tests.loopback import TestCa, serve_tls

HOST = "issuer.example"
DID = Did.parse(f"did:web:{HOST}")
START = Instant(1_790_000_000_000)


class Site:
    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.headers = {"ETag": '"1"', "Cache-Control": "max-age=120"}
        self.document: dict[str, object] = {"id": DID.text}
        self.status = 200

    async def __call__(self, request: web.Request) -> web.Response:
        tag = request.headers.get("If-None-Match")
        self.asked.append(tag)
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": "https://other.example/"})
        if tag == self.headers.get("ETag"):
            return web.Response(status=304, headers=self.headers)
        return web.Response(body=orjson.dumps(self.document), headers=self.headers)


async def test_a_document_is_kept_and_confirmed_as_its_host_says(ca: TestCa) -> None:
    site, clock = Site(), FixedClock(START)
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        cache = Cached(WebMethod(fetcher), clock, CachePolicy())
        first = await cache.resolve(DID)
        assert first.provenance.fresh_until == START + 120 * SECOND
        clock.instant = Instant(START + 119 * SECOND)
        assert (await cache.resolve(DID)).provenance.cached
        clock.instant = Instant(START + 120 * SECOND)
        again = await cache.resolve(DID)
        assert site.asked == [None, '"1"']
        assert again.document is first.document, "confirmed, and not parsed again"
        await cache.close()


@pytest.mark.parametrize("status", [301, 302, 307, 500, 503])
async def test_a_redirect_or_a_failure_does_not_replace_a_good_document(
    ca: TestCa, status: int
) -> None:
    site, clock = Site(), FixedClock(START)
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        cache = Cached(WebMethod(fetcher), clock, CachePolicy())
        await cache.resolve(DID)
        site.status = status
        clock.instant = Instant(START + 121 * SECOND)
        assert (await cache.resolve(DID)).provenance.stale
        await cache.close()


async def test_the_document_of_another_did_is_never_kept(ca: TestCa) -> None:
    site = Site()
    site.document = {"id": "did:web:other.example"}
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        cache = Cached(WebMethod(fetcher), FixedClock(START), CachePolicy())
        with pytest.raises(ResolutionError) as caught:
            await cache.resolve(DID)
        assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT
        assert len(cache.shelf) == 0
        await cache.close()


async def test_a_kept_state_of_another_did_is_refused(ca: TestCa) -> None:
    site = Site()
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        method = WebMethod(fetcher)
        raw = method.encode(await method.load(DID, None))
        assert method.decode(DID, raw).etag == '"1"'
        with pytest.raises(ResolutionError):
            method.decode(Did.parse("did:web:other.example"), raw)


@pytest.mark.parametrize(
    "path",
    ["%2e%2e", "..", "a%2Fb", "a%5Cb", "a%00", "a%0d%0ab", "%252e%252e", "", "a%20", "%ff", "."],
)
def test_encoded_paths_lead_nowhere_else(path: str) -> None:
    did = Did(f"did:web:{HOST}:{path}:x", "web", f"{HOST}:{path}:x")
    with pytest.raises(InvalidDidError):
        url_of(did)


@pytest.mark.parametrize(
    "host",
    [
        "b%C3%BCcher.example",
        "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
        "127%E3%80%820%E3%80%820%E3%80%821",
    ],
)
def test_names_beyond_ascii_are_written_in_their_ascii_form(host: str) -> None:
    with pytest.raises(InvalidDidError):
        url_of(Did(f"did:web:{host}", "web", host))
    good = Did.parse("did:web:xn--bcher-kva.example")
    assert url_of(good) == "https://xn--bcher-kva.example/.well-known/did.json"
