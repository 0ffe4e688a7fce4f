"""Names to addresses; nothing here is vetted, and nothing connects."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from socket import SOCK_STREAM, AddressFamily, getaddrinfo
from typing import Protocol


class Lookup(Protocol):
    """Asks DNS for the addresses of a name."""

    async def __call__(self, host: str, port: int, family: AddressFamily) -> list[str]:
        """Return textual addresses.

        Raises:
            OSError: the name has none, or DNS does not answer.
        """
        ...


class SystemLookup:
    """Asks the system's resolver.

    The threads are its own: names that are slow to resolve, which anybody may send, would fill
    those that the event loop shares with everything else.

    Args:
        threads: the most lookups at once.
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int, family: AddressFamily) -> list[str]:
        """Return textual addresses.

        Raises:
            OSError: the name has none, or DNS does not answer.
        """
        ask = partial(getaddrinfo, host, port, family=family, type=SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [str(sockaddr[0]) for *_, sockaddr in found]

    def close(self) -> None:
        """Let the threads end; a lookup under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
