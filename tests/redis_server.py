"""A real Redis on a loopback port, to be killed, stopped, and brought back."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import sample

import pytest

_STARTS_WITHIN = 30.0


class PortTakenError(Exception):
    """Somebody else took the port before the server did."""


@dataclass
class RedisServer:
    """One server; it keeps its port when it is started again, and nothing else."""

    folder: Path
    port: int
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self._process = await asyncio.create_subprocess_exec(
            "redis-server",
            *options,
            str(self.folder),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_STARTS_WITHIN):
            while not await self._answers():  # noqa: ASYNC110 - another process cannot set an event
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        assert self._process is not None
        if self._process.returncode is not None:
            raise PortTakenError(self.port)
        try:
            return b"\nprocess_id:%d\r" % self._process.pid in await self.command("INFO", "server")
        except OSError:
            return False

    async def command(self, *words: str | bytes) -> bytes:
        """Send one command as any client would, and give what comes back at first."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        lines = [b"*%d" % len(parts)]
        for part in parts:
            lines += [b"$%d" % len(part), part]
        writer.write(b"\r\n".join(lines) + b"\r\n")
        answer = await reader.read(1_000_000)
        writer.close()
        await writer.wait_closed()
        return answer

    def stop(self) -> None:
        """Let it hang: connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[RedisServer]:
    """Run a server; where there is none to run, skip the test."""
    if await asyncio.to_thread(shutil.which, "redis-server") is None:
        if os.environ.get("CI"):
            pytest.fail("CI, but redis-server is absent")
        pytest.skip("needs redis-server")
    server = RedisServer(folder, free_port())
    for _ in range(5):
        with suppress(PortTakenError):
            await server.start()
            break
        server.port = free_port()
    else:
        pytest.fail("redis-server does not start")
    try:
        yield server
    finally:
        await server.kill()


def free_port() -> int:
    """A port where nothing listens, none that the system gives to who connects.

    A client that keeps trying to reach one of those may in the end be connected to itself.
    """
    for port in sample(range(15_000, 30_000), 100):
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
