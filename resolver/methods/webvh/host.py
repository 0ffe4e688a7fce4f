"""How the files of a did:webvh are read: from its host, or from who keeps copies of them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from resolver.errors import (
    ErrorCode,
    FetchError,
    RefusedAddressError,
    ResolutionError,
    TooLargeError,
)
from resolver.methods.webvh.address import Address
from resolver.source import Fetched, Source

MAX_BYTES = 5 * 1024 * 1024
"""The largest log or file of witnesses read (did:webvh 1.0, Security Considerations)."""

LOG_TYPES = "text/jsonl, application/jsonl;q=0.9, */*;q=0.5"
WITNESS_TYPES = "application/json, */*;q=0.5"

_OK = 200
_PARTIAL = 206
_NOT_MODIFIED = 304
_NOT_THERE = 416
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one copy of a log lies.

    Attributes:
        log: the URL of the log.
        witnesses: the URL of its witnesses' proofs.
    """

    log: str
    witnesses: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A log as it was read.

    Attributes:
        raw: the whole of it.
        etag: the host's tag of this version, or None.
    """

    raw: bytes
    etag: str | None


def own_place(address: Address) -> Place:
    """Where the controller publishes a log."""
    return Place(address.log_url, address.witness_url)


def watched_place(watcher: str, scid: str) -> Place:
    """Where a watcher keeps its copy (did:webvh 1.0, Watcher HTTP API Operations)."""
    base, query = watcher.rstrip("/"), urlencode({"scid": scid})
    return Place(f"{base}/log?{query}", f"{base}/witness?{query}")


async def read_log(
    source: Source, place: Place, known: Copy | None, overlap: int, max_bytes: int = MAX_BYTES
) -> Copy | None:
    """Read a log, or only what is new of it.

    Args:
        source: what URLs are read through.
        place: where it lies.
        known: what was read of it before.
        overlap: bytes at the end of `known` that are read again, to see that they still stand; the
            last entry's, whose hash covers all that is before it.
        max_bytes: the largest log.

    Returns:
        The log, or None where it is still what is known.

    Raises:
        ResolutionError: INVALID_DID where the address may not be read, NOT_FOUND where the host
            says so, INVALID_DID_DOCUMENT where it is too large, INTERNAL_ERROR where it cannot be
            read.
    """
    if known is None:
        return _whole(await _fetch(source, place.log, LOG_TYPES, max_bytes), place)
    start = len(known.raw) - overlap
    answer = await _fetch(source, place.log, LOG_TYPES, max_bytes, known.etag, start)
    if answer.status == _NOT_MODIFIED and known.etag is not None:
        return None
    if answer.status == _PARTIAL:
        # Where the last known entry is no longer there, the log is another one: read it whole.
        if not answer.body.startswith(known.raw[start:]):
            return await read_log(source, place, None, 0, max_bytes)
        if len(known.raw) + len(answer.body) - overlap > max_bytes:
            raise _too_large(place, max_bytes)
        copy = Copy(known.raw + answer.body[overlap:], answer.headers.get("ETag"))
    elif answer.status == _NOT_THERE:
        return await read_log(source, place, None, 0, max_bytes)
    else:
        copy = _whole(answer, place)
    return None if copy.raw.rstrip(b"\n") == known.raw and copy.etag == known.etag else copy


async def read_witnesses(source: Source, place: Place, max_bytes: int = MAX_BYTES) -> bytes:
    """Read the proofs of witnesses; nothing, where there are none.

    Raises:
        ResolutionError: as for `read_log`.
    """
    answer = await _fetch(source, place.witnesses, WITNESS_TYPES, max_bytes)
    if answer.status in _GONE:
        return b""
    if answer.status != _OK:
        raise _unreadable(f"{place.witnesses} answers {answer.status}")
    return answer.body


def _whole(answer: Fetched, place: Place) -> Copy:
    if answer.status in _GONE:
        raise ResolutionError(ErrorCode.NOT_FOUND, f"{place.log} answers {answer.status}")
    if answer.status != _OK:
        raise _unreadable(f"{place.log} answers {answer.status}")
    return Copy(answer.body, answer.headers.get("ETag"))


async def _fetch(
    source: Source, url: str, accept: str, max_bytes: int, etag: str | None = None, start: int = 0
) -> Fetched:
    try:
        return await source.fetch(
            url, accept=accept, max_bytes=max_bytes, if_none_match=etag, start=start
        )
    except RefusedAddressError:  # whose words would tell callers what our name servers know
        raise ResolutionError(ErrorCode.INVALID_DID, "did:webvh: not a public host") from None
    except TooLargeError as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{url}: {error}") from None
    except FetchError as error:
        detail = f"{url}: {error}"
        raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail, busy=error.busy) from None


def _too_large(place: Place, max_bytes: int) -> ResolutionError:
    detail = f"{place.log}: larger than {max_bytes} bytes"
    return ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, detail)


def _unreadable(detail: str) -> ResolutionError:
    return ResolutionError(ErrorCode.INTERNAL_ERROR, detail)
