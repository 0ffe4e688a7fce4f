"""A cache before a hosted method: fresh answers from memory, and one reader of each host.

The first level is this process's memory, the second one what processes share. Neither is needed for
an answer to be right: whatever they lack is read from the host.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Generic

from resolver.clock import Clock
from resolver.did import Did
from resolver.errors import ErrorCode, ResolutionError
from resolver.instant import Instant
from resolver.invalidation import Invalidation
from resolver.keeping import CachePolicy, Failure, Kept, later
from resolver.loading import Landed, Loading
from resolver.methods import LATEST, Hosted, Resolved, S, Version
from resolver.shared import Alone, Shared
from resolver.trace import StepOutcome, step

_MAX_UNTOLD = 100_000
_LOG = logging.getLogger("touchstone.resolver")


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
        self.policy = policy or CachePolicy()
        self._hosted = hosted
        self._clock = clock
        self._shared = shared or Alone()
        self._loading = Loading(hosted, clock, self.policy, self._shared)
        self.shelf, self.failures = self._loading.shelf, self._loading.failures
        self.counts = self._loading.counts
        self._flights: dict[str, asyncio.Task[Landed[S]]] = {}
        self._tasks: set[asyncio.Task[Landed[S]]] = set()
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

    def _flight(self, did: Did, since: Instant | None) -> "asyncio.Task[Landed[S]]":
        """The flight under way, or a new one.

        Args:
            did: what is loaded.
            since: when the host must have been asked at the earliest; any time where not given.
        """
        flight = self._flights.get(did.text)
        if flight is None or flight.done():
            flight = asyncio.create_task(self._loading.load(did, since), name="resolve a DID")
            self._flights[did.text] = flight
            self._tasks.add(flight)
            flight.add_done_callback(lambda done: self._landed(did.text, done))
        return flight

    def _landed(self, did: str, flight: "asyncio.Task[Landed[S]]") -> None:
        self._tasks.discard(flight)
        if self._flights.get(did) is flight:
            del self._flights[did]
        if not flight.cancelled() and (error := flight.exception()) is not None:
            _LOG.error('{"event":"a refresh failed unexpectedly"}', exc_info=error)

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
            if not await self._shared.tell(each.encode()) and len(self._untold) < _MAX_UNTOLD:
                self._untold[each.did.text] = each

    def purged(self, did: Did, at: Instant) -> None:
        """Keep nothing of a DID from an instant or before, nor take it from the second level."""
        at = Instant(min(at, self._clock.now()))  # another process's clock may be ahead
        if self._loading.purged(did, at):  # else it is this process's own message
            self._flights.pop(did.text, None)  # who asks from now on does not join it

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


def _error_of(landed: Landed[S]) -> ResolutionError:
    if landed.failure is None:
        raise AssertionError("a flight lands with a state or a failure")
    return landed.failure.error()
