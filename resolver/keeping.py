"""What is kept of DIDs, for how long, and within what room."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Generic

import orjson

from resolver.errors import ErrorCode, InvalidJsonError, ResolutionError
from resolver.instant import SECOND, Instant
from resolver.methods import Resolved, S
from resolver.strict_json import parse_json

_OVERHEAD = 2_048  # bytes of a parsed document's objects, at least
_MAX_FAILURES = 10_000
_HEADER_END = b"\n"
_MAX_HEADER = 256
_MAX_FAILURE = 65_536
_MAX_DETAIL = 1_024


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long what hosts publish is kept.

    Attributes:
        default_s: seconds that a document stays fresh where its host is silent.
        least_s: the fewest seconds, where the host lets it be kept at all.
        most_s: the most seconds, whatever the host says.
        client_s: seconds that a caller waits for a refresh before a stale document is given
            (RFC 8767 5, client response timer).
        resolution_s: seconds that a refresh may take in all (query resolution timer).
        recheck_s: seconds after a failed refresh in which no other is tried (failure recheck
            timer).
        most_stale_s: seconds past its freshness in which a document may still be given while its
            host is out of reach (maximum stale timer); 0 for never.
        prefetch_share: the last part of a document's freshness in which it is refreshed ahead.
        prefetch_uses: how often it must have been asked for since its last refresh.
        entries: the most documents kept of one method.
        bytes: the most bytes that they may take, roughly.
    """

    default_s: float = 300
    least_s: float = 5
    most_s: float = 3_600
    client_s: float = 1.8
    resolution_s: float = 15
    recheck_s: float = 30
    most_stale_s: float = 86_400
    prefetch_share: float = 0.1
    prefetch_uses: int = 3
    entries: int = 50_000
    bytes: int = 64 * 1024 * 1024

    def fresh_s(self, ttl_s: int | None) -> float:
        """Seconds of freshness for what a host says: 0 for none, None where it is silent."""
        if ttl_s is None:
            return min(self.default_s, self.most_s)
        return 0 if ttl_s == 0 else min(max(ttl_s, self.least_s), self.most_s)


