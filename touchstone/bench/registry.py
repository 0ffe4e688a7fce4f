"""`touchstone bench registry`: what recording and proving acts costs."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from touchstone.bench.journal import journal_rows
from touchstone.bench.rows import as_json, print_rows

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
        rows = runner.run(journal_rows(Path(folder), _tell, rounds, sizes))
    if json_output:
        sys.stdout.write(json.dumps({"rows": as_json(rows)}, indent=2) + "\n")
    else:
        print_rows("The registry, in one process", rows)
    return all(row.kept for row in rows)


def _tell(what: str) -> None:
    sys.stderr.write(f"measuring {what}\n")
