"""What recording acts costs: beside the store's own commits, and beside a signature's check."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from operator import truediv
from pathlib import Path
from statistics import median

from resolver.clock import SystemClock
from resolver.strict_json import Json
from touchstone.bench.acts import open_bench, registrations
from touchstone.bench.rows import Row, Tell
from trust_registry.entries import Entry
from trust_registry.journal import Journal
from trust_registry.log.tree import HashTree
from trust_registry.opening import open_entry, verify_signatures
from trust_registry.registry import Registry
from trust_registry.stores.sqlite import SqliteStore

WRITERS = 64
_LEAST_SHARE = 0.7
_LEAST_GAIN = 10.0
_MOST_PROOF_US = 30.0
_GROUPS = (1, 1, 1, 1, WRITERS)
"""What one round writes; the odd number lets each begin with the other one."""
_ROUNDS = 100
_PROOFS = 100


async def journal_rows(folder: Path, tell: Tell, rounds: int, sizes: Sequence[int]) -> list[Row]:
    """Measure appending, submitting and proving.

    Args:
        folder: an empty one, on the disk that is measured.
        tell: takes what is measured now.
        rounds: how many groups of acts are written.
        sizes: of the logs in which entries are proved to be.
    """
    tell("signing acts")
    registry = await open_bench(folder / "registry.sqlite")
    acts = registrations(registry, rounds * sum(_GROUPS))
    tell(f"one act after the other, and {WRITERS} at once")
    submitted = await _submit(registry, acts)
    tell("checking signatures alone")
    floor = await asyncio.to_thread(_signature_seconds, registry)
    tell(f"appending, one entry and {WRITERS} at once")
    entries = await asyncio.to_thread(list, registry.journal.read())
    appended = await _append(folder, entries, rounds)
    await registry.close()
    return [*_appended(appended), *_submitted(submitted, floor), *_proofs(tell, sizes)]


def _appended(seconds: dict[str, list[float]]) -> list[Row]:
    rows = [
        _beside(
            f"verified entries, {name} a commit", seconds[f"store, {n}"], seconds[f"journal, {n}"]
        )
        for name, n in (("one", 1), (f"{WRITERS}", WRITERS))
    ]
    gain = median(seconds["journal, 1"]) / median(seconds[f"journal, {WRITERS}"])
    return [*rows, _gain("verified entries", gain, f"one a commit, {WRITERS} times", _LEAST_GAIN)]


def _beside(name: str, store: Sequence[float], journal: Sequence[float]) -> Row:
    """Compare commits that took turns: a disk's slow minute befalls both of a pair."""
    share = median(map(truediv, store, journal))
    return Row(
        name,
        f"{1 / median(journal):,.0f}/s",
        share,
        f"the store's own commits, {1 / median(store):,.0f}/s",
        f">= {_LEAST_SHARE}",
        kept=share >= _LEAST_SHARE,
    )


def _gain(name: str, gain: float, beside: str, least: float) -> Row:
    return Row(
        f"{name}, {WRITERS} writers", f"x {gain:.1f}", gain, beside, f">= {least:g}", gain >= least
    )


def _submitted(seconds: tuple[float, float], signature: float) -> list[Row]:
    floor = f"a signature's check, {1 / signature:,.0f}/s"
    return [
        Row(f"acts end to end, {name}", f"{1 / cost:,.0f}/s", signature / cost, floor)
        for name, cost in zip(("one writer", f"{WRITERS} writers"), seconds, strict=True)
    ]


async def _append(folder: Path, entries: Sequence[Entry], rounds: int) -> dict[str, list[float]]:
    """Return seconds an entry: of the bare store, and of the journal over another such store.

    Both write the same rows and take turns, now one first and now the other. The entries are as
    they leave their judge, written out and hashed: that counts end to end.
    """
    store = await asyncio.to_thread(SqliteStore, folder / "bare.sqlite")
    under = await asyncio.to_thread(SqliteStore, folder / "journal.sqlite")
    journal = Journal(under, SystemClock())
    measured: dict[str, list[float]] = {}
    size, rest = 0, iter(entries)

    async def bare(group: Sequence[Entry]) -> float:
        data = [entry.to_bytes() for entry in group]
        return await asyncio.to_thread(_commit, store, size, data)

    async def whole(group: Sequence[Entry]) -> float:
        began = time.perf_counter()
        await journal.append(*group)
        return time.perf_counter() - began

    for turn in range(rounds):
        for place, count in enumerate(_GROUPS, turn):
            group = list(islice(rest, count))
            both = (("store", bare), ("journal", whole))
            for name, commit in both if place % 2 else reversed(both):
                seconds = await commit(group)
                measured.setdefault(f"{name}, {count}", []).append(seconds / count)
            size += count
    await asyncio.to_thread(store.close)
    await asyncio.to_thread(journal.close)
    return measured


def _commit(store: SqliteStore, index: int, entries: Sequence[bytes]) -> float:
    began = time.perf_counter()
    store.append(index, *entries)
    return time.perf_counter() - began


async def _submit(registry: Registry, acts: Sequence[Json]) -> tuple[float, float]:
    """Return seconds an act: of one writer, and of many at once."""
    rest = iter(acts)
    alone, together = len(acts) // sum(_GROUPS), len(acts)

    async def write(some: Iterator[Json]) -> None:
        for act in some:
            await registry.submit(act)

    began = time.perf_counter()
    await write(islice(rest, alone))
    between = time.perf_counter()
    await asyncio.gather(*(write(rest) for _ in range(WRITERS)))
    ended = time.perf_counter()
    return (between - began) / alone, (ended - between) / (together - alone)


def _signature_seconds(registry: Registry) -> float:
    """Return seconds that checking one act's signature takes: the least of some rounds."""
    entry = next(registry.journal.read(1))
    signed = open_entry(entry, 1)
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for _ in range(WRITERS):
            verify_signatures(signed, entry.signers)
        best = min(best, time.thread_time() - began)
    return best / WRITERS


def _proofs(tell: Tell, sizes: Sequence[int]) -> Iterator[Row]:
    for size in sizes:
        tell(f"inclusion proofs of {size:,} entries")
        microseconds = cost_of_proof(size)
        yield Row(
            f"an inclusion proof of {size:,} entries",
            f"{microseconds:.1f} us",
            promised=f"<= {_MOST_PROOF_US:g} us",
            kept=microseconds <= _MOST_PROOF_US,
        )


def cost_of_proof(size: int) -> float:
    """Return microseconds that an inclusion proof takes, over entries in random order."""
    tree = HashTree()
    tree.extend(sha256(number.to_bytes(8, "big")).digest() for number in range(size))
    order = random.Random(0)  # noqa: S311 - an order that is the same in every run
    best = float("inf")
    for _ in range(_ROUNDS):
        asked = [order.randrange(size) for _ in range(_PROOFS)]
        began = time.thread_time()
        for index in asked:
            tree.inclusion(index, size)
        best = min(best, time.thread_time() - began)
    return best / _PROOFS * 1e6
