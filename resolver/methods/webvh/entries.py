"""One line of a did:webvh log, read into types; nothing in it is believed yet."""

import hashlib
import re
from typing import NamedTuple

import orjson

from resolver.encodings import from_base58btc
from resolver.errors import (
    InvalidInstantError,
    InvalidJsonError,
    InvalidLogError,
    NotCanonicalisableError,
)
from resolver.instant import parse_instant
from resolver.jcs import canonicalise
from resolver.strict_json import Json, parse_json

MAX_LINE = 1024 * 1024
"""Bytes of one entry; a document of 200 keys has a tenth of that."""

SHA_256 = b"\x12\x20"
"""What a multihash by SHA-256 starts with: its code, and its length."""

NANOSECONDS = 1_000_000
"""In a millisecond."""

_MEMBERS = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})
_VERSION_ID = re.compile(r"([1-9][0-9]{0,8})-([1-9A-HJ-NP-Za-km-z]{46})")
_UTC = re.compile(r"[0-9T:-]+(?:\.([0-9]{1,9}))?(?:Z|\+00:00)")
_PLACEHOLDER = b"{SCID}"
_IN_A_NAME = re.compile(rb'\{SCID\}[^"\\]*+(?:\\.[^"\\]*+)*+":')


class Entry(NamedTuple):
    """An entry as it stands in a log (did:webvh 1.0, The DID Log File).

    Attributes:
        version_id: its number, a hyphen and its hash.
        number: its number, from 1.
        digest: its hash, a multihash.
        version_time: when its controller says that it was made, as written.
        moment: the same, in nanoseconds since 1970.
        parameters: changes of what governs the log.
        state: the document.
        proofs: who signed it.
        body: the canonical form of parameters and state.
    """

    version_id: str
    number: int
    digest: bytes
    version_time: str
    moment: int
    parameters: dict[str, Json]
    state: dict[str, Json]
    proofs: list[Json]
    body: bytes

    def hashed(self, version_id: str) -> bytes:
        """SHA-256 of its canonical form, unsigned and with another `versionId`."""
        return hashlib.sha256(self.canonical(version_id)).digest()

    def canonical(self, version_id: str) -> bytes:
        """Its canonical form, unsigned and with another `versionId` (RFC 8785)."""
        return _canonical(self.body, version_id, self.version_time)


def read_entry(line: bytes) -> Entry:
    """Read a line of a log.

    Raises:
        InvalidLogError: not JSON, other members, or one that is malformed.
    """
    value = _json(line)
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise InvalidLogError(f"not an object of {', '.join(sorted(_MEMBERS))}")
    parameters, state, proofs = value["parameters"], value["state"], value["proof"]
    if not isinstance(parameters, dict) or not isinstance(state, dict):
        raise InvalidLogError("parameters or state is not an object")
    if not isinstance(proofs, list):
        raise InvalidLogError("proof is not a list")
    version_id, number, digest = _version(value["versionId"])
    version_time, moment = _time(value["versionTime"])
    try:
        body = canonicalise({"parameters": parameters, "state": state})
    except NotCanonicalisableError as error:
        raise InvalidLogError(f"no canonical form: {error}") from None
    return Entry(version_id, number, digest, version_time, moment, parameters, state, proofs, body)


def _json(line: bytes) -> Json:
    """Parse a line as strictly as any JSON from outside.

    What is written back as it was read says nothing twice; that takes a tenth of the time of a
    parser that looks at each member. Lines are compact, or have one space after colon and comma.
    """
    try:
        value: Json = orjson.loads(line)
        written = orjson.dumps(value)
        if len(line) <= MAX_LINE and (written == line or written == _without_spaces(line)):
            return value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the strict parser tells what is wrong
    try:
        return parse_json(line, max_bytes=MAX_LINE)
    except InvalidJsonError as error:
        raise InvalidLogError(f"{error}") from None


def _without_spaces(line: bytes) -> bytes:
    """A line as a compact writer has it; where a string changes too, it is written otherwise."""
    return line.replace(b'": ', b'":').replace(b", ", b",")


def _version(value: Json) -> tuple[str, int, bytes]:
    match = _VERSION_ID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidLogError("versionId is not a number, one hyphen and a hash")
    return match[0], int(match[1]), from_base58btc(match[2])


def _time(value: Json) -> tuple[str, int]:
    match = _UTC.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidLogError("versionTime is not a time in UTC with Z or +00:00")
    try:
        instant = parse_instant(match[0])
    except InvalidInstantError as error:
        raise InvalidLogError(f"versionTime is {error}") from None
    beyond = int((match[1] or "").ljust(9, "0")[3:])  # nanoseconds beyond the millisecond
    return match[0], instant * NANOSECONDS + beyond


def check_scid(entry: Entry, scid: str) -> None:
    """Check that a first entry hashes to its SCID (did:webvh 1.0, Verify SCID).

    Raises:
        InvalidLogError: it does not, or holds the placeholder that the SCID stands in for.
    """
    if _PLACEHOLDER in entry.body:
        raise InvalidLogError("the first entry holds the placeholder {SCID}")
    body = entry.body.replace(scid.encode(), _PLACEHOLDER)
    if _IN_A_NAME.search(body):  # which changes the order of names
        text = orjson.dumps({"parameters": entry.parameters, "state": entry.state})
        body = canonicalise(orjson.loads(text.replace(scid.encode(), _PLACEHOLDER)))
    preliminary = _canonical(body, "{SCID}", entry.version_time)
    if from_base58btc(scid) != SHA_256 + hashlib.sha256(preliminary).digest():
        raise InvalidLogError("the first entry does not hash to the SCID")


def _canonical(body: bytes, version_id: str, version_time: str) -> bytes:
    """The canonical form of an entry without proof, from that of its parameters and state.

    The four members stand in the order of RFC 8785, and both strings are plain ASCII.
    """
    return body[:-1] + f',"versionId":"{version_id}","versionTime":"{version_time}"}}'.encode()
