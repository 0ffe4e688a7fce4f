"""How a state comes into the cache: from another process that has it, or else from its host.

One process at a time asks a host about a DID: the others wait for what it keeps, as long as it may
take, and then ask themselves.
"""

import asyncio
from dataclasses import dataclass
from typing import Generic

from resolver.clock import Clock
from resolver.did import Did
from resolver.errors import ErrorCode, HeadsError, ResolutionError
from resolver.instant import SECOND, Instant
from resolver.invalidation import Invalidation
from resolver.keeping import CachePolicy, Counts, Failure, Failures, Kept, Record, Shelf, later
from resolver.methods import LATEST, Hosted, S
from resolver.shared import Shared
from resolver.trace import step
from resolver.unforeseen import unforeseen

_POLL_S = 0.05
_LEASE_GRACE_S = 1.0
_MAX_FLOORS = 100_000


@dataclass(frozen=True, slots=True)
class Landed(Generic[S]):
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


class Loading(Generic[S]):
    """Loads states, and keeps them.

    Args:
        hosted: how states are loaded and answered from.
        clock: what tells the present.
        policy: how long what is kept.
        shared: the second level.

    Attributes:
        shelf: the states that are kept.
        failures: what could not be loaded, for a while.
        counts: what became of questions and loads.
    """

    def __init__(
        self, hosted: Hosted[S], clock: Clock, policy: CachePolicy, shared: Shared
    ) -> None:
        self.shelf: Shelf[S] = Shelf(policy)
        self.failures = Failures()
        self.counts = Counts()
        self._hosted = hosted
        self._clock = clock
        self._policy = policy
        self._shared = shared
        self._purged: dict[str, Instant] = {}

    async def load(self, did: Did, since: Instant | None) -> Landed[S]:
        """Load a state, from the second level where that has one that is good enough.

        Args:
            did: what is loaded.
            since: when the host must have been asked at the earliest; any time where not given.
        """
        loop = asyncio.get_running_loop()
        lease_s = self._policy.resolution_s + _LEASE_GRACE_S
        gives_up, seen = loop.time() + lease_s, None
        while True:
            token = await self._shared.lease(did, lease_s)
            landed, record = await self._from_shared(did, since, seen)
            if landed is not None or token is not None or loop.time() >= gives_up:
                break
            seen = seen or (record.confirmed if record else Instant(0))
            await asyncio.sleep(_POLL_S)
        try:
            return landed or await self._from_host(did)
        finally:
            if token is not None:
                await self._shared.release(did, token)

    async def _from_shared(
        self, did: Did, since: Instant | None, seen: Instant | None
    ) -> tuple[Landed[S] | None, Record | None]:
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
                return Landed(kept.confirmed, kept, cached=True), record
        if failure is not None and since is None and failure.until > now:
            self.failures.put(did.text, failure)
            return Landed(now, failure=failure), record
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

    async def _from_host(self, did: Did) -> Landed[S]:
        """Ask the host, and keep what it says."""
        asked, own = self._clock.now(), self.shelf.get(did.text)
        try:
            async with asyncio.timeout(self._policy.resolution_s):
                state = await self._hosted.load(did, own.state if own else None)
        except TimeoutError:
            detail = f"the host took longer than {self._policy.resolution_s:g} s"
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
            kept = _timed(state, asked, 0, self._policy)
            return Landed(asked, kept, await self._failed(did, own, broken))
        return Landed(asked, failure=await self._failed(did, own, error))

    def _broken(self, state: S, did: Did) -> ResolutionError | None:
        """Why a state has no latest document, as a log has whose end does not verify."""
        try:
            self._hosted.answer(state, did, LATEST)
        except ResolutionError as error:
            return error
        return None

    async def _loaded(self, did: Did, asked: Instant, own: Kept[S] | None, state: S) -> Landed[S]:
        if asked <= self._purged.get(did.text, -1):  # it was asked for again after the purge
            return Landed(asked, _timed(state, asked, state.ttl_s, self._policy))
        self.failures.drop(did.text)
        kept = self._keep(did, state, asked, state.ttl_s)
        record = Record(asked, state.ttl_s, self._hosted.encode(state)).encode()
        await self._shared.keep_state(did, record, (kept.stale_until - asked) / SECOND + 1)
        if own is not None and own.state is not state:
            await self._shared.tell(Invalidation(did, asked, purge=False).encode())
        return Landed(asked, kept)

    async def _failed(self, did: Did, own: Kept[S] | None, error: ResolutionError) -> Failure:
        self.counts.failures += 1
        until = later(self._clock.now(), self._policy.recheck_s)
        failure = Failure(error.code, str(error), until, error.deactivated, error.busy)
        if failure.busy:  # nothing was learnt of the host
            return failure
        self.failures.put(did.text, failure)
        await self._shared.keep_failure(did, failure.encode(), self._policy.recheck_s)
        if failure.final and own is not None:  # kept to be confirmed, no longer to be given
            own.fresh_until, own.stale_until, own.hit = own.confirmed, own.confirmed, None
            await self._shared.drop(did)
        return failure

    def _keep(self, did: Did, state: S, confirmed: Instant, ttl_s: int | None) -> Kept[S]:
        kept = _timed(state, confirmed, ttl_s, self._policy)
        self.shelf.put(did.text, kept)
        return kept

    def purged(self, did: Did, at: Instant) -> bool:
        """Keep nothing of a DID from an instant or before, nor take it from the second level.

        Returns:
            Whether that is news.
        """
        if self._purged.get(did.text) == at:
            return False
        self.counts.purges += 1
        self._purged[did.text] = max(at, self._purged.get(did.text, at))
        if len(self._purged) > _MAX_FLOORS:
            del self._purged[next(iter(self._purged))]
        self.shelf.drop(did.text)
        self.failures.drop(did.text)
        return True


def _timed(state: S, confirmed: Instant, ttl_s: int | None, policy: CachePolicy) -> Kept[S]:
    fresh_s = policy.fresh_s(ttl_s)
    fresh_until = later(confirmed, fresh_s)
    stale_until = later(fresh_until, policy.most_stale_s) if fresh_s else confirmed
    return Kept(state, confirmed, fresh_until, stale_until)
