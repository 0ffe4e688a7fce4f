"""The guarded fetcher, over real TLS on loopback."""

import asyncio
import gzip
import ipaddress
import time
import zlib
from socket import AddressFamily

import pytest
from aiohttp import web

from resolver.addresses import refusal
from resolver.errors import (
    FetcherBusyError,
    RefusedAddressError,
    RefusedRedirectError,
    TooLargeError,
    UnreachableError,
    UpstreamTimeoutError,
)
from resolver.fetch import Fetcher, FetchPolicy
from tests.loopback import TestCa, make_ca, serve_tls

HOST = "issuer.example"
URL = f"https://{HOST}/did.json"


def answers(*texts: str):
    async def lookup(host: str, port: int, family: AddressFamily) -> list[str]:
        return list(texts)

    return lookup


async def test_a_document_is_fetched(ca: TestCa) -> None:
    async with serve_tls(ca, {HOST: {"/did.json": b'{"id": 1}'}}) as policy, Fetcher(policy) as f:
        fetched = await f.fetch(URL)
        assert (fetched.status, fetched.body, fetched.url) == (200, b'{"id": 1}', URL)
        assert (await f.fetch(f"https://{HOST}/other")).status == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.0.0.1:8443/",
        "https://127.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127%2E0%2E0%2E1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "https://8.8.8.8/",
        "https://1.2.3/",
    ],
)
async def test_an_address_is_refused_in_every_disguise(url: str) -> None:
    async with Fetcher(lookup=answers("127.0.0.1")) as fetcher:
        with pytest.raises(RefusedAddressError):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/",
        "ftp://issuer.example/",
        "file:///etc/passwd",
        "https://user@issuer.example/",
        "https://user:word@issuer.example/",
        "https:///did.json",
        "https://issuer.example:0/",
        "https://issuer.example:99999/",
        "did:web:issuer.example",
        "",
        "https://[::1/",
    ],
)
async def test_only_plain_https_urls_are_fetched(url: str) -> None:
    async with Fetcher(lookup=answers("93.184.216.34")) as fetcher:
        with pytest.raises(RefusedAddressError):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "not an address",
    ],
)
async def test_a_name_with_one_such_address_among_public_ones_is_refused(address: str) -> None:
    async with Fetcher(lookup=answers("93.184.216.34", address)) as fetcher:
        with pytest.raises(RefusedAddressError, match="address"):
            await fetcher.fetch(URL)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_not_refused(address: str) -> None:
    assert refusal(ipaddress.ip_address(address), allow_loopback=False) is None


async def test_loopback_is_refused_by_default_also_where_a_setting_places_a_host(
    ca: TestCa,
) -> None:
    async with serve_tls(ca, {HOST: {"/did.json": b"{}"}}) as policy:
        careless = FetchPolicy(hosts=policy.hosts, ca_file=policy.ca_file)
        async with Fetcher(careless, lookup=answers("127.0.0.1")) as fetcher:
            with pytest.raises(RefusedAddressError, match="own"):
                await fetcher.fetch(URL)


async def test_a_setting_cannot_place_a_host_elsewhere_than_on_this_machine() -> None:
    policy = FetchPolicy(allow_loopback=True, hosts={HOST: ("93.184.216.34", 443)})
    async with Fetcher(policy) as fetcher:
        with pytest.raises(RefusedAddressError, match="only be placed on this machine"):
            await fetcher.fetch(URL)


async def test_what_is_dialled_is_what_was_vetted(ca: TestCa) -> None:
    """A name that answers otherwise the second time is not asked a second time."""
    asked: list[str] = []
    async with serve_tls(ca, {HOST: {"/did.json": b"{}"}}) as policy:
        port = policy.hosts[HOST][1]

        async def rebinding(host: str, port: int, family: AddressFamily) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        bound = FetchPolicy(allow_loopback=True, ca_file=policy.ca_file)
        async with Fetcher(bound, lookup=rebinding) as fetcher:
            assert (await fetcher.fetch(f"https://{HOST}:{port}/did.json")).body == b"{}"
            assert asked == [HOST]


async def test_every_connection_is_vetted_anew(ca: TestCa) -> None:
    async def closing(request: web.Request) -> web.Response:
        response = web.Response(body=b"{}")
        response.force_close()
        return response

    asked: list[str] = []
    async with serve_tls(ca, {HOST: closing}) as policy:
        port = policy.hosts[HOST][1]

        async def rebinding(host: str, port: int, family: AddressFamily) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        bound = FetchPolicy(allow_loopback=True, ca_file=policy.ca_file)
        async with Fetcher(bound, lookup=rebinding) as fetcher:
            await fetcher.fetch(f"https://{HOST}:{port}/")
            with pytest.raises(RefusedAddressError):
                await fetcher.fetch(f"https://{HOST}:{port}/")


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
async def test_a_redirect_is_not_followed(ca: TestCa, status: int) -> None:
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "https://other.example/"})

    async with serve_tls(ca, {HOST: redirect}) as policy, Fetcher(policy) as fetcher:
        with pytest.raises(RefusedRedirectError):
            await fetcher.fetch(URL)


