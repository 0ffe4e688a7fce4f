"""The chain of a did:webvh log, verified entry by entry, and onwards from what was verified."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from resolver import trace
from resolver.encodings import base58btc
from resolver.errors import InvalidDidError, InvalidLogError
from resolver.instant import Instant
from resolver.methods.webvh.address import parse_address
from resolver.methods.webvh.entries import NANOSECONDS, SHA_256, Entry, check_scid, read_entry
from resolver.methods.webvh.parameters import (
    MAX_ITEMS,
    Parameters,
    Witnesses,
    changed_parameters,
    first_parameters,
)
from resolver.methods.webvh.proofs import Signature, read_proof

TOLERANCE_MS = 5 * 60 * 1000
"""How far ahead of our clock an entry may be dated."""
SLICE = 24
"""Entries verified before others have their turn: some milliseconds."""


class LogVersion(NamedTuple):
    """What is kept of a verified entry.

    Attributes:
        id: its `versionId`.
        moment: its `versionTime`, in nanoseconds since 1970.
        did: the `id` of its document.
        start: where its line starts in the log, in bytes.
        end: where it ends.
    """

    id: str
    moment: int
    did: str
    start: int
    end: int


class Log(NamedTuple):
    """The part of a log that is verified, from its first entry on.

    Attributes:
        raw: the lines of its entries.
        versions: one for each entry.
        parameters: those in force after the last of them.
        fault: what is wrong with the next entry, where the host publishes one; else None.
    """

    raw: bytes
    versions: tuple[LogVersion, ...]
    parameters: Parameters
    fault: str | None = None

    @property
    def head(self) -> LogVersion:
        """The last version."""
        return self.versions[-1]

    def line(self, version: LogVersion) -> bytes:
        """The line of a version."""
        return self.raw[version.start : version.end]


class Required(NamedTuple):
    """Whose approval an entry needs.

    Attributes:
        number: the entry's number.
        witnesses: of whom it needs it.
    """

    number: int
    witnesses: Witnesses


@dataclass(frozen=True, slots=True)
class Rules:
    """What a log is verified against.

    Attributes:
        scid: the SCID of the DID that is resolved.
        now: the present.
        tolerated: foreign parameters that are passed over.
    """

    scid: str
    now: Instant
    tolerated: frozenset[str] = frozenset()


async def verify_log(
    raw: bytes, rules: Rules, before: Log | None = None
) -> tuple[Log, tuple[Required, ...]]:
    """Verify a log but for its witnesses (did:webvh 1.0, Read).

    Entries that follow on valid ones and fail are left out, and the fault of the first is kept.

    Args:
        raw: the whole log.
        rules: what it is verified against.
        before: what was verified of it before; `raw` starts with it.

    Returns:
        What is valid, and whose approval the entries beyond `before` need.

    Raises:
        InvalidLogError: not even the first entry is valid.
    """
    versions = list(before.versions) if before else []
    parameters = before.parameters if before else None
    required: list[Required] = []
    fault = None
    lines = _lines(raw, versions[-1].end if versions else 0)
    while fault is None and (part := tuple(islice(lines, SLICE))):
        checked, fault = _checked_part(raw, part, versions, parameters, rules)
        if trace.tracing():
            _tell(checked, rules, first=not versions)
        for each in checked:
            versions.append(each.version)
            if each.witnesses:
                required.append(Required(len(versions), each.witnesses))
            parameters = each.after
        if len(part) == SLICE:
            await asyncio.sleep(0)
    if parameters is None:
        raise InvalidLogError(fault or "the log is empty")
    return Log(raw[: versions[-1].end], tuple(versions), parameters, fault), tuple(required)


class _Checked(NamedTuple):
    version: LogVersion
    after: Parameters
    witnesses: Witnesses | None
    signatures: list[Signature]


def _checked_part(
    raw: bytes,
    lines: tuple[tuple[int, int], ...],
    versions: list[LogVersion],
    active: Parameters | None,
    rules: Rules,
) -> tuple[list[_Checked], str | None]:
    """Check some entries; give the valid ones up to the first that is not, and what is wrong there.

    Signatures are checked after everything else, in one go: a tenth faster than one here and there.
    """
    checked: list[_Checked] = []
    last, fault = versions[-1] if versions else None, None
    for start, end in lines:
        try:
            found = _checked(read_entry(raw[start:end]), last, active, rules, (start, end))
        except InvalidLogError as error:
            fault = f"entry {len(versions) + len(checked) + 1}: {error}"
            break
        checked.append(found)
        last, active = found.version, found.after
    for at, each in enumerate(checked):
        try:
            for signature in each.signatures:
                signature.check()
        except InvalidLogError as error:
            return checked[:at], f"entry {len(versions) + at + 1}: {error}"
    return checked, fault


def _tell(checked: list[_Checked], rules: Rules, *, first: bool) -> None:
    """Tell the trace what was checked of some entries, one by one."""
    if first and checked:
        trace.step("scid", f"the first entry hashes to {rules.scid}")
    for each in checked:
        trace.step("entry", f"{each.version.id} is the hash of its content and of what is before")
        for signature in each.signatures:
            trace.step("proof", f"{each.version.id} is signed by {signature.multikey}")


def _lines(raw: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The bounds of the lines from a line's end, or the beginning, on."""
    if start:
        start += 1
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        yield start, end
        start = end + 1


