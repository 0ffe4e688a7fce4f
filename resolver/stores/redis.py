"""Redis as the second level of the cache; that it is down, hung or lying costs hits, and no more.

Everything kept there is sealed, so that only what a process of ours wrote is read. A request never
waits for it longer than `OPERATION_S`, and not at all while it is known to be away: a watcher alone
finds out that it is back.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from resolver.did import Did
from resolver.sealing import Seal

OPERATION_S = 0.1
"""Seconds for one operation; on a local network it takes a hundredth of that."""
WATCH_S = 1.0
"""Seconds between the watcher's looks."""
_AGAIN_S = 0.1
_CONNECTIONS = 16
_MAX_BYTES = 16 * 1024 * 1024
_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""
_LOG = logging.getLogger("touchstone.resolver")


class RedisShared:
    """Shares states and failures through Redis; an async context manager. See `Shared`.

    Args:
        url: such as `redis://127.0.0.1:6379/0`.
        seal: made of the secret that all processes have.
        hear: takes what processes tell each other.
        missed: is called when messages may have been missed.
    """

    def __init__(
        self,
        url: str,
        seal: Seal,
        hear: Callable[[bytes], object],
        missed: Callable[[], object],
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=OPERATION_S,
            socket_connect_timeout=WATCH_S,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,  # its version would be read from disk at each connection
        )
        self._redis = Redis(connection_pool=pool)
        self._seal = seal
        self._hear = hear
        self._missed = missed
        self._watcher: asyncio.Task[None] | None = None
        self._unreleased: dict[str, str] = {}
        self.channel = f"touchstone:{seal.name('channel')[:16]}"
        self.up = False
        self.failures = 0

    async def __aenter__(self) -> Self:
        self._watcher = asyncio.create_task(self._watch(), name="watch Redis")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._watcher is not None and not self._watcher.done():
            self._watcher.cancel()  # the client may swallow it where its own time is up just then
            await asyncio.wait({self._watcher}, timeout=_AGAIN_S)
        with contextlib.suppress(Exception):  # a broken connection need not close well
            async with asyncio.timeout(OPERATION_S):
                await self._redis.aclose()
                await self._redis.connection_pool.disconnect()

    # What is kept

    async def read(self, did: Did) -> tuple[bytes | None, bytes | None]:
        """Give what is kept of a DID: its state, and its last failure."""
        names = [self._name("state", did), self._name("failure", did)]
        match await self._try(lambda: self._redis.mget(names)):
            case [state, failure]:
                return self._opened("state", did, state), self._opened("failure", did, failure)
        return None, None

    async def keep_state(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep a state for some seconds."""
        await self._keep("state", did, raw, seconds)

    async def keep_failure(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep a failure for some seconds, beside the state and never instead of it."""
        await self._keep("failure", did, raw, seconds)

    async def drop(self, did: Did) -> None:
        """Keep nothing more of a DID."""
        names = (self._name("state", did), self._name("failure", did))
        await self._try(lambda: self._redis.delete(*names))

    async def lease(self, did: Did, seconds: float) -> str | None:
        """Take the right to load a DID; None where another process has it."""
        if not self.up:
            return ""
        token, name = secrets.token_hex(16), self._name("lease", did)
        taken = await self._try(lambda: self._redis.set(name, token, nx=True, px=_ms(seconds)))
        return token if taken or not self.up else None

    async def release(self, did: Did, token: str) -> None:
        """Give the right back, unless it is another's by now."""
        name = self._name("lease", did)
        if token and await self._try(lambda: self._redis.eval(_RELEASE, 1, name, token)) is None:
            self._unreleased[name] = token

    async def tell(self, message: bytes) -> bool:
        """Tell every process something; whether that was possible."""
        sealed = self._seal.close("message", message)
        return await self._try(lambda: self._redis.publish(self.channel, sealed)) is not None

    async def _keep(self, kind: str, did: Did, raw: bytes, seconds: float) -> None:
        if len(raw) > _MAX_BYTES:
            return
        name = self._name(kind, did)
        sealed = self._seal.close(f"{kind} {did.text}", raw)
        await self._try(lambda: self._redis.set(name, sealed, px=_ms(seconds)))

    def _name(self, kind: str, did: Did) -> str:
        return f"touchstone:{kind}:{self._seal.name(did.text)}"

    def _opened(self, kind: str, did: Did, value: object) -> bytes | None:
        if not isinstance(value, bytes) or len(value) > _MAX_BYTES:
            return None
        return self._seal.open(f"{kind} {did.text}", value)

    async def _try(self, ask: Callable[[], Any]) -> Any:
        """Ask Redis, where it is up and quick; None otherwise."""
        if not self.up:
            return None
        try:
            async with asyncio.timeout(OPERATION_S):
                return await ask()
        except Exception as error:  # noqa: BLE001 - whatever the client makes of a broken server
            self._went_down(error)
            return None

    # Whether it is there, and what processes tell each other

    async def _watch(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as messages:
                    await _within(messages.subscribe(self.channel))
                    await self._look()
                    self._came_up()
                    await self._listen(messages)
            except Exception as error:  # noqa: BLE001 - whatever it is, the watcher goes on
                self._went_down(error)
            await asyncio.sleep(WATCH_S)

    async def _listen(self, messages: PubSub) -> None:
        loop = asyncio.get_running_loop()
        looks_at = heard_at = loop.time()
        while True:
            if loop.time() >= looks_at:
                await _within(messages.ping())
                await self._look()
                self.up = True  # one slow operation does not make it a broken one
                looks_at = loop.time() + WATCH_S
            message = await messages.get_message(timeout=WATCH_S)
            if message is not None:
                heard_at = loop.time()
                self._take(message)
            elif loop.time() > heard_at + 3 * WATCH_S:
                raise TimeoutError("no answer to what was asked of the subscription")

    async def _look(self) -> None:
        """See that it answers, and give back what was not to be given back while it did not."""
        await _within(self._redis.ping())
        for name, token in tuple(self._unreleased.items()):
            await _within(self._redis.eval(_RELEASE, 1, name, token))
            if self._unreleased.get(name) == token:
                del self._unreleased[name]

    def _take(self, message: dict[str, Any]) -> None:
        data = message.get("data")
        if message.get("type") == "message" and isinstance(data, bytes):
            opened = self._seal.open("message", data)
            if opened is not None:
                self._hear(opened)

    def _came_up(self) -> None:
        _LOG.info('{"event":"the shared cache answers"}')
        self.up = True
        self._missed()

    def _went_down(self, error: Exception) -> None:
        self.failures += 1
        if self.up:
            name = type(error).__name__
            _LOG.warning('{"event":"the shared cache does not answer","error":"%s"}', name)
        self.up = False


async def _within(operation: Awaitable[object]) -> None:
    async with asyncio.timeout(WATCH_S):
        await operation


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
