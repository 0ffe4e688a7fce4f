"""The command line, against a real service on loopback and real files."""

import asyncio
import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from resolver.clock import SystemClock
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.trust_registry.board import framework_document, member, someone
from touchstone.cli import check, main
from touchstone.cli.asking import Reply
from touchstone.service.app import build_app
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from trust_registry.entries import Entry
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.notes import Note
from trust_registry.opening import open_entry
from trust_registry.registry import open_registry
from trust_registry.writing import found, sign_act

ORIGIN = "https://cli.test"
FOUNDER = someone("irma")


def run(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, list(arguments), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


async def populate(path: Path) -> None:
    clock = SystemClock()
    async with Fetcher() as fetcher:
        registry = await open_registry(
            path, clock=clock, resolver=native_resolver(fetcher, clock), origin=ORIGIN
        )
        document = framework_document(members=[member("irma", "civil-society")])
        payload = found(document, by=FOUNDER.did, origin=ORIGIN, issued=clock.now())
        await registry.submit({**sign_act(payload, FOUNDER.kid, FOUNDER.key)})
        await registry.close()


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHSTONE_ORIGIN", ORIGIN)
    path = tmp_path / "registry.sqlite"
    asyncio.run(populate(path))
    return path


@pytest.fixture
def server(journal: Path) -> Iterator[str]:
    """A service in a thread of its own, since commands run their own event loop."""
    address: list[str] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()  # waits in the thread's loop alone

    async def serve() -> None:
        clock = SystemClock()
        async with Fetcher() as fetcher:
            resolver = native_resolver(fetcher, clock)
            registry = await open_registry(journal, clock=clock, resolver=resolver, origin=ORIGIN)
            settings = Settings(access_log=False)
            app = build_app(registry, resolver, fetcher, clock, settings)
            async with listening(app, "127.0.0.1", 0) as where:
                address.append(where)
                ready.set()
                await stop.wait()
            await registry.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    yield address[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()


LINK_COMMANDS = ("parse", "resolve", "publish", "import", "export", "history", "qr")


def test_help_of_every_command_has_an_example() -> None:
    for command in (
        ["serve"],
        ["demo"],
        ["check"],
        ["verify"],
        ["resolve"],
        ["keys", "new"],
        ["act"],
        ["act", "new"],
        ["act", "sign"],
        ["act", "approve"],
        ["act", "submit"],
        ["act", "object"],
        ["act", "check"],
        ["act", "show"],
        ["framework", "lint"],
        ["framework", "diff"],
        ["journal", "verify"],
        ["journal", "head"],
        ["journal", "prove"],
        ["journal", "replay"],
        ["link"],
        *(["link", name] for name in LINK_COMMANDS),
        ["bench"],
    ):
        shown = run(*command, "--help")
        assert shown.exit_code == 0
        assert "Example" in shown.output, command


def test_a_key_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "my.jwk"
    made = run("keys", "new", str(file), "--json")
    assert made.exit_code == 0
    described = json.loads(made.stdout)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = PrivateKey.from_jwk(json.loads(file.read_text()))
    assert described["thumbprint"] == key.public.thumbprint
    assert described["did"] == f"did:key:{key.public.multikey}"
    assert key.jwk()["d"] not in made.output
    again = run("keys", "new", str(file))
    assert again.exit_code == 4
    assert "exists" in again.stderr
    curve = run("keys", "new", str(tmp_path / "p.jwk"), "--curve", "p256")
    assert "thumbprint: " in curve.stdout


def test_a_did_is_resolved_here_and_by_a_server(server: str) -> None:
    here = run("resolve", FOUNDER.did, "--json")
    assert here.exit_code == 0
    assert json.loads(here.stdout)["didDocument"]["id"] == FOUNDER.did
    there = run("resolve", FOUNDER.did, "--server", server)
    assert there.exit_code == 0
    assert "✓ resolved" in there.stdout
    missing = run("resolve", "did:web:127.0.0.1")
    assert missing.exit_code == 1
    assert "✗ not resolved" in missing.stdout


def test_check_answers_with_its_exit_code(server: str, journal: Path) -> None:
    asked = ("check", "did:web:nobody.example", "--claim", "commodity=copper")
    for where in (("--server", server), ("--data", str(journal))):
        no = run(*asked, *where)
        assert no.exit_code == 1
        assert "UNKNOWN_ISSUER" in no.stdout
        as_json = run(*asked, *where, "--json")
        assert as_json.exit_code == 1
        assert json.loads(as_json.stdout)["outcome"] == "not_authorised"
        refused = run("check", "did:web:127.0.0.1", *where)
        assert refused.exit_code == 4
        assert "IP address" in refused.stderr
        assert refused.stdout == ""
        problem = run("check", "x", *where, "--json")
        assert problem.exit_code == 4
        assert json.loads(problem.stdout)["type"] == "/problems/invalid-did"


def test_check_takes_a_credential_from_a_file_or_stdin(
    server: str, journal: Path, tmp_path: Path
) -> None:
    file = tmp_path / "credential.json"
    file.write_text('{"credential": "no.credential.here"}')
    for where in (("--server", server), ("--data", str(journal))):
        failed = run("check", "--credential", str(file), *where)
        assert failed.exit_code == 1
        assert "✗ failed  envelope" in failed.stdout
    piped = run("check", "--credential", "-", "--server", server, stdin="a.b.c\n")
    assert piped.exit_code == 1


def test_check_has_the_hosts_of_status_lists_asked_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Json] = []

    def ask(path: str, body: Json, server: str | None, data: Path | None) -> Reply:
        asked.append(body)
        return Reply(200, {"outcome": "authorised", "checks": []})

    monkeypatch.setattr(check, "_ask", ask)
    file = tmp_path / "credential.jwt"
    file.write_text("a.b.c")
    for more in ((), ("--no-cache",)):
        assert run("check", "--credential", str(file), *more).exit_code == 0
    assert asked == [{"credential": "a.b.c"}, {"credential": "a.b.c", "no_cache": True}]
    assert run("check", "did:web:a.example", "--no-cache").exit_code == 2


def test_check_says_when_it_cannot_answer(tmp_path: Path, journal: Path) -> None:
    unreachable = run("check", "did:web:a.example", "--server", "http://127.0.0.1:9")
    assert unreachable.exit_code == 4
    assert "does not answer" in unreachable.stderr
    absent = run("check", "did:web:a.example", "--data", str(tmp_path / "none.sqlite"))
    assert absent.exit_code == 4
    unreadable = run("check", "--credential", str(tmp_path / "none.json"))
    assert unreadable.exit_code == 4
    assert run("check").exit_code == 2
    assert run("check", "did:web:a.example", "--claim", "copper").exit_code == 2


def test_a_misspelt_setting_stops_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_LISTN", "x")
    stopped = run("serve")
    assert stopped.exit_code == 4
    assert "did you mean TOUCHSTONE_LISTEN" in stopped.stderr


def test_the_journal_is_verified(journal: Path) -> None:
    sound = run("journal", "verify", "--data", str(journal), "--json")
    assert sound.exit_code == 0, sound.stderr
    assert json.loads(sound.stdout)["entries"] == 1
    other = run("journal", "verify", "--data", str(journal), "--origin", "https://other.test")
    assert other.exit_code == 1
    assert ORIGIN in other.stderr
    absent = run("journal", "verify", "--data", str(journal.with_name("none.sqlite")))
    assert absent.exit_code == 4


def test_the_head_is_the_same_here_and_there(server: str, journal: Path) -> None:
    here = run("journal", "head", "--data", str(journal), "--json")
    there = run("journal", "head", "--server", server, "--json")
    assert (here.exit_code, there.exit_code) == (0, 0)
    assert json.loads(here.stdout) == json.loads(there.stdout)
    assert json.loads(here.stdout)["entries"] == 1
    assert "entries: 1" in run("journal", "head", "--data", str(journal)).stdout
    assert run("journal", "head", "--server", "http://127.0.0.1:9").exit_code == 4


def test_a_journal_is_replayed_from_its_file_alone(journal: Path) -> None:
    lines = run("journal", "replay", "--data", str(journal), "--json").stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["adopt_framework"]
    assert FOUNDER.did in run("journal", "replay", "--data", str(journal)).stdout
    assert run("journal", "replay", "--data", str(journal), "--size", "0").stdout == ""
    connection = sqlite3.connect(journal)
    connection.execute("DROP TRIGGER entries_never_change")
    connection.execute("UPDATE entries SET entry = CAST(replace(entry, 'a', 'b') AS BLOB)")
    connection.commit()
    connection.close()
    assert run("journal", "replay", "--data", str(journal)).exit_code == 1


def test_a_registry_is_founded_after_another_one(tmp_path: Path, journal: Path) -> None:
    framework = tmp_path / "framework.yaml"
    framework.write_text(json.dumps(framework_document(members=[member("irma", "civil-society")])))
    key = SigningKey.generate("old.test/log", KeyKind.ED25519)
    text = str(Checkpoint("old.test/log", 7, bytes(32)))
    last = tmp_path / "last-checkpoint"
    last.write_text(str(Note(text, (key.sign(text, SystemClock().now()),))))
    arguments = ("act", "found", str(framework), "--by", FOUNDER.did, "--after")
    written = run(*arguments, str(last))
    assert written.exit_code == 0
    digest = sha256(last.read_bytes()).hexdigest()
    assert json.loads(written.stdout)["evidence"] == [
        {"uri": "https://old.test/log/checkpoint", "sha256": digest}
    ]
    assert "after 7 entries of old.test/log" in written.stderr
    last.write_text(text)
    assert run(*arguments, str(last)).exit_code == 4
    signed = sign_act(written.stdout.strip().encode(), FOUNDER.kid, FOUNDER.key)

    async def begin() -> None:
        clock = SystemClock()
        async with Fetcher() as fetcher:
            registry = await open_registry(
                tmp_path / "new.sqlite",
                clock=clock,
                resolver=native_resolver(fetcher, clock),
                origin=ORIGIN,
                genesis=lambda: {**signed},
            )
            (first,) = await registry.journal.stored(0, 1)
            assert open_entry(Entry.from_bytes(first, 0), 0).act.evidence[0].sha256 == digest
            await registry.close()

    asyncio.run(begin())


def test_an_act_goes_from_yaml_to_the_journal(server: str, tmp_path: Path) -> None:
    key, yaml = tmp_path / "irma.jwk", tmp_path / "act.yaml"
    key.write_text(json.dumps(FOUNDER.key.jwk()))
    auditor = someone("auditor")
    yaml.write_text(
        f"type: register_party\nname: Auditor\ndids: [{auditor.did}]\nkeys: [{auditor.thumbprint}]\n"
    )
    act, signed = tmp_path / "act.json", tmp_path / "signed.json"
    where = ("--server", server)
    made = run("act", "new", str(yaml), "--by", FOUNDER.did, *where, "--out", str(act))
    assert made.exit_code == 0, made.stderr
    kid = ("--key", str(key), "--kid", FOUNDER.kid)
    assert run("act", "sign", str(act), *kid, "--out", str(signed)).exit_code == 0
    alone = run("act", "submit", str(signed), *where)
    assert alone.exit_code == 1
    assert "must sign this, too" in alone.stderr
    key.write_text(json.dumps(auditor.key.jwk()))
    too = ("--key", str(key), "--kid", auditor.kid)
    assert run("act", "sign", str(signed), *too, "--out", str(signed)).exit_code == 0
    taken = run("act", "submit", str(signed), *where, "--json")
    assert taken.exit_code == 0, taken.output
    shown = run("act", "show", json.loads(taken.stdout)["id"], *where)
    assert f"Register Auditor, known as {auditor.did}." in shown.stdout
    assert "status: executed" in shown.stdout
    assert run("act", "show", "0" * 64, *where).exit_code == 1
    receipt = json.loads(taken.stdout)
    assert receipt["id"] in made.stderr
    again = run("act", "submit", str(signed), *where)
    assert again.exit_code == 0
    assert f"id: {receipt['id']}" in again.stdout
    vote = run("act", "approve", receipt["id"], "--by", FOUNDER.did, *where)
    assert vote.exit_code == 0
    assert json.loads(vote.stdout)["proposal"] == receipt["id"]


def test_an_act_that_is_wrong_is_refused_where_it_is_written(server: str, tmp_path: Path) -> None:
    yaml, where = tmp_path / "act.yaml", ("--server", server)
    for text, words in {
        "type: make_king\n": "type",
        "- a\n": "mapping",
        "a: [\n": "act.yaml",
        "type: authorise\nvalid_until: 2028-01-01\n": "offset",
    }.items():
        yaml.write_text(text)
        refused = run("act", "new", str(yaml), "--by", FOUNDER.did, *where)
        assert refused.exit_code == 4
        assert words in refused.stderr
    yaml.write_text('{"payload": "e30", "protected": "e30", "signature": "e30"}')
    refused = run("act", "submit", str(yaml), *where)
    assert refused.exit_code == 1
    assert "not taken into the journal" in refused.stderr