@dataclass(slots=True)
class Kept(Generic[S]):
    """A state, and how long it may be answered from.

    Attributes:
        state: what was verified.
        confirmed: when its host was last asked and stood by it.
        fresh_until: until when it is answered from without asking.
        stale_until: until when it may be, where the host is out of reach.
        uses: how often it was answered from since it was confirmed.
        hit: the answer for its latest version while it is fresh, made once.
    """

    state: S
    confirmed: Instant
    fresh_until: Instant
    stale_until: Instant
    uses: int = 0
    hit: Resolved | None = None

    def is_fresh(self, now: Instant) -> bool:
        """Whether it needs no asking; never where the clock went back behind it."""
        return self.confirmed <= now < self.fresh_until

    def is_usable(self, now: Instant) -> bool:
        """Whether it may be given while its host is out of reach."""
        return self.confirmed <= now < self.stale_until


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a state could not be loaded.

    Attributes:
        code: by its standard name.
        detail: in words.
        until: until when that is taken for true without asking again.
        deactivated: whether the controller ended the DID.
        busy: whether it was not even tried.
    """

    code: ErrorCode
    detail: str
    until: Instant
    deactivated: bool = False
    busy: bool = False

    @property
    def final(self) -> bool:
        """Whether it is the host's or the method's own word, which no stale document outlives."""
        return self.code in {ErrorCode.NOT_FOUND, ErrorCode.INVALID_DID}

    def error(self) -> ResolutionError:
        """The error to raise: each caller gets its own."""
        return ResolutionError(self.code, self.detail, deactivated=self.deactivated, busy=self.busy)

    def encode(self) -> bytes:
        """Write it down for other processes."""
        return orjson.dumps([self.code, self.detail[:_MAX_DETAIL], self.until, self.deactivated])

    @classmethod
    def decode(cls, raw: bytes) -> "Failure | None":
        """Read what `encode` wrote; None where it is something else."""
        try:
            match parse_json(raw, max_bytes=_MAX_FAILURE):
                case [str() as code, str() as detail, int() as until, bool() as deactivated]:
                    return cls(ErrorCode(code), detail, Instant(until), deactivated)
        except (InvalidJsonError, ValueError):
            pass
        return None


@dataclass(frozen=True, slots=True)
class Record:
    """A state as it is kept for other processes.

    Attributes:
        confirmed: when its host was last asked.
        ttl_s: what the host said, or 0 where it no longer stands by it.
        body: the state, as its method encodes it.
    """

    confirmed: Instant
    ttl_s: int | None
    body: bytes

    def encode(self) -> bytes:
        """Write it down."""
        return orjson.dumps([self.confirmed, self.ttl_s]) + _HEADER_END + self.body

    @classmethod
    def decode(cls, raw: bytes) -> "Record | None":
        """Read what `encode` wrote; None where it is something else."""
        header, end, body = raw.partition(_HEADER_END)
        try:
            match parse_json(header, max_bytes=_MAX_HEADER) if end else None:
                case [int() as confirmed, None | int() as ttl_s]:
                    return cls(Instant(confirmed), ttl_s, body)
        except InvalidJsonError:
            pass
        return None


@dataclass(slots=True)
class Shelf(Generic[S]):
    """The first level: states in memory; the least recently used goes first.

    Attributes:
        policy: how much room there is.
        size: bytes taken, roughly.
    """

    policy: CachePolicy
    size: int = 0
    _kept: OrderedDict[str, Kept[S]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, did: str) -> Kept[S] | None:
        """Give what is kept of a DID."""
        kept = self._kept.get(did)
        if kept is not None:
            self._kept.move_to_end(did)
        return kept

    def put(self, did: str, kept: Kept[S]) -> None:
        """Keep a state instead of an earlier one, where there is room."""
        self.drop(did)
        cost = kept.state.size + _OVERHEAD
        if cost > self.policy.bytes:
            return
        self._kept[did] = kept
        self.size += cost
        while self.size > self.policy.bytes or len(self._kept) > self.policy.entries:
            self.drop(next(iter(self._kept)))

    def drop(self, did: str) -> None:
        """Keep nothing more of a DID."""
        kept = self._kept.pop(did, None)
        if kept is not None:
            self.size -= kept.state.size + _OVERHEAD

    def doubt(self, now: Instant) -> None:
        """Let nothing be fresh any longer; every state must be confirmed before it is used."""
        for kept in self._kept.values():
            _doubt(kept, now)

    def doubt_one(self, did: str, now: Instant) -> None:
        """Let one state be fresh no longer."""
        if (kept := self._kept.get(did)) is not None:
            _doubt(kept, now)


def _doubt(kept: Kept[S], now: Instant) -> None:
    kept.fresh_until = min(kept.fresh_until, now)
    kept.hit = None


@dataclass(slots=True)
class Counts:
    """What became of questions to a cache, counted since it was made.

    Attributes:
        hits: answered from memory, fresh.
        stale: answered with a stale document, the host being out of reach or slow.
        negative: refused because it failed a short time ago.
        shared: states taken from the second level.
        loads: states read or confirmed at their hosts.
        failures: attempts to do so that failed.
        prefetches: refreshes begun ahead of time.
        purges: states given up on request.
    """

    hits: int = 0
    stale: int = 0
    negative: int = 0
    shared: int = 0
    loads: int = 0
    failures: int = 0
    prefetches: int = 0
    purges: int = 0

    def items(self) -> Iterable[tuple[str, int]]:
        """Each count by its name."""
        return ((each.name, getattr(self, each.name)) for each in fields(self))


class Failures:
    """The negative cache: apart from the states, so that an error never replaces one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Failure] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, did: str, now: Instant) -> Failure | None:
        """The last failure, where it is still taken for true."""
        failure = self._kept.get(did)
        if failure is not None and failure.until <= now:
            del self._kept[did]
            return None
        return failure

    def put(self, did: str, failure: Failure) -> None:
        """Remember a failure."""
        self._kept.pop(did, None)
        self._kept[did] = failure
        if len(self._kept) > _MAX_FAILURES:
            self._kept.popitem(last=False)

    def drop(self, did: str) -> None:
        """Forget it."""
        self._kept.pop(did, None)


def later(instant: Instant, seconds: float) -> Instant:
    """The instant some seconds later."""
    return Instant(instant + int(seconds * SECOND))
