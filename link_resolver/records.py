"""Signed records: what a publisher signs, kept byte for byte, so that nobody moves a link unseen.

A record is a JWS over canonical JSON (RFC 7515, RFC 8785) by a key of the publisher's DID, for one
resolver, with a time after which it can no longer be taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from link_resolver.errors import PublicationRefusedError
from link_resolver.signers import method_of
from resolver.did import Did, DidUrl
from resolver.errors import (
    InvalidDidError,
    InvalidInstantError,
    InvalidJsonError,
    NotCanonicalisableError,
)
from resolver.instant import DAY, SECOND, Instant, format_instant, parse_instant
from resolver.jcs import canonicalise
from resolver.proofs.jose import (
    InvalidJwsError,
    Jws,
    parse_compact,
    parse_flattened,
    sign_flattened,
)
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json

RECORD_TYPE = "links+jws"
"""The `typ` of a record's protected header."""
MAX_LINKS = 1000
"""Links in one record; an import signs as many records as it needs."""
MAX_PAYLOAD = 700_000
"""Bytes. In base64url, with its signature, a record then stays below a megabyte."""
LIFETIME_MS = DAY
"""Milliseconds for which a record can be taken, where its publisher says nothing else."""
MAX_LIFETIME_MS = 30 * DAY
SKEW_MS = 300 * SECOND
"""How far ahead a publisher's clock may be."""

_MEMBERS = frozenset({"resolver", "by", "issued", "expires", "atomic", "links"})


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it came, opened and not yet believed.

    Attributes:
        id: SHA-256 of its payload, in hex.
        jws: the signature over it.
        method: the verification method that its header names.
        resolver: the origin of the resolver that it is for.
        by: the publisher.
        issued: when it was signed.
        expires: the first instant at which it can no longer be taken.
        atomic: whether its links are registered all or not at all.
        links: the link records in it, as written.
    """

    id: str
    jws: Jws
    method: DidUrl
    resolver: str
    by: Did
    issued: Instant
    expires: Instant
    atomic: bool
    links: Sequence[Json]


def open_record(value: Json) -> Record:
    """Open a record: a compact JWS, or a flattened one as a JSON object.

    Raises:
        PublicationRefusedError: no such JWS, a header with other members than `alg` (Ed25519 or
            ES256), `kid` and `typ`, or a payload that is no canonical record.
    """
    try:
        jws = parse_compact(value) if isinstance(value, str) else parse_flattened(value)
    except InvalidJwsError as error:
        raise PublicationRefusedError("malformed", str(error)) from None
    method = method_of(jws, RECORD_TYPE)
    record = _read(jws, method)
    if record.method.did != record.by:
        detail = "kid is not a key of whom `by` names"
        raise PublicationRefusedError("wrong-header", detail, "by")
    return record


def _read(jws: Jws, method: DidUrl) -> Record:
    if len(jws.payload) > MAX_PAYLOAD:
        raise PublicationRefusedError("too-large", f"a record has at most {MAX_PAYLOAD:,} bytes")
    try:
        value = parse_json(jws.payload, max_bytes=MAX_PAYLOAD, max_depth=8)
        canonical = canonicalise(value)
    except (InvalidJsonError, NotCanonicalisableError) as error:
        raise PublicationRefusedError("malformed", str(error), "payload") from None
    if canonical != jws.payload:
        detail = "the payload is not its own canonical form (RFC 8785)"
        raise PublicationRefusedError("not-canonical", detail, "payload")
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        detail = f"a record has exactly {', '.join(sorted(_MEMBERS))}"
        raise PublicationRefusedError("malformed", detail, "payload")
    try:
        by = Did.parse(_text(value, "by"))
    except InvalidDidError as error:
        raise PublicationRefusedError("malformed", str(error), "by") from None
    atomic, links = value["atomic"], value["links"]
    if not isinstance(atomic, bool):
        raise PublicationRefusedError("malformed", "true or false", "atomic")
    if not isinstance(links, list) or not 1 <= len(links) <= MAX_LINKS:
        detail = f"a record holds 1 to {MAX_LINKS:,} links"
        raise PublicationRefusedError("too-many-links", detail, "links")
    return Record(
        sha256(jws.payload).hexdigest(),
        jws,
        method,
        _text(value, "resolver"),
        by,
        _instant(value, "issued"),
        _instant(value, "expires"),
        atomic,
        links,
    )


def _text(value: Mapping[str, Json], member: str) -> str:
    text = value[member]
    if not isinstance(text, str):
        raise PublicationRefusedError("malformed", "not a string", member)
    return text


def _instant(value: Mapping[str, Json], member: str) -> Instant:
    try:
        return parse_instant(_text(value, member))
    except InvalidInstantError as error:
        raise PublicationRefusedError("malformed", str(error), member) from None


def check_time(record: Record, now: Instant) -> None:
    """Refuse a record whose time has not come, or is over.

    Raises:
        PublicationRefusedError: signed in the future, expired, or good for too long.
    """
    if record.issued > now + SKEW_MS:
        raise PublicationRefusedError("not-yet-issued", "lies in the future", "issued")
    if record.expires <= now:
        raise PublicationRefusedError("expired", "can no longer be taken", "expires")
    if not record.issued < record.expires <= record.issued + MAX_LIFETIME_MS:
        detail = f"lies at most {MAX_LIFETIME_MS // DAY} days after issued"
        raise PublicationRefusedError("malformed", detail, "expires")


def write_record(
    links: Sequence[Json],
    *,
    by: Did | str,
    resolver: str,
    issued: Instant,
    expires: Instant | None = None,
    atomic: bool = True,
) -> bytes:
    """Write a record out in the bytes that are signed.

    Args:
        links: link records (`registration.LinkRecord`, `registration.DeletionRecord`).
        by: who will sign it.
        resolver: the origin of the resolver that it is for.
        issued: now.
        expires: until when it can be taken; a day on, where not said.
        atomic: whether to register all links or none; otherwise each that is good.

    Raises:
        NotCanonicalisableError: a link is not JSON.
    """
    return canonicalise(
        {
            "resolver": resolver,
            "by": str(by),
            "issued": format_instant(issued),
            "expires": format_instant(
                Instant(issued + LIFETIME_MS) if expires is None else expires
            ),
            "atomic": atomic,
            "links": list(links),
        }
    )


def sign_record(payload: bytes, kid: str, key: PrivateKey) -> dict[str, str]:
    """Sign a record, as a flattened JWS.

    Args:
        payload: as `write_record` wrote it.
        kid: the verification method in the publisher's DID document, as a DID URL.
        key: its private key.
    """
    return sign_flattened(payload, {"kid": kid, "typ": RECORD_TYPE}, key)
