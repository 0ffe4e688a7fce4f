"""Status lists by address: each fetched once however many ask, and kept while it is fresh.

What is kept is what was fetched and opened. Whose word it is, is not the cache's to say.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus

from credentials.problem_types import ProblemType
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.status.entries import ListKind
from credentials.status.errors import StatusListError
from credentials.status.keeping import Held, Wanted
from credentials.status.lists import StatusList, open_credential
from credentials.status.policy import ListPolicy
from credentials.status.tokens import MEDIA_TYPE, open_token
from resolver.errors import FetcherBusyError, FetchError, TooLargeError
from resolver.freshness import ttl_of
from resolver.instant import SECOND, Instant
from resolver.source import Fetched, Source

_CREDENTIALS = "application/vc+jwt, application/vc, application/json;q=0.9"
_ASIDE = 4 * 1024
"""Bytes of a list from which it is opened outside the event loop; deflate expands by 1,032."""
_OVERHEAD = 4_096  # bytes of an opened list's objects, roughly
_COPIES = 3  # of the bytes as fetched: the signed text, its payload, and the members read from it
_MAX_FAILURES = 10_000
_MAX_ETAG = 256


class StatusLists:
    """Gives status lists, from memory or from their hosts.

    Args:
        source: reads their addresses.
        policy: how long they are kept.
        limits: how much of a hostile one is looked at.

    Attributes:
        size: bytes taken, roughly.
        hits: how often one was given from memory.
        loads: how often one was fetched or confirmed at its host.
        failures: how often that failed.
    """

    def __init__(
        self,
        source: Source,
        policy: ListPolicy | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.policy = policy or ListPolicy()
        self.limits = limits
        self.size = self.hits = self.loads = self.failures = 0
        self._source = source
        self._held: OrderedDict[Wanted, Held] = OrderedDict()
        self._failed: OrderedDict[Wanted, tuple[StatusListError, Instant]] = OrderedDict()
        self._flights: dict[Wanted, asyncio.Task[Held | StatusListError]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def kept(self, wanted: Wanted, now: Instant) -> Held | None:
        """Return a list from memory, where it is fresh."""
        held = self._held.get(wanted)
        if held is None or not held.is_fresh(now):
            return None
        self._held.move_to_end(wanted)
        self.hits += 1
        return held

    async def get(self, wanted: Wanted, now: Instant, *, fresh: bool = False) -> Held:
        """Return a list.

        Args:
            wanted: which one.
            now: the present, from which its time to live is counted if it is fetched.
            fresh: whether its host must be asked.

        Raises:
            StatusListError: it cannot be had, or cannot be opened within the limits.
        """
        if not fresh:
            if (held := self.kept(wanted, now)) is not None:
                return held
            if (failed := self._failed.get(wanted)) is not None and now < failed[1]:
                raise StatusListError(str(failed[0]), failed[0].type)
        elif (begun := self._flights.get(wanted)) is not None:
            await asyncio.wait({begun})  # it had begun before the question
        landed = await asyncio.shield(self._flight(wanted, now))
        if isinstance(landed, StatusListError):
            raise StatusListError(str(landed), landed.type)
        return landed

    def purge(self, url: str) -> bool:
        """Keep nothing of the lists at an address, and say whether anything was kept."""
        kept = [each for each in (*self._held, *self._failed) if each.url == url]
        for each in kept:
            self._drop(each)
            self._failed.pop(each, None)
        for flown in [each for each in self._flights if each.url == url]:
            del self._flights[flown]  # who asks from now on waits for another one
        return bool(kept)

    async def close(self) -> None:
        """Give up what is under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _flight(self, wanted: Wanted, now: Instant) -> "asyncio.Task[Held | StatusListError]":
        flight = self._flights.get(wanted)
        if flight is None:
            flight = asyncio.create_task(self._load(wanted, now), name="fetch a status list")
            self._flights[wanted] = flight
            flight.add_done_callback(lambda done: self._landed(wanted, done))
        return flight

    def _landed(self, wanted: Wanted, flight: "asyncio.Task[Held | StatusListError]") -> None:
        if self._flights.get(wanted) is not flight:  # it was purged meanwhile
            return
        del self._flights[wanted]
        if flight.cancelled() or flight.exception() is not None:
            return
        landed = flight.result()
        if isinstance(landed, Held):
            self._failed.pop(wanted, None)
            self._keep(wanted, landed)

    async def _load(self, wanted: Wanted, now: Instant) -> Held | StatusListError:
        known = self._held.get(wanted)
        try:
            answer = await self._source.fetch(
                wanted.address,
                accept=MEDIA_TYPE if wanted.kind is ListKind.CLAIM else _CREDENTIALS,
                max_bytes=self.limits.max_list_bytes,
                if_none_match=known.etag if known else None,
            )
            held = await self._opened(wanted, answer, known, now)
        except FetcherBusyError as error:  # nothing was learnt of the host
            return _unretrieved(error)
        except TooLargeError as error:
            return self._fails(wanted, _unretrieved(f"{error} (max_list_bytes)"), now)
        except FetchError as error:
            return self._fails(wanted, _unretrieved(error), now)
        except StatusListError as error:
            return self._fails(wanted, error, now)
        self.loads += 1
        return held

    async def _opened(
        self, wanted: Wanted, answer: Fetched, known: Held | None, now: Instant
    ) -> Held:
        if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
            listed, cost = known.list, known.cost
        elif answer.status != HTTPStatus.OK:
            raise _unretrieved(f"its host answers {answer.status}")
        else:
            body = answer.body
            if len(body) > _ASIDE:
                listed = await asyncio.to_thread(self._open, wanted, body)
            else:
                listed = self._open(wanted, body)
            cost = _OVERHEAD + len(listed.bits.raw) + _COPIES * len(body)
        fresh_until = Instant(now + self._fresh_ms(listed, answer.headers))
        etag = _etag(answer.headers) or (known.etag if known and known.list is listed else None)
        return Held(listed, now, fresh_until, etag, cost)

    def _open(self, wanted: Wanted, body: bytes) -> StatusList:
        if wanted.kind is ListKind.CLAIM:
            return open_token(wanted.url, body, self.limits)
        return open_credential(wanted.kind, wanted.url, body, self.limits)

    def _fresh_ms(self, listed: StatusList, headers: Mapping[str, str]) -> int:
        """Return for how long a list is fresh: its own word comes before its host's."""
        ttl_ms = listed.ttl_ms
        if ttl_ms is None:
            ttl_s = ttl_of(headers)
            ttl_ms = int((self.policy.default_s if ttl_s is None else ttl_s) * SECOND)
        return min(ttl_ms, int(self.policy.most_s * SECOND))

    def _fails(self, wanted: Wanted, error: StatusListError, now: Instant) -> StatusListError:
        self.failures += 1
        until = Instant(now + int(self.policy.recheck_s * SECOND))
        self._failed[wanted] = error, until
        if len(self._failed) > _MAX_FAILURES:
            self._failed.popitem(last=False)
        return error

    def _keep(self, wanted: Wanted, held: Held) -> None:
        self._drop(wanted)
        if held.cost > self.policy.bytes:
            return
        self._held[wanted] = held
        self.size += held.cost
        while self.size > self.policy.bytes:
            self._drop(next(iter(self._held)))

    def _drop(self, wanted: Wanted) -> None:
        held = self._held.pop(wanted, None)
        if held is not None:
            self.size -= held.cost


def _unretrieved(why: object) -> StatusListError:
    return StatusListError(f"could not be fetched: {why}", ProblemType.STATUS_RETRIEVAL)


def _etag(headers: Mapping[str, str]) -> str | None:
    etag = headers.get("ETag", "")
    good = 0 < len(etag) <= _MAX_ETAG and etag.isascii() and etag.isprintable()
    return etag if good else None
