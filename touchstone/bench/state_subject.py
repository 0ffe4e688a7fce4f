"""One process of the bench that holds a registry's state of a given size, and measures it."""

import gc
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from policies.authorise import decide
from policies.decision import Outcome
from policies.index import Index
from resolver.instant import Instant
from touchstone.bench.kept_journal import start_on, write_journal
from touchstone.bench.registries import Questions, synthetic
from touchstone.bench.wide_acts import longest_s
from trust_registry.snapshot.snapshot import Snapshot

_PAGE = 4096
_ASKED = 4_000
_BATCH = 50
_ENTRIES_A_STATEMENT = 2


def main() -> None:
    """Fill an index, or load one, as the arguments say, and print what it cost as JSON."""
    what, folder, statements = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    works = {"fill": _filled, "load": _loaded, "start": _started}
    sys.stdout.write(json.dumps(works[what](folder, statements)) + "\n")


def _filled(folder: Path, statements: int) -> dict[str, float]:
    """Fill an index, and write its snapshot, and a journal that leads to it."""
    gc.disable()
    slowest = _Slowest()
    index, questions = synthetic(statements, slowest)
    size = _ENTRIES_A_STATEMENT * statements
    origin, genesis = "https://bench.example", "0" * 64
    snapshot = Snapshot(origin, genesis, size, bytes(32), Instant(0), index)
    began = time.perf_counter()
    data = snapshot.to_bytes()
    built = time.perf_counter() - began
    (folder / "snapshot").write_bytes(data)
    write_journal(folder / f"journal-{statements}.sqlite", index)
    return {
        "slowest_ms": slowest.seconds * 1e3,
        "widest_ms": longest_s(index, questions) * 1e3,
        "build_s": built,
        "snapshot_bytes": len(data) / statements,
    }


def _started(folder: Path, statements: int) -> dict[str, float]:
    """Start from a journal alone, and ask it."""
    return start_on(folder / f"journal-{statements}.sqlite", statements)


def _loaded(folder: Path, statements: int) -> dict[str, float]:
    """Load a snapshot and ask it: whatever is in memory then is what the state takes."""
    before, began = _resident(), time.perf_counter()
    snapshot = Snapshot.from_bytes((folder / "snapshot").read_bytes())
    index, questions = snapshot.index, Questions(statements, snapshot.size)
    if decide(questions[0], index).outcome is not Outcome.AUTHORISED:
        raise RuntimeError("the bench asks what is answered yes")
    took = time.perf_counter() - began
    numbers = random.Random(0).sample(range(len(questions)), min(_ASKED, len(questions)))  # noqa: S311 - the same in every run
    cold, hot = (_seconds(index, questions, numbers) for _ in range(2))
    gc.collect()
    return {
        "load_s": took,
        "bytes": (_resident() - before) / statements,
        "cold_us": cold / len(numbers) * 1e6,
        "hot_us": hot / len(numbers) * 1e6,
    }


class _Slowest:
    """The longest that one act kept the index busy."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.thread_time()

    def __exit__(self, *_: object) -> None:
        self.seconds = max(self.seconds, time.thread_time() - self._began)


def _seconds(index: Index, questions: Questions, numbers: Sequence[int]) -> float:
    """Return how long decisions take; a few questions at a time are made, as a server does."""
    seconds = 0.0
    for start in range(0, len(numbers), _BATCH):
        asked = [questions[number] for number in numbers[start : start + _BATCH]]
        began = time.thread_time()
        for question in asked:
            decide(question, index)
        seconds += time.thread_time() - began
    return seconds


def _resident() -> int:
    """Return how many bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


if __name__ == "__main__":
    main()
