"""Gathering cosignatures: witnesses are asked in the background; publishing never waits.

What a witness remembers is also what a journal restored from a backup has forgotten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from hashlib import sha256

import aiohttp
from aiohttp import web

from resolver.clock import Clock
from resolver.instant import SECOND
from trust_registry.errors import CorruptJournalError, TrustRegistryError
from trust_registry.log.errors import LogError
from trust_registry.log.lines import from_decimal
from trust_registry.log.policies import Witness
from trust_registry.log.publisher import Published, Publisher

_PAUSE_S = 1.0
"""Between two looks at whether there is something to cosign: no witness is asked more often."""
_LONGEST_PAUSE_S = 300.0
_TIMEOUT = aiohttp.ClientTimeout(total=15)
_MAX_ANSWER = 65_536
_OK, _CONFLICT, _UNPROVED = 200, 409, 422
_AT_START = aiohttp.ClientTimeout(total=5)


async def compare(publisher: Publisher) -> None:
    """Ask every witness what it cosigned last, before anything is signed or served.

    A witness that does not answer within seconds holds nothing up.

    Raises:
        CorruptJournalError: this log signed what is no beginning of the journal: it was restored
            from a backup, or it is not the only one.
    """
    async with aiohttp.ClientSession(timeout=_AT_START) as session:
        asked = (_compare(publisher, each, session) for each in publisher.policy.witnesses.values())
        for found in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(found, CorruptJournalError):
                raise found


async def _compare(publisher: Publisher, witness: Witness, session: aiohttp.ClientSession) -> None:
    """Hold the journal against what a witness cosigned last, where it shows that."""
    if not witness.url:
        return
    name = sha256(publisher.origin.encode()).hexdigest()
    url = f"{witness.url.rstrip('/')}/{name}/checkpoint"
    async with session.get(url, allow_redirects=False) as response:
        if response.status == _OK:
            await publisher.hold_against(await _read(response))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    data = await response.content.read(_MAX_ANSWER)
    while chunk := await response.content.read(_MAX_ANSWER - len(data)):
        data += chunk
    return data


def gathering(
    publisher: Publisher, clock: Clock, every_s: float
) -> Callable[[web.Application], AsyncIterator[None]]:
    """Return what asks a policy's witnesses for as long as an application runs.

    Args:
        publisher: whose checkpoints they cosign.
        clock: tells how old a cosignature is.
        every_s: seconds after which a checkpoint is cosigned again, so that it is known to be new.
    """

    async def run(_app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            tasks = [
                asyncio.create_task(_Asker(publisher, witness, session, clock, every_s).run())
                for witness in publisher.policy.witnesses.values()
                if witness.url
            ]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return run


class _Asker:
    """Asks one witness, again and again."""

    def __init__(
        self,
        publisher: Publisher,
        witness: Witness,
        session: aiohttp.ClientSession,
        clock: Clock,
        every_s: float,
    ) -> None:
        self._publisher = publisher
        self._witness = witness
        self._session = session
        self._clock = clock
        self._every_ms = every_s * SECOND
        self._old = 0

    async def run(self) -> None:
        pause = _PAUSE_S
        while True:
            latest = self._publisher.latest
            if latest is not None and self._wants(latest):
                failed = True
                with suppress(TrustRegistryError, aiohttp.ClientError, TimeoutError, ValueError):
                    failed = not await self._ask()
                pause = min(2 * pause, _LONGEST_PAUSE_S) if failed else _PAUSE_S
            await asyncio.sleep(pause)

    def _wants(self, latest: Published) -> bool:
        """Tell whether the witness's cosignature is missing, or old."""
        made = [each.made_at for each in latest.cosigned if each.key == self._witness.key]
        return not made or made[0] is None or self._clock.now() - made[0] >= self._every_ms

    async def _ask(self) -> bool:
        """Ask for a cosignature, a second time where the witness was elsewhere; whether it came."""
        for _attempt in range(2):
            latest, body = self._publisher.request(self._old)
            status, answer = await self._post(body)
            if status == _OK:
                self._publisher.add(answer, self._witness.key, latest)
                self._old = latest.size
                return True
            size = from_decimal(answer.strip()) if status == _CONFLICT else None
            if status == _UNPROVED or (size is not None and size > latest.size):
                await _compare(self._publisher, self._witness, self._session)
            if size is None:
                raise LogError(f"the witness answered {status}")
            self._old = size
        return False

    async def _post(self, body: str) -> tuple[int, str]:
        url = self._witness.url.rstrip("/") + "/add-checkpoint"
        async with self._session.post(url, data=body, allow_redirects=False) as response:
            return response.status, (await _read(response)).decode()
