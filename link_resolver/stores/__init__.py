"""Where records and links are kept. A store is trusted to keep them, never to be right."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

from link_resolver.links import Link, Written
from resolver.did import DidUrl
from resolver.instant import BEGINNING, Instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed record as it is kept, byte for byte.

    Attributes:
        id: SHA-256 of its payload, in hex.
        jws: the signature over it.
        publisher: the DID that signed.
        issued: when it was signed.
        method: the verification method that signed.
        key: its public key, as it was found when the record was taken.
        recorded_at: when it was taken.
        position: its place among all records, from 0.
        head: what `next_head` gives for it: a digest of it and of every record before it.
        for_roles: whether its links are for roles, so that it is not for everybody to read.
        made: how many versions of links it made.
    """

    id: str
    jws: Jws
    publisher: str
    issued: Instant
    method: DidUrl
    key: PublicKey
    recorded_at: Instant
    position: int
    head: bytes
    for_roles: bool = False
    made: int = 0


class Last(NamedTuple):
    """Where the records end: how many there are, the last one's time, and the digest of all."""

    size: int = 0
    recorded_at: Instant = BEGINNING
    head: bytes = bytes(32)


class Count(NamedTuple):
    """How often one link type of one key was resolved on one day.

    Attributes:
        day: days since 1970-01-01, UTC.
        key: the key's path, without serial, lot or other qualifier.
        link_type: canonical.
        times: how often.
    """

    day: int
    key: str
    link_type: str
    times: int


def next_head(head: bytes, record: str, recorded_at: Instant) -> bytes:
    """Chain a record to all before it: whoever holds a receipt can tell if one was taken away.

    Args:
        head: the digest of all records before; 32 zero bytes before the first.
        record: its id, in hex.
        recorded_at: when it was taken.
    """
    return sha256(
        head + bytes.fromhex(record) + recorded_at.to_bytes(8, "big", signed=True)
    ).digest()


class RecordStore(Protocol):
    """A place for records and links.

    The methods that read are bounded point reads, and may be called on an event loop; `commit` and
    `add_counts` block, and are called off it, one at a time.
    """

    @property
    def version(self) -> int:
        """A number that differs whenever something was written, by whatever process."""
        ...

    @property
    def last(self) -> Last:
        """Where the records end, whatever process wrote them."""
        ...

    def current(self, paths: Sequence[str]) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version of every link on these paths, deletions included."""
        ...

    def alone(self, path: str) -> Written | tuple[Link, ...]:
        """Give what `current` has on one path, and where that is a single link, as written."""
        ...

    def as_of(self, paths: Collection[str], at: Instant) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version recorded by an instant, deletions included."""
        ...

    def history(self, link: str) -> tuple[Link, ...]:
        """Give every version of a link, oldest first."""
        ...

    def record(self, id_: str) -> Kept | None:
        """Give a record by its id, or None."""
        ...

    def issued(self, records: Collection[str]) -> Mapping[str, Instant]:
        """Give when each record was signed."""
        ...

    def commit(self, record: Kept, versions: Sequence[Link]) -> None:
        """Keep a record with the versions that it makes; both are durable when this returns.

        Raises:
            StoreMovedError: its position is not the end, for another process has written.
            LinkStoreError: it could not be written; nothing was.
        """
        ...

    def paths_after(self, path: str, most: int) -> tuple[str, ...]:
        """Give the paths, in order, that come after one and have links for everybody."""
        ...

    def add_counts(self, day: int, times: Mapping[tuple[str, str], int]) -> None:
        """Add to the counts of a day.

        Args:
            day: days since 1970-01-01, UTC.
            times: how often, by key and link type.

        Raises:
            LinkStoreError: it could not be written; nothing was.
        """
        ...

    def counts(self, key: str, first: int, last: int) -> tuple[Count, ...]:
        """Give the counts of a key from one day to another, both included."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...
