"""The second level on a real Redis: what it gives, and that nothing is lost with it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from resolver.caches import Caches
from resolver.caching import Cached
from resolver.clock import FixedClock
from resolver.errors import ResolutionError
from resolver.instant import SECOND, Instant
from resolver.keeping import CachePolicy
from resolver.sealing import Seal
from resolver.stores import redis
from resolver.stores.redis import RedisShared
from tests.redis_server import RedisServer, redis_server
from tests.unit.resolver.hosts import DID, DOWN, GONE, Host

START = Instant(1_790_000_000_000)
SECRET = b"s" * 32
POLICY = CachePolicy(client_s=20, resolution_s=40, recheck_s=30, most_stale_s=600)
PATIENT_S = 30.0
"""So long is a server waited for that is there, so that no busy machine makes it one that is not."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "OPERATION_S", PATIENT_S)
    monkeypatch.setattr(redis, "WATCH_S", PATIENT_S)


@pytest.fixture
def watchful(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server goes away: it is soon noticed, and so is that it is back."""
    monkeypatch.setattr(redis, "WATCH_S", 0.5)


@contextmanager
def hasty() -> Iterator[None]:
    """While a server hangs: no operation waits for it long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis, "OPERATION_S", 0.1)
        yield


class Process:
    """What one process of the service has: a cache of its own, and the way to Redis."""

    def __init__(self, host: Host, url: str, secret: bytes = SECRET) -> None:
        self.clock = FixedClock(START)
        self.heard: list[bytes] = []
        self.shared = RedisShared(url, Seal(secret), self.hear, self.missed)
        self.cache = Cached(host, self.clock, POLICY, self.shared)
        self.caches = Caches({"test": self.cache})

    def hear(self, message: bytes) -> None:
        self.heard.append(message)
        self.caches.hear(message)

    def missed(self) -> None:
        self.caches.missed()

    async def number(self, *, fresh: bool = False) -> str | None:
        return (await self.cache.resolve(DID, fresh=fresh)).metadata.version_id

    def later(self, seconds: float) -> None:
        self.clock.instant = Instant(self.clock.instant + int(seconds * SECOND))


@asynccontextmanager
async def processes(
    host: Host, url: str, count: int, *, up: bool = True, secret: bytes = SECRET
) -> AsyncIterator[list[Process]]:
    async with AsyncExitStack() as stack:
        made = [Process(host, url, secret) for _ in range(count)]
        for each in made:
            await stack.enter_async_context(each.shared)
            stack.push_async_callback(each.caches.close)
        for each in made:
            if up:
                await until(lambda each=each: each.shared.up)
        yield made


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path) as running:
        yield running


