"""`touchstone bench credentials`: what verifying costs, and what hostile ones cost others."""

import asyncio
import json
import sys

from touchstone.bench.credential_costs import cost_rows
from touchstone.bench.credential_texts import conformity
from touchstone.bench.hostile import hostile_rows
from touchstone.bench.rows import Row, as_json, print_rows
from touchstone.bench.status import status_rows


def run(*, json_output: bool = False, quick: bool = False) -> bool:
    """Run the bench and print what it found.

    Args:
        json_output: whether to print one JSON object instead of a table.
        quick: whether to take a fifth of the time, with less certain figures.

    Returns:
        Whether everything promised was kept.
    """
    rows = asyncio.run(_rows(quick=quick))
    if json_output:
        sys.stdout.write(json.dumps({"rows": as_json(rows)}, indent=2) + "\n")
    else:
        print_rows("Credentials", rows)
    return all(row.kept for row in rows)


async def _rows(*, quick: bool) -> list[Row]:
    texts = await asyncio.to_thread(conformity)
    return [
        *await cost_rows(texts, _tell, quick=quick),
        *await status_rows(_tell, quick=quick),
        *await hostile_rows(texts, _tell, seconds=2.0 if quick else 8.0),
    ]


def _tell(what: str) -> None:
    sys.stderr.write(f"measuring {what}\n")
