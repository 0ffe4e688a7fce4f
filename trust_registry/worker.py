"""A thread for what blocks. It costs half of what an executor's does, which a fast disk shows."""

import asyncio
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Worker:
    """One thread; it does one thing after the other, in the order in which it was asked.

    Args:
        name: of the thread, which begins with the first thing to do.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
        """Have something done; what comes of it is to be awaited.

        It is begun at once, and done even where nobody waits for it any more.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        if self._thread.ident is None:
            self._thread.start()
        self._jobs.put((loop, done, partial(work, *args, **kwargs)))
        return done

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, done, work = job
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - whoever waits raises it
                loop.call_soon_threadsafe(_fail, done, error)
            else:
                loop.call_soon_threadsafe(_finish, done, result)

    def close(self) -> None:
        """Wait for what was asked, and end the thread. It blocks."""
        if self._thread.ident is not None:
            self._jobs.put(None)
            self._thread.join()


def _finish(done: "asyncio.Future[T]", result: T) -> None:
    if not done.cancelled():
        done.set_result(result)


def _fail(done: "asyncio.Future[T]", error: BaseException) -> None:
    if not done.cancelled():
        done.set_exception(error)
