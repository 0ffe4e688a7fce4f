"""Whether a decision may rest on the word of an upstream resolver is the framework's to say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.errors import ErrorCode, ResolutionError, UnverifiedDocumentError
from resolver.fetch import Fetcher
from resolver.methods.upstream import Upstream
from resolver.resolution import Resolver, native_resolver
from resolver.strict_json import Json
from tests.loopback import TestCa, serve_tls
from tests.unit.credentials.issuing import Issuer, Shelf, credential
from tests.unit.trust_registry.board import framework_document, open_board
from touchstone.service.checking import checking
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.serving import open_parts
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry

HOST = "uni.example"
UPSTREAMS = {"ebsi": Upstream.parse(f"https://{HOST}/1.0/identifiers/{{did}}")}
ISSUER = Issuer.on(Shelf(), "did:ebsi:zjUnExsyyweQ9p4cy3nvrVc")


async def documents(request: web.Request) -> web.Response:
    return web.json_response(ISSUER.document())


@asynccontextmanager
async def resolving(
    ca: TestCa, site: object = documents
) -> AsyncIterator[tuple[Resolver, Fetcher]]:
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        yield native_resolver(fetcher, FixedClock(0), UPSTREAMS), fetcher


async def examine(
    ca: TestCa, folder: Path, site: object = documents, **framework: Json
) -> dict[str, Json]:
    board = await open_board(folder / "journal.sqlite", framework_document(**framework))
    try:
        async with resolving(ca, site) as (resolver, fetcher):
            desk = Desk(board.registry, Telemetry())
            examiner = Examiner(desk, resolver, board.clock, checking(fetcher))
            body = {"credential": ISSUER.enveloped(credential(ISSUER.did))}
            answer = orjson.loads(await examiner.examine(body))
            assert isinstance(answer, dict)
            return answer
    finally:
        await board.registry.close()


def check(answer: dict[str, Json], name: str) -> dict[str, Json]:
    checks = answer["checks"]
    assert isinstance(checks, list)
    (found,) = [each for each in checks if isinstance(each, dict) and each["id"] == name]
    return found


@pytest.mark.parametrize("framework", [{}, {"accept_upstream_documents": False}])
async def test_hearsay_is_refused_unless_the_framework_takes_it(
    ca: TestCa, tmp_path: Path, framework: dict[str, Json]
) -> None:
    answer = await examine(ca, tmp_path, **framework)
    binding = check(answer, "key_binding")
    assert binding["outcome"] == "undetermined"
    assert f"refused, because its DID document is the word of https://{HOST}" in str(
        binding["message"]
    )
    assert check(answer, "proof")["outcome"] == "undetermined"
    assert answer["outcome"] == "undetermined"
    assert answer["credential"]["keys"] == []


async def test_hearsay_that_the_framework_takes_is_named(ca: TestCa, tmp_path: Path) -> None:
    answer = await examine(ca, tmp_path, accept_upstream_documents=True)
    binding = check(answer, "key_binding")
    assert binding["outcome"] == "passed"
    assert binding["inputs"]["via"] == f"https://{HOST}"
    assert f"on the word of https://{HOST}" in str(binding["message"])
    assert check(answer, "proof")["outcome"] == "passed"


@pytest.mark.parametrize("status", [400, 404, 410, 500])
async def test_what_an_upstream_denies_proves_nothing_against_an_issuer(
    ca: TestCa, tmp_path: Path, status: int
) -> None:
    async def site(request: web.Request) -> web.Response:
        return web.Response(status=status)

    answer = await examine(ca, tmp_path, site)
    assert check(answer, "key_binding")["outcome"] == "undetermined"


async def test_a_framework_that_takes_hearsay_takes_a_deactivation_too(
    ca: TestCa, tmp_path: Path
) -> None:
    async def site(request: web.Request) -> web.Response:
        return web.Response(status=410)

    answer = await examine(ca, tmp_path, site, accept_upstream_documents=True)
    assert check(answer, "key_binding")["outcome"] == "failed"
    assert "deactivated" in str(check(answer, "key_binding")["message"])


async def test_who_asks_a_resolver_for_a_document_gets_none_that_is_hearsay(ca: TestCa) -> None:
    did = Did.parse(ISSUER.did)
    async with resolving(ca) as (resolver, _):
        with pytest.raises(UnverifiedDocumentError) as caught:
            await resolver.document(did)
        resolution = await resolver.resolve(ISSUER.did)
    assert caught.value.via == f"https://{HOST}"
    assert resolution.document is not None
    assert resolution.json()["didResolutionMetadata"]["via"] == f"https://{HOST}"


async def test_an_upstream_never_stands_in_for_a_method_verified_here(ca: TestCa) -> None:
    async def site(request: web.Request) -> web.Response:
        raise AssertionError("asked upstream")

    upstreams = dict.fromkeys(("web", "key", "jwk", "peer", "pkh"), UPSTREAMS["ebsi"])
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        resolver = native_resolver(fetcher, FixedClock(0), upstreams)
        with pytest.raises(ResolutionError) as caught:
            await resolver.document(Did.parse("did:key:zNothing"))
    assert caught.value.code is ErrorCode.INVALID_DID


async def test_the_service_asks_whom_the_settings_name_and_keeps_that_it_is_hearsay(
    ca: TestCa, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def site(request: web.Request) -> web.Response:
        asked.append(request.path)
        return await documents(request)

    async with serve_tls(ca, {HOST: site}) as policy:
        settings = Settings(
            data=tmp_path / "registry.sqlite",
            upstreams={"ebsi": f"https://{HOST}/1.0/identifiers/{{did}}"},
            fetch_allow_loopback=True,
            fetch_hosts={HOST: ":".join(map(str, policy.hosts[HOST]))},
            fetch_ca_file=ca.file,
        )
        async with open_parts(settings) as parts:
            answers = [(await parts.resolver.resolve(ISSUER.did)).json() for _ in range(2)]
            with pytest.raises(UnverifiedDocumentError):
                await parts.resolver.document(Did.parse(ISSUER.did))
    metadata = [answer["didResolutionMetadata"] for answer in answers]
    assert [each["via"] for each in metadata] == [f"https://{HOST}"] * 2
    assert [each["cached"] for each in metadata] == [False, True]
    assert asked == [f"/1.0/identifiers/{ISSUER.did}"]
