"""What is kept of a status list, by what it was asked for, and for how long."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from credentials.status.entries import ListKind
from credentials.status.lists import StatusList
from policies.decision import SigningKey
from resolver.did import Did
from resolver.instant import SECOND, Instant, format_instant


class Wanted(NamedTuple):
    """A status list as it is asked for.

    Attributes:
        kind: what it has to be.
        url: its address.
        at: the past time at which it shall have stood, or None for the present.
    """

    kind: ListKind
    url: str
    at: Instant | None = None

    @property
    def address(self) -> str:
        """What is fetched: a past list by the query that both specifications name."""
        if self.at is None:
            return self.url
        if self.kind is ListKind.CLAIM:
            query = f"time={self.at // SECOND}"
        else:
            query = f"timestamp={quote(format_instant(self.at), safe='')}"
        return f"{self.url}{'&' if '?' in self.url else '?'}{query}"


class Vouched(NamedTuple):
    """Whose word a list is: found by its signature, while the issuer's DID document is the same.

    Attributes:
        issuer: who signed it.
        key: the key that signed.
        document: the digest of the issuer's DID document by which this was found.
    """

    issuer: Did
    key: SigningKey
    document: str


@dataclass(slots=True)
class Held:
    """A list, and until when it is read without asking its host.

    Attributes:
        list: what was opened.
        fetched: when its host was asked.
        fresh_until: until when it is read without asking again.
        etag: by which its host tells whether it is still the same, or None.
        cost: bytes that it takes, roughly.
        vouched: whose word it was last found to be.
    """

    list: StatusList
    fetched: Instant
    fresh_until: Instant
    etag: str | None
    cost: int
    vouched: Vouched | None = None

    def is_fresh(self, now: Instant) -> bool:
        """Whether it needs no asking; never where the clock went back behind it."""
        return self.fetched <= now < self.fresh_until
