"""Offline, past knowledge and whole credentials are answered as online, or not at all."""

import asyncio
import json
import subprocess
import sys
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from credentials.rdf.context_sources import Texts
from credentials.rdf.contexts import Contexts, own_pins
from resolver.clock import FixedClock, SystemClock
from resolver.did import Did
from resolver.encodings import base64url
from resolver.instant import DAY, SECOND, Instant, format_instant
from resolver.methods import Resolved
from resolver.methods.generative import generative_methods
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    Issuer,
    Shelf,
    encoded_list,
    status_entry,
    status_list,
)
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.signing import sign_graph
from tests.unit.credentials.untp import samples
from tests.unit.policies.minerals import irma_and_its_auditor
from tests.unit.touchstone.conftest import AUDITOR, run
from tests.unit.trust_registry.board import open_board, someone
from touchstone.client import Offline
from touchstone.service.checking import checking
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.errors import RequestError
from touchstone.service.questions import question_of_json
from touchstone.service.telemetry import Telemetry
from trust_registry.snapshot.kept import Kept, Notes
from trust_registry.snapshot.kept import Shelf as Folder
from trust_registry.snapshot.snapshot import Snapshot

QUESTION: dict[str, Json] = {
    "issuer": AUDITOR,
    "claim": {"commodity": "copper"},
    "at": "2026-06-01T00:00:00Z",
}
NOT_VERIFIED = "not verified: offline"
GRAPHS = Graphs(Contexts(own_pins(), [Texts.of_pyld()]))


# Past knowledge.


@asynccontextmanager
async def _desk(published: Path) -> AsyncIterator[Desk]:
    """Ask the registry itself."""
    board = await open_board(published / "journal.sqlite")
    yield Desk(board.registry, Telemetry())
    await board.registry.close()


async def test_what_was_known_at_any_time_is_answered_as_online(
    published: Path, synced: Path
) -> None:
    kept = await asyncio.to_thread(lambda: Folder(synced).read())
    now = kept.notes.made_at
    offline = Offline(kept, FixedClock(now))
    times = sorted({at + off for at in kept.snapshot.times for off in (-1, 0, 1)} | {now})
    outcomes = set()
    async with _desk(published) as desk:
        for at in times[1:]:
            question = {**QUESTION, "known_at": format_instant(Instant(at))}
            asked = question_of_json(question, 100)
            online = orjson.loads((await desk.answer(asked, None, None, now)).body)
            answer = offline.ask(question).document
            size = answer["journal"]["size"]
            assert answer["journal"]["root"] in {None, online["journal"]["root"]}
            assert (answer["journal"]["root"] is None) is (size < kept.snapshot.size)
            outcomes.add((size, answer["outcome"]))
            for document in (online, answer):
                del document["journal"]["root"], document["fresh_until"]
            assert answer.pop("offline")["size"] == kept.snapshot.size
            assert answer == online
    assert len({size for size, _ in outcomes}) >= 4
    assert {outcome for _, outcome in outcomes} == {"authorised", "not_authorised"}


async def _refused_online(desk: Desk, question: Json, now: Instant) -> RequestError:
    with pytest.raises(RequestError) as refused:
        await desk.answer(question_of_json(question, 100), None, None, now)
    return refused.value


async def test_what_cannot_be_known_is_refused_as_online(published: Path, synced: Path) -> None:
    kept = await asyncio.to_thread(lambda: Folder(synced).read())
    now = Instant(kept.notes.made_at + DAY)
    offline = Offline(kept, FixedClock(now))
    async with _desk(published) as desk:
        for at in (Instant(now + 1), Instant(kept.snapshot.times[0] - 1)):
            question = {**QUESTION, "known_at": format_instant(at)}
            online = await _refused_online(desk, question, now)
            with pytest.raises(RequestError) as refused:
                offline.ask(question)
            assert (refused.value.slug, refused.value.field) == (online.slug, online.field)
            assert str(refused.value) == str(online)


