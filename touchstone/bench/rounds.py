"""Rounds: the same work again and again, of which the best time counts."""

import gc
import time
from collections.abc import Awaitable, Callable


def best_of(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the best of some rounds, in microseconds; the works take turns."""
    best = [float("inf")] * len(works)
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for at, work in enumerate(works):
            began = time.perf_counter()
            work()
            best[at] = min(best[at], (time.perf_counter() - began) * 1e6)
    gc.unfreeze()
    return best


async def best_of_async(rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    """Return the best of some rounds of one work that waits, in microseconds."""
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        best = min(best, (time.perf_counter() - began) * 1e6)
    return best