async def test_a_second_process_need_not_ask_the_host(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        assert await first.number() == "1"
        resolved = await second.cache.resolve(DID)
        assert host.loads == 1
        assert resolved.provenance.cached
        assert resolved.provenance.fetched == START
        assert resolved.provenance.fresh_until == START + 60 * SECOND
        second.later(60)
        await second.number()
        assert host.loads == 2


async def test_one_flight_among_all_processes(server: RedisServer) -> None:
    for ttl_s in (60, 0):  # also where what is loaded may not be kept
        host = Host(ttl_s)
        host.takes_s = 0.3
        await server.command("FLUSHALL")
        async with processes(host, server.url, 4) as all_:
            asked = [each.number() for each in all_ for _ in range(10)]
            assert set(await asyncio.gather(*asked)) == {"1"}
        assert host.loads == 1


async def test_a_failure_is_shared_beside_the_state(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        await first.number()
        for each in (first, second):
            each.later(60)
        host.error = DOWN
        assert (await first.cache.resolve(DID)).provenance.stale
        assert (await second.cache.resolve(DID)).provenance.stale, "taken from the second level"
        assert host.loads == 2


async def test_a_process_that_starts_while_the_host_is_down_finds_the_last_state(
    server: RedisServer,
) -> None:
    host = Host()
    async with processes(host, server.url, 1) as (first,):
        await first.number()
    host.error = DOWN
    async with processes(host, server.url, 1) as (second,):
        second.later(61)
        resolved = await second.cache.resolve(DID)
        assert resolved.provenance.stale
        assert resolved.provenance.fetched == START


async def test_gone_is_gone_for_all(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 1) as (first,):
        await first.number()
        first.later(60)
        host.error = GONE
        with pytest.raises(ResolutionError, match="gone"):
            await first.number()
    host.error = DOWN
    async with processes(host, server.url, 1) as (second,):
        second.later(91)
        with pytest.raises(ResolutionError):
            await second.number()


async def test_a_purge_reaches_every_process(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 3) as all_:
        for each in all_:
            await each.number()
            each.later(1)
        host.number = 2
        assert await all_[0].caches.purge(DID)
        await until(lambda: all(len(each.cache.shelf) == 0 for each in all_))
        for each in all_:
            each.later(1)
            assert await each.number() == "2"
        assert host.loads == 2


async def test_what_one_process_finds_changed_the_others_take(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        await first.number()
        await second.number()
        host.number = 2
        for each in (first, second):
            each.later(1)
        assert await first.number(fresh=True) == "2"
        kept = second.cache.shelf.get(DID.text)
        assert kept is not None
        await until(lambda: not kept.is_fresh(second.clock.now()))
        assert await second.number() == "2"
        assert host.loads == 2


async def test_a_purged_state_that_is_put_back_is_not_taken(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 1) as (first,):
        await first.number()
        name = first.shared._name("state", DID)
        dumped = await server.command("GET", name)
        value = dumped.partition(b"\r\n")[2][:-2]
        first.later(1)
        await first.caches.purge(DID)
        await server.command("SET", name, value)
        host.number = 2
        first.later(1)
        assert await first.number() == "2"


async def test_forged_moved_and_foreign_states_are_not_taken(server: RedisServer) -> None:
    host = Host()
    forged = f"[{START},3600]\n[9,3600]".encode()
    async with processes(host, server.url, 1) as (first,):
        name = first.shared._name("state", DID)
        foreign = Seal(b"t" * 32).close(f"state {DID.text}", forged)
        moved = Seal(SECRET).close("state did:test:two", forged)
        failure = Seal(SECRET).close(f"failure {DID.text}", forged)
        for value in (forged, foreign, moved, failure, bytes(64), b""):
            await server.command("SET", name, value)
            await server.command("SET", first.shared._name("failure", DID), value)
            first.cache.shelf.drop(DID.text)
            assert await first.number() == "1"
        await server.command("DEL", name)
        await server.command("LPUSH", name, "of another type")
        first.cache.shelf.drop(DID.text)
        assert await first.number() == "1"


async def test_forged_messages_are_not_heard(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 1) as (first,):
        await first.number()
        forged = f'["{DID.text}",{START + 1},true]'
        await server.command("PUBLISH", first.shared.channel, forged)
        assert await first.shared.tell(b"the next")
        await until(lambda: first.heard == [b"the next"])
        assert await first.number() == "1"
        assert first.cache.counts.purges == 0
        assert host.loads == 1


@pytest.mark.usefixtures("watchful")
async def test_a_killed_server_costs_hits_alone(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        await first.number()
        await server.kill()
        assert await first.number() == "1"
        began = time.monotonic()
        assert await second.number() == "1", "from the host itself"
        assert time.monotonic() - began < PATIENT_S
        assert host.loads == 2
        await second.caches.purge(DID)
        second.later(1)
        assert await second.number() == "1"
        await server.start()
        await until(lambda: first.shared.up and second.shared.up)
        first.later(1)
        host.number = 2
        assert await first.number() == "2", "it may have missed a purge, and asks again"


@pytest.mark.usefixtures("watchful")
async def test_a_hung_server_costs_hits_alone(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        await first.number()
        server.stop()
        try:
            began = time.monotonic()
            with hasty():
                assert await second.number() == "1"
            assert time.monotonic() - began < PATIENT_S
            await until(lambda: not first.shared.up)
            second.later(61)
            began = time.monotonic()
            assert await second.number() == "1"
            assert time.monotonic() - began < PATIENT_S, "it is known to hang"
            assert host.loads == 3
        finally:
            server.go_on()
        await until(lambda: first.shared.up and second.shared.up)
        for each in (first, second):
            refreshed = await each.cache.resolve(DID)
            assert not refreshed.provenance.stale, "what it took while it hung, nobody waits for"


@pytest.mark.usefixtures("watchful")
async def test_a_purge_while_the_server_hangs_is_told_when_it_is_back(server: RedisServer) -> None:
    host = Host()
    async with processes(host, server.url, 2) as (first, second):
        await first.number()
        await second.number()
        for each in (first, second):
            each.later(1)
        host.number = 2
        server.stop()
        try:
            with hasty():
                await first.caches.purge(DID)
            await until(lambda: not second.shared.up)
            assert await second.number() == "1", "it cannot have heard"
        finally:
            server.go_on()
        await until(lambda: second.cache.counts.purges >= 1)
        for each in (first, second):
            each.later(1)
            assert await each.number() == "2"


@pytest.mark.usefixtures("watchful")
async def test_a_server_that_is_not_there_at_the_start_is_found_later(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server:
        await server.kill()
        host = Host()
        async with processes(host, server.url, 1, up=False) as (first,):
            assert await first.number() == "1"
            assert not first.shared.up
            await server.start()
            await until(lambda: first.shared.up)


async def test_a_client_that_swallows_an_order_to_end_holds_nobody_up() -> None:
    class Swallowing(RedisShared):
        async def _watch(self) -> None:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            await asyncio.Event().wait()

    async with asyncio.timeout(20) as limit:
        async with Swallowing("redis://127.0.0.1:1", Seal(SECRET), bytes, bytes):
            await asyncio.sleep(0)
    assert not limit.expired()


GARBAGE = [
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x00\xff" * 100 + b"\r\n",
    b"$-5\r\n",
    b"*3\r\n:1\r\n$999999999999\r\n",
    b":1\r\n" * 20,
    b"+OK\r\n" * 20,
    b"-ERR no\r\n" * 20,
    b"*1\r\n" * 5_000,
    b"",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:8]))
@pytest.mark.usefixtures("watchful")
async def test_garbage_costs_hits_alone(garbage: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                if not garbage:
                    break
                writer.write(garbage)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    host = Host()
    try:
        with hasty():
            async with processes(host, f"redis://127.0.0.1:{port}", 1, up=False) as (first,):
                first.shared.up = True  # as if it had turned bad while it was in use
                assert await first.number() == "1"
                first.shared.up = True
                await first.caches.purge(DID)
                first.later(1)
                await asyncio.sleep(0.05)
                first.shared.up = True
                assert await first.number() == "1"
                assert host.loads == 2
    finally:
        server.close()
        await server.wait_closed()
