"""What goes into rows comes out of them as it was."""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import groupby, takewhile
from weakref import WeakSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import index as indexes
from policies.authorise import decide
from policies.errors import CorruptStateError
from policies.index import Index
from policies.lines import PartyLine, Row, StatementLine
from policies.owners import Owners
from policies.recent import Recent
from policies.scope import Allowed, Scope
from policies.statements import Party, PartyId, Recorded, Statement
from policies.written import packed, read_scope, scope_bytes, unpacked
from resolver.did import Did
from resolver.instant import END, Instant
from tests.unit.policies.registries import CASES, NARROW, OFTEN, Case, add, index_of

DIGEST = "0b" * 32
NAMES = st.text(max_size=8)
SEVERAL = st.lists(NAMES, max_size=3).map(tuple)


@OFTEN
@given(st.one_of(st.text(max_size=70), st.just(DIGEST)))
def test_an_identifier_is_read_as_it_was_written(identifier: str) -> None:
    assert unpacked(packed(identifier)) == identifier


@pytest.mark.parametrize(
    "identifier",
    [
        DIGEST,
        DIGEST.upper(),
        "x" * 31,
        "x" * 32,
        f"{DIGEST}.3",
        "",
        " " * 64,
        "\0",
        "\1\0",
        "\0" * 31,
    ],
)
def test_different_identifiers_are_never_written_alike(identifier: str) -> None:
    assert unpacked(packed(identifier)) == identifier


def test_a_digest_takes_no_more_than_its_bytes() -> None:
    assert len(packed(DIGEST)) == 32


@pytest.mark.parametrize("scope", [Scope(), *NARROW])
def test_a_scope_is_read_as_it_was_written(scope: Scope) -> None:
    assert read_scope(scope_bytes(scope)) == scope


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"country":"CD"}',
        b'{"country":[1]}',
        b'{"where":["CD"]}',
        b"[" * 100_000,
        b'{"country":{"but":["CD"]}}',
        b"\xff",
    ],
)
def test_what_is_no_scope_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptStateError):
        read_scope(data)


@OFTEN
@given(NAMES, SEVERAL, SEVERAL, st.frozensets(NAMES, max_size=3), NAMES, st.integers(0, 9))
def test_every_member_of_a_party_is_kept(
    name: str,
    kinds: Sequence[str],
    domains: Sequence[str],
    keys: frozenset,
    group: str,
    number: int,
) -> None:
    dids = tuple(Did.parse(f"did:web:p{each}.example") for each in range(number))
    party = Party(
        PartyId(DIGEST), name, dids, group, Recorded(4, Instant(-1)), keys, kinds=tuple(kinds)
    )
    others = {"domains": tuple(domains), "jurisdiction": name, "identifiers": tuple(kinds)}
    index = Index()
    versions = (party, replace(party, **others))
    for version in versions:
        index.add_party(version)
        assert index.party(party.id) == version
    assert index.versions(party.id) == versions


def test_a_statement_has_no_member_that_its_row_does_not_keep() -> None:
    assert [each.name for each in fields(Statement)] == [
        "id",
        "kind",
        "authority",
        "entity",
        "action",
        "scope",
        "valid_from",
        "recorded",
        "valid_until",
        "passes_on",
    ]


@OFTEN
@given(CASES)
def test_every_statement_and_party_of_a_registry_is_kept(case: Case) -> None:
    index = index_of(case.registry.entries)
    assert list(index.statements()) == case.registry.of(Statement)
    registered = case.registry.of(Party)
    for party in registered:
        assert index.versions(party.id) == tuple(each for each in registered if each.id == party.id)
    for statement in case.registry.of(Statement):
        assert index.statement(statement.id) == statement


@OFTEN
@given(CASES, st.integers(1, 9))
def test_rows_added_at_once_are_as_those_that_came_one_by_one(case: Case, at_once: int) -> None:
    """It is asked in between, so that nothing of what was derived before answers afterwards."""
    entries, several, size = case.registry.entries, Index(), 0
    while size < len(entries):
        rows = [*takewhile(lambda row: row, map(row, entries[size : size + at_once]))]
        if rows:
            several.extend([each for each in rows if each])
        else:
            add(several, entries[size])
        size += len(rows) or 1
        decide(replace(case.question, known=size), several)
    single = index_of(entries)
    assert several.ledger.columns() == single.ledger.columns()
    assert several.ledger.statements.terms == single.ledger.statements.terms
    assert decide(case.question, several) == decide(case.question, single)