async def test_a_certificate_of_another_authority_or_name_is_refused(ca: TestCa, tmp_path) -> None:
    stranger = await asyncio.to_thread(make_ca, tmp_path)
    async with serve_tls(stranger, {HOST: {}}) as policy:
        trusting = FetchPolicy(allow_loopback=True, hosts=policy.hosts, ca_file=ca.file)
        async with Fetcher(trusting) as fetcher:
            with pytest.raises(UnreachableError, match="certificate"):
                await fetcher.fetch(URL)
    async with serve_tls(ca, {"other.example": {}}) as policy:
        address = policy.hosts["other.example"]
        trusting = FetchPolicy(allow_loopback=True, hosts={HOST: address}, ca_file=ca.file)
        async with Fetcher(trusting) as fetcher:
            with pytest.raises(UnreachableError, match="certificate"):
                await fetcher.fetch(URL)


async def test_an_announced_body_that_is_too_large_is_not_read(ca: TestCa) -> None:
    pages = {"/did.json": b"x" * 2000}
    async with serve_tls(ca, {HOST: pages}) as policy, Fetcher(policy) as fetcher:
        with pytest.raises(TooLargeError):
            await fetcher.fetch(URL, max_bytes=1999)
        assert len((await fetcher.fetch(URL, max_bytes=2000)).body) == 2000


async def test_an_endless_body_is_cut(ca: TestCa) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 500_000_000 and request.transport:
                await response.write(b"x" * 65_536)
                await asyncio.sleep(0)
                sent += 65_536
        except ConnectionError:
            pass
        return response

    async with serve_tls(ca, {HOST: endless}, max_bytes=1_000_000) as policy:
        async with Fetcher(policy) as fetcher:
            with pytest.raises(TooLargeError):
                await fetcher.fetch(URL)
    assert sent < 50_000_000


async def test_a_dripping_body_ends_in_time(ca: TestCa) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(200):
                await response.write(b"x")
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        return response

    async with serve_tls(ca, {HOST: dripping}, timeout_s=0.4) as policy:
        async with Fetcher(policy) as fetcher:
            began = time.monotonic()
            with pytest.raises(UpstreamTimeoutError):
                await fetcher.fetch(URL)
            assert time.monotonic() - began < 3


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_stopped_before_it_unfolds(ca: TestCa, encoding: str) -> None:
    whole = bytes(200_000_000)
    packed = gzip.compress(whole, 1) if encoding == "gzip" else zlib.compress(whole, 1)

    async def bomb(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": encoding})

    async with serve_tls(ca, {HOST: bomb}, max_bytes=2_000_000) as policy:
        async with Fetcher(policy) as fetcher:
            with pytest.raises(TooLargeError):
                await fetcher.fetch(URL)


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("gzip", gzip.compress(b"hello"), b"hello"),
        ("deflate", zlib.compress(b"hello"), b"hello"),
        ("identity", b"hello", b"hello"),
        ("gzip", gzip.compress(b"hello")[:-5], None),
        ("gzip", gzip.compress(b"hello") + gzip.compress(b"more"), None),
        ("gzip", b"hello", None),
        ("br", b"hello", None),
    ],
)
async def test_a_body_is_decompressed_or_refused(
    ca: TestCa, encoding: str, body: bytes, expected: bytes | None
) -> None:
    async def packed(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    async with serve_tls(ca, {HOST: packed}) as policy, Fetcher(policy) as fetcher:
        if expected is None:
            with pytest.raises(UnreachableError):
                await fetcher.fetch(URL)
        else:
            assert (await fetcher.fetch(URL)).body == expected


async def test_a_fetch_beyond_the_limit_is_shed_and_not_queued_for_ever(ca: TestCa) -> None:
    release = asyncio.Event()

    async def waiting(request: web.Request) -> web.Response:
        await release.wait()
        return web.Response(body=b"{}")

    async with serve_tls(ca, {HOST: waiting}, concurrency=2, wait_s=0.1) as policy:
        async with Fetcher(policy) as fetcher:
            first = [asyncio.create_task(fetcher.fetch(URL)) for _ in range(2)]
            await asyncio.sleep(0.05)
            with pytest.raises(FetcherBusyError):
                await fetcher.fetch(URL)
            release.set()
            assert [each.body for each in await asyncio.gather(*first)] == [b"{}", b"{}"]
            assert (await fetcher.fetch(URL)).body == b"{}"


async def test_a_name_without_an_address_is_unreachable() -> None:
    async def nothing(host: str, port: int, family: AddressFamily) -> list[str]:
        raise OSError("no such name")

    async with Fetcher(lookup=nothing) as fetcher:
        with pytest.raises(UnreachableError, match="Cannot connect"):
            await fetcher.fetch(URL)


async def test_no_cookie_is_kept(ca: TestCa) -> None:
    seen: list[str | None] = []

    async def setting(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        response = web.Response(body=b"{}")
        response.set_cookie("who", "me")
        return response

    async with serve_tls(ca, {HOST: setting}) as policy, Fetcher(policy) as fetcher:
        await fetcher.fetch(URL)
        await fetcher.fetch(URL)
    assert seen == [None, None]
