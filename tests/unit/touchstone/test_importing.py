"""Lists on the command line: drafts for review, which `act new` takes as they are."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from tests.unit.touchstone.conftest import AUDITOR, run
from tests.unit.trust_registry.board import open_board, party, someone
from trust_registry.snapshot.kept import Shelf

URI = "https://lists.example/issuers"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "mirror.sqlite"

    async def history() -> None:
        board = await open_board(path)
        await board.decide(party("auditor"))
        await board.registry.close()

    asyncio.run(history())
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    file = tmp_path / "mapping.yaml"
    grant = {"type": "authorise", "scope": {"commodity": ["copper"], "rest": "any"}}
    file.write_text(yaml.safe_dump({"grants": {"Mines Act": grant}}))
    return file


def listed(tmp_path: Path, *rows: tuple[str, str, str]) -> Path:
    file = tmp_path / "issuers.json"
    issuers = [{"id": i, "name": n, "scope": s} for i, n, s in rows]
    file.write_text(json.dumps({"issuers": issuers}))
    return file


def test_drafts_are_acts_that_act_new_takes(copy: Path, mapping: Path, tmp_path: Path) -> None:
    new = ("did:web:mines.example", "# Mines <b>", "Mines Act")
    old = (someone("auditor").did, "auditor", "Oil")
    file = listed(tmp_path, new, old)
    out = tmp_path / "drafts"
    done = run(
        "import",
        "bc-issuers",
        str(file),
        "--mapping",
        str(mapping),
        "--uri",
        URI,
        "--data",
        str(copy),
        "--out",
        str(out),
    )
    assert done.exit_code == 0, done.stderr
    names = sorted(each.name for each in out.iterdir())
    assert names == ["0001-register-party.yaml", "0002-authorise.yaml", "review.md"]
    assert "0002-authorise.yaml  Authorise did:web:mines.example to issue." in done.stdout
    review = (out / "review.md").read_text()
    for words in (
        "    Register # Mines <b>, known as did:web:mines.example.",
        "    It covers: commodity copper.",
        "    Resting on https://lists.example/issuers (SHA-256 ",
        f"{someone('auditor').did} is registered already",
        "The mapping does not say what 'Oil' means: nothing is granted.",
    ):
        assert words in review
    for name in names[:2]:
        act = tmp_path / "act.json"
        by = ("--by", someone("bc").did, "--data", str(copy), "--out", str(act))
        made = run("act", "new", str(out / name), *by)
        assert made.exit_code == 0, made.stderr


def test_who_is_registered_is_known_from_a_snapshot(
    synced: Path, mapping: Path, tmp_path: Path
) -> None:
    file = listed(
        tmp_path, ("did:web:mines.example", "Mines", "Mines Act"), (AUDITOR, "A", "Mines Act")
    )
    given = ("import", "bc-issuers", file, "--mapping", mapping, "--uri", URI)
    done = run(*given, "--snapshot", synced, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    review = (tmp_path / "out" / "review.md").read_text()
    assert f"{AUDITOR} is registered already" in review
    size = Shelf(synced).read().snapshot.size
    assert f"read from a journal of {size} entries" in review
    assert "1/2 of its votes must approve" in review, "the framework is in the snapshot"
    names = sorted(each.name for each in (tmp_path / "out").iterdir())
    assert names[:3] == ["0001-register-party.yaml", "0002-authorise.yaml", "0003-authorise.yaml"]
    assert f"Authorise auditor ({AUDITOR}) to issue." in done.stdout
    blind = run(*given, "--out", tmp_path / "blind")
    assert blind.exit_code == 0, blind.stderr
    assert len([*(tmp_path / "blind").iterdir()]) == 5
    assert "No registry was looked at" in (tmp_path / "blind" / "review.md").read_text()


@pytest.mark.parametrize("both", [False, True])
def test_a_snapshot_that_cannot_be_used_is_said(both: bool, synced: Path, tmp_path: Path) -> None:
    file = listed(tmp_path, ("did:web:mines.example", "Mines", "Mines Act"))
    given = ("import", "bc-issuers", file, "--uri", URI, "--out", tmp_path / "out")
    where = ("--snapshot", synced, "--data", file) if both else ("--snapshot", tmp_path / "none")
    done = run(*given, *where)
    assert done.exit_code == (2 if both else 4)
    assert ("exclude each other" if both else "no snapshot was synced") in done.stderr


def test_drafts_are_printed_for_machines(mapping: Path, tmp_path: Path) -> None:
    file = listed(tmp_path, ("did:web:a.example", "A", "Mines Act"))
    arguments = ("--mapping", str(mapping), "--uri", URI, "--out", str(tmp_path / "out"), "--json")
    done = run("import", "bc-issuers", str(file), *arguments)
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [each["act"]["type"] for each in said["acts"]] == ["register_party", "authorise"]
    assert said["acts"][0]["act"]["evidence"][0]["uri"] == URI
    assert said["not_carried_over"]


def test_nothing_is_written_over_or_from_a_bad_list(tmp_path: Path) -> None:
    file = listed(tmp_path, ("did:web:a.example", "A", "x"))
    (tmp_path / "there").mkdir()
    done = run("import", "bc-issuers", str(file), "--out", str(tmp_path / "there"), "--uri", URI)
    assert done.exit_code == 4
    assert "name a new folder" in done.stderr
    file = listed(tmp_path, ("did:web:a.example", "A\x1b[31m", "x"))
    done = run("import", "bc-issuers", str(file), "--out", str(tmp_path / "new"), "--uri", URI)
    assert done.exit_code == 4
    assert "/issuers/0: name" in done.stderr
    assert not (tmp_path / "new").exists()
    done = run(
        "import", "csv", str(tmp_path / "none.csv"), "--out", str(tmp_path / "new"), "--uri", URI
    )
    assert done.exit_code == 4
