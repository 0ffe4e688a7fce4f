"""`touchstone link`: the same links, from the command line against a running service."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from click.testing import CliRunner

from resolver.clock import SystemClock
from tests.http.conftest import Service, running
from tests.http.test_links import prepare
from tests.unit.link_resolver.shelf import PILLS, RICE, link
from tests.unit.trust_registry.board import ORIGIN, grant, someone
from touchstone.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command(NamedTuple):
    service: Service
    folder: Path

    async def run(self, *arguments: str, server: bool = True) -> Ran:
        at = ["--server", self.service.address] if server else []
        env = {
            "TOUCHSTONE_DATA": str(self.folder / "journal.sqlite"),
            "TOUCHSTONE_ORIGIN": ORIGIN,
        }
        # A thread, for commands run their own event loop.
        done = await asyncio.to_thread(CliRunner().invoke, main, ["link", *arguments, *at], env=env)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    async def signed(self, *arguments: str) -> Ran:
        maker = someone("maker of rice")
        return await self.run(*arguments, "--key", str(self.key), "--kid", maker.kid)

    @property
    def key(self) -> Path:
        return self.folder / "maker.jwk"

    async def write(self, name: str, text: str) -> str:
        await asyncio.to_thread((self.folder / name).write_text, text)
        return str(self.folder / name)


@pytest_asyncio.fixture(loop_scope="session")
async def command(tmp_path: Path) -> AsyncIterator[Command]:
    async for service in running(tmp_path):
        await prepare(service)
        service.board.clock.instant = SystemClock().now()
        made = Command(service, tmp_path)
        await made.write("maker.jwk", json.dumps(someone("maker of rice").key.jwk()))
        yield made


async def test_a_barcode_from_publication_to_proof(command: Command) -> None:
    file = await command.write("one.json", json.dumps(link(default=True)))
    published = await command.signed("publish", file, "--json")
    assert published.code == 0, published.err
    id_ = published.json["links"][0]["id"]
    resolved = await command.run("resolve", f"{RICE}/10/ABC", "--json")
    assert (resolved.code, resolved.json["location"]) == (0, "https://rice.test/")
    explained = await command.run("resolve", RICE, "--explain", "--json", server=False)
    assert explained.code == 0, explained.err
    assert explained.json["why"] == f"it is the default of {RICE}"
    typed = ("resolve", RICE, "--link-type", "gs1:pip", "--explain")
    explained = await command.run(*typed, "--json", server=False)
    assert explained.json["compared"][0]["href"] == "https://rice.test/"
    text = await command.run(*typed, server=False)
    assert "nothing against it" in text.out
    shown = await command.run("history", id_)
    assert shown.code == 0, shown.out
    assert shown.out.startswith("✓ 1")
    missing = await command.run("resolve", PILLS)
    assert missing.code == 1
    again = await command.signed("publish", file)
    assert again.out.startswith("unchanged")


async def test_an_operator_that_moves_a_link_is_found_out(command: Command) -> None:
    file = await command.write("one.json", json.dumps(link()))
    id_ = (await command.signed("publish", file, "--json")).json["links"][0]["id"]
    store = command.service.links.store
    body = b'{"link_type":"https://ref.gs1.org/voc/pip","href":"https://thief.test/","title":"x"}'

    def tamper() -> None:
        store._writing.execute("DROP TRIGGER versions_never_change")
        store._writing.execute("UPDATE versions SET body = ?", (body,))

    await asyncio.to_thread(tamper)
    shown = await command.run("history", id_)
    assert shown.code == 1
    assert "its publisher signed something else" in shown.out


async def test_an_import_reports_by_line_and_changes_nothing_twice(command: Command) -> None:
    rows = [
        "anchor,linkType,href,title,hreflang,default",
        f'{RICE},gs1:pip,https://rice.test/,"Risotto; ""rice"", 411 g",en|de,true',
        f"{PILLS},gs1:epil,https://pills.test/,Leaflet,,",
        "/01/09506000134353,gs1:pip,https://bad.test/,Wrong check digit,,",
        f"{RICE},gs1:pip,javascript:alert(1),Hostile,,",
        f"{RICE},gs1:pip,https://rice.test/2,Cells missing",
    ]
    file = await command.write("links.csv", "\n".join(rows))
    first = await command.signed("import", file, "--json")
    assert first.code == 1
    assert (first.json["created"], first.json["refused"]) == (2, 3)
    assert [(each["line"], each["rule"]) for each in first.json["lines"]] == [
        (6, "malformed"),
        (4, "incorrect-check-digit"),
        (5, "malformed"),
    ]
    second = await command.signed("import", file, "--json")
    assert (second.json["created"], second.json["unchanged"]) == (0, 2)


async def test_all_or_nothing_is_nothing_where_one_line_is_wrong(command: Command) -> None:
    lines = [link(anchor=f"{RICE}/21/{number}") for number in range(1000)]
    good = "\n".join(map(json.dumps, lines))
    for wrong in ("no JSON", json.dumps(link(href="x:y"))):
        file = await command.write("links.jsonl", f"{good[: good.rindex(chr(10))]}\n{wrong}\n")
        ran = await command.signed("import", file, "--all-or-nothing", "--json")
        assert ran.code == 1
        assert [each["line"] for each in ran.json["lines"]] == [1000]
        assert command.service.links.store.last.size == 0
    file = await command.write("good.jsonl", good)
    ran = await command.signed("import", file, "--all-or-nothing", "--json")
    assert (ran.code, ran.json["created"]) == (0, 1000)
    assert command.service.links.store.last.size == 1


@pytest.mark.parametrize("extra", [link(), link(accessRole=["auditor"])])
async def test_all_or_nothing_is_refused_where_it_takes_several_records(
    command: Command, extra: Any
) -> None:
    several = 1000 if "accessRole" not in extra else 1
    lines = [*(link(anchor=f"{RICE}/21/{number}") for number in range(several)), extra]
    file = await command.write("links.jsonl", "\n".join(map(json.dumps, lines)))
    ran = await command.signed("import", file, "--all-or-nothing")
    assert ran.code == 4
    assert "one record: 1,000 links" in ran.err
    assert command.service.links.store.last.size == 0
    assert (await command.signed("import", file, "--json")).json["created"] == len(lines)


async def test_a_role_is_proved_by_the_token_that_is_printed(command: Command) -> None:
    service, role = command.service, "untp:accessRole#Customs"
    scope = {"credential_type": ["access-role"], "scheme": [role], "rest": "any"}
    await service.board.act("mark", grant("authorise", "maker of rice", action="link", scope=scope))
    hidden = await command.write("hidden.json", json.dumps(link(accessRole=[role])))
    assert (await command.signed("publish", hidden)).code == 0
    ran = await command.signed("prove", role, "--json")
    assert ran.code == 0, ran.err
    service.board.clock.instant = SystemClock().now()
    for headers, status in (({}, 404), ({"Authorization": f"Bearer {ran.json['token']}"}, 307)):
        url = f"{RICE}?linkType=gs1:pip"
        answer = await service.get(url, headers=headers, allow_redirects=False)
        assert answer.status == status, answer.body
    assert (await command.signed("prove", role, role)).code == 4


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
async def test_an_export_is_imported_back_as_it_was(command: Command, form: str) -> None:
    links = [
        link(title='=HYPERLINK("x")', hreflang=["en", "de"], context=["CL"], public=False),
        link(anchor=f"{PILLS}/21/{{21}}", href="https://p.test/?s={21}", fwqs=True),
    ]
    await command.signed("publish", await command.write("links.json", json.dumps(links)))
    out = str(command.folder / f"out.{form}")
    exported = await command.run("export", "--out", out)
    assert exported.code == 0, exported.err
    if form == "csv":
        text = await asyncio.to_thread(Path(out).read_text)
        assert "'=HYPERLINK" in text
    back = await command.signed("import", out, "--json")
    assert (back.json["unchanged"], back.json["refused"]) == (2, 0), back.json


async def test_parse_names_the_rule_and_qr_draws(command: Command) -> None:
    good = await command.run("parse", "(01)09506000134352(10)ABC", "--json", server=False)
    assert (good.code, good.json["path"]) == (0, f"{RICE}/10/ABC")
    bad = await command.run("parse", "/01/09506000134353", "--json", server=False)
    assert (bad.code, bad.json["rule"]) == (1, "incorrect-check-digit")
    out = str(command.folder / "rice.png")
    drawn = await command.run("qr", RICE, "--out", out, "--scale", "2", "--json", server=False)
    assert drawn.code == 0, drawn.err
    assert (await asyncio.to_thread(Path(out).read_bytes)).startswith(b"\x89PNG")
    wrong = await command.run("qr", RICE, "--out", out, "--border", "1", server=False)
    assert wrong.code == 4


async def test_who_may_not_publish_is_told_so(command: Command) -> None:
    file = await command.write("one.json", json.dumps(link(anchor="/01/09521234543213")))
    ran = await command.signed("publish", file)
    assert ran.code == 1
    assert "may not register" in ran.err
