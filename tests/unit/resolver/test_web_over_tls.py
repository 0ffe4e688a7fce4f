"""did:web through the guarded fetcher, over real TLS on loopback."""

import asyncio

import pytest
from aiohttp import web

from resolver.clock import SystemClock
from resolver.errors import ErrorCode
from resolver.fetch import Fetcher, FetchPolicy
from resolver.resolution import native_resolver
from resolver.result import Resolution
from tests.loopback import Site, TestCa, serve_tls

HOST = "issuer.example"
PATH = "/a/did.json"
DID = f"did:web:{HOST}:a"
DOCUMENT = b'{"id":"did:web:issuer.example:a"}'


async def redirect(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": f"https://{HOST}{PATH}"})


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def gone(request: web.Request) -> web.StreamResponse:
    return web.Response(status=410)


async def resolve(ca: TestCa, site: Site, timeout_s: float = 30) -> Resolution:
    async with (
        serve_tls(ca, {HOST: site}, timeout_s=timeout_s) as policy,
        Fetcher(policy) as fetcher,
    ):
        return await native_resolver(fetcher, SystemClock()).resolve(DID)


async def test_a_document_is_read_from_its_host(ca: TestCa) -> None:
    resolution = await resolve(ca, {PATH: DOCUMENT})
    assert resolution.error is None
    assert resolution.document is not None
    assert resolution.document.id.text == DID


@pytest.mark.parametrize(
    ("site", "code"),
    [
        ({}, ErrorCode.NOT_FOUND),
        ({PATH: gone}, ErrorCode.NOT_FOUND),
        ({PATH: b'{"id":"did:web:issuer.example"}'}, ErrorCode.INVALID_DID_DOCUMENT),
        ({PATH: b" " * 300_000 + DOCUMENT}, ErrorCode.INVALID_DID_DOCUMENT),
        ({PATH: redirect}, ErrorCode.INTERNAL_ERROR),
        ({PATH: hang}, ErrorCode.INTERNAL_ERROR),
    ],
    ids=["missing", "gone", "another id", "too large", "redirect", "slow"],
)
async def test_each_failure_of_a_host_has_its_code(ca: TestCa, site: Site, code: ErrorCode) -> None:
    resolution = await resolve(ca, site, 0.5 if site == {PATH: hang} else 30)
    assert resolution.error is not None
    assert resolution.error.code is code
    assert HOST in str(resolution.error)


async def test_a_certificate_of_nobody_is_not_trusted(ca: TestCa) -> None:
    async with serve_tls(ca, {HOST: {PATH: DOCUMENT}}) as policy:
        distrusting = FetchPolicy(allow_loopback=True, hosts=policy.hosts)
        async with Fetcher(distrusting) as fetcher:
            resolution = await native_resolver(fetcher, SystemClock()).resolve(DID)
    assert resolution.error is not None
    assert resolution.error.code is ErrorCode.INTERNAL_ERROR


async def test_a_host_on_a_private_address_is_no_did_and_keeps_its_address() -> None:
    async def lookup(*_: object) -> list[str]:
        return ["10.1.2.3"]

    async with Fetcher(lookup=lookup) as fetcher:
        resolution = await native_resolver(fetcher, SystemClock()).resolve(DID)
    assert resolution.error is not None
    assert resolution.error.code is ErrorCode.INVALID_DID
    assert "10.1.2.3" not in str(resolution.error)
