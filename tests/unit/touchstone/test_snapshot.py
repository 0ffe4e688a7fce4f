"""From a journal to an answer without any network: published, signed, synced, asked."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.authorise import decide
from policies.decision import Decision
from policies.errors import PolicyError
from resolver.clock import FixedClock
from resolver.instant import DAY, SECOND, Instant
from resolver.signing import PrivateKey
from tests.unit.touchstone.conftest import AUDITOR, good, run
from tests.unit.trust_registry.board import ORIGIN, open_board, someone
from touchstone.client import Offline
from touchstone.client.offline import ExpiredSnapshotError
from touchstone.service.errors import RequestError
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.publisher import log_origin
from trust_registry.snapshot.errors import SnapshotError
from trust_registry.snapshot.kept import Shelf

QUESTION = {"issuer": AUDITOR, "claim": {"commodity": "copper"}, "at": "2026-06-01T00:00:00Z"}


def test_a_synced_snapshot_answers_and_says_how_old_it_is(synced: Path) -> None:
    made = Shelf(synced).read().notes.made_at
    answer = Offline.open(synced, clock=FixedClock(Instant(made + 60 * SECOND))).ask(QUESTION)
    assert answer.document["outcome"] == "authorised"
    assert answer.document["chain"][0]["authority"]["name"] == "mark"
    offline = answer.document["offline"]
    assert offline["age_seconds"] == 60
    assert not answer.stale
    assert answer.document["fresh_until"] <= offline["expires"]


def test_the_same_rules_answer_offline_as_in_the_registry(published: Path, synced: Path) -> None:
    (decision,) = Offline.open(synced).ask(QUESTION).decisions

    async def asked() -> Decision:
        board = await open_board(published / "journal.sqlite")
        online = decide(decision.question, board.registry.index)
        await board.registry.close()
        return online

    assert asyncio.run(asked()) == decision


def test_check_answers_from_a_snapshot(synced: Path) -> None:
    arguments = ("check", AUDITOR, "--at", QUESTION["at"], "--snapshot", synced)
    assert run(*arguments, "--claim", "commodity=copper").exit_code == 0
    assert run(*arguments, "--claim", "commodity=cobalt").exit_code == 1
    assert run(*arguments, "--claim", "colour=red").exit_code == 4


def test_an_expired_snapshot_answers_only_whoever_insists(synced: Path) -> None:
    expires = Shelf(synced).read().notes.expires
    clock = FixedClock(Instant(expires - 1))
    offline = Offline.open(synced, clock=clock)
    assert offline.ask(QUESTION).stale
    clock.instant = expires
    with pytest.raises(ExpiredSnapshotError):
        offline.ask(QUESTION)
    late = Offline.open(synced, clock=clock, even_expired=True).ask(QUESTION)
    assert late.document["offline"]["stale"]
    assert late.age_ms >= 6 * DAY


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("authorities", ["https://nobody.example/framework"]),
        ("colour", "red"),
        ("at", "yesterday"),
        ("claim", {"commodity": []}),
    ],
)
def test_a_question_that_is_not_understood_is_refused(
    synced: Path, member: str, value: object
) -> None:
    with pytest.raises((RequestError, PolicyError)):
        Offline.open(synced).ask({**QUESTION, member: value})


@pytest.mark.parametrize("accepted", [someone("irma").did, someone("mark").did])
def test_only_accepted_authorities_count(synced: Path, accepted: str) -> None:
    answer = Offline.open(synced).ask({**QUESTION, "authorities": [accepted]})
    assert (answer.document["outcome"] == "authorised") is (accepted == someone("mark").did)


def test_a_claim_of_several_values_is_answered_by_its_worst(synced: Path) -> None:
    claim = {"commodity": ["copper", "cobalt"]}
    answer = Offline.open(synced).ask({**QUESTION, "claim": claim})
    assert answer.document["outcome"] == "not_authorised"
    assert len(answer.decisions) == 2


def test_inspecting_tells_what_is_in_it(published: Path, synced: Path) -> None:
    described = json.loads(good("snapshot", "inspect", synced, "--json").stdout)
    assert described["origin"] == ORIGIN
    assert described["statements"] == 2
    assert described["age_seconds"] >= 0
    (file,) = synced.glob("*.snapshot")
    alone = json.loads(good("snapshot", "inspect", file, "--json").stdout)
    assert alone["content"] == described["content"]
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    (published / "broken").write_bytes(data)
    assert run("snapshot", "inspect", published / "broken").exit_code == 1


def test_publishing_again_gives_the_same_state(published: Path, tmp_path: Path) -> None:
    repository = tmp_path / "tuf"
    shutil.copytree(published / "tuf", repository)
    arguments = ("snapshot", "publish", repository, "--data", published / "journal.sqlite")
    first, second = (json.loads(good(*arguments, "--json").stdout) for _ in range(2))
    assert first == second


def _nothing_signed(published: Path, tmp_path: Path) -> tuple[object, ...]:
    async def begin() -> None:
        board = await open_board(tmp_path / "unsigned.sqlite")
        await board.registry.close()

    asyncio.run(begin())
    return ("snapshot", "publish", published / "tuf", "--data", tmp_path / "unsigned.sqlite")


def _no_journal(published: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("snapshot", "publish", published / "tuf", "--data", tmp_path / "none.sqlite")


def _a_stranger_signs(published: Path, tmp_path: Path) -> tuple[object, ...]:
    stranger = tmp_path / "stranger.jwk"
    stranger.write_text(json.dumps(PrivateKey.generate().jwk()))
    return ("snapshot", "refresh", published / "tuf", "--key", stranger)


def _an_empty_folder(published: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("check", AUDITOR, "--snapshot", tmp_path)


def _no_root(published: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("snapshot", "sync", published / "tuf", tmp_path / "shelf")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (_nothing_signed, 4),
        (_no_journal, 4),
        (_a_stranger_signs, 4),
        (_an_empty_folder, 4),
        (_no_root, 1),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence(
    given: Callable[[Path, Path], tuple[object, ...]], code: int, published: Path, tmp_path: Path
) -> None:
    result = run(*given(published, tmp_path))
    assert result.exit_code == code
    assert result.stderr.startswith("touchstone: ")


def test_a_checkpoint_of_an_unknown_log_is_refused(published: Path, tmp_path: Path) -> None:
    other = SigningKey.generate(log_origin(ORIGIN), KeyKind.ED25519)
    root = published / "tuf" / "metadata" / "1.root.json"
    arguments = ("snapshot", "sync", published / "tuf", tmp_path / "shelf", "--root", root)
    result = run(*arguments, "--vkey", str(other.public), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "refused"
    with pytest.raises(SnapshotError):
        Offline.open(tmp_path / "shelf")
