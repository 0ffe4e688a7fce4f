"""`touchstone bench links`: what resolving costs at a thousand keys and at a million."""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from link_resolver.parsing import parse_path
from link_resolver.schemes import default_schemes
from link_resolver.stores.sqlite import SqliteLinks
from touchstone.bench.link_store import LINKSET_KEY, MOST_KEYS, fill, gtin_path
from touchstone.bench.load import Load, get, run_load
from touchstone.bench.processes import process

_FEW = 1000
_QUICKLY = 100_000
_CONNECTIONS = 64
_PARSED = "/01/09506000134352/10/ABC123/21/12345"
_MOST_PARSE_US = 10.0
_FLAT = 1.5
"""How much longer a lookup among many keys may take than among a thousand; noise is a tenth."""
_LOOKED_UP = 20_000
_ROUNDS = 7
_PARSE_ROUNDS, _PARSED_A_ROUND = 100, 500
"""Many short rounds: the machine's own pace comes and goes by seconds."""
_RUNS = 5
"""Runs of each kind of answer, between those of the floor; other load comes and goes."""
_LONGER = 2.5
"""How much longer a run is than one of the floor: so long that each pays for a write of counts."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of answer to measure.

    Attributes:
        name: what it is.
        least: the least share of the floor that is promised.
        requests: whole HTTP requests, sent in turn.
    """

    name: str
    least: float
    requests: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of answer, measured at a number of keys.

    Attributes:
        keys: how many.
        work: what it is.
        load: what the middle one of several runs showed.
        share: the floor's processor time a request over this one's; the median of the runs.
    """

    keys: int
    work: Work
    load: Load
    share: float

    @property
    def kept(self) -> bool:
        """Whether it is as good as promised."""
        return self.share >= self.work.least


@dataclass(frozen=True, slots=True)
class Size:
    """What a number of keys takes.

    Attributes:
        keys: how many.
        built_s: seconds that building the store took, signatures included.
        disk: bytes on disk a key.
        started: bytes of the serving process's memory once it answers.
        ended: the same, once every kind of answer was measured.
        lookup_us: microseconds that reading one key's links from the file takes.
    """

    keys: int
    built_s: float
    disk: float
    started: int
    ended: int
    lookup_us: float


class _EveryKey(Sequence[bytes]):
    """Requests for one key after the other in no order, each another one."""

    def __init__(self, keys: int) -> None:
        self._keys = keys
        self._numbers = count()

    def __len__(self) -> int:
        return self._keys

    def __getitem__(self, index: int | slice) -> bytes:  # type: ignore[override] # only ints come
        number = next(self._numbers) * 617_647 % self._keys  # a prime that shares no factor
        return get(gtin_path(number))


def run(*, json_output: bool = False, quick: bool = False) -> bool:
    """Run the bench and print what it found.

    Args:
        json_output: whether to print one JSON object instead of tables.
        quick: whether to take a fifth of the time, with 100,000 keys in place of a million.

    Returns:
        Whether everything promised was kept.
    """
    sizes, seconds = (_FEW, _QUICKLY if quick else MOST_KEYS), 0.4 if quick else 2.0
    parse_us = cost_of_parse()
    floors: list[Load] = []
    measured: list[Measured] = []
    taken = []
    for keys in sizes:
        floor, found, size = asyncio.run(measure(keys, seconds))
        floors.append(floor)
        measured += found
        taken.append(size)
    flat = taken[1].lookup_us / taken[0].lookup_us
    floor = min(floors, key=lambda each: each.cpu_us)
    if json_output:
        sys.stdout.write(json.dumps(_as_json(floor, measured, taken, parse_us), indent=2) + "\n")
    else:
        _print(floor, measured, taken, parse_us)
    return all(each.kept for each in measured) and parse_us <= _MOST_PARSE_US and flat <= _FLAT


def cost_of_parse() -> float:
    """Return microseconds that the strict parse of a typical URI takes; the best of some rounds."""
    schemes, best = default_schemes(), float("inf")
    for _ in range(_PARSE_ROUNDS):
        began = time.perf_counter()
        for _ in range(_PARSED_A_ROUND):
            parse_path(_PARSED, "", schemes)
        best = min(best, time.perf_counter() - began)
    return best / _PARSED_A_ROUND * 1e6


def cost_of_lookup(file: Path, keys: int) -> float:
    """Return microseconds that reading one key's links takes, over keys in random order."""
    store = SqliteLinks(file)
    order = random.Random(0)  # noqa: S311 - an order that is the same in every run
    paths = [gtin_path(order.randrange(keys)) for _ in range(_LOOKED_UP)]
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for path in paths:
            store.current((path,))
        best = min(best, time.perf_counter() - began)
    store.close()
    return best / len(paths) * 1e6


def works(keys: int) -> tuple[Work, ...]:
    """Return the kinds of answers at a number of keys, with their requests."""
    linkset = get(f"{LINKSET_KEY}?linkType=linkset")
    hot = Work("redirect, the same key again", 0.9, [get(gtin_path(1))])
    fifty = Work("linkset of 50 links", 0.7, [linkset])
    if keys <= _FEW:
        return hot, fifty
    return hot, Work("redirect, another key each time", 0.4, _EveryKey(keys)), fifty


