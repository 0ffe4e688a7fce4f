"""Fetching through an egress proxy, which alone connects to the outside."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from resolver.errors import RefusedAddressError, UnreachableError, UpstreamTimeoutError
from resolver.fetch import Fetcher, FetchPolicy
from tests.loopback import TestCa, serve_stream, serve_tls

HOST = "issuer.example"
URL = f"https://{HOST}/did.json"


@dataclass
class Proxy:
    """Connects to one loopback port, whatever it is asked for; remembers what that was."""

    to: int
    answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            if b" 200 " in self.answer:
                to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.to)
                try:
                    await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))
                finally:
                    to_writer.transport.abort()
        except (OSError, asyncio.IncompleteReadError):
            pass

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def proxied(ca: TestCa, **given: object) -> AsyncIterator[tuple[Proxy, FetchPolicy]]:
    async with serve_tls(ca, {HOST: {"/did.json": b"{}"}}) as policy:
        proxy = Proxy(policy.hosts[HOST][1], **given)
        async with serve_stream(ca, "proxy", proxy.serve, tls=False) as place:
            proxy.port = place.hosts["proxy"][1]
            # No loopback, no hosts: without the proxy nothing could be reached at all.
            yield proxy, FetchPolicy(ca_file=ca.file, proxy=proxy.url, timeout_s=2)


async def test_everything_goes_through_the_proxy_under_the_hosts_own_certificate(
    ca: TestCa,
) -> None:
    async with proxied(ca) as (proxy, policy), Fetcher(policy) as fetcher:
        assert (await fetcher.fetch(URL)).body == b"{}"
    assert proxy.heads[0].startswith(b"CONNECT issuer.example:443 HTTP/1.1\r\n")


async def test_a_proxy_cannot_pass_for_the_host(ca: TestCa) -> None:
    async with proxied(ca) as (_, policy), Fetcher(policy) as fetcher:
        with pytest.raises(UnreachableError):
            await fetcher.fetch("https://other.example/did.json")


async def test_user_and_password_are_given_to_the_proxy_alone(ca: TestCa) -> None:
    async with proxied(ca) as (proxy, policy):
        url = proxy.url.replace("//", "//user:secret@")
        async with Fetcher(replace(policy, proxy=url)) as fetcher:
            assert (await fetcher.fetch(URL)).body == b"{}"
    assert base64.b64encode(b"user:secret") in proxy.heads[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://93.184.216.34/",
        "https://2130706433/",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
    ],
)
async def test_no_proxy_is_asked_for_an_address(ca: TestCa, url: str) -> None:
    async with proxied(ca) as (proxy, policy):
        for loopback in (False, True):
            async with Fetcher(replace(policy, allow_loopback=loopback)) as fetcher:
                with pytest.raises(RefusedAddressError):
                    await fetcher.fetch(url)
    assert proxy.heads == []


async def test_a_name_of_the_proxy_is_looked_up_and_no_other(ca: TestCa) -> None:
    asked = []

    async def lookup(host: str, port: int, family: object) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with proxied(ca) as (proxy, policy):
        named = replace(policy, proxy=f"http://proxy.internal:{proxy.port}")
        async with Fetcher(named, lookup) as fetcher:
            assert (await fetcher.fetch(URL)).body == b"{}"
    assert asked == ["proxy.internal"]


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 403 Forbidden\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"?"],
)
async def test_what_the_proxy_refuses_is_unreachable(ca: TestCa, answer: bytes) -> None:
    async with proxied(ca, answer=answer) as (_, policy), Fetcher(policy) as fetcher:
        with pytest.raises(UnreachableError):
            await fetcher.fetch(URL)


async def test_a_proxy_that_hangs_ends_in_time(ca: TestCa) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve_stream(ca, "proxy", hang, tls=False) as place:
        proxy = f"http://127.0.0.1:{place.hosts['proxy'][1]}"
        async with Fetcher(FetchPolicy(proxy=proxy, timeout_s=0.2)) as fetcher:
            with pytest.raises(UpstreamTimeoutError):
                await fetcher.fetch(URL)
