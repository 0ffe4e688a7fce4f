"""A resolver's writing side under test: a store on disk, a publisher or two, records in one call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from link_resolver.cache import LinkCache
from link_resolver.identifier import Holder
from link_resolver.publishers import Permission, Standing
from link_resolver.publishing import Publishing, Receipt
from link_resolver.records import sign_record, write_record
from link_resolver.registration import Anchors
from link_resolver.schemes import default_schemes
from link_resolver.stores.sqlite import SqliteLinks
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.instant import END, Instant, parse_instant
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json

ORIGIN = "https://id.test"
START = parse_instant("2026-01-01T00:00:00Z")
RICE = "/01/09506000134352"
PILLS = "/01/09506000134376"


@dataclass(frozen=True)
class Publisher:
    name: str

    @property
    def key(self) -> PrivateKey:
        return PrivateKey.from_seed(sha256(f"publisher {self.name}".encode()).digest())

    @property
    def did(self) -> str:
        return f"did:key:{self.key.public.multikey}"

    @property
    def kid(self) -> str:
        return f"{self.did}#{self.key.public.multikey}"


MAKER, HEIR = Publisher("maker"), Publisher("heir")


@dataclass
class KnownPublishers:
    """Publishers by what they may: prefixes of keys, until some instant."""

    version: int = 0
    may: dict[str, tuple[str, ...]] = field(default_factory=dict)
    until: dict[str, Instant] = field(default_factory=dict)
    parties: tuple[frozenset[str], ...] = ()
    standings: dict[str, Standing] = field(default_factory=dict)
    compromised: dict[str, Instant] = field(default_factory=dict)
    asked: int = 0

    def knows(self, publisher: Did) -> bool:
        return publisher.text in self.may

    def may_publish(
        self, publisher: Did, holder: Holder, at: Instant, key: str | None = None
    ) -> Permission:
        self.asked += 1
        until = self.until.get(publisher.text, END)
        granted = at < until and any(
            holder.value.lstrip("0").startswith(prefix)
            for prefix in self.may.get(publisher.text, ())
        )
        return Permission(granted, until if granted else END, "TESTED")

    def holds_key(
        self, publisher: Did, key: str, recorded_at: Instant, at: Instant | None = None
    ) -> bool:
        return recorded_at < self.compromised.get(key, END)

    def standing(self, publisher: Did) -> Standing:
        return self.standings.get(publisher.text, Standing(END))

    def same(self, one: Did, other: Did) -> bool:
        return any({one.text, other.text} <= party for party in self.parties)

    def end(self, publisher: Publisher) -> None:
        self.may[publisher.did] = ()
        self.version += 1


@dataclass
class Shelf:
    store: SqliteLinks
    cache: LinkCache
    publishing: Publishing
    publishers: KnownPublishers
    clock: FixedClock

    def record(
        self, *links: Json, by: Publisher = MAKER, atomic: bool = True, **given: object
    ) -> dict[str, Json]:
        arguments: dict[str, object] = {
            "by": by.did,
            "resolver": ORIGIN,
            "issued": self.clock.now(),
            **given,
        }
        payload = write_record(links, atomic=atomic, **arguments)
        return {**sign_record(payload, by.kid, by.key)}

    async def publish(
        self, *links: Json, by: Publisher = MAKER, atomic: bool = True, **given: object
    ) -> Receipt:
        self.clock.instant = Instant(self.clock.instant + 1)
        record = self.record(*links, by=by, atomic=atomic, **given)
        return await self.publishing.publish(record)

    def hrefs(self, path: str = RICE) -> list[str]:
        return [each.href for each in self.cache.links([path])[path]]


def link(**changed: Json) -> dict[str, Json]:
    """A link that can be published; None takes a member away."""
    record: dict[str, Json] = {
        "anchor": RICE,
        "linkType": "gs1:pip",
        "href": "https://rice.test/",
        "title": "Risotto rice",
        **changed,
    }
    return {name: value for name, value in record.items() if value is not None}


@asynccontextmanager
async def open_shelf(folder: Path) -> AsyncIterator[Shelf]:
    clock = FixedClock(START)
    anchors = Anchors(await asyncio.to_thread(default_schemes))
    publishers = KnownPublishers(may={MAKER.did: ("9506000",), HEIR.did: ("9506000",)})
    store = await asyncio.to_thread(SqliteLinks, folder / "links.sqlite")
    cache = LinkCache(store, publishers, anchors, clock)
    documents = Resolver({"key": KeyMethod()}, clock)
    publishing = Publishing(store, cache, publishers, documents, anchors, clock, ORIGIN)
    try:
        yield Shelf(store, cache, publishing, publishers, clock)
    finally:
        await publishing.close()
