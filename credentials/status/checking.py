"""The check of a credential's status: what its lists say of it now, and at the time asked about."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine, findings_of
from credentials.envelope import Envelope
from credentials.status.entries import ListKind, StatusEntry
from credentials.status.errors import StatusListError
from credentials.status.keeping import Held, Vouched, Wanted
from credentials.status.meaning import irreversible, judge
from credentials.status.vouching import vouch
from credentials.verifier import Verifier
from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.instant import SECOND, Instant, format_instant

_NO_STATUS = "the credential names no status list: it cannot be revoked"
_NOT_PROVED = "no list was asked for: it is not proved who names them"


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What one entry says.

    Attributes:
        entry: the entry.
        finding: how it came out, and why.
        value: its value in the list, or None where it could not be read.
        at: the past time that was asked about, or at which the credential was issued, or None.
        value_at: its value then; None where that is not known.
        held: the list, as it was fetched, or None.
        vouched: whose word the list is, or None.
    """

    entry: StatusEntry
    finding: Finding
    value: int | None = None
    at: Instant | None = None
    value_at: int | None = None
    held: Held | None = None
    vouched: Vouched | None = None

    @property
    def fresh_until(self) -> Instant | None:
        """Until when the list may be relied on; None where it could not be read."""
        if self.held is None:
            return None
        until = self.held.list.until
        return self.held.fresh_until if until is None else min(self.held.fresh_until, until)


async def check_status(
    envelope: Envelope, verifier: Verifier, *, proved: bool = True
) -> tuple[Check, tuple[StatusReading, ...]]:
    """Read every status entry, each list once. A list that cannot be read is never good.

    Args:
        envelope: the credential.
        verifier: by what it is judged.
        proved: whether the credential is its issuer's word; without that no host is asked.

    Returns:
        The check, skipped where the credential names no status, and what each entry says.
    """
    found, most = envelope.credential.status, verifier.limits.max_status_entries
    findings = findings_of(CheckId.STATUS, envelope.problems)
    readings: tuple[StatusReading, ...] = ()
    if len(found) > most:
        message = f"{len(found)} entries; {most} are read (max_status_entries)"
        findings.append(Finding(CheckOutcome.UNDETERMINED, message, "/credentialStatus"))
    elif found and not proved:
        findings.append(Finding(CheckOutcome.SKIPPED, _NOT_PROVED))
    elif found:
        desk = _Desk(envelope, verifier)
        readings = tuple(await asyncio.gather(*map(desk.read, found)))
    findings += [reading.finding for reading in readings]
    if not findings:
        findings.append(Finding(CheckOutcome.SKIPPED, _NO_STATUS))
    inputs = {"now": format_instant(verifier.now)}
    for reading in readings:
        inputs |= _inputs(reading, verifier.now)
    return combine(CheckId.STATUS, findings, inputs), readings


class _Desk:
    """Reads the entries of one credential."""

    def __init__(self, envelope: Envelope, verifier: Verifier) -> None:
        self._issuer = envelope.credential.issuer
        self._issued = envelope.credential.valid_from
        self._verifier, self._query, self._now = verifier, verifier.status, verifier.now
        self._min_entries = verifier.limits.min_list_entries
        self._asked: dict[Wanted, asyncio.Task[tuple[Held, Vouched]]] = {}

    async def read(self, entry: StatusEntry) -> StatusReading:
        """Read one entry; whatever keeps it from being read leaves it undetermined."""
        if entry.kind is None:
            message = f"status of type {entry.type} is not understood"
            return StatusReading(entry, Finding(CheckOutcome.UNDETERMINED, message, entry.pointer))
        wanted, held = Wanted(entry.kind, entry.list_url), None
        try:
            held, vouched = await self._get(wanted, self._verifier)
            value = held.list.value(entry, self._min_entries)
            self._accept(entry.kind, vouched)
        except StatusListError as error:
            message = f"the status list {entry.list_url} {error}"
            finding = Finding(CheckOutcome.UNDETERMINED, message, entry.pointer, error.type)
            return StatusReading(entry, finding, held=held)
        at, value_at = await self._then(entry, value)
        finding = judge(entry, value, at, value_at)
        return StatusReading(entry, finding, value, at, value_at, held, vouched)

    async def _get(self, wanted: Wanted, verifier: Verifier) -> tuple[Held, Vouched]:
        """Get a list once, however many entries name it."""
        if wanted not in self._asked:
            self._asked[wanted] = asyncio.create_task(self._ask(wanted, verifier))
        return await self._asked[wanted]

    async def _ask(self, wanted: Wanted, verifier: Verifier) -> tuple[Held, Vouched]:
        held = await self._query.lists.get(wanted, self._now, fresh=self._query.fresh)
        return held, await vouch(held, verifier)

    def _accept(self, kind: ListKind, vouched: Vouched) -> None:
        try:
            issuer = Did.parse(self._issuer)
        except InvalidDidError:
            raise StatusListError("cannot be matched: the credential's issuer is no DID") from None
        refusal = self._query.issuers.refusal(issuer, kind, vouched)
        if refusal is not None:
            raise StatusListError(f"is not accepted: {refusal}")

    async def _then(self, entry: StatusEntry, value: int) -> tuple[Instant | None, int | None]:
        """Say what an entry's value was at the time asked about, or else at issuance.

        What can never be undone and is not so now was not so before. Otherwise the list of that
        time is asked for, but only where somebody asks about it: each issuance has its own time,
        and a host need not learn it. A list counts only where its own period holds that time, since
        a host that keeps no past ones answers with the present one.
        """
        at = self._query.at
        asked = at is not None and at < self._now
        if not asked:
            at = self._issued
        if at is None or at >= self._now:
            return None, None
        if value == 0 and irreversible(entry):
            return at, 0
        if not asked or entry.kind is None:
            return at, None
        try:
            then = replace(self._verifier, now=at)
            held, vouched = await self._get(Wanted(entry.kind, entry.list_url, at), then)
            if held.list.since is None or at < held.list.since:
                return at, None
            self._accept(entry.kind, vouched)
            return at, held.list.value(entry, self._min_entries)
        except StatusListError:
            return at, None


def _inputs(reading: StatusReading, now: Instant) -> Mapping[str, str]:
    entry, held = reading.entry, reading.held
    prefix = entry.pointer.removeprefix("/credentialStatus").removeprefix("/").replace("/", ".")
    found: dict[str, object] = {
        "list": entry.list_url,
        "index": entry.index,
        "purpose": entry.purpose or None,
        "value": reading.value,
        "message": None if reading.value is None else entry.messages.get(reading.value),
        "at": _written(reading.at),
        "value_at": reading.value_at,
        "list_issuer": reading.vouched and reading.vouched.issuer,
    }
    if held is not None:
        found |= {
            "list_sha256": held.list.digest,
            "list_fetched": _written(held.fetched),
            "list_age_s": max(0, now - held.fetched) // SECOND,
            "list_ttl_ms": held.list.ttl_ms,
            "list_valid_until": _written(held.list.until),
            "fresh_until": _written(reading.fresh_until),
        }
    name = f"{prefix}." if prefix else ""
    return {f"{name}{key}": str(value) for key, value in found.items() if value is not None}


def _written(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
