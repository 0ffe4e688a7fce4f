"""What the service says of itself, and what it keeps to itself."""

import asyncio

import aiohttp
import orjson
import pytest

from resolver.resolution import Resolver
from tests.http.conftest import AUDITOR, SETTINGS, Service
from touchstone.service.app import TELEMETRY, build_app
from touchstone.service.serving import listening
from touchstone.service.telemetry import Telemetry

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_is_alive_and_ready(service: Service) -> None:
    assert (await service.get("/health")).json == {"status": "ok"}
    ready = (await service.get("/ready")).json
    names = ("journal", "framework", "anchors", "log", "signatures")
    assert ready["checks"] == dict.fromkeys(names, True)
    assert ready["anchors"] == 1
    assert ready["journal"]["size"] == service.board.registry.journal.size


async def test_the_registry_says_what_acts_must_name(service: Service) -> None:
    registry, journal = service.board.registry, service.board.registry.journal
    assert (await service.get("/v1/registry")).json == {
        "origin": registry.origin,
        "genesis": registry.genesis,
        "journal": {"size": journal.size, "root": journal.root.hex()},
        "framework": registry.index.frameworks()[-1].digest,
        "log": None,
        "signatures": {"checked": 0, "pending": 0, "fault": None},
    }


async def test_metrics_count_routes_and_decisions_and_name_nobody(own_service: Service) -> None:
    for path in (f"/v1/decisions?issuer={AUDITOR}&commodity=copper", f"/v1/parties/{AUDITOR}"):
        await own_service.get(path)
    await own_service.get("/nowhere/at/all")
    await own_service.ask("PROPFIND", "/v1/decisions")
    answer = await own_service.get("/metrics")
    text = answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/plain")
    counted = "touchstone_http_request_duration_seconds_count"
    for line in (
        f'{counted}{{method="GET",route="/v1/parties/{{did}}",status="200"}} 1.0',
        'touchstone_decisions_total{outcome="authorised",reason="AUTHORISED"} 1.0',
        "touchstone_anchors 1.0",
    ):
        assert line in text
    assert 'route="none",status="404"' in text
    assert 'method="other"' in text
    for private in (AUDITOR, "nowhere", "PROPFIND", "copper"):
        assert private not in text


async def test_the_access_log_is_a_line_a_request_that_tells_on_nobody(service: Service) -> None:
    written: list[str] = []
    board = service.board
    app = build_app(board.registry, Resolver({}, board.clock), None, board.clock, SETTINGS)
    app[TELEMETRY]._write = written.append
    async with listening(app, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
        for path in (
            f"/v1/decisions?issuer={AUDITOR}&commodity=copper",
            f"/v1/parties/{AUDITOR}",
            "/nowhere?secret=1",
        ):
            async with session.get(address + path) as response:
                await response.read()
    lines = [orjson.loads(line) for line in "".join(written).splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/v1/decisions", 200),
        ("GET", "/v1/parties/{did}", 200),
        ("GET", "none", 404),
    ]
    assert set(lines[0]) == {"time", "method", "route", "status", "bytes", "seconds"}
    assert lines[0]["bytes"] > 100
    assert 0 < lines[0]["seconds"] < 10
    assert AUDITOR not in "".join(written)


async def test_a_log_that_nobody_takes_does_not_grow_for_ever() -> None:
    telemetry = Telemetry(lambda _text: None)
    for _ in range(100_100):
        telemetry.line("/", "GET", 200, 1, 0.1)
    assert len(telemetry._lines) == 100_000


async def test_many_connections_are_answered(service: Service) -> None:
    path = f"{service.address}/v1/decisions?issuer={AUDITOR}&commodity=copper"
    connector = aiohttp.TCPConnector(limit=256)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask() -> int:
            async with session.get(path) as response:
                await response.read()
                return response.status

        statuses = await asyncio.gather(*(ask() for _ in range(512)))
    assert set(statuses) == {200}


async def test_a_silent_connection_is_closed(service: Service) -> None:
    board = service.board
    settings = SETTINGS.model_copy(update={"header_timeout_s": 0.2})
    app = build_app(board.registry, Resolver({}, board.clock), None, board.clock, settings)
    async with listening(app, "127.0.0.1", 0) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_every_did_that_is_told_to_test_with_resolves(service: Service) -> None:
    told = (await service.get("/1.0/testIdentifiers")).json
    dids = [did for several in told.values() if isinstance(several, list) for did in several]
    assert {str(did).split(":")[1] for did in dids} == {"key", "jwk", "peer", "pkh"}
    for did in dids:
        assert (await service.get(f"/1.0/identifiers/{did}")).status == 200, did
