"""`touchstone resolve`, against this package itself and hosts on loopback."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from resolver import http
from resolver.clock import FixedClock
from resolver.fetch import FetchPolicy
from resolver.resolution import native_resolver
from tests.loopback import TestCa, serve_tls
from touchstone.cli import main
from touchstone.service.serving import listening

KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
ACCOUNT = "did:pkh:eip155:137:0x4e90e8a8191c1c23a24a598c3ab4fb47ce926ff5"
EBSI = "did:ebsi:zjUnExsyyweQ9p4cy3nvrVc"
HOST = "uni.example"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["resolve", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


async def upstream(request: web.Request) -> web.Response:
    return web.json_response({"id": EBSI})


@pytest.fixture
def upstream_host(ca: TestCa, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An upstream resolver in a thread of its own, and the settings that name it."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop, policies = asyncio.Event(), list[FetchPolicy]()

    async def serve() -> None:
        async with serve_tls(ca, {HOST: upstream}) as policy:
            policies.append(policy)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    host, port = policies[0].hosts[HOST]
    for name, value in {
        "UPSTREAMS": json.dumps({"ebsi": f"https://{HOST}/1.0/identifiers/{{did}}"}),
        "FETCH_ALLOW_LOOPBACK": "true",
        "FETCH_HOSTS": json.dumps({HOST: f"{host}:{port}"}),
        "FETCH_CA_FILE": str(ca.file),
    }.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name}", value)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()


@pytest.fixture
def server() -> Iterator[str]:
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop, where = asyncio.Event(), list[str]()

    async def serve() -> None:
        app = web.Application()
        app.add_routes(http.routes(native_resolver(None, FixedClock(0))))
        async with listening(app, "127.0.0.1", 0) as address:
            where.append(address)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    yield where[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()


def test_a_trace_prints_every_step_with_its_outcome() -> None:
    shown = run(KEY, "--trace")
    assert shown.exit_code == 0
    for step in ("syntax: ", "options: none", "document: sha-256 "):
        assert re.search(rf"✓ \d+ ms  {step}", shown.stdout)
    steps = json.loads(run(KEY, "--trace", "--json").stdout)["trace"]
    assert [each["step"] for each in steps] == ["syntax", "options", "document"]
    assert {each["outcome"] for each in steps} == {"passed"}


def test_without_being_asked_there_is_no_trace() -> None:
    assert "trace" not in run(KEY).stdout
    assert "trace" not in json.loads(run(KEY, "--json").stdout)


def test_a_trace_shows_where_it_failed() -> None:
    shown = run("did:key:zNothing", "--trace")
    assert shown.exit_code == 1
    assert "✗ not resolved" in shown.stdout
    assert "resolve: INVALID_DID: did:key:" in shown.stdout


@pytest.mark.parametrize(
    "option", [["--version-id", "1"], ["--version-time", "2026-01-01T00:00:00Z"]]
)
def test_a_version_of_what_has_none_is_refused(option: list[str]) -> None:
    shown = run(KEY, *option, "--json")
    assert shown.exit_code == 1
    error = json.loads(shown.stdout)["didResolutionMetadata"]["error"]
    assert error["type"].endswith("#FEATURE_NOT_SUPPORTED")


def test_a_version_is_asked_of_a_server(server: str) -> None:
    shown = run(KEY, "--version-id", "1", "--server", server, "--json")
    assert shown.exit_code == 1
    error = json.loads(shown.stdout)["didResolutionMetadata"]["error"]
    assert error["type"].endswith("#FEATURE_NOT_SUPPORTED")
    good = run(KEY, "--server", server, "--json", "--strict")
    assert good.exit_code == 0
    result = json.loads(good.stdout)
    assert result["didDocument"]["id"] == KEY
    assert result["didResolutionMetadata"]["contentType"] == "application/did"


def test_a_server_does_not_tell_its_steps(server: str) -> None:
    assert run(KEY, "--trace", "--server", server).exit_code == 4


def test_a_second_opinion_is_asked_for_and_counts() -> None:
    good = run(KEY, "--strict")
    assert good.exit_code == 0
    assert "second opinion: it finds no fault" in good.stdout
    assert json.loads(run(KEY, "--strict", "--json").stdout)["secondOpinion"] is None
    assert run(ACCOUNT).exit_code == 0
    shown = run(ACCOUNT, "--strict")
    assert shown.exit_code == 1
    assert "second opinion: " in shown.stdout
    assert "✓ resolved" in shown.stdout
    assert json.loads(run(ACCOUNT, "--strict", "--json").stdout)["secondOpinion"]


@pytest.mark.usefixtures("upstream_host")
def test_what_another_resolver_says_is_shown_as_its_word() -> None:
    shown = run(EBSI, "--trace")
    assert shown.exit_code == 0
    assert f"not verified here: the word of https://{HOST}" in shown.stdout
    assert f"upstream answer: unverified, the word of https://{HOST}" in shown.stdout
    metadata = json.loads(run(EBSI, "--json").stdout)["didResolutionMetadata"]
    assert metadata["via"] == f"https://{HOST}"


@pytest.mark.parametrize(
    ("upstreams", "complaint"),
    [
        ({"web": f"https://{HOST}/{{did}}"}, "verified here"),
        ({"webvh": f"https://{HOST}/{{did}}"}, "verified here"),
        ({"EBSI": f"https://{HOST}/{{did}}"}, "name of a DID method"),
        ({"ebsi": f"http://{HOST}/{{did}}"}, "https"),
        ({"ebsi": f"https://{HOST}/"}, "{did} or {id}"),
        ({"ebsi": 7}, "https"),
    ],
)
def test_an_upstream_that_cannot_be_used_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, upstreams: object, complaint: str
) -> None:
    monkeypatch.setenv("TOUCHSTONE_UPSTREAMS", json.dumps(upstreams))
    shown = run(KEY)
    assert shown.exit_code == 4
    assert "TOUCHSTONE_UPSTREAMS" in shown.stderr
    assert complaint in shown.stderr
