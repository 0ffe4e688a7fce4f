"""The guarded fetcher: the only module that connects to addresses derived from input.

It speaks HTTPS alone, vets every address after DNS and every literal, dials only what it vetted,
follows no redirect, and bounds bytes (before and after decompression), time and concurrency.
"""

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, AF_INET6, AddressFamily
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from resolver import trace
from resolver.addresses import Address, is_name, literal, refusal
from resolver.errors import (
    FetcherBusyError,
    FetchError,
    RefusedAddressError,
    RefusedRedirectError,
    TooLargeError,
    UnreachableError,
    UpstreamTimeoutError,
)
from resolver.lookup import Lookup, SystemLookup

_CHUNK = 65_536
_GZIP, _ZLIB = 31, 15
_WINDOW = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_AGENT = "touchstone (guarded fetcher)"
_MAX_URL = 8_192
_MAX_PORT = 65_535
_KEEP_ALIVE_S = 2.0  # enough for the next document of one host; strangers hold nothing open
_NOT_MODIFIED = 304
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What may be fetched, and how much of it.

    Attributes:
        allow_loopback: whether this machine itself may be dialled; for development and tests.
        hosts: host name to address and port, instead of DNS; for development and tests. Only
            loopback addresses are honoured, and only with `allow_loopback`.
        ca_file: a PEM file of authorities trusted besides the system's own.
        max_bytes: the most bytes of one body, on the wire and after decompression.
        timeout_s: seconds that one fetch may take in all, once it has its turn.
        concurrency: the most fetches at once.
        wait_s: seconds that a fetch waits for its turn before it is shed.
        proxy: the URL of an egress proxy (CONNECT) that alone connects to the outside. It is the
            one that looks names up, and that has to refuse addresses which are not public.
    """

    allow_loopback: bool = False
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    ca_file: Path | None = None
    max_bytes: int = 5 * 1024 * 1024
    timeout_s: float = 10.0
    concurrency: int = 32
    wait_s: float = 1.0
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered.

    Attributes:
        status: the HTTP status; never a redirect.
        headers: the response's headers, names in any case.
        body: the body, decompressed.
        url: the URL that was asked, as normalised.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class _VettingResolver(AbstractResolver):
    """Answers aiohttp's connector with vetted addresses alone, so that nothing else is dialled."""

    def __init__(self, policy: FetchPolicy, lookup: Lookup) -> None:
        self._policy = policy
        self._lookup = lookup
        self._proxy = URL(policy.proxy) if policy.proxy else None

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        if self._proxy is not None and host == self._proxy.raw_host:
            return await self._configured(host, port, family)
        if self._policy.allow_loopback and (placed := self._policy.hosts.get(host)):
            return [self._vetted(host, *placed)]
        texts = await self._lookup(host, port, family)
        if not texts:
            raise OSError(f"{host} has no address")
        vetted = [self._vetted(host, text, port) for text in dict.fromkeys(texts)]
        trace.step("address", f"{host}: {', '.join(each['host'] for each in vetted)}")
        return vetted

    async def _configured(self, host: str, port: int, family: AddressFamily) -> list[ResolveResult]:
        """The addresses of the proxy, which an operator named, and which may well be private."""
        texts = await self._lookup(host, port, family)
        found = [_result(host, at, port) for text in texts if (at := literal(text)) is not None]
        if not found:
            raise OSError(f"{host} has no address")
        return found

    def _vetted(self, host: str, text: str, port: int) -> ResolveResult:
        address = literal(text)
        if address is None:
            raise RefusedAddressError(f"{host} has an address that is none: {text[:60]!r}")
        allowed = self._policy.allow_loopback
        if why := refusal(address, allow_loopback=allowed):
            raise RefusedAddressError(f"{host} has the address {address}, which {why}")
        if host in self._policy.hosts and allowed and not address.is_loopback:
            raise RefusedAddressError(f"{host} may only be placed on this machine")
        return _result(host, address, port)

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, address: Address, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=AF_INET if address.version == 4 else AF_INET6,  # noqa: PLR2004 - IP's version
        proto=0,
        flags=0,
    )


