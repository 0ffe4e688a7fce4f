"""did:webvh logs that tests write, and a host that keeps them in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.instant import parse_instant
from resolver.methods import LATEST, Resolved, Version
from resolver.methods.webvh import LogPolicy, WebvhMethod
from resolver.methods.webvh.writing import Written, first_entry
from resolver.signing import PrivateKey

NOW = parse_instant("2026-01-01T00:00:00Z")
PLACE = "example.com"
LOG_URL = "https://example.com/.well-known/did.jsonl"
WITNESS_URL = "https://example.com/.well-known/did-witness.json"


@lru_cache
def key(number: int) -> PrivateKey:
    return PrivateKey.from_seed(number.to_bytes(32, "big"))


def second(count: int) -> str:
    return f"2025-01-01T{count // 3600:02d}:{count // 60 % 60:02d}:{count % 60:02d}Z"


def genesis(parameters: Mapping[str, object] | None = None, **state: object) -> Written:
    return first_entry(PLACE, key(1), second(0), dict(parameters or {}), state)


def raw_of(entries: Sequence[Written]) -> bytes:
    return b"".join(entry.line for entry in entries)


def did_of(entries: Sequence[Written], index: int = -1) -> Did:
    return Did.parse(str(entries[index].state["id"]))


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Pages:
    """A host in memory: pages by URL, with entity tags and ranges where it is told so."""

    pages: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = False
    tags: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)
    sent: int = 0

    async def fetch(self, url, *, accept="*/*", max_bytes=None, if_none_match=None, start=0):
        await asyncio.sleep(0)
        self.asked.append((url, start))
        page = self.pages.get(url)
        if page is None:
            return Answer(404)
        headers = {"ETag": f'"{hash(page)}"'} if self.tags else {}
        if self.tags and if_none_match == headers["ETag"]:
            return Answer(304)
        if self.ranges and start:
            if start >= len(page):
                return Answer(416)
            self.sent += len(page) - start
            return Answer(206, page[start:], headers)
        self.sent += len(page)
        return Answer(200, page, headers)


def publish(entries: Sequence[Written], witnesses: bytes | None = None, **how: object) -> Pages:
    pages = {LOG_URL: raw_of(entries)}
    if witnesses is not None:
        pages[WITNESS_URL] = witnesses
    return Pages(pages, **how)


def method_over(source: object, **how: object) -> WebvhMethod:
    memory = {name: how.pop(name) for name in ("heads", "security") if name in how}
    return WebvhMethod(source, FixedClock(NOW), LogPolicy(**how), **memory)


async def resolved(
    entries: Sequence[Written],
    version: Version = LATEST,
    witnesses: bytes | None = None,
    did: Did | None = None,
    **how: object,
) -> Resolved:
    """Resolve a log, at the place where its first entry says that it lies."""
    did = did or did_of(entries, 0)
    method = method_over(publish(entries, witnesses), **how)
    return method.answer(await method.load(did, None), did, version)


@dataclass
class Folder:
    """A host that serves one folder's files, whatever host is asked."""

    folder: Path
    log: str = "did.jsonl"
    witnesses: str = "did-witness.json"

    async def fetch(self, url, **_):
        name = self.witnesses if url.endswith("witness.json") else self.log
        path = self.folder / name
        body = await asyncio.to_thread(lambda: path.read_bytes() if path.exists() else None)
        return Answer(404) if body is None else Answer(200, body)
