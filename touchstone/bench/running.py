"""Running the bench, and showing what it found."""

import asyncio
import gc
import json
import random
import sys
import time
from dataclasses import dataclass, replace

from rich.console import Console
from rich.table import Table

from policies.authorise import decide
from policies.claims import Claim, ClaimValue
from policies.decision import Outcome, Question
from policies.index import Index
from resolver.did import Did
from touchstone.bench.answers import Measured, measure
from touchstone.bench.load import Load
from touchstone.bench.registries import synthetic
from touchstone.service.serving import keep_what_is_loaded

_SIZES = (1_000, 10_000, 100_000)
_ASKED = 50_000
_ROUNDS = 9
_BATCH = 50
_MOST_US = 10.0
"""Microseconds that one decision may cost at 100,000 statements."""


@dataclass(frozen=True, slots=True)
class DecisionCost:
    """What one decision costs in process, at a number of statements."""

    statements: int
    microseconds: float


def run(*, json_output: bool = False, quick: bool = False) -> bool:
    """Run the bench and print what it found.

    Args:
        json_output: whether to print one JSON object instead of tables.
        quick: whether to take a fifth of the time, with less certain figures.

    Returns:
        Whether everything promised was kept.
    """
    seconds = 1.0 if quick else 5.0

    def tell(what: str) -> None:
        sys.stderr.write(f"measuring {what}\n")

    costs = []
    for statements in _SIZES:
        tell(f"decisions at {statements:,} statements")
        costs.append(DecisionCost(statements, cost_of_decision(statements)))
    floors, measured = asyncio.run(measure(seconds, 64, tell))
    if json_output:
        sys.stdout.write(json.dumps(_as_json(floors, measured, costs), indent=2) + "\n")
    else:
        _print(floors, measured, costs)
    kept = all(each.work.least is None or each.share >= each.work.least for each in measured)
    return kept and costs[-1].microseconds <= _MOST_US


def cost_of_decision(statements: int) -> float:
    """Return microseconds a decision, over questions in random order; each batch's best round.

    Args:
        statements: about how many the index shall hold.
    """
    thresholds = gc.get_threshold()
    index, questions = synthetic(statements)
    order = random.Random(0)  # noqa: S311 - an order that is the same in every run
    asked = order.choices(questions, k=_ASKED)
    if any(decide(each, index).outcome is not Outcome.AUTHORISED for each in asked[:100]):
        raise RuntimeError("the bench asks what is answered yes")
    keep_what_is_loaded()
    batches = [asked[at : at + _BATCH] for at in range(0, _ASKED, _BATCH)]
    # Between two rounds of one batch lie all the others, so that its memory is as cold each time.
    rounds = [[_seconds(batch, index) for batch in batches] for _ in range(_ROUNDS)]
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    best: list[float] = [min(of_one_batch) for of_one_batch in zip(*rounds, strict=True)]
    return sum(best) / len(asked) * 1e6


def _seconds(asked: list[Question], index: Index) -> float:
    """Return how long some decisions take; the questions are made just before, as a server does."""
    made = [
        replace(
            each,
            issuer=Did.parse(each.issuer.text),
            claim=Claim({name: ClaimValue(*value) for name, value in each.claim.values.items()}),
        )
        for each in asked
    ]
    began = time.perf_counter()
    for question in made:
        decide(question, index)
    return time.perf_counter() - began


def _as_json(
    floors: dict[str, Load], measured: list[Measured], costs: list[DecisionCost]
) -> dict[str, object]:
    return {
        "floors": {name: _figures(load) for name, load in floors.items()},
        "answers": [
            {
                "name": each.work.name,
                "floor": each.work.floor,
                "share_of_floor": round(each.share, 3),
                "promised": each.work.least,
                **_figures(each.load),
            }
            for each in measured
        ],
        "decisions": [
            {
                "statements": each.statements,
                "microseconds": round(each.microseconds, 2),
                "floor_requests": round(each.microseconds / floors["GET"].cpu_us, 3),
            }
            for each in costs
        ],
    }


def _figures(load: Load) -> dict[str, float]:
    return {
        "requests_per_second": round(load.per_second),
        "p50_us": round(load.p50_us),
        "p99_us": round(load.p99_us),
        "cpu_us": round(load.cpu_us, 1),
    }


def _print(floors: dict[str, Load], measured: list[Measured], costs: list[DecisionCost]) -> None:
    console = Console(emoji=False, markup=False)
    table = Table(title="Answers over HTTP, one worker, 64 connections, client on the same machine")
    table.add_column("answer")
    for name in ("requests/s", "p50 ms", "p99 ms", "server CPU us", "x floor", "promised"):
        table.add_column(name, justify="right")
    for name, load in floors.items():
        table.add_row(f"floor: bare aiohttp, {name}", *_cells(load), "1.00", "")
    for each in measured:
        promised = "" if each.work.least is None else f">= {each.work.least:.2f}"
        table.add_row(each.work.name, *_cells(each.load), f"{each.share:.2f}", promised)
    console.print(table)
    decisions = Table(title="One decision in process: two links, evidence and horizons included")
    decisions.add_column("statements", justify="right")
    for name in ("microseconds", "x floor request", "promised"):
        decisions.add_column(name, justify="right")
    for cost in costs:
        share = cost.microseconds / floors["GET"].cpu_us
        promised = f"<= {_MOST_US:g} us" if cost is costs[-1] else ""
        decisions.add_row(
            f"{cost.statements:,}", f"{cost.microseconds:.1f}", f"{share:.2f}", promised
        )
    console.print(decisions)
    console.print("x floor is processor time, which moves little with the machine's load.")


def _cells(load: Load) -> tuple[str, str, str, str]:
    return (
        f"{load.per_second:,.0f}",
        f"{load.p50_us / 1000:.2f}",
        f"{load.p99_us / 1000:.2f}",
        f"{load.cpu_us:.1f}",
    )
