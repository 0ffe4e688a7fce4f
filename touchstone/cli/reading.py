"""Reading a log over HTTP, for a monitor that does not trust it."""

import aiohttp

from trust_registry.monitor.following import MisbehaviourError, SourceError

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_OK, _NOT_FOUND = 200, 404


class HttpSource:
    """A log's files over HTTP.

    Args:
        session: what asks.
        prefix: the address below which the files are, such as `https://registry.example/log`.
    """

    def __init__(self, session: aiohttp.ClientSession, prefix: str) -> None:
        self._session = session
        self._prefix = prefix.rstrip("/")

    async def get(self, path: str, most: int) -> bytes | None:
        """Return a file, or None where there is none; see `Source.get`."""
        url = f"{self._prefix}/{path}"
        try:
            async with self._session.get(url, timeout=_TIMEOUT, allow_redirects=False) as response:
                if response.status == _NOT_FOUND:
                    return None
                if response.status != _OK:
                    raise SourceError(f"{url} answers {response.status}")
                return await _read(response, most)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SourceError(f"{url}: {str(error) or type(error).__name__}") from error


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body of bounded length, after decompression."""
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > most:
            raise MisbehaviourError(f"{response.url} has more than {most} bytes")
    return bytes(data)