def test_what_came_after_the_snapshot_is_not_known(synced: Path) -> None:
    kept = Folder(synced).read()
    offline = Offline(kept, FixedClock(Instant(kept.notes.made_at + DAY)))
    made, later = kept.notes.made_at, Instant(kept.notes.made_at + SECOND)
    assert offline.ask({**QUESTION, "known_at": format_instant(made)}).document["journal"]["root"]
    with pytest.raises(RequestError, match="sync again") as refused:
        offline.ask({**QUESTION, "known_at": format_instant(later)})
    assert refused.value.slug == "unknowable-time"


def test_a_snapshot_without_times_knows_the_present_alone(synced: Path) -> None:
    kept = Folder(synced).read()
    bare = Kept(replace(kept.snapshot, times=array("q")), kept.notes)
    offline = Offline(bare, FixedClock(kept.notes.made_at))
    assert offline.ask(QUESTION).document["outcome"] == "authorised"
    with pytest.raises(RequestError, match="does not say when"):
        offline.ask({**QUESTION, "known_at": format_instant(kept.notes.made_at)})


# Whole credentials.


def _auditor() -> Issuer:
    person = someone("auditor")
    return Issuer(person.did, person.key, person.key.public.multikey)


def _certificate(issuer: str, **members: Json) -> dict[str, Any]:
    return {**samples.dcc("0.6.1"), "issuer": {"id": issuer, "name": "Auditor"}, **members}


