"""Lists of a registry, from a server and from a copy of its journal: they say the same."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.http.conftest import AUDITOR, IRMA, Service
from tests.unit.trust_registry.board import grant, someone
from touchstone.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def run(*arguments: str) -> Result:
    # A thread, for commands run their own event loop.
    done = await asyncio.to_thread(CliRunner().invoke, main, ["export", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


async def both(service: Service, tmp_path: Path, format_: str, *more: str) -> str:
    """Export from the server and from its journal, see that both say the same, and return it."""
    there = await run(format_, "--server", service.address, *more)
    assert there.exit_code == 0, there.stderr
    here = await run(format_, "--data", str(tmp_path / "journal.sqlite"), *more)
    assert here.exit_code == 0, here.stderr
    assert here.stdout == there.stdout
    return there.stdout


async def test_a_list_follows_the_registry_and_time(own_service: Service, tmp_path: Path) -> None:
    board = own_service.board
    now = ("--at", board.now)
    listed = await both(own_service, tmp_path, "csv", *now)
    assert [line.split(",")[0] for line in listed.splitlines()[1:]] == [IRMA, AUDITOR]
    assert f",{IRMA},authorise,issue," in listed

    before = board.now
    board.pass_time(1000)
    shut = await board.act("bc", {"type": "exclude", "entity": AUDITOR, "ground": "Fraud"})
    await board.settle(shut.id, "maker", "watch")
    board.pass_time(1000)
    listed = await both(own_service, tmp_path, "csv", "--at", board.now)
    assert AUDITOR not in listed
    as_known = ("--at", board.now, "--known-at", before)
    assert AUDITOR in await both(own_service, tmp_path, "csv", *as_known)
    assert await both(own_service, tmp_path, "csv", "--at", "2020-01-01T00:00:00Z")


async def test_an_issuer_list_with_what_it_does_not_say_beside_it(
    own_service: Service, tmp_path: Path
) -> None:
    scope = grant("authorise", "auditor")["scope"]
    mapping, out = tmp_path / "mapping.yaml", tmp_path / "issuers.json"
    text = yaml.safe_dump({"grants": {"Audits": {"type": "authorise", "scope": scope}}})
    await asyncio.to_thread(mapping.write_text, text)
    given = ("--server", own_service.address, "--mapping", str(mapping), "--out", str(out))
    done = await run("bc-issuers", *given, "--at", own_service.board.now)
    assert done.exit_code == 0, done.stderr
    written = json.loads(await asyncio.to_thread(out.read_bytes))
    assert written == {"issuers": [{"id": AUDITOR, "name": "auditor", "scope": "Audits"}]}
    beside = await asyncio.to_thread((tmp_path / f"{out.name}.not-carried-over.json").read_bytes)
    assert any("no word" in each["lost"] for each in json.loads(beside))


async def test_an_export_for_machines(own_service: Service) -> None:
    done = await run("ebsi", "--server", own_service.address, "--json")
    said = json.loads(done.stdout)
    assert json.loads(said["list"])["notCarriedOver"] == said["not_carried_over"]


async def test_pages_are_followed(
    own_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchstone.cli.holding._PAGE", 1)
    listed = await both(own_service, tmp_path, "csv", "--at", own_service.board.now)
    assert len(listed.splitlines()) == 3


async def test_what_cannot_be_exported_says_why(own_service: Service, tmp_path: Path) -> None:
    server = ("--server", own_service.address)
    key = tmp_path / "key.jwk"
    text = json.dumps(someone("irma").key.jwk())
    await asyncio.to_thread(key.write_text, text)
    for arguments, why in (
        (("csv", *server, "--at", "soon"), "RFC 3339"),
        (("csv", *server, "--data", "x"), "not both"),
        (("csv", *server, "--known-at", "2999-01-01T00:00:00Z"), "not known yet"),
        (("csv", "--data", str(tmp_path / "none")), "no journal here"),
        (("openid-federation", *server, "--key", str(key)), "--entity and --kid"),
        (("csv", *server, "--mapping", str(key)), "Extra inputs"),
    ):
        done = await run(*arguments)
        assert done.exit_code == 4
        assert why in done.stderr
