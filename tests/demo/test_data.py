"""The demo's data says what it is, and hangs together."""

from pathlib import Path

import pytest

from policies.decision import Outcome, Reason
from touchstone.demo.data import (
    DEMO_FOLDER,
    AppealData,
    Compromise,
    Grant,
    Registration,
    StatusAct,
    Verdict,
    read_demo,
)
from touchstone.demo.errors import DemoDataError

DATA = read_demo()

REASONS = {
    "AUTHORISED",
    "UNKNOWN_ISSUER",
    "OUT_OF_SCOPE",
    "EXPIRED",
    "SUSPENDED",
    "WITHDRAWN",
    "AUTHORITY_SUSPENDED",
    "RESERVED_SCOPE",
    "KEY_COMPROMISED",
    "ISSUANCE_TIME_UNPROVED",
    "CLAIM_SILENT",
}


def test_every_reason_has_a_credential() -> None:
    assert {each.expect.reason for each in DATA.credentials} >= REASONS
    gaps = [each.expect.gaps for each in DATA.credentials if each.expect.reason == "OUT_OF_SCOPE"]
    assert sorted(gaps) == [("achievement",), ("commodity",), ("country",)]


def test_expectations_are_words_that_decisions_use() -> None:
    outcomes = {outcome.code for outcome in Outcome}
    for each in DATA.credentials:
        assert each.expect.outcome in outcomes, each.id
        assert each.expect.reason in {reason.value for reason in Reason}, each.id


def test_all_forms_and_kinds_occur() -> None:
    assert {each.form for each in DATA.credentials} == {"jwt", "enveloped", "embedded"}
    assert {each.kind for each in DATA.credentials} == {"DCC", "DPP", "DIA"}


def test_names_used_are_names_defined() -> None:
    known = set(DATA.parties)
    statements = {act.id for act in DATA.history.acts if isinstance(act, Grant)}
    for act in DATA.history.acts:
        assert {act.by, *act.approved_by} <= known
        match act:
            case Registration():
                assert set(act.entities) <= known
            case Grant():
                assert act.issuers or act.entity in known
            case StatusAct():
                assert act.statement in statements
            case Compromise():
                assert act.entity in known
            case AppealData():
                assert act.change in {e.id for e in DATA.history.acts if isinstance(e, StatusAct)}
            case Verdict():
                assert act.appeal in {e.id for e in DATA.history.acts if isinstance(e, AppealData)}
    for each in DATA.credentials:
        assert each.issuer in known
        assert each.key <= DATA.parties[each.issuer].keys
    for name in DATA.issuers:
        assert all(DATA.named(issuer.id) in known for issuer in DATA.issuers[name])


def test_history_runs_forwards_and_ends_before_the_present() -> None:
    days = [act.day for act in DATA.history.acts]
    assert days == sorted(days)
    assert max(each.valid_from for each in DATA.credentials).isoformat() < "2026-11-01"


@pytest.mark.parametrize("path", sorted(DEMO_FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_every_file_says_that_it_is_illustrative(path: Path) -> None:
    assert "illustrative" in path.read_text(encoding="utf-8")[:200].lower()


def test_hosts_are_reserved_for_examples() -> None:
    for party in DATA.parties.values():
        assert party.did.split(":")[2].endswith(".example")


def test_the_readme_lists_every_credential() -> None:
    text = (DEMO_FOLDER / "README.md").read_text(encoding="utf-8")
    assert [each.id for each in DATA.credentials if f"`{each.id}`" not in text] == []


def test_only_invented_parties_are_ever_refused() -> None:
    real = {"scs", "erm-cvs", "rea", "irma", "copper-mark", "rmi", "oversight"}
    refused = {each.issuer for each in DATA.credentials if each.expect.outcome != "authorised"}
    assert not refused & real


def test_an_absent_or_misspelt_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoDataError, match="is not here"):
        read_demo(tmp_path)
    (tmp_path / "acts.yaml").write_text(
        "founded_on: 2026-01-01\nfounded_by: x\nschemes: {}\nboard: []\nacts: []\nact: 1\n"
    )
    with pytest.raises(DemoDataError, match=r"acts\.yaml: act: Extra inputs"):
        read_demo(tmp_path)
