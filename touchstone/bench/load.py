"""A load generator: keep-alive connections on one loop, each with one request under way."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_CLOSES_WITHIN = 10.0
_MEASURED = (b"http/1.1 200", b"http/1.1 307")
TICKS_PER_SECOND = 100
"""Linux counts process time in hundredths of a second for user space."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run against one server showed.

    Attributes:
        requests: how many were answered.
        seconds: over how long.
        p50_us: median latency in microseconds.
        p99_us: 99th percentile of latency in microseconds.
        cpu_us: the server's processor time, user and system, in microseconds a request.
    """

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    cpu_us: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class UnexpectedAnswerError(Exception):
    """The server answered with a status that the bench does not measure."""


class _Connection(asyncio.Protocol):
    """One connection; it sends the next request when the last one is answered in full."""

    def __init__(self, requests: Sequence[bytes], offset: int, latencies: list[float]) -> None:
        self._requests = requests
        self._next = offset
        self._latencies = latencies
        self._buffer = b""
        self._sent = 0.0
        self.stopping = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream is expected")
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._requests[self._next % len(self._requests)]
        self._next += 1
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(b"content-length:")
        length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        if not head.startswith(_MEASURED):
            self._fail(self._buffer[: end + 4 + length])
            return
        self._latencies.append(time.perf_counter() - self._sent)
        self._buffer = self._buffer[end + 4 + length :]
        if self.stopping:
            self._transport.close()
        else:
            self._send()

    def _fail(self, answer: bytes) -> None:
        if not self.closed.done():
            self.closed.set_exception(
                UnexpectedAnswerError(answer[:500].decode("utf-8", "replace"))
            )
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and not self.closed.done():
            self.closed.set_exception(exc)
        if not self.closed.done():
            self.closed.set_result(None)


def get(path: str, accept: str = "*/*") -> bytes:
    """Write a GET request."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
        "Connection: keep-alive\r\n\r\n"
    ).encode()


def post(path: str, body: bytes) -> bytes:
    """Write a POST request with a JSON body."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


async def run_load(
    port: int, pid: int, requests: Sequence[bytes], *, seconds: float, connections: int
) -> Load:
    """Send requests in turn over some connections for some seconds, and measure.

    Args:
        port: where the server listens on 127.0.0.1.
        pid: the server's process, whose processor time is read.
        requests: whole HTTP/1.1 requests; each connection starts at another one.
        seconds: how long to measure.
        connections: how many at once.

    Raises:
        UnexpectedAnswerError: an answer was neither 200 nor 307.
    """
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    opened = []
    for number in range(connections):
        offset = number * len(requests) // connections
        make = partial(_Connection, requests, offset, latencies)
        _, connection = await loop.create_connection(make, "127.0.0.1", port)
        opened.append(connection)
    await asyncio.sleep(min(0.5, seconds / 4))  # connections, caches and branch predictors warm up
    latencies.clear()
    before, began = await asyncio.to_thread(cpu_seconds, pid), time.perf_counter()
    await asyncio.sleep(seconds)
    after, ended = await asyncio.to_thread(cpu_seconds, pid), time.perf_counter()
    measured = sorted(latencies)
    for connection in opened:
        connection.stopping = True
    ends = asyncio.gather(*(each.closed for each in opened), return_exceptions=True)
    for end in await asyncio.wait_for(ends, _CLOSES_WITHIN):
        if end is not None:
            raise end
    if not measured:
        raise UnexpectedAnswerError("no answer within the time measured")
    return Load(
        len(measured),
        ended - began,
        measured[len(measured) // 2] * 1e6,
        measured[len(measured) * 99 // 100] * 1e6,
        (after - before) / len(measured) * 1e6,
    )


def cpu_seconds(pid: int) -> float:
    """Return a process's user and system time in seconds, children aside (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
