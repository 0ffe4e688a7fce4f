"""Giving up what is kept: by a signed request, on the local socket, and what the metrics tell."""

import asyncio
import logging
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiohttp import web
from blockbuster import BlockBuster

from resolver.clock import FixedClock
from resolver.fetch import Fetcher
from resolver.heads import Head
from resolver.instant import SECOND, Instant, format_instant
from resolver.proofs.jose import sign_jws
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.loopback import TestCa, serve_tls
from touchstone.service.errors import SettingsError
from touchstone.service.resolving import PURGE_PATH, Resolving, local_socket, open_resolving
from touchstone.service.security import SecurityEvents
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry

NOW = Instant(1_790_000_000_000)
HOST = "issuer.example"
DID = f"did:web:{HOST}"
ORIGIN = "https://registry.example"
KEY, OTHER = PrivateKey.from_seed(b"p" * 32), PrivateKey.from_seed(b"q" * 32)


def did_of(key: PrivateKey) -> str:
    return f"did:key:{key.public.multikey}"


def signed(
    payload: Mapping[str, Json] | None = None, key: PrivateKey = KEY, **header: Json
) -> dict[str, str]:
    body = {"purge": [DID], "audience": ORIGIN, "issued": format_instant(NOW)}
    did = did_of(KEY)
    head = {"kid": f"{did}#{did.removeprefix('did:key:')}", **header}
    jws = sign_jws(orjson.dumps({**body, **(payload or {})}), head, key)
    return jws.flattened()


@dataclass
class Site:
    asked: int = 0

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response({"id": DID})


@dataclass
class Running:
    site: Site
    clock: FixedClock
    resolving: Resolving
    session: aiohttp.ClientSession
    address: str

    async def resolve(self) -> None:
        async with self.session.get(f"{self.address}/1.0/identifiers/{DID}") as answer:
            assert answer.status == 200

    async def purge(self, body: object) -> tuple[int, dict[str, Json]]:
        async with self.session.post(f"{self.address}{PURGE_PATH}", json=body) as answer:
            return answer.status, await answer.json(content_type=None)


@asynccontextmanager
async def running(ca: TestCa, folder: Path) -> AsyncIterator[Running]:
    from resolver import http

    site, clock = Site(), FixedClock(NOW)
    settings = Settings(
        data=folder / "journal.sqlite", origin=ORIGIN, resolver_purgers=(did_of(KEY),)
    )
    async with (
        serve_tls(ca, {HOST: site}) as policy,
        Fetcher(policy) as fetcher,
        open_resolving(settings, fetcher, clock) as resolving,
        aiohttp.ClientSession() as session,
    ):
        app = web.Application()
        app.add_routes([*http.routes(resolving.resolver, resolving.prebuilt), *resolving.routes()])
        async with listening(app, "127.0.0.1", 0) as address:
            yield Running(site, clock, resolving, session, address)


async def test_a_signed_request_purges(ca: TestCa, tmp_path: Path) -> None:
    async with running(ca, tmp_path) as service:
        for _ in range(3):
            await service.resolve()
        assert service.site.asked == 1
        service.clock.instant = Instant(NOW + SECOND)
        assert await service.purge(signed()) == (200, {"purged": [DID]})
        service.clock.instant = Instant(NOW + 2 * SECOND)
        await service.resolve()
        assert service.site.asked == 2


FORGED: list[object] = [
    signed(key=OTHER),
    signed(kid=f"{did_of(OTHER)}#{did_of(OTHER).removeprefix('did:key:')}", key=OTHER),
    signed(kid=did_of(KEY)),
    signed(kid=f"{did_of(KEY)}#other"),
    signed({"audience": "https://other.example"}),
    signed({"issued": format_instant(Instant(NOW - 301 * SECOND))}),
    signed({"issued": format_instant(Instant(NOW + 301 * SECOND))}),
    signed({"issued": "yesterday"}),
    signed({"more": 1}),
    signed({"purge": []}),
    signed({"purge": [DID] * 101}),
    signed({"purge": ["no did"]}),
    signed({"purge": [DID, 7]}),
    {**signed(), "signature": "AAAA"},
    {**signed(), "more": ""},
    {"purge": [DID]},
    [],
    "purge",
]