async def measure(keys: int, seconds: float) -> tuple[Load, list[Measured], Size]:
    """Measure every kind of answer at a number of keys, each run between two of the floor.

    Args:
        keys: how many there are.
        seconds: how long each run of the floor takes.
    """
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        file = Path(folder) / "links.sqlite"
        _tell(f"filling a store with {keys:,} keys")
        began = time.perf_counter()
        await asyncio.to_thread(fill, file, keys, _tell)
        built_s, disk = time.perf_counter() - began, file.stat().st_size / keys
        lookup_us = await asyncio.to_thread(cost_of_lookup, file, keys)
        measured, floors = [], []
        async with process("floor") as floor, process("links_subject", str(file)) as subject:
            started = _memory(subject[1])
            for work in works(keys):
                _tell(f"{work.name}, {keys:,} keys")
                run = partial(run_load, connections=_CONNECTIONS)
                floors.append(await run(*floor, [get("/")], seconds=seconds))
                runs = []
                for _ in range(_RUNS):
                    load = await run(*subject, work.requests, seconds=_LONGER * seconds)
                    floors.append(await run(*floor, [get("/")], seconds=seconds))
                    beside = (floors[-2].cpu_us + floors[-1].cpu_us) / 2
                    runs.append(Measured(keys, work, load, beside / load.cpu_us))
                measured.append(sorted(runs, key=lambda each: each.share)[_RUNS // 2])
            ended = _memory(subject[1])
        size = Size(keys, built_s, disk, started, ended, lookup_us)
        return min(floors, key=lambda each: each.cpu_us), measured, size


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def _memory(pid: int) -> int:
    """Return the bytes of memory that a process alone holds, without mapped files (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024


def _memory_per_key(sizes: list[Size]) -> float:
    few, many = sizes
    return (many.ended - few.ended) / (many.keys - few.keys)


def _as_json(
    floor: Load, measured: list[Measured], sizes: list[Size], parse_us: float
) -> dict[str, object]:
    return {
        "floor": _figures(floor),
        "answers": [
            {
                "name": each.work.name,
                "keys": each.keys,
                "share_of_floor": round(each.share, 3),
                "promised": each.work.least,
                **_figures(each.load),
            }
            for each in measured
        ],
        "parse_us": round(parse_us, 2),
        "memory_bytes_per_key": round(_memory_per_key(sizes)),
        "sizes": [
            {
                "keys": each.keys,
                "lookup_us": round(each.lookup_us, 2),
                "built_seconds": round(each.built_s, 1),
                "disk_bytes_per_key": round(each.disk),
                "memory_at_start": each.started,
                "memory_at_end": each.ended,
            }
            for each in sizes
        ],
    }


def _figures(load: Load) -> dict[str, float]:
    return {
        "requests_per_second": round(load.per_second),
        "p50_us": round(load.p50_us),
        "p99_us": round(load.p99_us),
        "cpu_us": round(load.cpu_us, 1),
    }


def _print(floor: Load, measured: list[Measured], sizes: list[Size], parse_us: float) -> None:
    console = Console(emoji=False, markup=False)
    table = Table(title="Links over HTTP, one worker, 64 connections, client on the same machine")
    table.add_column("answer")
    for name in ("keys", "requests/s", "p50 ms", "p99 ms", "server CPU us", "x floor", "promised"):
        table.add_column(name, justify="right")
    table.add_row("floor: bare aiohttp", "", *_cells(floor), "1.00", "")
    for each in measured:
        promised = f">= {each.work.least:.2f}"
        keys, share = f"{each.keys:,}", f"{each.share:.2f}"
        table.add_row(each.work.name, keys, *_cells(each.load), share, promised)
    console.print(table)
    table = Table(title="What keys take")
    for name in ("keys", "built in", "lookup us", "disk a key", "memory at start", "memory at end"):
        table.add_column(name, justify="right")
    for size in sizes:
        memory = (f"{size.started / 1e6:.0f} MB", f"{size.ended / 1e6:.0f} MB")
        built = f"{size.built_s:.0f} s"
        table.add_row(
            f"{size.keys:,}", built, f"{size.lookup_us:.1f}", f"{size.disk:.0f} B", *memory
        )
    console.print(table)
    flat = sizes[1].lookup_us / sizes[0].lookup_us
    console.print(f"a lookup takes {flat:.2f} times as long; promised at most {_FLAT}")
    console.print(f"memory a key: {_memory_per_key(sizes):.0f} B, between the two sizes at the end")
    console.print(f"strict parse of {_PARSED}: {parse_us:.1f} us; promised at most 10 us")


def _cells(load: Load) -> tuple[str, str, str, str]:
    return (
        f"{load.per_second:,.0f}",
        f"{load.p50_us / 1000:.2f}",
        f"{load.p99_us / 1000:.2f}",
        f"{load.cpu_us:.1f}",
    )
