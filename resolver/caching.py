"""A cache before a hosted method: fresh answers from memory, and one reader of each host.

The first level is this process's memory, the second one what processes share. Neither is needed for
an answer to be right: whatever they lack is read from the host.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic

from resolver.clock import Clock
from resolver.did import Did
from resolver.errors import ErrorCode, HeadsError, ResolutionError
from resolver.instant import SECOND, Instant
from resolver.invalidation import Invalidation
from resolver.keeping import CachePolicy, Counts, Failure, Failures, Kept, Record, Shelf, later
from resolver.methods import LATEST, Hosted, Resolved, S, Version
from resolver.shared import Alone, Shared
from resolver.trace import StepOutcome, step
from resolver.unforeseen import unforeseen

_POLL_S = 0.05
_LEASE_GRACE_S = 1.0
_MAX_FLOORS = 100_000
_LOG = logging.getLogger("touchstone.resolver")


@dataclass(frozen=True, slots=True)
class _Landed(Generic[S]):
    """How a flight ended: with a state, or with a failure.

    Attributes:
        asked: when the host was asked, at the earliest.
        kept: the state, or None.
        failure: why there is none, or none that may replace what is kept; or None.
        cached: whether the state is from the second level.
    """

    asked: Instant
    kept: Kept[S] | None = None
    failure: Failure | None = None
    cached: bool = False


class Cached(Generic[S]):
    """A hosted method with a cache before it.

    Args:
        hosted: how states are loaded and answered from.
        clock: what tells the present.
        policy: how long what is kept.
        shared: the second level; none where not given.
    """

    def __init__(
        self,
        hosted: Hosted[S],
        clock: Clock,
        policy: CachePolicy | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.versioned = hosted.versioned
        self.counts = Counts()
        self.policy = policy or CachePolicy()
        self.shelf: Shelf[S] = Shelf(self.policy)
        self.failures = Failures()
        self._hosted = hosted
        self._clock = clock
        self._shared = shared or Alone()
        self._flights: dict[str, asyncio.Task[_Landed[S]]] = {}
        self._tasks: set[asyncio.Task[_Landed[S]]] = set()
        self._purged: dict[str, Instant] = {}
        self._untold: dict[str, Invalidation] = {}
        self._announcing: set[asyncio.Task[None]] = set()

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """Answer from what is kept where that is fresh, and from the host otherwise.

        Raises:
            ResolutionError: as for `Method.resolve`.
        """
        now = self._clock.now()
        if not fresh:
            kept = self.shelf.get(did.text)
            if kept is not None and kept.is_fresh(now) and not self._may_lack(kept, did, version):
                self.counts.hits += 1
                kept.uses += 1
                if self._is_popular(kept, now) and not self.failures.get(did.text, now):
                    self.counts.prefetches += 1
                    _ = self._flight(did, since=now)
                step("cache", "kept, and fresh")
                return self._hit(kept, did, version)
            failure = self.failures.get(did.text, now)
            if failure is not None:
                self.counts.negative += 1
                step("cache", "it failed a short time ago", StepOutcome.FAILED)
                return self._despite(failure, did, version)
        return await self._refreshed(did, version, fresh=fresh)

    async def _refreshed(self, did: Did, version: Version, *, fresh: bool) -> Resolved:
        asked = self._clock.now()
        flight = self._flight(did, since=asked if fresh else None)
        stale = None if fresh else self._usable(did)
        if stale is not None:
            done, _ = await asyncio.wait({flight}, timeout=self.policy.client_s)
            if not done:
                step("refresh", "slow: the stale one is given", StepOutcome.SKIPPED)
                return self._stale(stale, did, version)
        landed = await asyncio.shield(flight)
        while fresh and landed.asked < asked:  # it had begun before the question
            landed = await asyncio.shield(self._flight(did, since=asked))
        if landed.failure is not None and not fresh:
            return self._despite(landed.failure, did, version)
        if landed.kept is None:
            raise _error_of(landed)
        if landed.cached:
            return self._hit(landed.kept, did, version)
        return self._answer(landed.kept, did, version)

    # Answers

    def _hit(self, kept: Kept[S], did: Did, version: Version) -> Resolved:
        if version is not LATEST:
            return self._answer(kept, did, version, cached=True)
        if kept.hit is None:
            kept.hit = self._answer(kept, did, version, cached=True)
        return kept.hit

    def _despite(self, failure: Failure, did: Did, version: Version) -> Resolved:
        kept = None if failure.final else self._usable(did)
        if kept is None:
            raise failure.error()
        step("refresh", f"the stale one is given: {failure.detail}", StepOutcome.FAILED)
        return self._stale(kept, did, version)

    def _stale(self, kept: Kept[S], did: Did, version: Version) -> Resolved:
        self.counts.stale += 1
        stale = not kept.is_fresh(self._clock.now())  # a refresh may have ended meanwhile
        return self._answer(kept, did, version, cached=True, stale=stale)

    def _answer(
        self,
        kept: Kept[S],
        did: Did,
        version: Version,
        *,
        cached: bool = False,
        stale: bool = False,
    ) -> Resolved:
        resolved = self._hosted.answer(kept.state, did, version)
        provenance = replace(
            resolved.provenance,
            fetched=kept.confirmed,
            cached=cached,
            stale=stale,
            fresh_until=kept.fresh_until,
        )
        return replace(resolved, provenance=provenance)

    def _usable(self, did: Did) -> Kept[S] | None:
        kept = self.shelf.get(did.text)
        return kept if kept is not None and kept.is_usable(self._clock.now()) else None

    def _may_lack(self, kept: Kept[S], did: Did, version: Version) -> bool:
        """Whether a version is asked for that was perhaps made since the state was confirmed."""
        if version is LATEST or version == LATEST:
            return False
        if self._clock.now() < later(kept.confirmed, self.policy.recheck_s):
            return False
        try:
            self._hosted.answer(kept.state, did, version)
        except ResolutionError as error:
            return error.code is ErrorCode.NOT_FOUND
        return False

    def _is_popular(self, kept: Kept[S], now: Instant) -> bool:
        lifetime = kept.fresh_until - kept.confirmed
        ahead = kept.fresh_until - now <= lifetime * self.policy.prefetch_share
        return ahead and kept.uses >= self.policy.prefetch_uses

    # Flights: one for each DID, in this process and among all that share the second level

    def _flight(self, did: Did, since: Instant | None) -> "asyncio.Task[_Landed[S]]":
        """The flight under way, or a new one.

        Args:
            did: what is loaded.
            since: when the host must have been asked at the earliest; any time where not given.
        """
        flight = self._flights.get(did.text)
        if flight is None or flight.done():
            flight = asyncio.create_task(self._fly(did, since), name="resolve a DID")
            self._flights[did.text] = flight
            self._tasks.add(flight)
            flight.add_done_callback(lambda done: self._landed(did.text, done))
        return flight

    def _landed(self, did: str, flight: "asyncio.Task[_Landed[S]]") -> None:
        self._tasks.discard(flight)
        if self._flights.get(did) is flight:
            del self._flights[did]
        if not flight.cancelled() and (error := flight.exception()) is not None:
            _LOG.error('{"event":"a refresh failed unexpectedly"}', exc_info=error)

    async def _fly(self, did: Did, since: Instant | None) -> _Landed[S]:
        loop = asyncio.get_running_loop()
        lease_s = self.policy.resolution_s + _LEASE_GRACE_S
        gives_up, seen = loop.time() + lease_s, None
        while True:
            token = await self._shared.lease(did, lease_s)
            landed, record = await self._from_shared(did, since, seen)
            if landed is not None or token is not None or loop.time() >= gives_up:
                break
            seen = seen or (record.confirmed if record else Instant(0))
            await asyncio.sleep(_POLL_S)
        try:
            return landed or await self._load(did)
        finally:
            if token is not None:
                await self._shared.release(did, token)

    async def _from_shared(
        self, did: Did, since: Instant | None, seen: Instant | None
    ) -> tuple[_Landed[S] | None, Record | None]:
        """Take what another process kept, where it is good enough.

        Args:
            did: what is loaded.
            since: when the host must have been asked at the earliest.
            seen: what was there before another process was waited for: whatever is newer is what
                it loaded meanwhile, which is good even if it may not be kept.
        """
        raw, failed = await self._shared.read(did)
        now = self._clock.now()
        failure = Failure.decode(failed) if failed is not None else None
        record = Record.decode(raw) if raw is not None else None
        kept = None if record is None else self._adopted(did, record, now)
        if kept is not None:
            enough = kept.is_fresh(now) if since is None else kept.confirmed >= since
            if enough or (seen is not None and since is None and kept.confirmed > seen):
                self.counts.shared += 1
                step("shared cache", "kept by another process")
                return _Landed(kept.confirmed, kept, cached=True), record
        if failure is not None and since is None and failure.until > now:
            self.failures.put(did.text, failure)
            return _Landed(now, failure=failure), record
        return None, record

    def _adopted(self, did: Did, record: Record, now: Instant) -> Kept[S] | None:
        """Keep another process's state in memory, where it is newer than ours."""
        confirmed = Instant(min(record.confirmed, now))  # its clock may be ahead
        if confirmed <= self._purged.get(did.text, -1):
            return None
        own = self.shelf.get(did.text)
        if own is not None and own.confirmed >= confirmed:
            return own
        try:
            state = self._hosted.decode(did, record.body)
        except ResolutionError:
            return None
        return self._keep(did, state, confirmed, record.ttl_s)

    async def _load(self, did: Did) -> _Landed[S]:
        """Ask the host, and keep what it says."""
        asked, own = self._clock.now(), self.shelf.get(did.text)
        try:
            async with asyncio.timeout(self.policy.resolution_s):
                state = await self._hosted.load(did, own.state if own else None)
        except TimeoutError:
            detail = f"the host took longer than {self.policy.resolution_s:g} s"
            error = ResolutionError(ErrorCode.INTERNAL_ERROR, detail)
        except HeadsError as raised:
            error = ResolutionError(ErrorCode.INTERNAL_ERROR, f"nothing is relied on: {raised}")
        except ResolutionError as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - a fault of ours is no reason to lose what is kept
            error = unforeseen(raised)
        else:
            broken = None if own is None else self._broken(state, did)
            if broken is None:
                self.counts.loads += 1
                return await self._loaded(did, asked, own, state)
            kept = _timed(state, asked, 0, self.policy)
            return _Landed(asked, kept, await self._failed(did, own, broken))
        return _Landed(asked, failure=await self._failed(did, own, error))

    def _broken(self, state: S, did: Did) -> ResolutionError | None:
        """Why a state has no latest document, as a log has whose end does not verify."""
        try:
            self._hosted.answer(state, did, LATEST)
        except ResolutionError as error:
            return error
        return None

    async def _loaded(self, did: Did, asked: Instant, own: Kept[S] | None, state: S) -> _Landed[S]:
        if asked <= self._purged.get(did.text, -1):  # it was asked for again after the purge
            return _Landed(asked, _timed(state, asked, state.ttl_s, self.policy))
        self.failures.drop(did.text)
        kept = self._keep(did, state, asked, state.ttl_s)
        record = Record(asked, state.ttl_s, self._hosted.encode(state)).encode()
        await self._shared.keep_state(did, record, (kept.stale_until - asked) / SECOND + 1)
        if own is not None and own.state is not state:
            await self._shared.tell(Invalidation(did, asked, purge=False).encode())
        return _Landed(asked, kept)

    async def _failed(self, did: Did, own: Kept[S] | None, error: ResolutionError) -> Failure:
        self.counts.failures += 1
        until = later(self._clock.now(), self.policy.recheck_s)
        failure = Failure(error.code, str(error), until, error.deactivated, error.busy)
        if failure.busy:  # nothing was learnt of the host
            return failure
        self.failures.put(did.text, failure)
        await self._shared.keep_failure(did, failure.encode(), self.policy.recheck_s)
        if failure.final and own is not None:  # kept to be confirmed, no longer to be given
            own.fresh_until, own.stale_until, own.hit = own.confirmed, own.confirmed, None
            await self._shared.drop(did)
        return failure

    def _keep(self, did: Did, state: S, confirmed: Instant, ttl_s: int | None) -> Kept[S]:
        kept = _timed(state, confirmed, ttl_s, self.policy)
        self.shelf.put(did.text, kept)
        return kept

    # Giving up what is kept

    async def purge(self, did: Did) -> None:
        """Keep nothing of a DID, here and in every process that shares the second level."""
        now = self._clock.now()
        self.purged(did, now)
        await self._announce([Invalidation(did, now, purge=True)])

    async def _announce(self, purges: Iterable[Invalidation]) -> None:
        """Purge the second level; what cannot be told now is told once it is back."""
        for each in purges:
            await self._shared.drop(each.did)
            if not await self._shared.tell(each.encode()) and len(self._untold) < _MAX_FLOORS:
                self._untold[each.did.text] = each

    def purged(self, did: Did, at: Instant) -> None:
        """Keep nothing of a DID from an instant or before, nor take it from the second level."""
        at = Instant(min(at, self._clock.now()))  # another process's clock may be ahead
        if self._purged.get(did.text) == at:
            return  # this process's own message
        self.counts.purges += 1
        self._purged[did.text] = max(at, self._purged.get(did.text, at))
        if len(self._purged) > _MAX_FLOORS:
            del self._purged[next(iter(self._purged))]
        self._flights.pop(did.text, None)  # who asks from now on does not join it
        self.shelf.drop(did.text)
        self.failures.drop(did.text)

    def changed(self, did: Did, at: Instant) -> None:
        """Ask again before a DID is answered: another process found it changed."""
        kept = self.shelf.get(did.text)
        if kept is not None and kept.confirmed < at:
            self.shelf.doubt_one(did.text, self._clock.now())
        self.failures.drop(did.text)

    def doubt(self) -> None:
        """Ask again before anything is answered: messages may have been missed, or not sent."""
        self.shelf.doubt(self._clock.now())
        if untold := tuple(self._untold.values()):
            self._untold.clear()
            task = asyncio.create_task(self._announce(untold), name="tell purges")
            self._announcing.add(task)
            task.add_done_callback(self._announcing.discard)

    async def close(self) -> None:
        """End what is under way."""
        tasks = (*self._tasks, *self._announcing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _error_of(landed: _Landed[S]) -> ResolutionError:
    if landed.failure is None:
        raise AssertionError("a flight lands with a state or a failure")
    return landed.failure.error()


def _timed(state: S, confirmed: Instant, ttl_s: int | None, policy: CachePolicy) -> Kept[S]:
    fresh_s = policy.fresh_s(ttl_s)
    fresh_until = later(confirmed, fresh_s)
    stale_until = later(fresh_until, policy.most_stale_s) if fresh_s else confirmed
    return Kept(state, confirmed, fresh_until, stale_until)