@OFTEN
@given(CASES)
def test_parties_registered_at_once_are_as_those_that_came_one_by_one(case: Case) -> None:
    """It is asked in between, so that nothing of what was derived before answers afterwards."""
    several, size = Index(), 0
    for are_parties, run in groupby(case.registry.entries, lambda each: isinstance(each, Party)):
        items = [*run]
        if are_parties:
            several.add_parties([each for each in items if isinstance(each, Party)])
        else:
            for item in items:
                add(several, item)
        size += len(items)
        asked = replace(case.question, known=size)
        assert decide(asked, several) == decide(asked, index_of(case.registry.entries[:size]))
    assert several.ledger.columns() == index_of(case.registry.entries).ledger.columns()


def row(item: object) -> Row[PartyLine | StatementLine] | None:
    """Return the row of a party or a statement; nothing else has one."""
    match item:
        case Party():
            return PartyLine.of(item), item.recorded.position, item.recorded.at
        case Statement():
            return StatementLine.of(item), item.recorded.position, item.recorded.at
    return None


@OFTEN
@given(CASES, CASES)
def test_what_is_kept_of_late_bears_on_no_answer(case: Case, other: Case) -> None:
    """An index that keeps one party as an object at a time answers like one that keeps them all."""
    index = index_of(case.registry.entries)
    forgetful = index_of(case.registry.entries)
    forgetful._holders = Recent(1)
    forgetful._owners = Owners(forgetful.ledger.parties, 1)
    questions = [case.question, replace(other.question, known=case.question.known)] * 2
    assert [decide(q, index) for q in questions] == [decide(q, forgetful) for q in questions]


@OFTEN
@given(CASES)
def test_questions_between_acts_bear_on_no_answer(case: Case) -> None:
    """A party read from its rows too early would answer from what was known then."""
    asked, entries = Index(), case.registry.entries
    for size in range(1, len(entries) + 1):
        add(asked, entries[size - 1])
        decide(replace(case.question, known=size), asked)
        for party in case.registry.of(Party):
            asked.holder(party.id)
    assert decide(case.question, asked) == decide(case.question, index_of(entries))


def test_a_second_statement_of_one_id_is_refused(statement: Statement) -> None:
    index = Index()
    index.add_statement(statement)
    with pytest.raises(CorruptStateError):
        index.add_statement(statement)


@pytest.fixture
def statement() -> Statement:
    from policies.statements import Action, Kind, StatementId

    return Statement(
        StatementId("s"),
        Kind.AUTHORISATION,
        PartyId("a"),
        PartyId("b"),
        Action.ISSUE,
        Scope({next(iter(NARROW[0].allowed)): Allowed(frozenset({"x"}))}),
        Instant(0),
        Recorded(0, Instant(0)),
        END,
    )


def test_a_party_kept_as_an_object_goes_when_others_come() -> None:
    recent: Recent[int, str] = Recent(2)
    for number in range(5):
        recent.keep(number, str(number))
    assert [recent.get(number) for number in range(5)] == [None, None, "2", "3", "4"]
    recent.forget(4)
    assert recent.get(4) is None
    assert indexes.MOST_HOLDERS * 2 <= 100_000


class Kept:
    """Something that can be seen to go."""


def test_what_is_forgotten_goes_bit_by_bit() -> None:
    """To free all of it at once would stop every other request meanwhile."""
    recent: Recent[int, Kept] = Recent(1000)
    alive: WeakSet[Kept] = WeakSet()
    for number in range(2000):
        kept = Kept()
        alive.add(kept)
        recent.keep(number, kept)
    del kept
    recent.clear()
    assert all(recent.get(number) is None for number in range(2000))
    least = len(alive)
    for number in range(500):
        recent.keep(number, Kept())
        assert least - len(alive) <= 4
        least = len(alive)
    assert not alive


def test_a_generation_that_goes_is_freed_before_the_next_one_does() -> None:
    recent: Recent[int, Kept] = Recent(100)
    alive: WeakSet[Kept] = WeakSet()
    for number in range(1000):
        kept = Kept()
        alive.add(kept)
        recent.keep(number, kept)
        assert len(alive) <= 300
    assert len(alive) >= 100


@OFTEN
@given(CASES, st.integers(0, 30))
def test_statements_are_listed_by_whom_and_about_whom_as_if_each_was_looked_at(
    case: Case, since: int
) -> None:
    index = index_of(case.registry.entries)
    every = case.registry.of(Statement)
    names = [None, *{each.entity for each in every}, *{each.authority for each in every}]
    for about in names:
        for by in names:
            expected = [
                each
                for each in every
                if each.recorded.position >= since
                and about in {None, each.entity}
                and by in {None, each.authority}
            ]
            assert list(index.statements(since, about=about, by=by)) == expected
    assert list(index.statements(about=PartyId("nobody"))) == []
    parties = case.registry.of(Party)
    assert list(index.registrations(since)) == [p for p in parties if p.recorded.position >= since]
    assert set(index.party_ids()) == {each.id for each in parties}
