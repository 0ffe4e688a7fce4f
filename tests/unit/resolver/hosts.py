"""A host that a hosted method reads, with nothing of the network in it, and a clock to set."""

import asyncio
from dataclasses import dataclass

import orjson

from resolver.did import Did
from resolver.document import parse_document
from resolver.errors import ErrorCode, ResolutionError
from resolver.methods import DocumentMetadata, Provenance, Resolved, Version

DID = Did.parse("did:test:one")
DOWN = ResolutionError(ErrorCode.INTERNAL_ERROR, "out of reach")
GONE = ResolutionError(ErrorCode.NOT_FOUND, "gone")


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    ttl_s: int | None
    source: str = "https://host.example/did.json"
    size: int = 100


class Host:
    """Publishes numbered pages; counts how often it is asked, and by how many at once."""

    versioned = True

    def __init__(self, ttl_s: int | None = 60) -> None:
        self.ttl_s = ttl_s
        self.number = 1
        self.loads = 0
        self.at_once = 0
        self.most_at_once = 0
        self.error: Exception | None = None
        self.takes_s = 0.0
        self.previous: list[Page | None] = []
        self.released = asyncio.Event()
        self.released.set()

    async def load(self, did: Did, previous: Page | None) -> Page:
        self.loads += 1
        self.previous.append(previous)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        page = Page(self.number, self.ttl_s)
        try:
            await asyncio.sleep(self.takes_s)
            await self.released.wait()
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        return previous if previous == page else page

    def answer(self, state: Page, did: Did, version: Version) -> Resolved:
        number = version.number or state.number
        if number > state.number:
            raise ResolutionError(ErrorCode.NOT_FOUND, "no such version")
        document = parse_document({"id": did.text}, did)
        metadata = DocumentMetadata(version_id=str(number))
        return Resolved(document, metadata, Provenance(source=state.source))

    def encode(self, state: Page) -> bytes:
        return orjson.dumps([state.number, state.ttl_s])

    def decode(self, did: Did, raw: bytes) -> Page:
        number, ttl_s = orjson.loads(raw)
        return Page(number, ttl_s)
