"""Status: what the status lists say of a credential now (Bitstring Status List 1.0)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine, findings_of
from credentials.credential import StatusEntry
from credentials.envelope import Envelope
from credentials.errors import StatusListError
from credentials.sources import DocumentSource, Limits, Source
from credentials.status_list import StatusList, read_status_list
from resolver.instant import Instant, format_instant

_ENTRY_TYPE = "BitstringStatusListEntry"
_ADVERSE = {"revocation": "revoked", "suspension": "suspended"}
_NO_STATUS = "the credential names no status list: it cannot be revoked"


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What one entry says at the time of checking.

    Attributes:
        entry: the entry.
        finding: how it came out, and why.
        value: the bit, or None where it could not be read.
        list_digest: SHA-256 of the list credential as fetched, or None.
        fresh_until: until when the list may be relied on, or None where it does not say.
    """

    entry: StatusEntry
    finding: Finding
    value: bool | None = None
    list_digest: str | None = None
    fresh_until: Instant | None = None


async def check_status(
    envelope: Envelope, *, documents: DocumentSource, fetcher: Source, now: Instant, limits: Limits
) -> tuple[Check, tuple[StatusReading, ...]]:
    """Read every status entry, each list once. A list that cannot be read is never good.

    Returns:
        The check, skipped where the credential names no status, and what each entry says.
    """
    credential = envelope.credential
    findings = findings_of(CheckId.STATUS, envelope.problems)
    inputs = {"now": format_instant(now)}
    readings: tuple[StatusReading, ...] = ()
    if len(credential.status) > limits.max_status_entries:
        message = f"{len(credential.status)} entries, at most {limits.max_status_entries} are read"
        findings.append(Finding(CheckOutcome.UNDETERMINED, message))
    else:
        urls = dict.fromkeys(e.list_url for e in credential.status if e.type == _ENTRY_TYPE)
        found = await asyncio.gather(
            *(_try_read(url, documents, fetcher, now, limits) for url in urls)
        )
        lists = dict(zip(urls, found, strict=True))
        readings = tuple(_read(entry, lists, credential.issuer) for entry in credential.status)
    for reading in readings:
        inputs |= _inputs(reading)
    findings += [reading.finding for reading in readings]
    if not findings:
        findings.append(Finding(CheckOutcome.SKIPPED, _NO_STATUS))
    return combine(CheckId.STATUS, findings, inputs), readings


async def _try_read(
    url: str, documents: DocumentSource, fetcher: Source, now: Instant, limits: Limits
) -> StatusList | StatusListError:
    try:
        return await read_status_list(
            url, documents=documents, fetcher=fetcher, now=now, limits=limits
        )
    except StatusListError as error:
        return error


def _read(
    entry: StatusEntry, lists: Mapping[str, StatusList | StatusListError], issuer: str
) -> StatusReading:
    """Read one entry; whatever keeps it from being read leaves it undetermined."""
    if entry.type != _ENTRY_TYPE:
        return _unread(entry, f"status of type {entry.type} is not understood")
    if entry.size != 1:
        return _unread(entry, f"statusSize {entry.size} is not understood, only 1")
    found = lists[entry.list_url]
    if isinstance(found, StatusListError):
        return _unread(entry, f"the status list {entry.list_url} {found}")
    if entry.purpose not in found.purposes:
        purposes = ", ".join(sorted(found.purposes)) or "nothing"
        return _unread(entry, f"the list is for {purposes}, not for {entry.purpose}", found)
    try:
        value = found.bit(entry.index)
    except StatusListError as error:
        return _unread(entry, str(error), found)
    if found.issuer.text != issuer:
        message = (
            f"the list says {int(value)} for {entry.purpose}, but {found.issuer} issued it, not the"
            " credential's issuer: whether that issuer may speak for it must be accepted first"
        )
        return _unread(entry, message, found)
    finding = _judge(entry, value)
    return StatusReading(entry, finding, value, found.digest, found.fresh_until)


def _unread(entry: StatusEntry, message: str, found: StatusList | None = None) -> StatusReading:
    finding = Finding(CheckOutcome.UNDETERMINED, f"{entry.pointer}: {message}")
    return StatusReading(entry, finding, None, found.digest if found else None)


def _judge(entry: StatusEntry, value: bool) -> Finding:
    """Say what a bit means; `refresh` only tells of a newer credential."""
    if entry.purpose in _ADVERSE:
        if value:
            return Finding(CheckOutcome.FAILED, f"the credential is {_ADVERSE[entry.purpose]}")
        return Finding(CheckOutcome.PASSED, f"not {_ADVERSE[entry.purpose]}")
    if entry.purpose == "refresh":
        message = "a newer credential is available" if value else "there is no newer credential"
        return Finding(CheckOutcome.PASSED, message)
    message = f"{entry.pointer}: statusPurpose {entry.purpose} is not understood"
    return Finding(CheckOutcome.UNDETERMINED, message)


def _inputs(reading: StatusReading) -> dict[str, str]:
    entry = reading.entry
    prefix = entry.pointer.removeprefix("/credentialStatus").removeprefix("/")
    name = f"{prefix}." if prefix else ""
    inputs = {
        f"{name}list": entry.list_url,
        f"{name}index": str(entry.index),
        f"{name}purpose": entry.purpose,
    }
    if reading.value is not None:
        inputs[f"{name}value"] = str(int(reading.value))
    if reading.list_digest is not None:
        inputs[f"{name}list_sha256"] = reading.list_digest
    if reading.fresh_until is not None:
        inputs[f"{name}fresh_until"] = format_instant(reading.fresh_until)
    return inputs
