"""What a registry's state costs: memory, snapshots, and starting from one or from the journal."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from touchstone.bench.acts import open_bench, registrations
from touchstone.bench.rows import Row, Tell
from trust_registry.entries import Entry
from trust_registry.folding import apply
from trust_registry.registry import Registry
from trust_registry.state import State

_MOST_BYTES = 200
_MOST_STALL_MS = 5.0
_MOST_LOAD_S = 2.0
_MOST_START_S = 30.0
_PROMISED_AT = 1_000_000
_ENTRIES = 2_000
_ROUNDS = 3
_FIGURES = {
    "bytes": ("memory a statement, parties included", "{:.0f} bytes"),
    "snapshot_bytes": ("a snapshot, a statement", "{:.0f} bytes"),
    "build_s": ("a snapshot is built", "{:.2f} s"),
    "load_s": ("start-up from a snapshot, with a first answer", "{:.2f} s"),
    "start_s": ("start-up from the journal alone, with a first answer", "{:.1f} s"),
    "start_us": ("the same, an entry", "{:.1f} us"),
    "slowest_ms": ("the longest that one act keeps the index busy", "{:.2f} ms"),
    "widest_ms": ("a framework, 50 under one control, a holder of 10,000 retires", "{:.2f} ms"),
    "hot_us": ("a decision on a party asked about before", "{:.1f} us"),
    "cold_us": ("a decision on a party not asked about before", "{:.1f} us"),
}
_PROMISES = {
    "bytes": _MOST_BYTES,
    "load_s": _MOST_LOAD_S,
    "start_s": _MOST_START_S,
    "slowest_ms": _MOST_STALL_MS,
    "widest_ms": _MOST_STALL_MS,
}


async def state_rows(folder: Path, tell: Tell, sizes: Sequence[int]) -> list[Row]:
    """Measure the state.

    Args:
        folder: an empty one.
        tell: takes what is measured now.
        sizes: how many statements it holds, the smallest first.
    """
    measured = {}
    for size in sizes:
        tell(f"the state of {size:,} statements")
        figures = [await _process(what, folder, size) for what in ("fill", "load", "start")]
        measured[size] = {key: each for found in figures for key, each in found.items()}
    tell("judging entries again")
    seconds = await _replay(folder)
    return [*_rows(measured), _replayed(seconds)]


def _rows(measured: Mapping[int, Mapping[str, float]]) -> Iterator[Row]:
    for size, figures in measured.items():
        for key, (name, form) in _FIGURES.items():
            most = _PROMISES.get(key) if size == _PROMISED_AT else None
            figure = figures[key]
            yield Row(
                f"{name}, {size:,}",
                form.format(figure),
                promised="" if most is None else f"<= {form.format(most)}",
                kept=most is None or figure <= most,
            )
    for (few, before), (many, after) in pairwise(measured.items()):
        for key, (name, _) in _FIGURES.items():
            growth = after[key] / before[key]
            yield Row(f"{name}, growth", f"x {growth:.2f}", growth, f"x {many / few:g} statements")


def _replayed(seconds: float) -> Row:
    """Tell what an entry takes that a start judges, and that the audit does with every one."""
    return Row(
        "a start judges an entry of which nothing is kept",
        f"{seconds * 1e6:.0f} us",
        beside="a board's registration, its signatures not checked",
    )


async def _process(what: str, folder: Path, size: int) -> dict[str, float]:
    """Measure in a process of its own, so that nothing else lies in its memory."""
    arguments = ("-m", "touchstone.bench.state_subject", what, str(folder), str(size))
    running = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await running.communicate()
    if running.returncode:
        raise RuntimeError(f"{what} ended with {running.returncode}")
    measured: dict[str, float] = json.loads(printed)
    return measured


async def _replay(folder: Path) -> float:
    """Return seconds that folding one entry takes, at start-up: the least of some rounds."""
    registry = await open_bench(folder / "replayed.sqlite")
    await asyncio.gather(*map(registry.submit, registrations(registry, _ENTRIES)))
    entries = await asyncio.to_thread(_stored, registry)
    best = min(_folded(registry, entries) for _ in range(_ROUNDS))
    await registry.close()
    return best / len(entries)


def _stored(registry: Registry) -> list[bytes]:
    return [entry.to_bytes() for entry in registry.journal.read()]


def _folded(registry: Registry, entries: Sequence[bytes]) -> float:
    state = State(registry.journal.root_at)
    began = time.thread_time()
    for index, data in enumerate(entries):
        apply(state, Entry.from_bytes(data, index), index)
    return time.thread_time() - began
