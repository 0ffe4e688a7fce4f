"""`touchstone bench registry`: what recording and proving acts costs, and holding the state."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from touchstone.bench.journal import journal_rows
from touchstone.bench.rows import Row, as_json, print_rows
from touchstone.bench.state import state_rows

_SIZES = (100_000, 1_000_000)


def run(*, json_output: bool = False, quick: bool = False) -> bool:
    """Run the bench and print what it found.

    Args:
        json_output: whether to print one JSON object instead of a table.
        quick: whether to take a fifth of the time, with less certain figures.

    Returns:
        Whether everything promised was kept.
    """
    rounds, sizes = (40, _SIZES[:1]) if quick else (200, _SIZES)
    with (
        tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        rows = runner.run(_rows(Path(folder), rounds, sizes))
    if json_output:
        sys.stdout.write(json.dumps({"rows": as_json(rows)}, indent=2) + "\n")
    else:
        print_rows("The registry, in one process", rows)
    return all(row.kept for row in rows)


async def _rows(folder: Path, rounds: int, sizes: Sequence[int]) -> list[Row]:
    journal = await journal_rows(folder, _tell, rounds, sizes)
    return [*journal, *await state_rows(folder, _tell, sizes)]


def _tell(what: str) -> None:
    sys.stderr.write(f"measuring {what}\n")
