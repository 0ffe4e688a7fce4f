"""What others notice while somebody sends hostile credentials."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import orjson

from touchstone.bench.credential_texts import Texts, huge, poison
from touchstone.bench.load import Load, post, run_load
from touchstone.bench.processes import process
from touchstone.bench.rows import Row, Tell
from touchstone.service.credentials import PATH

STOPPED_S, TAIL = 1.0, 3.0
"""Seconds in which each must be stopped; how many times the idle p99 others may wait meanwhile."""
_CONNECTIONS = 1


async def hostile_rows(texts: Texts, tell: Tell, *, seconds: float) -> list[Row]:
    """Send a poison graph, and 10 MB, over and over, while another client verifies credentials.

    Args:
        texts: the credential that the other client verifies.
        tell: takes what is measured now.
        seconds: how long each run takes.
    """
    good = [post(PATH, orjson.dumps({"credential": texts.token}))]
    rows = []
    async with process("subject") as (port, pid):
        tell("an idle service")
        idle = await run_load(port, pid, good, seconds=seconds, connections=_CONNECTIONS)
        rows.append(Row("p99 of another client, idle", f"{idle.p99_us / 1000:.1f} ms"))
        for name, body in (("a poison graph", poison()), ("10 MB", huge())):
            tell(name)
            request = post(PATH, orjson.dumps({"credential": body}))
            request = request.replace(b"keep-alive", b"close", 1)
            for _ in range(2):  # the product starts its processes before it answers
                await asyncio.to_thread(_answered, port, request)
            stopped, load = await _meanwhile(
                port,
                request,
                lambda: run_load(port, pid, good, seconds=seconds, connections=_CONNECTIONS),
            )
            rows += [_stopped(name, stopped), _tail(name, load, idle)]
    return rows


def _stopped(name: str, seconds: float) -> Row:
    kept = seconds <= STOPPED_S
    return Row(f"{name}: stopped", f"{seconds:.3f} s", None, "", f"<= {STOPPED_S:g} s", kept)


def _tail(name: str, load: Load, idle: Load) -> Row:
    share = load.p99_us / idle.p99_us
    promised = f"<= {TAIL:g} x"
    figure = f"{load.p99_us / 1000:.1f} ms"
    return Row(
        f"{name}: p99 of another client", figure, share, "idle", promised, kept=share <= TAIL
    )


async def _meanwhile(
    port: int, request: bytes, work: Callable[[], Awaitable[Load]]
) -> tuple[float, Load]:
    """Send a request again and again while something is measured; return its longest time."""
    longest = 0.0
    ended = asyncio.Event()

    async def attack() -> None:
        nonlocal longest
        while not ended.is_set():
            longest = max(longest, await asyncio.to_thread(_answered, port, request))

    attacking = asyncio.create_task(attack())
    try:
        load = await work()
    finally:
        ended.set()
        await attacking
    return longest, load


def _answered(port: int, request: bytes) -> float:
    """Return seconds until the head of the answer is there; in a thread, so as to delay nobody."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began = time.perf_counter()
        with suppress(ConnectionError):  # it is answered before it is read to its end
            connection.sendall(request)
        head = b""
        while b"\r\n\r\n" not in head and (data := connection.recv(65_536)):
            head += data
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 413")):
            raise RuntimeError(head[:200].decode("utf-8", "replace"))
        return time.perf_counter() - began
