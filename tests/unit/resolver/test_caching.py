"""The cache before a hosted method, by what a host sees of it and what callers are told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from resolver.caching import Cached
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.errors import ErrorCode, HeadsError, ResolutionError
from resolver.instant import SECOND, Instant
from resolver.keeping import CachePolicy, Failure, Record
from resolver.methods import Resolved, Version
from tests.unit.resolver.hosts import DID, DOWN, GONE, Host, Page

START = Instant(1_790_000_000_000)
POLICY = CachePolicy(
    default_s=300,
    least_s=5,
    most_s=3_600,
    client_s=20,
    resolution_s=40,
    recheck_s=30,
    most_stale_s=600,
    prefetch_share=0.1,
    prefetch_uses=3,
)
"""It waits long, so that no busy machine makes a host slow."""


class Bench:
    def __init__(self, policy: CachePolicy = POLICY, ttl_s: int | None = 60) -> None:
        self.host = Host(ttl_s)
        self.clock = FixedClock(START)
        self.cache = Cached(self.host, self.clock, policy)

    def later(self, seconds: float) -> None:
        self.clock.instant = Instant(self.clock.instant + int(seconds * SECOND))

    async def ask(self, *, fresh: bool = False, number: int | None = None) -> Resolved:
        return await self.cache.resolve(DID, Version(number=number), fresh=fresh)

    async def number(self, *, fresh: bool = False) -> str | None:
        return (await self.ask(fresh=fresh)).metadata.version_id

    async def landed(self) -> None:
        await asyncio.gather(*self.cache._tasks, return_exceptions=True)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.cache.close()


async def test_a_fresh_document_is_not_asked_for_again(bench: Bench) -> None:
    first = await bench.ask()
    bench.later(59)
    second = await bench.ask()
    assert bench.host.loads == 1
    assert not first.provenance.cached
    assert second.provenance.cached
    assert not second.provenance.stale
    assert second.provenance.fetched == START
    assert second.provenance.fresh_until == START + 60 * SECOND
    assert second.provenance.source == "https://host.example/did.json"


async def test_what_is_no_longer_fresh_is_confirmed_with_what_was_kept(bench: Bench) -> None:
    await bench.ask()
    bench.later(60)
    again = await bench.ask()
    assert bench.host.loads == 2
    assert bench.host.previous[1] is not None
    assert again.provenance.fetched == START + 60 * SECOND
    assert not again.provenance.cached


@pytest.mark.parametrize(
    ("ttl_s", "fresh_s"), [(None, 300), (0, 0), (1, 5), (60, 60), (10**9, 3_600)]
)
async def test_policy_clamps_what_the_host_says(ttl_s: int | None, fresh_s: int) -> None:
    bench = Bench(ttl_s=ttl_s)
    resolved = await bench.ask()
    assert resolved.provenance.fresh_until == START + fresh_s * SECOND
    if fresh_s:
        bench.later(fresh_s - 0.001)
        await bench.ask()
        assert bench.host.loads == 1
        bench.later(0.001)
    await bench.ask()
    assert bench.host.loads == 2


async def test_what_may_not_be_kept_is_never_given_stale() -> None:
    bench = Bench(ttl_s=0)
    await bench.ask()
    bench.host.error = DOWN
    with pytest.raises(ResolutionError, match="out of reach"):
        await bench.ask()
    assert bench.host.previous[1] is not None, "it may be confirmed"


async def test_a_clock_that_goes_back_makes_nothing_fresher(bench: Bench) -> None:
    await bench.ask()
    bench.later(-3_600)
    await bench.ask()
    assert bench.host.loads == 2


async def test_one_flight_for_all_who_ask_at_once(bench: Bench) -> None:
    bench.host.takes_s = 0.02
    answers = await asyncio.gather(*(bench.ask() for _ in range(200)))
    assert bench.host.loads == 1
    assert {answer.metadata.version_id for answer in answers} == {"1"}


async def test_a_caller_that_goes_away_ends_nobody_elses_flight(bench: Bench) -> None:
    bench.host.takes_s = 0.02
    first, second = asyncio.ensure_future(bench.ask()), asyncio.ensure_future(bench.ask())
    await asyncio.sleep(0.005)
    first.cancel()
    assert (await second).metadata.version_id == "1"
    assert bench.host.loads == 1


async def test_failures_are_remembered_apart_and_for_a_short_time(bench: Bench) -> None:
    bench.host.error = DOWN
    for _ in range(10):
        with pytest.raises(ResolutionError, match="out of reach"):
            await bench.ask()
    assert bench.host.loads == 1
    assert bench.cache.counts.negative == 9
    bench.later(30)
    bench.host.error = None
    assert await bench.number() == "1"


async def test_a_failure_is_raised_anew_for_each_caller(bench: Bench) -> None:
    bench.host.error = DOWN
    raised = []
    for _ in range(3):
        with pytest.raises(ResolutionError) as caught:
            await bench.ask()
        raised.append(caught.value)
    assert len(set(map(id, raised))) == 3


async def test_a_fetcher_that_was_busy_says_nothing_of_the_host(bench: Bench) -> None:
    bench.host.error = ResolutionError(ErrorCode.INTERNAL_ERROR, "busy", busy=True)
    with pytest.raises(ResolutionError) as caught:
        await bench.ask()
    assert caught.value.busy
    bench.host.error = None
    assert await bench.number() == "1"


async def test_an_error_never_replaces_a_good_state(bench: Bench) -> None:
    await bench.ask()
    bench.later(60)
    bench.host.error = DOWN
    stale = await bench.ask()
    assert stale.provenance.stale
    assert stale.provenance.cached
    assert stale.provenance.fetched == START
    bench.later(31)
    bench.host.error = None
    again = await bench.ask()
    assert not again.provenance.stale
    assert bench.host.previous[-1] is not None


async def test_a_failed_refresh_is_not_tried_again_before_the_recheck_timer(bench: Bench) -> None:
    await bench.ask()
    bench.later(60)
    bench.host.error = DOWN
    for _ in range(5):
        assert (await bench.ask()).provenance.stale
    assert bench.host.loads == 2
    bench.later(29)
    await bench.ask()
    assert bench.host.loads == 2
    bench.later(1)
    await bench.ask()
    assert bench.host.loads == 3


async def test_stale_documents_end(bench: Bench) -> None:
    await bench.ask()
    bench.host.error = DOWN
    bench.later(60 + 599)
    assert (await bench.ask()).provenance.stale
    bench.later(1)
    with pytest.raises(ResolutionError, match="out of reach"):
        await bench.ask()


async def test_a_host_that_says_gone_is_believed(bench: Bench) -> None:
    await bench.ask()
    bench.later(60)
    bench.host.error = GONE
    with pytest.raises(ResolutionError, match="gone"):
        await bench.ask()
    bench.host.error = DOWN
    bench.later(31)
    with pytest.raises(ResolutionError, match="out of reach"):
        await bench.ask()
    bench.host.error = None
    bench.later(31)
    assert await bench.number() == "1"
    assert bench.host.previous[-1] is not None, "the good state was kept to be confirmed"


async def test_a_wrong_document_does_not_replace_a_good_one(bench: Bench) -> None:
    await bench.ask()
    bench.later(60)
    bench.host.error = ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "of another DID")
    assert (await bench.ask()).provenance.stale


async def test_a_slow_refresh_gives_way_to_a_stale_document_and_goes_on() -> None:
    bench = Bench(replace(POLICY, client_s=0.02))
    await bench.ask()
    bench.later(60)
    bench.host.released.clear()
    bench.host.number = 2
    stale = await bench.ask()
    assert stale.provenance.stale
    assert stale.metadata.version_id == "1"
    bench.host.released.set()
    await bench.landed()
    assert await bench.number() == "2"
    assert bench.host.loads == 2
    await bench.cache.close()


async def test_the_resolution_timer_bounds_a_refresh() -> None:
    bench = Bench(replace(POLICY, resolution_s=0.2))
    bench.host.released.clear()
    with pytest.raises(ResolutionError, match=r"longer than 0\.2 s"):
        await bench.ask()
    await bench.cache.close()


async def test_popular_documents_are_refreshed_ahead(bench: Bench) -> None:
    for _ in range(5):
        await bench.ask()
    bench.later(53)
    await bench.ask()
    await bench.landed()
    assert bench.host.loads == 1, "not yet"
    bench.later(1)
    bench.host.number = 2
    assert (await bench.ask()).metadata.version_id == "1", "nobody waits for it"
    await bench.landed()
    assert bench.host.loads == 2
    assert await bench.number() == "2"


async def test_unpopular_ones_are_not(bench: Bench) -> None:
    await bench.ask()
    bench.later(59)
    await bench.ask()
    await bench.landed()
    assert bench.host.loads == 1


async def test_a_prefetch_that_failed_is_not_repeated_at_each_hit(bench: Bench) -> None:
    for _ in range(5):
        await bench.ask()
    bench.later(55)
    bench.host.error = DOWN
    for _ in range(5):
        assert not (await bench.ask()).provenance.stale
        await bench.landed()
    assert bench.host.loads == 2


async def test_no_cache_asks_the_host_and_takes_no_stale_document(bench: Bench) -> None:
    await bench.ask()
    bench.host.number = 2
    assert await bench.number(fresh=True) == "2"
    assert await bench.number() == "2", "the others see what it found"
    bench.host.error = DOWN
    with pytest.raises(ResolutionError, match="out of reach"):
        await bench.ask(fresh=True)
    assert await bench.number() == "2"


async def test_no_cache_does_not_join_a_flight_that_began_before(bench: Bench) -> None:
    bench.host.released.clear()
    early = asyncio.ensure_future(bench.ask())
    await asyncio.sleep(0.005)
    bench.later(1)
    bench.host.number = 2
    late = [asyncio.ensure_future(bench.ask(fresh=True)) for _ in range(20)]
    await asyncio.sleep(0.005)
    bench.host.released.set()
    assert (await early).metadata.version_id == "1"
    assert {(await each).metadata.version_id for each in late} == {"2"}
    assert bench.host.loads == 2
    assert bench.host.most_at_once == 1


async def test_no_cache_overrides_a_remembered_failure(bench: Bench) -> None:
    bench.host.error = DOWN
    with pytest.raises(ResolutionError):
        await bench.ask()
    bench.host.error = None
    assert await bench.number(fresh=True) == "1"
    assert await bench.number() == "1"


async def test_a_version_made_since_is_looked_for(bench: Bench) -> None:
    await bench.ask()
    bench.host.number = 2
    with pytest.raises(ResolutionError, match="no such version"):
        await bench.ask(number=2)
    bench.later(30)
    assert (await bench.ask(number=2)).metadata.version_id == "2"
    with pytest.raises(ResolutionError, match="no such version"):
        await bench.ask(number=3)
    assert bench.host.loads == 2


async def test_a_purge_leaves_nothing(bench: Bench) -> None:
    await bench.ask()
    bench.later(1)
    await bench.cache.purge(DID)
    bench.host.error = DOWN
    with pytest.raises(ResolutionError, match="out of reach"):
        await bench.ask()
    bench.later(1)
    await bench.cache.purge(DID)
    bench.host.error = None
    bench.later(1)
    assert await bench.number() == "1", "a purge also forgets failures"


async def test_what_a_purge_overtook_is_not_kept(bench: Bench) -> None:
    bench.host.released.clear()
    early = asyncio.ensure_future(bench.ask())
    await asyncio.sleep(0.005)
    bench.later(1)
    await bench.cache.purge(DID)
    bench.later(1)
    bench.host.number = 2
    late = asyncio.ensure_future(bench.ask())
    await asyncio.sleep(0.005)
    bench.host.released.set()
    assert (await early).metadata.version_id == "1"
    assert (await late).metadata.version_id == "2"
    assert await bench.number() == "2"


async def test_a_broken_state_does_not_replace_a_good_one(bench: Bench) -> None:
    class Log(Host):
        def answer(self, state: Page, did: Did, version: Version) -> Resolved:
            if state.number == 2 and version.number != 1:
                raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "entry 2 does not verify")
            return super().answer(state, did, version)

    bench.host = Log(60)
    bench.cache = Cached(bench.host, bench.clock, POLICY)
    await bench.ask()
    bench.host.number = 2
    with pytest.raises(ResolutionError, match="does not verify"):
        await bench.ask(fresh=True)
    bench.later(31)
    assert (await bench.cache.resolve(DID, Version(number=1), fresh=True)).document is not None
    bench.later(31)
    stale = await bench.ask()
    assert stale.metadata.version_id == "1"
    assert stale.provenance.stale
    await bench.cache.close()


async def test_a_memory_of_heads_that_fails_is_relied_on_by_nobody(bench: Bench) -> None:
    bench.host.error = HeadsError("disk full")
    with pytest.raises(ResolutionError, match="nothing is relied on: disk full"):
        await bench.ask()


async def test_room_is_bounded_by_number_and_by_bytes() -> None:
    for policy in (CachePolicy(entries=10), CachePolicy(bytes=10 * (100 + 2_048))):
        bench = Bench(policy)
        for number in range(100):
            await bench.cache.resolve(Did.parse(f"did:test:{number}"))
        assert len(bench.cache.shelf) == 10
        await bench.cache.resolve(Did.parse("did:test:99"))
        assert bench.host.loads == 100
        await bench.cache.resolve(Did.parse("did:test:0"))
        assert bench.host.loads == 101


async def test_the_negative_cache_is_bounded(bench: Bench) -> None:
    bench.host.error = DOWN
    for number in range(10_050):
        with pytest.raises(ResolutionError):
            await bench.cache.resolve(Did.parse(f"did:test:{number}"))
    assert len(bench.cache.failures) == 10_000


async def test_a_fault_of_ours_is_a_failure_like_any_other(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.host.error = RuntimeError("a secret of ours")
    with pytest.raises(ResolutionError, match="which was logged") as caught:
        await bench.ask()
    assert caught.value.code is ErrorCode.INTERNAL_ERROR
    assert "a secret of ours" in caplog.text
    bench.later(POLICY.recheck_s)
    bench.host.error = None
    assert await bench.number() == "1"
    bench.later(60)
    bench.host.error = RuntimeError("again")
    assert (await bench.ask()).provenance.stale


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"{}\n", b'["1",2]\nx', b"[1]\nx", b"\xff\n", b"[1,2,3]\n"]
)
def test_a_record_that_is_none(raw: bytes) -> None:
    assert Record.decode(raw) is None


@pytest.mark.parametrize("raw", [b"", b"[]", b'["OTHER","x",1,false]', b'["NOT_FOUND",1,1,false]'])
def test_a_failure_that_is_none(raw: bytes) -> None:
    assert Failure.decode(raw) is None


def test_records_and_failures_are_read_as_they_were_written() -> None:
    record = Record(START, None, b"line\nline")
    assert Record.decode(record.encode()) == record
    failure = Failure(ErrorCode.NOT_FOUND, "gone", START, deactivated=True)
    assert Failure.decode(failure.encode()) == failure
