import asyncio

from aiohttp import web

from resolver.clock import FixedClock
from resolver.instant import Instant
from resolver.library import resolve
from resolver.trace import MAX_STEPS, StepOutcome, Trace, step
from tests.loopback import TestCa, serve_tls


def test_steps_are_dated_from_the_beginning() -> None:
    clock = FixedClock(Instant(1000))
    with Trace(clock) as trace:
        step("parse", "did:example:a")
        clock.instant = Instant(1250)
        step("fetch", "no answer", StepOutcome.FAILED)
    assert trace.json() == [
        {"step": "parse", "outcome": "passed", "detail": "did:example:a", "ms": 0},
        {"step": "fetch", "outcome": "failed", "detail": "no answer", "ms": 250},
    ]


def test_nothing_is_recorded_outside_of_a_trace() -> None:
    step("before")
    with Trace(FixedClock(Instant(0))) as trace:
        pass
    step("after")
    assert trace.steps == []


def test_an_inner_trace_leaves_the_outer_one_as_it_was() -> None:
    clock = FixedClock(Instant(0))
    with Trace(clock) as outer:
        with Trace(clock) as inner:
            step("inner")
        step("outer")
    assert [s.name for s in inner.steps] == ["inner"]
    assert [s.name for s in outer.steps] == ["outer"]


async def test_a_trace_follows_its_own_tasks_alone() -> None:
    async def work(name: str) -> None:
        await asyncio.sleep(0)
        step(name)

    async def traced(name: str) -> list[str]:
        with Trace(FixedClock(Instant(0))) as trace:
            await asyncio.gather(work(f"{name}1"), work(f"{name}2"))
        return [s.name for s in trace.steps]

    first, second, _ = await asyncio.gather(traced("a"), traced("b"), work("untraced"))
    assert first == ["a1", "a2"]
    assert second == ["b1", "b2"]


def test_a_trace_is_bounded() -> None:
    with Trace(FixedClock(Instant(0))) as trace:
        for _ in range(MAX_STEPS + 10):
            step("x", "y" * 10_000)
    assert len(trace.steps) == MAX_STEPS
    assert len(trace.steps[0].detail) == 500
    assert trace.steps[-1].outcome is StepOutcome.SKIPPED
    assert trace.steps[-1].detail == "further steps are left out"


async def test_a_hosted_document_is_traced_from_its_name_to_its_digest(ca: TestCa) -> None:
    async def site(request: web.Request) -> web.Response:
        return web.json_response({"id": "did:web:a.example"})

    async with serve_tls(ca, {"a.example": site}) as policy:
        with Trace(FixedClock(Instant(0))) as trace:
            await resolve("did:web:a.example", policy=policy)
            await resolve("did:web:b.example", policy=policy)
    told = [(s.name, s.outcome.value) for s in trace.steps]
    assert told[:4] == [(n, "passed") for n in ("syntax", "options", "fetch", "document")]
    assert told[-2:] == [("fetch", "failed"), ("resolve", "failed")]
    assert "answers 200" in trace.steps[2].detail