def _plain(issuer: str) -> dict[str, Json]:
    """A credential that claims nothing which is understood."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:mine"},
    }


async def _graph_signed() -> dict[str, Json]:
    auditor = someone("auditor")
    return await sign_graph(GRAPHS, _plain(auditor.did), auditor.kid, auditor.key)


@dataclass
class World:
    """What is on the network: documents, and the status list."""

    shelf: Shelf

    async def resolved(self, did: Did) -> Resolved:
        method = generative_methods().get(did.method)
        return await method.resolve(did) if method else Resolved(await self.shelf.document(did))


def _checks(document: Json) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in document["checks"]}


def _without_timing(document: dict[str, Any]) -> dict[str, Any]:
    for each in document["checks"]:
        del each["took_us"]
    for name in ("fresh_until", "offline", "evaluated_at"):
        document.pop(name, None)
    return document


async def _online(desk: Desk, shelf: Shelf, now: Instant, credential: Json) -> dict[str, Any]:
    examiner = Examiner(desk, World(shelf), FixedClock(now), checking(shelf))
    found: dict[str, Any] = orjson.loads(await examiner.examine({"credential": credential}))
    return found


@pytest.mark.parametrize("form", ["jwt", "enveloped", "embedded"])
async def test_a_credential_with_its_key_in_its_did_is_answered_as_online(
    published: Path, synced: Path, form: str
) -> None:
    kept = await asyncio.to_thread(lambda: Folder(synced).read())
    now = kept.notes.made_at
    credential = getattr(_auditor(), form)(_certificate(AUDITOR))
    answer = await Offline(kept, FixedClock(now)).check({"credential": credential})
    assert answer.outcome.code == answer.document["outcome"] == "authorised"
    assert not answer.stale
    assert answer.document["offline"]["root"] == answer.document["journal"]["root"]
    async with _desk(published) as desk:
        online = await _online(desk, Shelf(), now, credential)
    assert _without_timing(answer.document) == _without_timing(online)


async def test_a_graph_is_signed_offline_too(synced: Path) -> None:
    signed = await _graph_signed()
    offline = await asyncio.to_thread(Offline.open, synced)
    answer = await offline.check({"credential": signed})
    assert _checks(answer.document)["proof"]["outcome"] == "passed"
    assert answer.document["reason"] == "NO_CLAIMS"


def _as_jwk() -> Issuer:
    key = someone("auditor").key
    jwk = json.dumps(key.public.jwk(), separators=(",", ":"), sort_keys=True).encode()
    return Issuer(f"did:jwk:{base64url(jwk)}", key, "0")


def _as_peer() -> Issuer:
    key = someone("auditor").key
    return Issuer(f"did:peer:0{key.public.multikey}", key, key.public.multikey)


@pytest.mark.parametrize("make", [_as_jwk, _as_peer])
async def test_a_stranger_is_verified_and_not_authorised(synced: Path, make: Any) -> None:
    issuer = make()
    offline = await asyncio.to_thread(Offline.open, synced)
    answer = await offline.check({"credential": issuer.jwt(_certificate(issuer.did))})
    checks = _checks(answer.document)
    assert [checks[name]["outcome"] for name in ("key_binding", "proof")] == ["passed", "passed"]
    assert answer.document["reason"] == "UNKNOWN_ISSUER"


async def test_a_broken_credential_is_a_no(synced: Path) -> None:
    head, payload, signature = _auditor().jwt(_certificate(AUDITOR)).split(".")
    forged = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    offline = await asyncio.to_thread(Offline.open, synced)
    answer = await offline.check({"credential": forged})
    assert (answer.outcome.code, answer.document["reason"]) == (
        "not_authorised",
        "CREDENTIAL_FAILED",
    )


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_status_is_on_the_network(published: Path, synced: Path, revoked: bool) -> None:
    auditor, shelf = _auditor(), Shelf()
    listed = status_list(AUDITOR, encoded_list((6,) if revoked else ()))
    shelf.lists[LIST_URL] = auditor.jwt(listed).encode()
    credential = auditor.jwt(_certificate(AUDITOR, credentialStatus=status_entry("6")))
    kept = await asyncio.to_thread(lambda: Folder(synced).read())
    answer = await Offline(kept, FixedClock(kept.notes.made_at)).check({"credential": credential})
    status = _checks(answer.document)["status"]
    assert status["outcome"] == "undetermined"
    assert NOT_VERIFIED in status["message"]
    assert answer.outcome.code == "undetermined"
    async with _desk(published) as desk:
        online = await _online(desk, shelf, kept.notes.made_at, credential)
    assert online["outcome"] == ("not_authorised" if revoked else "authorised")


def _hosted(**framework: object) -> tuple[Offline, Desk, Issuer, Shelf]:
    """A registry in which the holder of a did:web is authorised for everything."""
    journal, _, _ = irma_and_its_auditor(**framework)
    now = SystemClock().now()
    snapshot = Snapshot(
        "https://registry.example", "ab" * 32, journal.size, bytes(32), Instant(0), journal.index
    )
    notes = Notes(
        head=snapshot.head(),
        checksum="0" * 64,
        checkpoint="",
        made_at=now,
        synced_at=now,
        expires=Instant(now + DAY),
    )
    shelf = Shelf()
    issuer = Issuer.on(shelf, "did:web:boreal.example")
    offline = Offline(Kept(snapshot, notes), FixedClock(now))
    return offline, offline._desk, issuer, shelf


async def test_a_key_that_is_on_the_network_is_not_verified() -> None:
    offline, desk, issuer, shelf = _hosted()
    credential = issuer.jwt(_certificate(issuer.did))
    online = await _online(desk, shelf, offline.made_at, credential)
    assert online["outcome"] == "authorised", online["message"]
    for signed in (credential, issuer.embedded(_certificate(issuer.did))):
        answer = await offline.check({"credential": signed})
        binding = _checks(answer.document)["key_binding"]
        assert binding["outcome"] == "undetermined"
        assert NOT_VERIFIED in binding["message"]
        assert answer.outcome.code == "undetermined"
        assert answer.document["reason"] == "CREDENTIAL_UNDETERMINED"


async def test_a_schema_that_is_demanded_has_to_be_at_hand() -> None:
    offline, _, issuer, _ = _hosted(require_schemas=True)
    answer = await offline.check({"credential": issuer.jwt(_certificate(issuer.did))})
    schema = _checks(answer.document)["schema"]
    assert schema["outcome"] == "undetermined"
    assert NOT_VERIFIED in schema["message"]


@pytest.mark.parametrize(
    ("member", "value", "slug"),
    [
        ("known_at", "2999-01-01T00:00:00Z", "unknowable-time"),
        ("known_at", "yesterday", "invalid-time"),
        ("authorities", ["nobody"], "invalid-value"),
        ("colour", "red", "unknown-member"),
        ("credential", [], "invalid-value"),
    ],
)
async def test_a_request_that_is_not_understood_is_refused(
    synced: Path, member: str, value: Json, slug: str
) -> None:
    offline = await asyncio.to_thread(Offline.open, synced)
    request = {"credential": _auditor().jwt(_certificate(AUDITOR)), member: value}
    with pytest.raises(RequestError) as refused:
        await offline.check(request)
    assert (refused.value.slug, refused.value.field) == (slug, member)


# On the command line, and where there is no network at all.


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "credential.jwt"
    path.write_text(_auditor().jwt(_certificate(AUDITOR)))
    return path


def test_check_takes_a_credential_and_past_knowledge(synced: Path, file: Path) -> None:
    credential = ("check", "--credential", file, "--snapshot", synced)
    answer = run(*credential, "--json")
    assert answer.exit_code == 0, answer.output
    aged = json.loads(answer.stdout)["offline"]
    assert aged["stale"] is (aged["age_seconds"] >= 300)  # it was published when the run began
    times = Folder(synced).read().snapshot.times
    before = format_instant(Instant(times[-1] - 1))
    assert run(*credential, "--known-at", before).exit_code == 1
    early = run(*credential, "--known-at", "2025-01-01T00:00:00Z")
    assert early.exit_code == 4
    assert "before the registry's first entry" in early.stderr
    question = ("check", AUDITOR, "--claim", "commodity=copper", "--at", QUESTION["at"])
    past = run(*question, "--snapshot", synced, "--known-at", before)
    assert (past.exit_code, "entries" in past.stdout, "root" in past.stdout) == (1, True, False)


ALONE = ("unshare", "--net", "--map-root-user")
PROGRAM = """
import asyncio, json, socket, sys
from pathlib import Path
from touchstone.client import Offline

