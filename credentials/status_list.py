"""Status lists: one bitstring credential, verified like any other and opened within bounds."""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from credentials.checks import CheckId, CheckOutcome, of_problems
from credentials.envelope import Envelope, open_envelope
from credentials.errors import MalformedCredentialError, StatusListError
from credentials.proving import prove
from credentials.reading import entries, whole_number
from credentials.sources import DocumentSource, Limits, Source
from credentials.validity import check_validity
from resolver.did import Did
from resolver.encodings import from_base64url
from resolver.errors import FetchError, InvalidEncodingError
from resolver.instant import Instant
from resolver.strict_json import Json

_ACCEPT = "application/vc+jwt, application/vc, application/json;q=0.9"
_LIST_TYPES = frozenset({"BitstringStatusListCredential"})
_GZIP = 16 + zlib.MAX_WBITS
_BARE_GZIP = "H4sI"
"""How a gzip header looks in base64url: lists of before the Recommendation carry no multibase u."""
_ASIDE = 64 * 1024
"""Characters of an encoded list from which it is inflated outside the event loop."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """A status list that holds: signed, within its validity, opened.

    Attributes:
        issuer: who signed it.
        purposes: what its bits mean.
        bits: the list, one bit an entry, the first entry in the highest bit of the first byte.
        digest: SHA-256 of the list credential as fetched, hexadecimal.
        fresh_until: until when it may be relied on: its own end, or its time to live.
    """

    issuer: Did
    purposes: frozenset[str]
    bits: bytes
    digest: str
    fresh_until: Instant | None

    def bit(self, index: int) -> bool:
        """Return one entry's bit (Bitstring Status List 1.0 section 3.2).

        Raises:
            StatusListError: the list has no such entry.
        """
        byte, offset = divmod(index, 8)
        if byte >= len(self.bits):
            raise StatusListError(f"the list has {len(self.bits) * 8} entries, none at {index}")
        return bool(self.bits[byte] >> (7 - offset) & 1)


async def read_status_list(
    url: str, *, documents: DocumentSource, fetcher: Source, now: Instant, limits: Limits
) -> StatusList:
    """Fetch, verify and open the status list at an address.

    The list's own status is not asked for: a list that points to another list ends there.

    Raises:
        StatusListError: it cannot be had, does not hold, or cannot be opened within the limits.
    """
    try:
        answer = await fetcher.fetch(url, accept=_ACCEPT, max_bytes=limits.max_list_bytes)
        if answer.status != HTTPStatus.OK:
            raise StatusListError(f"could not be fetched: its host answers {answer.status}")
        envelope = open_envelope(answer.body, replace(limits, max_bytes=limits.max_list_bytes))
    except FetchError as error:
        raise StatusListError(f"could not be fetched: {error}") from None
    except MalformedCredentialError as error:
        raise StatusListError(f"what stands there is no credential: {error}") from None
    issuer = await _holds(url, envelope, documents, now)
    subject = _subject(envelope.credential.body)
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise StatusListError("has no encodedList")
    if len(encoded) > _ASIDE:
        bits = await asyncio.to_thread(_inflate, encoded, limits)
    else:
        bits = _inflate(encoded, limits)
    purposes = frozenset(p for _, p in entries(subject.get("statusPurpose")) if isinstance(p, str))
    digest = hashlib.sha256(answer.body).hexdigest()
    return StatusList(issuer, purposes, bits, digest, _fresh_until(envelope, subject, now))


async def _holds(url: str, envelope: Envelope, documents: DocumentSource, now: Instant) -> Did:
    """Verify the list credential itself, and return its issuer."""
    proven = await prove(envelope, documents, now)
    document = (
        of_problems(id_, envelope.problems, "")
        for id_ in (CheckId.ENVELOPE, CheckId.CONTEXT, CheckId.TYPE, CheckId.STRUCTURE)
    )
    for check in (*document, *proven.checks, check_validity(envelope, now)):
        if check.outcome is not CheckOutcome.PASSED:
            raise StatusListError(f"its own check {check.id} {check.outcome}: {check.message}")
    credential = envelope.credential
    if not _LIST_TYPES & set(credential.types):
        raise StatusListError("is no BitstringStatusListCredential")
    if credential.id is not None and credential.id != url:
        raise StatusListError(f"is the list {credential.id}, not the one asked for")
    if proven.issuer is None:
        raise StatusListError("has no issuer")
    return proven.issuer


def _subject(body: Mapping[str, Json]) -> Mapping[str, Json]:
    subjects = [item for _, item in entries(body.get("credentialSubject"))]
    subject = subjects[0] if len(subjects) == 1 else None
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise StatusListError("its subject is not one BitstringStatusList")
    return subject


def _fresh_until(envelope: Envelope, subject: Mapping[str, Json], now: Instant) -> Instant | None:
    ends = [end for end in (envelope.credential.valid_until, envelope.expires) if end is not None]
    ttl = whole_number(subject.get("ttl"))
    if ttl is not None:
        ends.append(Instant(now + ttl))
    return min(ends, default=None)


def _inflate(encoded: str, limits: Limits) -> bytes:
    """Open an encoded list: multibase base64url of one gzip member, nothing after it."""
    text = encoded if encoded.startswith(_BARE_GZIP) else encoded.removeprefix("u")
    if text is encoded and not encoded.startswith(_BARE_GZIP):
        raise StatusListError("its encodedList is not multibase base64url (u...)")
    try:
        packed = from_base64url(text)
        stream = zlib.decompressobj(_GZIP)
        bits = stream.decompress(packed, limits.max_inflated_bytes + 1)
    except (InvalidEncodingError, zlib.error) as error:
        raise StatusListError(f"its encodedList cannot be opened: {error}") from None
    if len(bits) > limits.max_inflated_bytes:
        raise StatusListError(f"opens to more than {limits.max_inflated_bytes} bytes")
    if not stream.eof:
        raise StatusListError("its encodedList is cut short")
    if stream.unused_data:
        raise StatusListError("its encodedList has something after the list")
    if len(bits) * 8 < limits.min_list_entries:
        message = f"has {len(bits) * 8} entries, fewer than {limits.min_list_entries}"
        raise StatusListError(message)
    return bits
