"""Tracing: what happened on the way to an answer, step by step, for whoever asks to see it.

Modules tell their steps wherever they are; without a trace under way that costs one look-up. A
trace follows its own task and the tasks that it starts, and no other request.
"""

from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self

from resolver.clock import Clock
from resolver.instant import Instant
from resolver.strict_json import Json

MAX_STEPS = 25_000
"""How many steps are kept: enough for two at each of 10,000 entries of a log, and bounded."""
_MAX_DETAIL = 500  # characters; what a step repeats may be hostile


class StepOutcome(StrEnum):
    """How a step came out."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: what was done, such as `fetch`.
        outcome: how it came out.
        detail: what with, or why.
        ms: milliseconds after the trace began at which it ended.
    """

    name: str
    outcome: StepOutcome
    detail: str
    ms: int

    def json(self) -> Json:
        """The step as JSON."""
        return {
            "step": self.name,
            "outcome": self.outcome.value,
            "detail": self.detail,
            "ms": self.ms,
        }


@dataclass(slots=True)
class Trace:
    """Records the steps that are told while it is open; a context manager.

    Args:
        clock: what dates the steps.

    Attributes:
        steps: the steps so far, at most `MAX_STEPS`.
    """

    clock: Clock
    steps: list[Step] = field(default_factory=list)
    _began: Instant = field(default=Instant(0), init=False)
    _token: Token["Trace | None"] | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        self._began = self.clock.now()
        self._token = _CURRENT.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _CURRENT.reset(self._token)
            self._token = None

    def add(self, name: str, detail: str, outcome: StepOutcome) -> None:
        """Record a step; at the last of `MAX_STEPS`, that the rest is left out."""
        ms = self.clock.now() - self._began
        if len(self.steps) < MAX_STEPS - 1:
            self.steps.append(Step(name, outcome, detail[:_MAX_DETAIL], ms))
        elif len(self.steps) < MAX_STEPS:
            self.steps.append(Step("trace", StepOutcome.SKIPPED, "further steps are left out", ms))

    def json(self) -> list[Json]:
        """The steps as JSON."""
        return [step.json() for step in self.steps]


_CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)


def tracing() -> bool:
    """Whether a trace is under way: to be asked where writing steps down takes long."""
    return _CURRENT.get() is not None


def step(name: str, detail: str = "", outcome: StepOutcome = StepOutcome.PASSED) -> None:
    """Tell a step to the trace under way; nothing where there is none.

    Args:
        name: what was done, in one or two words.
        detail: what with, or why it came out so.
        outcome: how it came out.
    """
    current = _CURRENT.get()
    if current is not None:
        current.add(name, detail, outcome)