@pytest.mark.parametrize("number", range(len(FORGED)))
async def test_nobody_else_purges(ca: TestCa, tmp_path: Path, number: int) -> None:
    async with running(ca, tmp_path) as service:
        await service.resolve()
        status, answer = await service.purge(FORGED[number])
        assert status == 400
        assert str(answer["type"]).endswith("invalid-value")
        assert len(service.resolving.caches.by_method["web"].shelf) == 1


async def test_the_owner_of_the_local_socket_purges(ca: TestCa, tmp_path: Path) -> None:
    path = tmp_path / "purge.sock"
    async with running(ca, tmp_path) as service:
        await service.resolve()
        async with local_socket(service.resolving, path):
            mode = (await asyncio.to_thread(path.stat)).st_mode
            assert stat.S_IMODE(mode) == 0o600
            connector = aiohttp.UnixConnector(str(path))
            async with aiohttp.ClientSession(connector=connector) as session:
                url = f"http://localhost{PURGE_PATH}"
                async with session.post(url, json={"purge": [DID, "did:key:zAny"]}) as answer:
                    assert answer.status == 200
                    assert await answer.json() == {"purged": [DID]}
                for wrong in ({"purge": DID}, {"purge": ["x"]}, {}, 1):
                    async with session.post(url, json=wrong) as answer:
                        assert answer.status == 400
        assert not await asyncio.to_thread(path.exists)
        assert len(service.resolving.caches.by_method["web"].shelf) == 0


async def test_a_service_that_ends_leaves_the_socket_of_the_one_that_took_its_place(
    ca: TestCa, tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    no_blocking_calls.functions["os.remove"].can_block_in(
        "asyncio/unix_events.py", "create_unix_server"
    )
    path = tmp_path / "purge.sock"
    async with running(ca, tmp_path) as service:
        async with AsyncExitStack() as later:
            async with local_socket(service.resolving, path):
                await later.enter_async_context(local_socket(service.resolving, path))
            connector = aiohttp.UnixConnector(str(path))
            async with aiohttp.ClientSession(connector=connector) as session:
                url = f"http://localhost{PURGE_PATH}"
                async with session.post(url, json={"purge": [DID]}) as answer:
                    assert answer.status == 200
        assert not await asyncio.to_thread(path.exists)


async def test_metrics_tell_of_the_cache_and_name_no_did(ca: TestCa, tmp_path: Path) -> None:
    async with running(ca, tmp_path) as service:
        telemetry = Telemetry()
        telemetry.families.append(service.resolving.metrics)
        await service.resolve()
        await service.resolve()
        text = telemetry.exposition().decode()
    assert 'touchstone_resolver_cache_total{event="loads",method="web"} 1.0' in text
    assert 'touchstone_resolver_cache_total{event="hits",method="web"} 1.0' in text
    assert 'touchstone_resolver_kept{method="web"} 1.0' in text
    assert HOST not in text


def test_a_rollback_is_told_with_both_heads(caplog: pytest.LogCaptureFixture) -> None:
    events, telemetry = SecurityEvents(), Telemetry()
    telemetry.families.append(events.metrics)
    known, offered = Head("Qm1", "3-QmA", 3), Head("Qm1", "2-QmB", 2)
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            events.rollback(known, offered, "https://host.example/did.jsonl")
    told = orjson.loads(caplog.records[0].message)
    assert (told["scid"], told["known"], told["offered"]) == ("Qm1", "3-QmA", "2-QmB")
    text = telemetry.exposition().decode()
    assert "touchstone_resolver_rollbacks_total 2.0" in text
    shown = 'touchstone_resolver_rollback{known="3-QmA",offered="2-QmB",scid="Qm1"} 1.0'
    assert text.count(shown) == 1
    for number in range(100):
        events.rollback(known, replace(offered, version_id=f"2-Qm{number}"), "")
    assert telemetry.exposition().decode().count("touchstone_resolver_rollback{") == 16


@pytest.mark.parametrize("secret", [None, b"short"])
async def test_redis_needs_a_secret(tmp_path: Path, secret: bytes | None) -> None:
    file = tmp_path / "secret"
    if secret is not None:
        await asyncio.to_thread(file.write_bytes, secret)
    settings = Settings(
        data=tmp_path / "journal.sqlite",
        resolver_redis="redis://127.0.0.1:1/0",
        resolver_redis_secret_file=None if secret is None else file,
    )
    with pytest.raises(SettingsError, match="RESOLVER_REDIS_SECRET_FILE"):
        async with open_resolving(settings, Fetcher(), FixedClock(NOW)):
            pass
