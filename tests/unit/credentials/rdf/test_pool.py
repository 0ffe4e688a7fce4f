"""The processes that make graphs: they answer, they are killed, and others take their place."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from credentials.rdf import pool as pool_module
from credentials.rdf.canonicalise import GraphLimits
from credentials.rdf.context_sources import Texts
from credentials.rdf.contexts import Contexts, digest_of
from credentials.rdf.errors import (
    GraphUnavailableError,
    InvalidJsonLdError,
    TooMuchWorkError,
    UnreadableContextError,
)
from credentials.rdf.pool import GraphPool, PoolPolicy
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.own_contexts import BASE, MORE, RAW

DOCUMENT: dict[str, Any] = {
    "@context": [BASE, MORE],
    "id": "urn:1",
    "type": "VerifiableCredential",
    "issuer": "did:web:issuer.example",
    "part": [{"name": "a"}, {"name": "b"}],
}
OPTIONS: dict[str, Any] = {"type": "DataIntegrityProof", "proofPurpose": "assertionMethod"}
NO_LIMITS = GraphLimits(10**6, 10**6, 10**9)
PATIENT = PoolPolicy(seconds=50, limits=NO_LIMITS)
HASTY = replace(PATIENT, seconds=0.8)


def contexts() -> Contexts:
    pins = {url: frozenset({digest_of(raw)}) for url, raw in RAW.items()}
    return Contexts(pins, [Texts({digest_of(raw): raw for raw in RAW.values()})])


def poison(size: int = 9) -> dict[str, Any]:
    """Blank nodes that all look alike, each connected to all: there are size! orders."""
    rays = [{"part": [{"tags": "t"} for _ in range(size)]} for _ in range(size)]
    return {**DOCUMENT, "part": {"name": "hub", "part": rays}}


@pytest.fixture
async def pool() -> AsyncIterator[GraphPool]:
    made = GraphPool(contexts(), PATIENT)
    await made.start()
    yield made
    await made.close()


async def test_it_makes_the_same_as_would_be_made_here(pool: GraphPool) -> None:
    here = await Graphs.of(RAW).transform(DOCUMENT, OPTIONS, "sha256")
    for _ in range(2):
        assert await pool.transform(DOCUMENT, OPTIONS, "sha256") == here
    together = await asyncio.gather(
        *(pool.transform(DOCUMENT, OPTIONS, "sha384") for _ in range(10))
    )
    assert len({each.document for each in together}) == 1


async def test_errors_come_back_as_they_are(pool: GraphPool) -> None:
    with pytest.raises(InvalidJsonLdError, match="/unknown: defined by no context"):
        await pool.transform({**DOCUMENT, "unknown": 1}, OPTIONS, "sha256")
    with pytest.raises(UnreadableContextError, match="not admitted"):
        await pool.transform({**DOCUMENT, "@context": "urn:x"}, OPTIONS, "sha256")


async def test_what_takes_too_long_is_killed_and_others_go_on(pool: GraphPool) -> None:
    pool._policy = HASTY
    with pytest.raises(GraphUnavailableError, match=r"longer than 0\.8 seconds"):
        await pool.transform(poison(), OPTIONS, "sha256")
    pool._policy = PATIENT
    assert await pool.transform(DOCUMENT, OPTIONS, "sha256")


async def test_the_limits_within_stop_it_first() -> None:
    pool = GraphPool(contexts(), PoolPolicy(seconds=50))
    try:
        with pytest.raises(TooMuchWorkError, match="2000 steps"):
            await pool.transform(poison(), OPTIONS, "sha256")
    finally:
        await pool.close()


async def test_a_process_that_dies_is_replaced(pool: GraphPool) -> None:
    pool._idle[-1].process.kill()
    with pytest.raises(GraphUnavailableError, match="died"):
        await pool.transform(DOCUMENT, OPTIONS, "sha256")
    assert await pool.transform(DOCUMENT, OPTIONS, "sha256")


async def test_who_gives_up_leaves_no_work_behind(pool: GraphPool) -> None:
    worker = pool._idle[-1]
    asking = asyncio.create_task(pool.transform(poison(), OPTIONS, "sha256"))
    while worker in pool._idle:  # noqa: ASYNC110 - the pool tells nobody
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(worker.process.pid, 0)
    assert await pool.transform(DOCUMENT, OPTIONS, "sha256")


async def test_who_gives_up_while_a_process_starts_leaves_none_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spawn, begun, go_on, made = pool_module._spawn, Event(), Event(), list[Any]()

    def slowly(*given: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        made.append(spawn(*given))
        return made[-1]

    monkeypatch.setattr(pool_module, "_spawn", slowly)
    starting = asyncio.create_task(GraphPool(contexts()).start())
    assert await asyncio.to_thread(begun.wait, 60)
    starting.cancel()
    await asyncio.sleep(0.05)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    while not made:  # noqa: ASYNC110 - the thread tells nobody
        await asyncio.sleep(0.01)
    ((process, ours),) = made
    assert process.poll() is not None
    assert ours.fileno() == -1


async def test_only_so_many_may_wait() -> None:
    pool = GraphPool(contexts(), replace(PATIENT, max_waiting=1))
    await pool.start()
    try:
        outcomes = await asyncio.gather(
            *(pool.transform(DOCUMENT, OPTIONS, "sha256") for _ in range(4)),
            return_exceptions=True,
        )
    finally:
        await pool.close()
    assert [isinstance(each, GraphUnavailableError) for each in outcomes].count(True) == 2


async def test_nothing_is_left_when_it_closes() -> None:
    pool = GraphPool(contexts(), PoolPolicy(processes=2))
    await pool.start()
    processes = [worker.process for worker in pool._idle]
    await pool.close()
    assert all(each.poll() is not None for each in processes)
