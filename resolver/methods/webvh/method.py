"""did:webvh as a method: a log is read, verified, held against what is known of it, and kept."""

import asyncio
from dataclasses import dataclass

from resolver import trace
from resolver.clock import Clock
from resolver.did import Did
from resolver.errors import ErrorCode, InvalidDidError, InvalidLogError, ResolutionError
from resolver.heads import Head, Heads, SecurityLog, VolatileHeads
from resolver.methods import Resolved, Version
from resolver.methods.webvh.address import Address, parse_address
from resolver.methods.webvh.host import (
    MAX_BYTES,
    Copy,
    Place,
    own_place,
    read_log,
    read_witnesses,
    watched_place,
)
from resolver.methods.webvh.log import Log, Rules, verify_log
from resolver.methods.webvh.state import WebvhState, answer, decode, encode
from resolver.methods.webvh.witnesses import first_unapproved
from resolver.source import Source

TIMEOUT_S = 30.0
"""For everything that reading one log takes (did:webvh 1.0, Security Considerations)."""
MAX_WATCHERS = 4
"""How many watchers are asked at most."""


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """How logs are read.

    Attributes:
        watchers: who is asked for a log besides its host, before those that the log names: URLs.
        compare: whether watchers are asked too where the host answers, for what it may hide.
        tolerated: parameters of profiles that are passed over, such as `profile_version`.
        max_bytes: the largest log.
    """

    watchers: tuple[str, ...] = ()
    compare: bool = False
    tolerated: frozenset[str] = frozenset()
    max_bytes: int = MAX_BYTES