def _checked(
    entry: Entry,
    last: LogVersion | None,
    active: Parameters | None,
    rules: Rules,
    bounds: tuple[int, int],
) -> _Checked:
    """Check an entry against those before it, but for its signatures."""
    if last is None or active is None:
        after = first_parameters(entry.parameters, rules.tolerated)
        if after.scid != rules.scid:
            raise InvalidLogError("scid is not that of the DID")
        check_scid(entry, rules.scid)
        authorised, witnesses = after.update_keys, after.witnesses
    else:
        if active.deactivated:
            raise InvalidLogError("it follows on a deactivation")
        after = changed_parameters(active, entry.parameters, rules.tolerated)
        authorised = _authorised(active, after)
        # A first list of witnesses governs its own entry, a later one only those that follow.
        witnesses = active.witnesses or after.witnesses
    _check_place(entry, last, rules)
    signatures = _signatures(entry, authorised, rules.now)
    did = _document_id(entry, last, after, rules.scid)
    return _Checked(
        LogVersion(entry.version_id, entry.moment, did, *bounds), after, witnesses, signatures
    )


def _authorised(active: Parameters, after: Parameters) -> tuple[str, ...]:
    """The keys of which one signs an entry (did:webvh 1.0, Authorized Keys)."""
    if not active.next_key_hashes:
        return active.update_keys
    if not all(key_hash(key) in active.next_key_hashes for key in after.update_keys):
        raise InvalidLogError("an update key that was not committed to before")
    return after.update_keys


def key_hash(multikey: str) -> str:
    """The hash by which a key is committed to (did:webvh 1.0, Pre-Rotation Key Hash Generation)."""
    return base58btc(SHA_256 + hashlib.sha256(multikey.encode()).digest())


def _check_place(entry: Entry, last: LogVersion | None, rules: Rules) -> None:
    """Check number, time and hash."""
    number = 1 if last is None else int(last.id.partition("-")[0]) + 1
    if entry.number != number:
        raise InvalidLogError(f"it is numbered {entry.number}")
    if last is not None and entry.moment <= last.moment:
        raise InvalidLogError("versionTime is not later than that of the entry before")
    if entry.moment > (rules.now + TOLERANCE_MS) * NANOSECONDS:
        raise InvalidLogError("versionTime lies in the future")
    if entry.digest != SHA_256 + entry.hashed(rules.scid if last is None else last.id):
        raise InvalidLogError("it does not have the hash in its versionId")


def _signatures(entry: Entry, authorised: tuple[str, ...], now: Instant) -> list[Signature]:
    """Read the proofs of an entry, each of which must be by one of these keys."""
    if not 0 < len(entry.proofs) <= MAX_ITEMS:
        raise InvalidLogError("it has no proof, or too many")
    document = entry.hashed(entry.version_id)
    signatures = []
    for proof in entry.proofs:
        signature = read_proof(proof, document, now)
        if signature.multikey not in authorised:
            raise InvalidLogError("its proof is by a key that is not among the update keys")
        signatures.append(signature)
    return signatures


def _document_id(entry: Entry, last: LogVersion | None, after: Parameters, scid: str) -> str:
    """The id of an entry's document; a change of it is a move (did:webvh 1.0, DID Portability)."""
    did = entry.state.get("id")
    if last is not None and did == last.did:
        return last.did
    if not isinstance(did, str):
        raise InvalidLogError("its document has no id")
    try:
        address = parse_address(did)
    except InvalidDidError as error:
        raise InvalidLogError(f"the id of its document: {error}") from None
    if address.scid != scid:
        raise InvalidLogError("the id of its document has another SCID")
    if last is None:
        return did
    names = entry.state.get("alsoKnownAs")
    if not after.portable:
        raise InvalidLogError("it moves a log that is not portable")
    if not isinstance(names, list) or last.did not in names:
        raise InvalidLogError("it moves without naming the old DID in alsoKnownAs")
    return did