class Fetcher:
    """Fetches over HTTPS under a policy; an async context manager.

    Args:
        policy: what may be fetched, and how much.
        lookup: how names are resolved; the system's resolver where not given.
    """

    def __init__(self, policy: FetchPolicy | None = None, lookup: Lookup | None = None) -> None:
        self.policy = policy or FetchPolicy()
        self._system = SystemLookup(self.policy.concurrency)
        self._lookup = lookup or self._system
        self._tls = ssl.create_default_context()
        if self.policy.ca_file:
            self._tls.load_verify_locations(cafile=self.policy.ca_file)
        self._turns = asyncio.Semaphore(self.policy.concurrency)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; nothing can be fetched afterwards."""
        if self._session:
            await self._session.close()
            self._session = None
        self._system.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_VettingResolver(self.policy, self._lookup),
                    use_dns_cache=False,  # every connection is vetted anew
                    ssl=self._tls,
                    limit=self.policy.concurrency,
                    keepalive_timeout=_KEEP_ALIVE_S,
                ),
                timeout=aiohttp.ClientTimeout(total=self.policy.timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate"},
            )
        return self._session

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> Fetched:
        """Fetch a URL.

        Args:
            url: an https URL without user information.
            accept: the media types asked for.
            max_bytes: the most bytes of the body; never more than the policy allows.
            if_none_match: an entity tag; where it still holds, the status is 304.
            start: the first byte wanted (`Range`, RFC 9110 14.2).

        Raises:
            RefusedAddressError: the URL, or an address behind it, may not be dialled.
            RefusedRedirectError: the server redirects.
            TooLargeError: the body is larger than allowed, before or after decompression.
            UpstreamTimeoutError: it took longer than the policy allows.
            UnreachableError: no connection, a bad certificate, or no intelligible answer.
            FetcherBusyError: too many fetches are under way.
        """
        headers = {"Accept": accept}
        if if_none_match is not None:
            headers["If-None-Match"] = if_none_match
        if start:  # a range of compressed bytes would be none of the document
            headers |= {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
        most = self.policy.max_bytes if max_bytes is None else min(max_bytes, self.policy.max_bytes)
        try:
            fetched = await self._in_turn(self._admitted(url), headers, most)
        except FetchError as error:
            trace.step("fetch", f"{url}: {error}", trace.StepOutcome.FAILED)
            raise
        trace.step("fetch", f"{url} answers {fetched.status}, {len(fetched.body)} bytes")
        return fetched

    async def _in_turn(self, parsed: URL, headers: dict[str, str], most: int) -> Fetched:
        try:
            async with asyncio.timeout(self.policy.wait_s):
                await self._turns.acquire()
        except TimeoutError:
            raise FetcherBusyError("too many fetches are under way; try again") from None
        try:
            return await self._fetch(parsed, headers, most)
        except RefusedAddressError:
            raise
        except TimeoutError:
            raise UpstreamTimeoutError(
                f"{parsed.host} took longer than {self.policy.timeout_s:g} s"
            ) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnreachableError(f"{parsed.host} cannot be read: {error}") from error
        finally:
            self._turns.release()

    def _admitted(self, text: str) -> URL:
        if len(text) > _MAX_URL:
            raise RefusedAddressError(f"a URL longer than {_MAX_URL} characters is not fetched")
        try:
            url = URL(text)
            host, port = url.raw_host, url.port
        except ValueError as error:
            raise RefusedAddressError(f"not a URL: {error}") from None
        if url.scheme != "https" or not host:
            raise RefusedAddressError("only https URLs are fetched")
        if url.user is not None or url.password is not None:
            raise RefusedAddressError("a URL with user information is not fetched")
        if not port or port > _MAX_PORT:
            raise RefusedAddressError("the port is none")
        self._check_host(host)
        return url

    def _check_host(self, host: str) -> None:
        address = literal(host)
        if address is None:
            if not is_name(host):
                raise RefusedAddressError(f"{host[:60]!r} is no host name")
        elif self.policy.proxy is not None:
            raise RefusedAddressError(f"{host} is an address, which no proxy is asked for")
        elif why := refusal(address, allow_loopback=self.policy.allow_loopback):
            raise RefusedAddressError(f"{host}, which {why}, is not dialled")
        elif not address.is_loopback:
            raise RefusedAddressError(f"{host} is an address, not a name")

    async def _fetch(self, url: URL, headers: dict[str, str], most: int) -> Fetched:
        session = self._open()
        asked = session.get(url, allow_redirects=False, headers=headers, proxy=self.policy.proxy)
        async with asked as response:
            try:
                body = await _body(response, most)
            except BaseException:
                _hang_up(response)
                raise
            return Fetched(response.status, response.headers, body, str(url))


def _hang_up(response: aiohttp.ClientResponse) -> None:
    """End a connection at once: a polite end would wait for the other side, uncounted."""
    connection = response.connection
    if connection and connection.transport:
        connection.transport.abort()
    response.close()


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    conditional = "If-None-Match" in response.request_info.headers
    if response.status in _REDIRECTS and not (conditional and response.status == _NOT_MODIFIED):
        raise RefusedRedirectError(f"{response.url.host} redirects ({response.status})")
    if (response.content_length or 0) > most:
        raise TooLargeError(f"{response.url.host} announces more than {most} bytes")
    return await _read(response, most)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body, never holding more than the most bytes it may have."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", ""} and encoding not in _WINDOW:
        raise UnreachableError(f"content encoding {encoding[:40]!r} was not asked for")
    inflate = zlib.decompressobj(_WINDOW[encoding]) if encoding in _WINDOW else None
    body, wire = bytearray(), 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        wire += len(chunk)
        if inflate is None:
            body += chunk
        else:
            body += _inflated(inflate, chunk, most - len(body))
        if wire > most or len(body) > most:
            raise TooLargeError(f"the body is larger than {most} bytes")
    if inflate is not None and not inflate.eof:
        raise UnreachableError("the compressed body ends too early")
    return bytes(body)


def _inflated(inflate: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        data = inflate.decompress(chunk, room + 1)
    except zlib.error as error:
        raise UnreachableError(f"the body is not compressed as announced: {error}") from None
    if inflate.unused_data:
        raise UnreachableError("bytes follow the compressed body")
    return data
