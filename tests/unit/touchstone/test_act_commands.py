"""Acts and frameworks on the command line, offline: from YAML and a copy of the journal."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from tests.unit.touchstone.test_cli import run
from tests.unit.trust_registry.board import (
    EVIDENCE,
    framework_document,
    grant,
    member,
    open_board,
    party,
    someone,
)
from trust_registry.opening import open_act


@pytest.fixture
def copy(tmp_path: Path) -> tuple[Path, str, str]:
    """A copy of a journal, a pending act in it, and a statement by irma."""
    path = tmp_path / "mirror.sqlite"

    async def history() -> tuple[str, str]:
        board = await open_board(path)
        await board.decide(party("auditor"))
        await board.anchor("irma")
        granted = await board.act("irma", grant("authorise", "auditor"))
        early = {"valid_from": "2020-01-01T00:00:00Z", "evidence": EVIDENCE}
        pending = await board.act("irma", grant("authorise", "auditor", **early))
        await board.registry.close()
        return pending.id, granted.id

    return path, *asyncio.run(history())


def key_of(name: str, folder: Path) -> tuple[str, ...]:
    file = folder / f"{name}.jwk"
    file.write_text(json.dumps(someone(name).key.jwk()))
    return ("--key", str(file), "--kid", someone(name).kid)


def yaml_of(folder: Path, members: dict[str, object]) -> str:
    file = folder / "act.yaml"
    file.write_text(yaml.safe_dump(members))
    return str(file)


def test_an_act_is_written_offline_and_said_in_words(
    copy: tuple[Path, str, str], tmp_path: Path
) -> None:
    path, _, _ = copy
    file = yaml_of(
        tmp_path,
        {
            "type": "authorise",
            "entity": someone("auditor").did,
            "scope": {
                "commodity": ["copper", "cobalt"],
                "country": {"except": ["CD"]},
                "rest": "any",
            },
            "valid_until": "2030-01-01T00:00:00Z",
        },
    )
    act = tmp_path / "act.json"
    made = run(
        "act", "new", file, "--by", someone("irma").did, "--data", str(path), "--out", str(act)
    )
    assert made.exit_code == 0, made.stderr
    for words in (
        f"Authorise auditor ({someone('auditor').did}) to issue.",
        "It covers: commodity cobalt or copper.",
        "It covers: country anything but CD.",
        "Until 2030-01-01T00:00:00Z.",
        "Where the board decides it, 1/2 of its votes must approve, with at least 1 of civil-society",
        f"Signed by irma ({someone('irma').did})",
    ):
        assert words in made.stderr
    signed = tmp_path / "signed.json"
    done = run(
        "act",
        "sign",
        str(act),
        *key_of("irma", tmp_path),
        "--data",
        str(path),
        "--out",
        str(signed),
    )
    assert done.exit_code == 0, done.stderr
    assert "If it is submitted now: it takes effect at once." in done.stderr
    assert open_act(json.loads(signed.read_text())).act.type == "authorise"
    shown = run("act", "show", str(signed), "--data", str(path), "--json")
    said = json.loads(shown.stdout)
    assert said["id"] in made.stderr
    assert said["says"][0].startswith("Authorise auditor")
    assert "Authorise did:key" in run("act", "show", str(act)).stdout  # without a copy: no names


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (
            {
                "type": "declare_control_group",
                "dids": [someone("auditor").did, someone("irma").did],
                "control_group": "holding",
                "ground": "Register of owners",
            },
            "This confers nothing from then on: what irma says of auditor, that it may issue.",
        ),
        (
            {
                "type": "amend_party",
                "party": someone("auditor").did,
                "remove_dids": [someone("old").did],
            },
            f"It is no longer known as {someone('old').did}.",
        ),
    ],
)
def test_what_ends_is_said_before_it_is_signed(
    copy: tuple[Path, str, str], tmp_path: Path, members: dict[str, object], words: str
) -> None:
    out = ("--data", str(copy[0]), "--out", str(tmp_path / "act.json"))
    made = run("act", "new", yaml_of(tmp_path, members), "--by", someone("irma").did, *out)
    assert made.exit_code == 0, made.stderr
    assert words in made.stderr


def test_what_changes_votes_is_said_before_it_is_signed(
    copy: tuple[Path, str, str], tmp_path: Path
) -> None:
    by = ("--by", someone("irma").did, "--data", str(copy[0]))
    document = framework_document(version=2, emergency="24h")
    members = document["members"]
    assert isinstance(members, list)
    shorter = {**document, "members": members[1:]}
    for act, said in (
        ({"type": "adopt_framework", "framework": shorter}, "members: bc (state) loses its seat"),
        ({"type": "adopt_framework", "framework": document}, "becomes 86400000"),
        (party("firm", control_group="holding"), "It is under the control of holding"),
    ):
        made = run("act", "new", yaml_of(tmp_path, act), *by)
        assert (made.exit_code, said in made.stderr) == (0, True), made.stderr


def test_what_would_be_refused_is_said_before_it_is_sent(
    copy: tuple[Path, str, str], tmp_path: Path
) -> None:
    path, _, statement = copy
    members = {
        "type": "withdraw",
        "statement": statement,
        "issued_credentials": "void",
        "ground": "Fraud",
    }
    act = tmp_path / "act.json"
    for by, words in (
        ("irma", "it takes effect at once"),
        ("bc", "it waits for the board's votes"),
        ("auditor", "it is refused (not_entitled)"),
    ):
        where = ("--data", str(path))
        new = ("act", "new", yaml_of(tmp_path, members), "--by", someone(by).did, *where)
        made = run(*new, "--out", str(act))
        assert "Withdraw for good what irma says of auditor, that it may issue." in made.stderr
        assert "Credentials issued before are void." in made.stderr
        done = run("act", "sign", str(act), *key_of(by, tmp_path), *where)
        assert f"If it is submitted now: {words}" in done.stderr


def test_nothing_is_signed_that_every_registry_would_refuse(
    copy: tuple[Path, str, str], tmp_path: Path
) -> None:
    file = yaml_of(tmp_path, {"type": "appeal", "change": "0" * 64, "ground": "Wrong"})
    act, out = tmp_path / "act.json", tmp_path / "jws.json"
    by = ("--by", someone("auditor").did, "--data", str(copy[0]))
    assert run("act", "new", file, *by, "--out", str(act)).exit_code == 0
    key, kid = key_of("auditor", tmp_path), key_of("irma", tmp_path)
    for given, reason in (
        (key_of("irma", tmp_path), "kid is not a key of whom `by` names"),
        ((*key[:2], *kid[2:]), "the key is not that of"),
        ((*kid[:2], *key[2:]), "the key is not that of"),
    ):
        refused = run("act", "sign", str(act), *given, "--out", str(out))
        assert refused.exit_code == 4
        assert reason in refused.stderr
        assert not out.exists()
    assert run("act", "sign", str(act), *key, "--out", str(out)).exit_code == 0
    unsigned = run("act", "submit", str(act), "--server", "http://127.0.0.1:9")
    assert (unsigned.exit_code, "nobody signed it yet" in unsigned.stderr) == (4, True)


def test_votes_and_objections_are_written_offline(
    copy: tuple[Path, str, str], tmp_path: Path
) -> None:
    path, pending, _ = copy
    where = ("--by", someone("watch").did, "--data", str(path))
    vote = run("act", "approve", pending, *where)
    assert json.loads(vote.stdout)["proposal"] == pending
    assert "Approve this act of irma" in vote.stderr
    assert "to issue. It covers: commodity copper." in vote.stderr
    back = run("act", "approve", pending, *where, "--vote", "take_back")
    assert json.loads(back.stdout)["type"] == "take_back"
    objection = run("act", "object", pending, *where, "--ground", "Not so early.")
    assert json.loads(objection.stdout)["ground"] == "Not so early."
    assert "Object in public to this act of irma" in objection.stderr
    unknown = run("act", "approve", "0" * 64, *where)
    assert "read it before you sign" in unknown.stderr


def test_a_source_is_one_and_sound(tmp_path: Path) -> None:
    file = yaml_of(tmp_path, {"type": "object", "proposal": "0" * 64, "ground": "x"})
    by = ("--by", someone("irma").did)
    both = run("act", "new", file, *by, "--data", "x", "--server", "http://127.0.0.1:1")
    assert both.exit_code == 4
    assert "not both" in both.stderr
    absent = run("act", "new", file, *by, "--data", str(tmp_path / "none"))
    assert absent.exit_code == 4
    noise = tmp_path / "noise.json"
    noise.write_text("{}")
    assert run("act", "show", str(noise)).exit_code == 4
    assert run("act", "sign", str(noise), *key_of("irma", tmp_path)).exit_code == 4
    assert run("act", "show", "no/such").exit_code == 4


# Frameworks.


def framework(folder: Path, name: str, **changed: object) -> str:
    file = folder / name
    file.write_text(yaml.safe_dump(framework_document(**changed)))
    return str(file)


def test_a_framework_is_linted(tmp_path: Path) -> None:
    sound = run("framework", "lint", framework(tmp_path, "sound.yaml"), "--json")
    assert sound.exit_code == 0, sound.output
    findings = json.loads(sound.stdout)["findings"]
    assert all(each["weight"] != "wrong" for each in findings)
    assert "act_lifetime" in {each["where"] for each in findings}
    bounded = run("framework", "lint", framework(tmp_path, "b.yaml", act_lifetime="30d"), "--json")
    assert "act_lifetime" not in {each["where"] for each in json.loads(bounded.stdout)["findings"]}
    rules = {
        "adopt_framework": {"share": "1/2"},
        "add_anchor": {"share": "1/6", "minimum": {"academia": 1}},
        "exclude": {"share": "1/1"},
        "suspend": {"share": "1/6"},
    }
    file = framework(tmp_path, "risky.yaml", rules=rules, emergency="90d", max_staleness="7d")
    risky = run("framework", "lint", file)
    assert risky.exit_code == 1
    for words in (
        "✗ rules.add_anchor.minimum: add_anchor can never be decided: it needs 1 of academia",
        "! rules.adopt_framework.waiting: adopt_framework takes effect with its last vote",
        "! rules.exclude.share: Each single member can block exclude.",
        "! rules.exclude.share: It is easier to change the framework than to decide exclude.",
        "! rules.suspend.share: One member alone decides suspend.",
        "! emergency: ",
        "! max_staleness: ",
        "· rules: Nobody can ever decide on withdraw.",
        "· operator: ",
        "· members: bc has one key",
    ):
        assert words in risky.stdout, words
    assert run("framework", "lint", str(tmp_path / "none")).exit_code == 4


def test_versions_of_a_framework_are_compared(tmp_path: Path) -> None:
    old = framework(tmp_path, "old.yaml")
    assert run("framework", "diff", old, old).exit_code == 0
    document = framework_document()
    rules = document["rules"]
    assert isinstance(rules, dict)
    new = framework(
        tmp_path,
        "new.yaml",
        version=2,
        members=[
            {**member("mark", "scheme-owner"), "name": "The Mark"},
            member("bc", "industry"),
            member("irma", "scheme-owner", control_group="holding"),
            {**member("watch", "civil-society"), "keys": [someone("other").thumbprint]},
            member("river", "civil-society"),
        ],
        rules={**rules, "exclude": {"share": "1/3", "waiting": "1h"}},
        vocabulary={"commodities": {"copper": "metal"}},
        applications=5,
        limits={"amend_party": 20},
    )
    found = run("framework", "diff", old, new)
    assert found.exit_code == 1
    for words in (
        "version: 1 becomes 2",
        "applications: 0 becomes 5",
        "limits.amend_party: nothing becomes 20",
        "members: drc (state) loses its seat",
        "members: river (civil-society) gets a seat",
        "members: bc moves from state to industry",
        "members: mark is called The Mark",
        "members: they are seated in another order",
        "members: watch has other keys",
        "members: irma is under the control of holding",
        "rules.exclude: 1/2, 1 of civil-society becomes 1/3, after 3600 s",
        "vocabulary.commodities.copper: nothing becomes metal",
    ):
        assert words in found.stdout, words
    assert json.loads(run("framework", "diff", old, new, "--json").stdout)["changes"]
