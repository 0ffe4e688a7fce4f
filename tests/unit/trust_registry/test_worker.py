"""What blocks is done in order, off the loop, and its error comes back."""

import asyncio
import threading
import time

import pytest

from trust_registry.worker import Worker


async def test_things_are_done_one_after_the_other_in_a_thread_of_their_own() -> None:
    worker, done = Worker("test"), []

    def note(number: int) -> int:
        time.sleep(0.001)
        done.append((number, threading.current_thread().name))
        return number * 2

    assert await asyncio.gather(*(worker.do(note, n) for n in range(20))) == list(range(0, 40, 2))
    assert done == [(n, "test") for n in range(20)]
    await asyncio.to_thread(worker.close)


async def test_an_error_is_for_whoever_waits_and_the_next_is_done() -> None:
    worker = Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0)
    assert await worker.do(lambda: 1) == 1
    await asyncio.to_thread(worker.close)


async def test_what_nobody_waits_for_any_more_is_done_before_the_end() -> None:
    worker, go_on, done = Worker("test"), threading.Event(), []
    held, left = worker.do(go_on.wait, 10), worker.do(done.append, 1)
    for task in (held, left):
        task.cancel()
    await asyncio.gather(held, left, return_exceptions=True)
    go_on.set()
    await asyncio.to_thread(worker.close)
    assert done == [1]


def test_one_that_was_never_asked_closes_at_once() -> None:
    Worker("test").close()
