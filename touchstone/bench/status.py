"""Status lists: what a look into a kept one costs, and how soon a bomb is stopped."""

import asyncio
import gzip
import io
import random
import time
from collections.abc import Sequence

import orjson

from credentials.envelope import open_envelope
from credentials.sources import DEFAULT_LIMITS
from credentials.status.cache import StatusLists
from credentials.status.checking import check_status
from credentials.status.entries import ListKind, StatusEntry
from credentials.status.errors import StatusListError
from credentials.status.keeping import Wanted
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from resolver.clock import SystemClock
from resolver.encodings import base64url
from resolver.instant import Instant, format_instant
from resolver.methods.key import KeyMethod
from resolver.proofs.jose import sign_compact
from resolver.resolution import Resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from touchstone.bench.rows import Row, Tell

ENTRIES = 1_000_000
LOOKUP_US = 2.0
"""Microseconds that one look into a kept list may cost."""
BOMB_S = 1.0
"""Seconds after which a bomb must have been stopped."""

_BOMB_MIB = 512
_URL = "https://status.bench.example/1"
_KEY = PrivateKey.generate()
_DID = f"did:key:{_KEY.public.multikey}"
_WANTED = Wanted(ListKind.BITSTRING, _URL)
_LOOKUPS = 10_000
_CHECKS = 500


class _Answer:
    """What the bench's host answers: one list, and nothing about how long it is fresh."""

    def __init__(self, body: bytes) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = body


class _Host:
    """A host in this process."""

    def __init__(self, body: bytes) -> None:
        self._answer = _Answer(body)

    async def fetch(self, url: str, **_asked: object) -> _Answer:  # noqa: ARG002 - it has one list
        """Give the list, whatever is asked for."""
        return self._answer


async def status_rows(tell: Tell, *, quick: bool = False) -> list[Row]:
    """Measure status lists.

    Args:
        tell: takes what is measured now.
        quick: whether to take fewer rounds.
    """
    now, rounds = SystemClock().now(), 3 if quick else 12
    tell(f"looks into a kept status list of {ENTRIES:,} entries")
    body = _signed(_list(gzip.compress(bytes(ENTRIES // 8)), now))
    lists = StatusLists(_Host(body))
    began = time.perf_counter()
    await lists.get(_WANTED, now)
    opening_ms = (time.perf_counter() - began) * 1e3
    lookup_us = min(_lookups(lists, now) for _ in range(rounds))
    tell("whole checks against it")
    check_us = min([await _checks(lists, now) for _ in range(rounds)])
    tell(f"a bomb of {_BOMB_MIB} MiB")
    bomb = _signed(_list(await asyncio.to_thread(_bomb), now))
    bomb_s = await _stopped(StatusLists(_Host(bomb)), now)
    name = f"of {ENTRIES:,} entries"
    return [
        Row(
            f"a look into a kept list {name}",
            f"{lookup_us:.2f} us",
            promised=f"<= {LOOKUP_US:g} us",
            kept=lookup_us <= LOOKUP_US,
        ),
        Row(f"the whole check against a kept list {name}", f"{check_us:.0f} us"),
        Row(f"a list {name} opened", f"{opening_ms:.1f} ms"),
        Row(
            f"a bomb of {_BOMB_MIB} MiB stopped",
            f"{bomb_s:.3f} s",
            promised=f"<= {BOMB_S:g} s",
            kept=bomb_s <= BOMB_S,
        ),
    ]


def _lookups(lists: StatusLists, now: Instant) -> float:
    """Return microseconds a look: the list from the cache, and the entry's value from the list."""
    asked = [_entry(random.randrange(ENTRIES)) for _ in range(_LOOKUPS)]  # noqa: S311 - any index
    least = DEFAULT_LIMITS.min_list_entries
    began = time.process_time()
    for entry in asked:
        held = lists.kept(_WANTED, now)
        if held is None or held.list.value(entry, least):
            raise RuntimeError("the bench's list is kept, and revokes nothing")
    return (time.process_time() - began) / _LOOKUPS * 1e6


async def _checks(lists: StatusLists, now: Instant) -> float:
    """Return microseconds a check of a credential's status, its list's issuer included."""
    envelope = open_envelope(_signed(_credential(now)))
    documents = Resolver({"key": KeyMethod()}, SystemClock())
    verifier = Verifier(documents, StatusQuery(lists), now)
    began = time.process_time()
    for _ in range(_CHECKS):
        await check_status(envelope, verifier)
    return (time.process_time() - began) / _CHECKS * 1e6


async def _stopped(lists: StatusLists, now: Instant) -> float:
    began = time.perf_counter()
    try:
        await lists.get(_WANTED, now)
    except StatusListError:
        return time.perf_counter() - began
    raise RuntimeError("the bench's bomb was opened")


def _entry(index: int) -> StatusEntry:
    kind = ListKind.BITSTRING
    return StatusEntry("/credentialStatus", kind, "revocation", _URL, index, kind=kind)


def _bomb() -> bytes:
    """Pack zeros that open to far more than is taken; they are never all in memory."""
    packed, zeros = io.BytesIO(), bytes(1024 * 1024)
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        for _ in range(_BOMB_MIB):
            stream.write(zeros)
    return packed.getvalue()


def _list(packed: bytes, now: Instant) -> dict[str, Json]:
    subject: dict[str, Json] = {
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": f"u{base64url(packed)}",
    }
    return _document(_URL, ("BitstringStatusListCredential",), subject, now)


def _credential(now: Instant) -> dict[str, Json]:
    status: dict[str, Json] = {
        "type": ListKind.BITSTRING.value,
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": _URL,
    }
    subject: dict[str, Json] = {"id": "did:example:mine"}
    return _document("urn:bench:1", (), subject, now) | {"credentialStatus": status}


def _document(
    id_: str, types: Sequence[str], subject: dict[str, Json], now: Instant
) -> dict[str, Json]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": id_,
        "type": ["VerifiableCredential", *types],
        "issuer": _DID,
        "validFrom": format_instant(now),
        "credentialSubject": subject,
    }


def _signed(body: dict[str, Json]) -> bytes:
    kid = f"{_DID}#{_KEY.public.multikey}"
    header: dict[str, Json] = {"alg": "Ed25519", "kid": kid, "typ": "vc+jwt", "cty": "vc"}
    return sign_compact(orjson.dumps(body), header, _KEY).encode()
