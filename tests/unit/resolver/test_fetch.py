"""The guarded fetcher, over real TLS on loopback."""

import asyncio
import gzip
import ipaddress
import socket
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
from tests.loopback import TestCa, make_ca, serve_stream, serve_tls

HOST = "issuer.example"
URL = f"https://{HOST}/did.json"


def answers(*texts: str):
    async def lookup(host: str, port: int, family: AddressFamily) -> list[str]:
        return list(texts)

    return lookup


async def unasked(host: str, port: int, family: AddressFamily) -> list[str]:
    pytest.fail(f"the name {host} was asked")


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
        "https://127.0.\n0.1/",
        "https://127.0.0.1\u00ad/",
        "https://127%2E0%2E0%2E1/",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.1%00.example/",
        "https://127.0.0.1%2f.example/",
        "https://127.0.0.1%20/",
        "https://127.0.0.1\\@issuer.example/",
        "https://issuer.example@127.0.0.1/",
        "https://[::1%25lo]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://017700000001/",
        "https://127.0.1/",
        "https://0x7f.1/",
        "https://①②⑦。１/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "https://0/",
        "https://[::]/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://1.2.3/",
    ],
)
async def test_an_address_is_refused_in_every_disguise_before_any_name_is_asked(url: str) -> None:
    async with Fetcher(lookup=unasked) as fetcher:
        with pytest.raises(RefusedAddressError):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "any.localhost", "ip6-loopback"]
)
async def test_a_name_of_this_machine_is_refused_by_its_address(host: str) -> None:
    async with Fetcher(lookup=answers("127.0.0.1", "::1")) as fetcher:
        with pytest.raises(RefusedAddressError, match="own"):
            await fetcher.fetch(f"https://{host}/")


async def test_the_systems_own_resolver_is_asked_and_vetted() -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(RefusedAddressError, match="own"):
            await fetcher.fetch("https://localhost/")


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
        "https://a b/",
        "https://*.example/",
        "https://a..example/",
        "https://.example/",
        "https://-a.example/",
        f"https://{'a.' * 130}example/",
        f"https://issuer.example/{'a' * 9000}",
    ],
)
async def test_only_plain_https_urls_are_fetched(url: str) -> None:
    async with Fetcher(lookup=unasked) as fetcher:
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
        "::ffff:93.184.216.34",
        "::ffff:0:127.0.0.1",
        "::2",
        "100::1",
        "fec0::1",
        "4000::1",
        "2001:20::1",
        "3fff::1",
        "0.1.2.3",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
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
    async with Fetcher(lookup=answers(address, "2606:4700:4700::1111")) as fetcher:
        with pytest.raises(RefusedAddressError, match="address"):
            await fetcher.fetch(URL)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1"])
async def test_a_development_setting_opens_this_machine_and_nothing_else(address: str) -> None:
    policy = FetchPolicy(allow_loopback=True)
    async with Fetcher(policy, lookup=answers("127.0.0.1", address)) as fetcher:
        with pytest.raises(RefusedAddressError, match="not a public"):
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
        for most in (1999, 0):
            with pytest.raises(TooLargeError):
                await fetcher.fetch(URL, max_bytes=most)
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
            while True:
                await response.write(b"x")
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        return response

    async with serve_tls(ca, {HOST: dripping}, timeout_s=0.4) as policy:
        async with Fetcher(policy) as fetcher:
            with pytest.raises(UpstreamTimeoutError):
                await fetcher.fetch(URL)


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


async def test_no_proxy_of_the_environment_is_used(
    ca: TestCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serve_tls(ca, {HOST: {"/did.json": b"{}"}}) as policy, Fetcher(policy) as fetcher:
        assert (await fetcher.fetch(URL)).body == b"{}"


async def test_an_expired_certificate_is_refused(ca: TestCa) -> None:
    async def nothing(reader, writer) -> None: ...

    async with serve_stream(ca, HOST, nothing, days=-1) as policy, Fetcher(policy) as fetcher:
        with pytest.raises(UnreachableError, match="expired"):
            await fetcher.fetch(URL)


async def test_the_same_certificate_is_refused_without_its_authority(ca: TestCa) -> None:
    async with serve_tls(ca, {HOST: {}}) as policy:
        async with Fetcher(FetchPolicy(allow_loopback=True, hosts=policy.hosts)) as fetcher:
            with pytest.raises(UnreachableError, match="certificate"):
                await fetcher.fetch(URL)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_unreachable(ca: TestCa, answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with serve_stream(ca, HOST, speak) as policy, Fetcher(policy) as fetcher:
        with pytest.raises(UnreachableError):
            await fetcher.fetch(URL)


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", b"X"])
@pytest.mark.parametrize("tls", [True, False])
async def test_an_answer_that_never_begins_ends_in_time(
    ca: TestCa, piece: bytes, *, tls: bool
) -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if tls:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 103 Early Hints\r\nX: ")
        while True:
            writer.write(piece if tls else b"")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serve_stream(ca, HOST, stall, tls=tls, timeout_s=0.3) as policy:
        async with Fetcher(policy) as fetcher:
            with pytest.raises(UpstreamTimeoutError):
                await fetcher.fetch(URL)


async def test_a_refused_answer_leaves_no_connection_behind(ca: TestCa) -> None:
    """Also where the other side never says goodbye, which TLS would wait for."""
    context = await asyncio.to_thread(ca.context, HOST)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> bool:
        with listener, listener.accept()[0] as accepted:
            secured = context.wrap_socket(accepted, server_side=True)
            secured.recv(65_536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            with socket.socket(fileno=secured.detach()) as mute:
                mute.settimeout(60)
                try:
                    while mute.recv(65_536):
                        pass
                except TimeoutError:
                    return False
                except ConnectionResetError:
                    pass
                return True

    address = ("127.0.0.1", int(listener.getsockname()[1]))
    policy = FetchPolicy(allow_loopback=True, hosts={HOST: address}, ca_file=ca.file)
    async with Fetcher(policy) as fetcher:
        served = asyncio.create_task(asyncio.to_thread(serve))
        with pytest.raises(TooLargeError):
            await fetcher.fetch(URL)
        assert await served


async def test_a_cancelled_fetch_gives_its_turn_back(ca: TestCa) -> None:
    async def waiting(request: web.Request) -> web.Response:
        if request.path == "/wait":
            await asyncio.sleep(30)
        return web.Response(body=b"{}")

    async with serve_tls(ca, {HOST: waiting}, concurrency=1, wait_s=0.1) as policy:
        async with Fetcher(policy) as fetcher:
            task = asyncio.create_task(fetcher.fetch(f"https://{HOST}/wait"))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await fetcher.fetch(URL)).body == b"{}"


async def test_names_that_are_slow_to_resolve_end_in_time() -> None:
    async def slow(host: str, port: int, family: AddressFamily) -> list[str]:
        await asyncio.sleep(30)
        return []

    async with Fetcher(FetchPolicy(timeout_s=0.2), lookup=slow) as fetcher:
        with pytest.raises(UpstreamTimeoutError):
            await fetcher.fetch(URL)
