"""What resolving costs: over HTTP beside the floor, and did:webvh logs beside their bare proofs."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from touchstone.bench import webvh
from touchstone.bench.load import Load, get, run_load
from touchstone.bench.processes import process
from touchstone.bench.webvh import LogCost
from touchstone.demo.keys import demo_key

_CONNECTIONS = 64
_ROUNDS = 3
_WHOLE_S, _QUICK_S = 5.0, 1.0
"""Seconds that each run takes."""
_PATH = "/1.0/identifiers/"
_DISTINCT = 2_000
_RESULT = "application/did-resolution"
_BARE = get("/")
_PLAIN_CACHE = get("/kept/did:web:scs.example")


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of answer to measure.

    Attributes:
        name: what it is.
        least: the least share of the floor that is promised, or None.
        requests: whole HTTP requests, sent in turn.
        floor: what is asked of the floor's server to compare with.
    """

    name: str
    least: float | None
    requests: Sequence[bytes]
    floor: bytes = _BARE


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of answer, measured in several rounds between runs of the floor.

    Attributes:
        work: what it is.
        load: what its median round showed.
        share: the floor's processor time a request over this one's, in the median round.
    """

    work: Work
    load: Load
    share: float

    @property
    def kept(self) -> bool:
        """Whether what is promised was kept."""
        return self.work.least is None or self.share >= self.work.least


def works() -> tuple[Work, ...]:
    """Return the kinds of answers, with their requests."""
    key = f"did:key:{demo_key('bench').public.multikey}"
    keys = [
        get(f"{_PATH}did:key:{demo_key(f'bench {number}').public.multikey}")
        for number in range(_DISTINCT)
    ]
    web = f"{_PATH}did:web:scs.example"
    return (
        Work("did:key", 0.8, [get(_PATH + key)]),
        Work(f"did:key, {_DISTINCT:,} different ones", None, keys),
        Work("did:web, kept", 0.9, [get(web)]),
        Work("did:web, kept, the whole result", None, [get(web, _RESULT)]),
        Work("did:web, kept, x a plain aiohttp cache", 1.16, [get(web)], _PLAIN_CACHE),
    )


async def measure(seconds: float) -> tuple[Load, list[Measured]]:
    """Measure each kind of answer, interleaved with the floor.

    Args:
        seconds: how long each run takes.

    Returns:
        The floor at its best, and what was measured.
    """
    floors: list[Load] = []
    measured = []
    async with process("floor") as floor, process("subject") as subject:
        for work in works():
            sys.stderr.write(f"measuring {work.name}\n")
            rounds = []
            before = await _run(floor, [work.floor], seconds)
            for _ in range(_ROUNDS):
                load = await _run(subject, work.requests, seconds)
                after = await _run(floor, [work.floor], seconds)
                between = (before.cpu_us + after.cpu_us) / 2
                rounds.append(Measured(work, load, between / load.cpu_us))
                before = after
            if work.floor is _BARE:
                floors.append(before)
            rounds.sort(key=lambda each: each.share)
            measured.append(rounds[_ROUNDS // 2])
    return min(floors, key=lambda each: each.cpu_us), measured


async def _run(server: tuple[int, int], requests: Sequence[bytes], seconds: float) -> Load:
    port, pid = server
    return await run_load(port, pid, requests, seconds=seconds, connections=_CONNECTIONS)


def run(*, json_output: bool = False, quick: bool = False) -> bool:
    """Run the bench and print what it found.

    Args:
        json_output: whether to print one JSON object instead of tables.
        quick: whether to take a fifth of the time, with less certain figures.

    Returns:
        Whether everything promised was kept.
    """
    floor, measured = asyncio.run(measure(_QUICK_S if quick else _WHOLE_S))
    sys.stderr.write("measuring did:webvh logs\n")
    logs = webvh.measure(quick=quick)
    if json_output:
        sys.stdout.write(json.dumps(_as_json(floor, measured, logs), indent=2) + "\n")
    else:
        _print(floor, measured, logs)
    return all(each.kept for each in measured) and all(each.kept for each in logs)


def _as_json(floor: Load, measured: list[Measured], logs: list[LogCost]) -> dict[str, object]:
    return {
        "floor": _figures(floor),
        "answers": [
            {
                "name": each.work.name,
                "share_of_floor": round(each.share, 3),
                "promised": each.work.least,
                **_figures(each.load),
            }
            for each in measured
        ],
        "logs": [
            {
                "entries": each.entries,
                "floor_us": round(each.floor_us),
                "cold_us": round(each.cold_us),
                "x_floor": round(each.share, 2),
                "tail_us": round(each.tail_us),
                "did_webvh_us": None if each.peer_us is None else round(each.peer_us),
            }
            for each in logs
        ],
    }


def _figures(load: Load) -> dict[str, float]:
    return {
        "requests_per_second": round(load.per_second),
        "p50_us": round(load.p50_us),
        "p99_us": round(load.p99_us),
        "cpu_us": round(load.cpu_us, 1),
    }


def _print(floor: Load, measured: list[Measured], logs: list[LogCost]) -> None:
    console = Console(emoji=False, markup=False)
    table = Table(title="Resolving over HTTP, one worker, 64 connections, client on this machine")
    table.add_column("answer")
    for name in ("requests/s", "p99 ms", "server CPU us", "x floor", "promised"):
        table.add_column(name, justify="right")
    table.add_row("floor: bare aiohttp", *_cells(floor), "1.00", "")
    for each in measured:
        promised = "" if each.work.least is None else f">= {each.work.least:.2f}"
        table.add_row(each.work.name, *_cells(each.load), f"{each.share:.2f}", promised)
    console.print(table)
    table = Table(title="did:webvh logs in process: ours beside their hashes and signature checks")
    table.add_column("entries", justify="right")
    for name in ("floor ms", "cold ms", "x floor", "one new entry ms", "PyPI did-webvh ms"):
        table.add_column(name, justify="right")
    for log in logs:
        peer = "not installed" if log.peer_us is None else f"{log.peer_us / 1000:.2f}"
        costs = (log.floor_us, log.cold_us)
        table.add_row(
            f"{log.entries:,}",
            *(f"{each / 1000:.2f}" for each in costs),
            f"{log.share:.2f}",
            f"{log.tail_us / 1000:.3f}",
            peer,
        )
    console.print(table)
    console.print(
        f"promised: a cold log at most {webvh.COLD:g} x its floor; one new entry on the longest "
        f"at most {webvh.TAIL:g} of cold. x floor is processor time."
    )


def _cells(load: Load) -> tuple[str, str, str]:
    return (f"{load.per_second:,.0f}", f"{load.p99_us / 1000:.2f}", f"{load.cpu_us:.1f}")
