"""A journal of a given size as a registry finds it at start: what its entries did is kept.

Its entries themselves are left out: a start reads them where nothing is kept, and the audit later.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from heapq import merge
from itertools import islice
from pathlib import Path

from policies.authorise import decide
from policies.decision import Outcome
from policies.index import Index
from policies.lines import PartyLine, StatementLine
from policies.statements import Party, PartyId, Statement
from resolver.instant import parse_instant
from touchstone.bench.acts import open_bench
from touchstone.bench.registries import Questions
from trust_registry.kept import Deed, Kept, KeptParty
from trust_registry.stores.sqlite import SqliteStore

_AT_ONCE = 10_000
_LATE = parse_instant("9999-01-01T00:00:00Z")
"""When entries are recorded: after the framework, whenever the bench runs."""
_NOBODY: frozenset[tuple[str, str]] = frozenset()


def write_journal(path: Path, index: Index) -> None:
    """Write a journal by which a registry comes to hold what an index holds. It blocks."""
    asyncio.run(_begin(path))
    effects = _effects(index)
    with closing(SqliteStore(path)) as store:
        while some := dict(islice(effects, _AT_ONCE)):
            store.keep(some)


async def _begin(path: Path) -> None:
    await (await open_bench(path)).close()


def _effects(index: Index) -> Iterator[tuple[int, bytes]]:
    """Yield what entries did: the framework's own is entry 0, and judged."""
    items: list[Iterator[Party | Statement]] = [index.registrations(), index.statements()]
    for position, item in enumerate(merge(*items, key=_recorded_as), 1):
        if isinstance(item, Party):
            kept = _kept(item.id, (KeptParty(PartyLine.of(item), _NOBODY, _NOBODY),), ())
        else:
            kept = _kept(item.id, (), (StatementLine.of(item),))
        yield position, kept.to_bytes()


def _recorded_as(item: Party | Statement) -> int:
    return item.recorded.position


def _kept(id_: str, parties: tuple[KeptParty, ...], statements: tuple[StatementLine, ...]) -> Kept:
    digest = sha256(id_.encode()).digest()
    kind = "register_party" if parties else "authorise"
    deed = Deed("bench", kind, PartyId("bench"), parties, statements, ())
    return Kept(digest, digest, digest[:16], _LATE, deed)


def start_on(path: Path, statements: int) -> dict[str, float]:
    """Open a registry on such a journal, as the service does, and ask it. It blocks."""
    return asyncio.run(_start(path, statements))


async def _start(path: Path, statements: int) -> dict[str, float]:
    began = time.perf_counter()
    registry = await open_bench(path)
    question = Questions(statements, registry.journal.size)[0]
    if decide(question, registry.index).outcome is not Outcome.AUTHORISED:
        raise RuntimeError("the bench asks what is answered yes")
    took, entries = time.perf_counter() - began, registry.journal.size
    await registry.close()
    return {"start_s": took, "start_us": took / entries * 1e6}
