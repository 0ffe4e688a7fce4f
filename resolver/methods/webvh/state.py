"""What is kept of a verified did:webvh, and what is answered from it."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import (
    ErrorCode,
    InvalidDidDocumentError,
    InvalidDidError,
    InvalidLogError,
    ResolutionError,
)
from resolver.instant import Instant, format_instant
from resolver.methods import LATEST, DocumentMetadata, Provenance, Resolved, Version
from resolver.methods.webvh.address import parse_address
from resolver.methods.webvh.entries import NANOSECONDS, read_entry
from resolver.methods.webvh.log import Log, LogVersion
from resolver.methods.webvh.parameters import Parameters, Witnesses
from resolver.methods.webvh.services import with_implicit_services
from resolver.strict_json import Json

_CACHED_DOCUMENTS = 1024


@dataclass(frozen=True, slots=True)
class WebvhState:
    """A verified log.

    Attributes:
        log: its verified part.
        source: where it was read.
        etag: the host's tag of this version, or None.
    """

    log: Log
    source: str
    etag: str | None = None

    @property
    def ttl_s(self) -> int:
        """Seconds for which its controller lets it be kept; none where a part does not verify."""
        return 0 if self.log.fault else self.log.parameters.ttl_s

    @property
    def size(self) -> int:
        """Bytes of the log."""
        return len(self.log.raw)


def answer(state: WebvhState, did: Did, version: Version) -> Resolved:
    """Answer with a version of the document (did:webvh 1.0, Reading did:webvh DID URLs).

    Raises:
        ResolutionError: NOT_FOUND where there is no such version, INVALID_DID_DOCUMENT where it is
            among those that do not verify, or its document is none.
    """
    log = state.log
    index = _index(log, version)
    provenance = Provenance(source=state.source)
    metadata = _metadata(log, index, did)
    if log.parameters.deactivated and index == len(log.versions) - 1:
        return Resolved(None, metadata, provenance)
    found = log.versions[index]
    return Resolved(_document(log.line(found), found.did), metadata, provenance)


def _index(log: Log, version: Version) -> int:
    """Which version is asked for, counted from 0."""
    found: int | None = None
    last = len(log.versions) - 1
    if version == LATEST:
        found = last if log.fault is None else None
    elif version.id is not None:
        number = version.id.partition("-")[0]
        index = int(number) - 1 if number.isascii() and number.isdigit() else -1
        if 0 <= index <= last and log.versions[index].id == version.id:
            found = index
    elif version.number is not None:
        found = version.number - 1 if 0 <= version.number - 1 <= last else None
    elif version.time is not None:
        moments = [each.moment for each in log.versions]
        found = bisect_right(moments, version.time * NANOSECONDS) - 1
        # Until when the last one was current, only a next one that verifies could tell.
        if found < 0 or (found == last and log.fault is not None):
            found = None if found >= 0 else -1
    if found is not None and found >= 0:
        return found
    if log.fault is not None and found is None:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"the log: {log.fault}")
    raise ResolutionError(ErrorCode.NOT_FOUND, "the log has no such version")


@lru_cache(_CACHED_DOCUMENTS)
def _document(line: bytes, text: str) -> DidDocument:
    try:
        state = with_implicit_services(read_entry(line).state, parse_address(text))
        return parse_document(state, Did.parse(text))
    except (InvalidDidDocumentError, InvalidDidError, InvalidLogError) as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{text}: {error}") from None


def _metadata(log: Log, index: int, did: Did) -> DocumentMetadata:
    """What is known of a version besides (did:webvh 1.0, Read); `updated` is the version's own."""
    found, after = log.versions[index], log.versions[index + 1 : index + 2]
    parameters, current = log.parameters, log.head.did
    moved = current != did.text
    return DocumentMetadata(
        created=_instant(log.versions[0]),
        updated=_instant(found),
        deactivated=parameters.deactivated,
        next_update=_instant(after[0]) if after else None,
        version_id=found.id,
        next_version_id=after[0].id if after else None,
        # Only the present place is vouched for: that a log ever lay at a former one is mere say-so.
        equivalent_id=(current,) if moved else (),
        canonical_id=current if moved else None,
        others=_others(index + 1, found, parameters),
    )


def _others(number: int, found: LogVersion, parameters: Parameters) -> dict[str, Json]:
    others: dict[str, Json] = {
        "versionNumber": number,
        "versionTime": format_instant(Instant(_instant(found) // 1000 * 1000)),
        "scid": parameters.scid,
        "portable": parameters.portable,
        "ttl": str(parameters.ttl_s),
        "watchers": list(parameters.watchers),
    }
    if parameters.witnesses is not None:
        others["witness"] = parameters.witnesses.json()
    return others


def _instant(version: LogVersion) -> Instant:
    return Instant(version.moment // NANOSECONDS)


def encode(state: WebvhState) -> bytes:
    """Write down what was verified of a log, so that it need not be verified again.

    Who can write where this is kept can forge it, as with everything that a cache keeps.
    """
    log, parameters = state.log, state.log.parameters
    witnesses = parameters.witnesses
    return orjson.dumps(
        {
            "source": state.source,
            "etag": state.etag,
            "fault": log.fault,
            "versions": [tuple(version) for version in log.versions],
            "parameters": [
                parameters.scid,
                parameters.update_keys,
                parameters.next_key_hashes,
                [witnesses.threshold, witnesses.keys] if witnesses else None,
                parameters.watchers,
                parameters.portable,
                parameters.deactivated,
                parameters.ttl_s,
            ],
            "log": log.raw.decode(),
        }
    )


def decode(did: Did, raw: bytes) -> WebvhState:
    """Read what `encode` wrote.

    Raises:
        ResolutionError: the bytes are no such state, or not of this DID.
    """
    try:
        state = _decoded(orjson.loads(raw))
        scid = parse_address(did.text).scid
    except (ValueError, KeyError, TypeError, InvalidDidError):
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "no kept did:webvh") from None
    if state.log.parameters.scid != scid or did.text not in {v.did for v in state.log.versions}:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, "a kept log of another did:webvh")
    return state


def _decoded(kept: dict[str, Any]) -> WebvhState:
    scid, keys, hashes, witnesses, watchers, portable, deactivated, ttl_s = kept["parameters"]
    parameters = Parameters(
        scid,
        tuple(keys),
        tuple(hashes),
        Witnesses(witnesses[0], tuple(witnesses[1])) if witnesses else None,
        tuple(watchers),
        portable,
        deactivated,
        ttl_s,
    )
    versions = tuple(LogVersion(*each) for each in kept["versions"])
    log = Log(kept["log"].encode(), versions, parameters, kept["fault"])
    return WebvhState(log, kept["source"], kept["etag"])