class WebvhMethod:
    """Reads, verifies and answers from did:webvh logs.

    Args:
        source: reads the addresses that identifiers and watchers spell out.
        clock: tells which entries lie in the future.
        policy: how logs are read.
        heads: remembers the last verified entries; until the process ends where not given.
        security: is told where a log was rolled back or forked.
    """

    versioned = True

    def __init__(
        self,
        source: Source,
        clock: Clock,
        policy: LogPolicy | None = None,
        *,
        heads: Heads | None = None,
        security: SecurityLog | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._policy = policy or LogPolicy()
        self._heads: Heads = VolatileHeads() if heads is None else heads
        self._security = security

    async def load(self, did: Did, previous: WebvhState | None) -> WebvhState:
        """Read a log, verify what is new of it, and hold it against the head known before.

        Where a later part of a log does not verify, the state is that of the earlier part, with
        its `fault`; its `ttl_s` is 0, for failures are not kept.

        Raises:
            ResolutionError: INVALID_DID where the identifier spells no public HTTPS address,
                NOT_FOUND where the host says so, INVALID_DID_DOCUMENT where not even the first
                entry verifies, the log is of another DID, or it was rolled back or forked,
                INTERNAL_ERROR where it cannot be read.
        """
        try:
            address = parse_address(did.text)
        except InvalidDidError as error:
            raise ResolutionError(ErrorCode.INVALID_DID, f"did:webvh: {error}") from None
        if previous is not None and previous.log.fault is not None:
            previous = None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._load(address, previous)
        except TimeoutError:
            detail = f"{address.log_url}: not read and verified within {TIMEOUT_S:g} s"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail) from None

    def answer(self, state: WebvhState, did: Did, version: Version) -> Resolved:
        """Answer with a version of the document.

        Raises:
            ResolutionError: NOT_FOUND where there is no such version, INVALID_DID_DOCUMENT where it
                is among those that do not verify, or its document is none.
        """
        return answer(state, did, version)

    def encode(self, state: WebvhState) -> bytes:
        """Write down what was verified of a log."""
        return encode(state)

    def decode(self, did: Did, raw: bytes) -> WebvhState:
        """Read what `encode` wrote.

        Raises:
            ResolutionError: the bytes are no such state, or not of this DID.
        """
        return decode(did, raw)

    async def _load(self, address: Address, previous: WebvhState | None) -> WebvhState:
        watchers = self._places(address, previous)
        try:
            state = await self._read(address, own_place(address), previous)
        except ResolutionError as error:
            silent = error.code in {ErrorCode.NOT_FOUND, ErrorCode.INTERNAL_ERROR}
            if not silent or error.busy or not watchers:
                raise
            state = await self._from_watchers(address, watchers, error)
        else:
            if self._policy.compare:
                await self._compare_with(address, state, self._places(address, state))
        await self._hold_against_known(state)
        return state

    def _places(self, address: Address, state: WebvhState | None) -> list[Place]:
        named = state.log.parameters.watchers if state else ()
        urls = [url for url in (*self._policy.watchers, *named) if url.startswith("https://")]
        return [watched_place(url, address.scid) for url in dict.fromkeys(urls)][:MAX_WATCHERS]

    async def _read(
        self, address: Address, place: Place, previous: WebvhState | None
    ) -> WebvhState:
        """Read and verify one copy of a log; `previous` itself, where there is nothing new."""
        known, overlap = None, 0
        if previous is not None and previous.source == place.log:
            head = previous.log.head
            known, overlap = Copy(previous.log.raw, previous.etag), head.end - head.start
        copy = await read_log(self._source, place, known, overlap, self._policy.max_bytes)
        if copy is None and previous is not None:
            trace.step("log", "nothing new since it was verified")
            return previous
        if copy is None:
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, f"{place.log}: nothing was read")
        before = previous.log if previous and _continues(copy.raw, previous.log) else None
        log = await self._verified(address, place, copy.raw, before)
        if address.did not in {version.did for version in log.versions}:
            detail = f"{place.log}: no entry is about {address.did}"
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, detail)
        return WebvhState(log, place.log, copy.etag)

    async def _verified(
        self, address: Address, place: Place, raw: bytes, before: Log | None
    ) -> Log:
        now = self._clock.now()
        rules = Rules(address.scid, now, self._policy.tolerated)
        try:
            log, required = await verify_log(raw, rules, before)
            _tell(log, before)
            if not required:
                return log
            proofs = await read_witnesses(self._source, place, self._policy.max_bytes)
            number = await first_unapproved(required, log.versions, proofs, now)
            return log if number is None else await _cut(log, number, rules, before)
        except InvalidLogError as error:
            detail = f"{place.log}: {error}"
            raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, detail) from None

    async def _from_watchers(
        self, address: Address, places: list[Place], failure: ResolutionError
    ) -> WebvhState:
        """Read the first watcher's copy that verifies; a watcher is believed nothing else."""
        trace.step("host", str(failure), trace.StepOutcome.FAILED)
        for place in places:
            if (state := await self._read_watcher(address, place)) is not None:
                return state
        raise failure

    async def _compare_with(self, address: Address, state: WebvhState, places: list[Place]) -> None:
        """Refuse a log where a watcher has verified entries that it hides or contradicts."""
        for place in places:
            if (other := await self._read_watcher(address, place)) is not None:
                self._check_contains(state, _head(other.log))

    async def _read_watcher(self, address: Address, place: Place) -> WebvhState | None:
        """Read a watcher's copy of a log; None where it has none that verifies to its end."""
        try:
            state = await self._read(address, place, None)
        except ResolutionError as error:
            trace.step("watcher", str(error), trace.StepOutcome.FAILED)
            return None
        trace.step("watcher", f"{place.log}: a copy", _outcome(state.log))
        return state if state.log.fault is None else None

    async def _hold_against_known(self, state: WebvhState) -> None:
        """Refuse a log that lacks the head known of it; remember its head where that is higher."""
        known = self._heads.known(state.log.parameters.scid)
        if known is None:
            trace.step("memory", "nothing is known of the log from before")
        else:
            self._check_contains(state, known)
            trace.step("memory", f"the log holds {known.version_id}, known from before")
        if state.log.fault is None and (known is None or known.number < len(state.log.versions)):
            await self._heads.advance(_head(state.log))
            trace.step("memory", f"{state.log.head.id} is remembered")

    def _check_contains(self, state: WebvhState, known: Head) -> None:
        log, index = state.log, known.number - 1
        if index < len(log.versions) and log.versions[index].id == known.version_id:
            return
        # A log that ends early because it does not verify is broken; only a whole one was cut.
        if self._security is not None and (log.fault is None or index < len(log.versions)):
            self._security.rollback(known, _head(log), state.source)
        detail = (
            f"{state.source}: the log lacks entry {known.version_id}, which was verified before"
        )
        trace.step("rollback", f"{detail}; it ends with {log.head.id}", trace.StepOutcome.FAILED)
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, detail)


async def _cut(log: Log, number: int, rules: Rules, before: Log | None) -> Log:
    """The part of a log before an entry that too few witnesses approved."""
    fault = f"entry {number}: too few of its witnesses approved it"
    if number == 1:
        raise InvalidLogError(fault)
    approved, _ = await verify_log(log.raw[: log.versions[number - 2].end], rules, before)
    return approved._replace(fault=fault)


def _tell(log: Log, before: Log | None) -> None:
    """Tell the trace how far a log verifies, and how much of that was known."""
    known = len(before.versions) if before else 0
    trace.step("entries", f"{len(log.versions)} verified, {known} of them before")
    if log.fault is not None:
        trace.step("entries", log.fault, trace.StepOutcome.FAILED)


def _outcome(log: Log) -> trace.StepOutcome:
    return trace.StepOutcome.PASSED if log.fault is None else trace.StepOutcome.FAILED


def _head(log: Log) -> Head:
    return Head(log.parameters.scid, log.head.id, len(log.versions))


def _continues(raw: bytes, log: Log) -> bool:
    return raw.startswith(log.raw) and raw[len(log.raw) : len(log.raw) + 1] in {b"", b"\n"}
