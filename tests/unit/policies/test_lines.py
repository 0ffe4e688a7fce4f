"""Lines: what is written in plain values is read back as it was, and nothing else is."""

import pytest

from policies.errors import CorruptStateError
from policies.lines import ChangeLine, PartyLine, StatementLine, read_powers, read_row, row_of
from policies.scope import Scope
from policies.statements import (
    Action,
    Change,
    IssuedEffect,
    Kind,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant

RECORDED = Recorded(7, Instant(70))
DIDS = (Did.parse("did:web:p.example"),)


@pytest.mark.parametrize(
    "passes_on",
    [None, PassesOn(frozenset(), 0), PassesOn(frozenset(), 3), PassesOn(frozenset(Action), 16)],
)
def test_a_statement_passes_on_what_it_did(passes_on: PassesOn | None) -> None:
    statement = Statement(
        id=StatementId("s"),
        kind=Kind.AUTHORISATION,
        authority=PartyId("a"),
        entity=PartyId("e"),
        action=Action.ACCREDIT,
        scope=Scope(),
        valid_from=Instant(1),
        recorded=RECORDED,
        valid_until=END,
        passes_on=passes_on,
    )
    line = StatementLine.of(statement)
    assert line.terms[:2] == (Kind.AUTHORISATION, Action.ACCREDIT)
    assert read_powers(line.passes_on) == passes_on


def test_what_it_passes_on_is_written_in_one_order() -> None:
    """The same state has the same bytes in every process, whatever the order of its sets."""
    passes_on = PassesOn(frozenset(Action), 2)
    statement = Statement(
        *(StatementId("s"), Kind.AUTHORISATION, PartyId("a"), PartyId("e"), Action.ACCREDIT),
        *(Scope(), Instant(1), RECORDED, END, passes_on),
    )
    assert StatementLine.of(statement).passes_on == "2 accredit anchor issue link"


@pytest.mark.parametrize("until", [Instant(99), END])
@pytest.mark.parametrize("issued", IssuedEffect)
@pytest.mark.parametrize("kind", Change)
def test_a_change_of_status_is_read_as_it_was(
    until: Instant, issued: IssuedEffect, kind: Change
) -> None:
    change = StatusChange(
        id=StatementId("c"),
        statement=StatementId("s"),
        change=kind,
        scope=Scope(),
        effective_from=Instant(5),
        recorded=RECORDED,
        effective_until=until,
        issued=issued,
    )
    assert ChangeLine.of(change).read(RECORDED) == change


@pytest.mark.parametrize("passes_on", ["many", "1 steal", "issue 1"])
def test_powers_of_no_known_kind_are_refused(passes_on: str) -> None:
    with pytest.raises(ValueError, match=r"valid Action|invalid literal"):
        read_powers(passes_on)


def details(**given: object) -> str:
    return PartyLine.of(Party(PartyId("p"), "P", DIDS, "group", RECORDED, **given)).details


def test_a_party_is_written_up_to_what_is_not_as_by_default_and_in_one_order() -> None:
    assert details() == '["P"]'
    keys = frozenset("ihgfedcba")
    assert details(keys=keys) == '["P",["a","b","c","d","e","f","g","h","i"]]'
    assert details(threshold=2) == '["P",[],[],[],[],[],"",[],2]'


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("keys", frozenset({"k", "l"})),
        ("trading_names", ("b", "a")),
        ("jurisdiction", "CL"),
        ("threshold", 3),
        ("retired", True),
    ],
)
def test_a_partys_row_is_read_as_it_was(member: str, value: object) -> None:
    dids, read = read_row(row_of([4, 2], details(**{member: value})))
    assert (dids, read["name"], read[member]) == ([4, 2], "P", value)


@pytest.mark.parametrize(
    "row",
    [
        b"7",
        b"[]",
        b'[[1],"P",{"k":1}]',
        b'[[1],"P",["k",1]]',
        b'[[1],["P"]]',
        b'[[1],"P",[],"names"]',
        b'[[1],"P",[],[],[],[],[],["CL"]]',
        b'[[1],"P",[],[],[],[],[],"",[],"2"]',
        b'[[1],"P",[],[],[],[],[],"",[],1,"yes"]',
    ],
)
def test_a_row_of_other_values_is_refused(row: bytes) -> None:
    with pytest.raises(CorruptStateError):
        read_row(row)