try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as error:
    print(error.errno, file=sys.stderr)
offline = Offline.open(Path(sys.argv[1]))
for asked in json.loads(sys.argv[2]):
    if "credential" in asked:
        answer = asyncio.run(offline.check(asked))
    else:
        answer = offline.ask(asked)
    print(answer.outcome.code, answer.age_ms >= 0)
"""


async def test_nobody_is_asked_over_any_network(synced: Path) -> None:
    """In a network namespace of its own, where not even this machine can be reached."""

    def alone(*command: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ALONE, *map(str, command)], check=False, capture_output=True, text=True
        )

    if (await asyncio.to_thread(alone, "true")).returncode:
        pytest.skip("this machine gives nobody a network namespace of their own")
    kept = await asyncio.to_thread(lambda: Folder(synced).read())
    certificate = _certificate(AUDITOR)
    hosted = Issuer.on(Shelf(), "did:web:boreal.example")
    asked = {
        "authorised": QUESTION,
        "not_authorised": {**QUESTION, "claim": {"commodity": "cobalt"}},
        "before": {**QUESTION, "known_at": format_instant(Instant(kept.snapshot.times[-1] - 1))},
        "signed": {"credential": _auditor().jwt(certificate)},
        "graph": {"credential": await _graph_signed()},
        "hosted": {"credential": hosted.jwt(_plain(hosted.did))},
    }
    done = await asyncio.to_thread(
        alone, sys.executable, "-c", PROGRAM, synced, json.dumps([*asked.values()])
    )
    assert done.stdout.splitlines() == [
        "authorised True",
        "not_authorised True",
        "not_authorised True",
        "authorised True",
        "undetermined True",
        "undetermined True",
    ], done.stderr
    assert done.stderr.strip() == "101"  # the network is unreachable
