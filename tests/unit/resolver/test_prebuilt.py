from collections.abc import Callable
from dataclasses import replace

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from resolver.binding import PATH
from resolver.clock import Clock, FixedClock
from resolver.did import Did
from resolver.document import parse_document
from resolver.http import at_hand, routes
from resolver.instant import END, SECOND, Instant, parse_instant
from resolver.methods import LATEST, Provenance, Resolved, Version
from resolver.methods.key import KeyMethod
from resolver.prebuilt import Prebuilt, Ready, kept_until
from resolver.resolution import Resolver
from resolver.result import Resolution
from touchstone.service.front import ROUTE, AtHand, Front

KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
NOW = parse_instant("2026-03-01T12:00:00.250Z")
DID = Did.parse("did:kept:a")
DOCUMENT = parse_document({"id": DID.text}, DID)
FETCHED = Instant(NOW - 10 * SECOND - 100)
PROVENANCE = Provenance(
    source="https://a.example", fetched=FETCHED, cached=True, fresh_until=Instant(NOW + 60 * SECOND)
)


def ready(body: bytes, until: Instant = END) -> Ready:
    return Ready(body, CIMultiDict(), b"", until)


def test_what_is_kept_is_found_until_its_time() -> None:
    kept = Prebuilt()
    kept.keep(("/a", ""), ready(b"x", NOW))
    assert kept.get(("/a", ""), Instant(NOW - 1)) == ready(b"x", NOW)
    assert kept.get(("/a", "text/html"), Instant(NOW - 1)) is None
    assert kept.get(("/b", ""), Instant(NOW - 1)) is None
    assert kept.get(("/a", ""), NOW) is None
    assert kept.get(("/a", ""), Instant(NOW - 1)) is None


def test_the_oldest_goes_first() -> None:
    kept = Prebuilt(max_entries=2)
    for name in "abc":
        kept.keep((name, ""), ready(b"x"))
    assert [bool(kept.get((name, ""), NOW)) for name in "abc"] == [False, True, True]


def test_bytes_are_bounded() -> None:
    kept = Prebuilt(max_bytes=1600)
    for number in range(100):
        kept.keep((str(number), ""), ready(b"x" * 90))
        kept.keep((str(number), ""), ready(b"x" * 98))
        assert kept._bytes <= 1600
    kept.keep(("large", ""), ready(b"x" * 101))
    assert kept.get(("large", ""), NOW) is None
    assert kept.get(("99", ""), NOW)
    kept.clear()
    assert kept.get(("99", ""), NOW) is None
    assert kept._bytes == 0


def test_what_follows_from_the_identifier_is_kept_for_good() -> None:
    assert kept_until(Resolution(NOW, Resolved(DOCUMENT))) == END


def test_what_is_fresh_is_kept_until_its_age_is_another() -> None:
    def until(provenance: Provenance) -> Instant | None:
        return kept_until(Resolution(NOW, Resolved(DOCUMENT, provenance=provenance)))

    assert until(PROVENANCE) == FETCHED + 11 * SECOND
    assert until(replace(PROVENANCE, fresh_until=Instant(NOW + 5))) == NOW + 5
    assert until(replace(PROVENANCE, fetched=Instant(NOW + 90 * SECOND + 7))) == NOW + 7
    assert until(replace(PROVENANCE, cached=False)) is None
    assert until(replace(PROVENANCE, stale=True)) is None
    assert kept_until(Resolution(NOW, Resolved(None))) is None
    assert kept_until(Resolution(NOW)) is None


class Counting:
    """A method that is asked, and says that it answered from its cache."""

    versioned = False

    def __init__(self) -> None:
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        self.asked += 1
        self.meanwhile()
        return Resolved(parse_document({"id": did.text}, did), provenance=PROVENANCE)


@pytest.fixture
def method() -> Counting:
    return Counting()


async def test_an_answer_is_repeated_and_never_told_too_long(method: Counting) -> None:
    clock, kept = FixedClock(NOW), Prebuilt()
    app = web.Application()
    app.add_routes(routes(Resolver({"key": KeyMethod(), "kept": method}, clock), kept))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/1.0/identifiers/"
    try:
        async with ClientSession() as session:

            async def get(did: str, *accept: str) -> tuple[dict[str, str], str]:
                headers = [("Accept", each) for each in accept or ("application/did-resolution",)]
                async with session.get(base + did, headers=headers) as answer:
                    assert answer.status == 200
                    fixed = {n: v for n, v in answer.headers.items() if n != "Date"}
                    return fixed, await answer.text()

            first = await get(DID.text)
            assert '"age":10' in first[1]
            assert await get(DID.text) == first
            assert method.asked == 1
            clock.instant = Instant(FETCHED + 11 * SECOND)
            assert '"age":11' in (await get(DID.text))[1]
            assert method.asked == 2
            kept.clear()
            method.meanwhile = kept.clear  # withdrawn while it is being answered from
            await get(DID.text)
            method.meanwhile = lambda: None
            await get(DID.text)
            assert method.asked == 4
            immutable = await get(KEY)
            assert await get(KEY) == immutable
            assert "max-age" in immutable[0]["Cache-Control"]
            assert (await get(KEY, "application/did"))[0]["Content-Type"] == "application/did"
            two = await get(KEY, "text/html", "application/did-resolution")
            assert two[0]["Content-Type"] == "application/did-resolution"
            assert (await get(KEY, "application/did"))[0]["Content-Type"] == "application/did"
    finally:
        await runner.cleanup()


def front(kept: Prebuilt, clock: Clock, *headers: tuple[str, str]) -> Front:
    return Front([AtHand((PATH,), f"{PATH}{{did}}", at_hand(kept, clock, headers))], headers)


async def test_what_is_kept_is_answered_before_anything_is_routed() -> None:
    clock, kept, routed = FixedClock(NOW), Prebuilt(), []

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        routed.append(request.method)
        return await handler(request)

    app = web.Application(middlewares=[watch])
    app.add_routes(routes(Resolver({"key": KeyMethod()}, clock), kept))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = runner.server
    assert server is not None
    server.request_handler = front(kept, clock, ("X-Own", "1")).before(server.request_handler)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/1.0/identifiers/{KEY}"
    try:
        async with ClientSession() as session:

            async def ask(method: str) -> tuple[int, str | None, bytes]:
                async with session.request(
                    method, url, skip_auto_headers=["Content-Type"]
                ) as answer:
                    return answer.status, answer.headers.get("X-Own"), await answer.read()

            first = await ask("GET")
            assert routed == ["GET"]
            assert await ask("GET") == (200, "1", first[2])
            assert await ask("HEAD") == (200, "1", b"")
            assert routed == ["GET"]
            assert (await ask("POST"))[:2] == (200, None)
            assert (await ask("PUT"))[:2] == (405, None)
            assert routed == ["GET", "POST", "PUT"]
            kept.clear()
            assert (await ask("GET"))[:2] == (200, None)
    finally:
        await runner.cleanup()


async def test_what_is_answered_in_front_names_its_route() -> None:
    kept = Prebuilt()
    kept.keep((f"/1.0/identifiers/{KEY}", ""), ready(b"x"))
    request = make_mocked_request("GET", f"/1.0/identifiers/{KEY}")
    await front(kept, FixedClock(NOW)).before(None)(request)
    assert request[ROUTE] == "/1.0/identifiers/{did}"
