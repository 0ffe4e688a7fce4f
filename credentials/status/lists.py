"""Status lists as they are published: opened within bounds, and not believed yet."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from credentials.envelope import Envelope, open_envelope
from credentials.errors import MalformedCredentialError
from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.status.bits import GZIP, Bits, inflate
from credentials.status.entries import ListKind, StatusEntry, whole_number
from credentials.status.errors import StatusListError
from credentials.values import entries
from resolver.instant import Instant
from resolver.strict_json import Json

_SUBJECTS = {
    ListKind.BITSTRING: "BitstringStatusList",
    ListKind.STATUS_LIST_2021: "StatusList2021",
}
"""The type of a list credential's subject."""
_BARE_GZIP = "H4sI"
"""How a gzip header looks in base64url: lists of before the Recommendation carry no multibase u."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """A status list that was opened; whose word it is, is another question.

    Attributes:
        kind: what it is.
        envelope: what is signed.
        bits: the values.
        purposes: what they mean; empty for a token, whose values mean the same everywhere.
        digest: SHA-256 of the list as fetched, hexadecimal.
        size: bits an entry, where the list itself says so.
        ttl_ms: milliseconds after which it should be fetched again, where it says so.
        since: from when on it says that it holds, or None.
        until: when it, or a proof of it, ceases to hold, or None.
    """

    kind: ListKind
    envelope: Envelope
    bits: Bits
    purposes: frozenset[str]
    digest: str
    size: int | None = None
    ttl_ms: int | None = None
    since: Instant | None = None
    until: Instant | None = None

    def value(self, entry: StatusEntry, min_entries: int) -> int:
        """Return the value of a credential's entry (Bitstring Status List 1.0 section 3.2).

        Args:
            entry: the entry.
            min_entries: the fewest entries that hide one holder among the others.

        Raises:
            StatusListError: the list is for another purpose, too short, or has no such entry.
        """
        size = self.size or entry.size
        if self.kind is not ListKind.CLAIM:
            if entry.purpose not in self.purposes:
                purposes = ", ".join(sorted(self.purposes)) or "nothing"
                raise StatusListError(f"is for {purposes}, not for {entry.purpose}")
            if size != entry.size:
                raise StatusListError(f"has {size} bits an entry, not {entry.size}")
            if len(self.bits.raw) * 8 < min_entries * size:
                held = self.bits.entries(size)
                message = f"has {held} entries, fewer than {min_entries} (min_list_entries)"
                raise StatusListError(message, ProblemType.STATUS_LIST_LENGTH)
        return self.bits.value(entry.index, size)


def open_credential(kind: ListKind, url: str, body: bytes, limits: Limits) -> StatusList:
    """Open a Bitstring Status List (1.0 section 2.2) or a StatusList2021.

    Args:
        kind: which of the two.
        url: the address by which the credential names it.
        body: what stands there.
        limits: how much of it is looked at.

    Raises:
        StatusListError: it is no such list, or another one, or cannot be opened within the limits.
    """
    try:
        envelope = open_envelope(body, replace(limits, max_bytes=limits.max_list_bytes))
    except MalformedCredentialError as error:
        raise _malformed(f"is no credential: {error}") from None
    credential = envelope.credential
    if kind.list_type not in credential.types:
        raise _malformed(f"is no {kind.list_type}")
    if credential.id is not None and credential.id != url:
        raise StatusListError(f"is the list {credential.id}, not the one asked for")
    subject = _subject(credential.body, _SUBJECTS[kind])
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise _malformed("has no encodedList")
    ends = (credential.valid_until, envelope.expires, *(proof.expires for proof in envelope.proofs))
    return StatusList(
        kind,
        envelope,
        Bits(inflate(_without_prefix(encoded), GZIP, limits.max_inflated_bytes)),
        frozenset(p for _, p in entries(subject.get("statusPurpose")) if isinstance(p, str)),
        hashlib.sha256(body).hexdigest(),
        _stated(subject, "statusSize"),
        _stated(subject, "ttl"),
        credential.valid_from,
        min((end for end in ends if end is not None), default=None),
    )


def _subject(body: Mapping[str, Json], of_subject: str) -> Mapping[str, Json]:
    subjects = [item for _, item in entries(body.get("credentialSubject"))]
    subject = subjects[0] if len(subjects) == 1 else None
    if not isinstance(subject, dict) or subject.get("type") != of_subject:
        raise _malformed(f"its subject is not one {of_subject}")
    return subject


def _without_prefix(encoded: str) -> str:
    if encoded.startswith(_BARE_GZIP):
        return encoded
    if not encoded.startswith("u"):
        raise _malformed("its encodedList is not multibase base64url (u...)")
    return encoded.removeprefix("u")


def _stated(subject: Mapping[str, Json], member: str) -> int | None:
    if member not in subject:
        return None
    value = whole_number(subject[member])
    if value is None:
        raise _malformed(f"its {member} is no whole number")
    return value


def _malformed(message: str) -> StatusListError:
    return StatusListError(message, ProblemType.MALFORMED_VALUE)
