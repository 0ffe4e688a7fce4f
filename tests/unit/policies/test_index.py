"""What the index keeps, beyond what decisions show."""

from dataclasses import replace

import pytest

from policies.framework import Framework
from policies.index import Index
from policies.scope import Scope
from policies.statements import (
    Action,
    Change,
    Exclusion,
    KeyCompromise,
    Kind,
    Lift,
    Party,
    PartyId,
    Recorded,
    Retirement,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import Instant

FRAMEWORK = PartyId("https://framework.example")
GRANT, SUSPENSION = StatementId("grant"), StatementId("suspension")


def at(position: int) -> Recorded:
    return Recorded(position, Instant(position))


def suspended() -> Index:
    index = Index()
    index.add_framework(Framework(FRAMEWORK, 1, "F", "0" * 64, (), {}, at(0)))
    index.add_party(Party(PartyId("p"), "P", (Did.parse("did:web:p.example"),), "", at(1)))
    grant = Statement(
        GRANT,
        Kind.AUTHORISATION,
        FRAMEWORK,
        PartyId("p"),
        Action.ISSUE,
        Scope(),
        Instant(0),
        at(2),
    )
    index.add_statement(grant)
    index.add_change(StatusChange(SUSPENSION, GRANT, Change.SUSPEND, Scope(), Instant(3), at(3)))
    return index


@pytest.mark.parametrize("again", [3, 9])
def test_a_second_reinstatement_does_not_undo_what_was_known_of_the_first(again: int) -> None:
    index = suspended()
    index.lift_change(SUSPENSION, Lift(Instant(4), at(4)))
    index.lift_change(SUSPENSION, Lift(Instant(again), at(9)))
    (change,) = index.changes(GRANT)
    assert change.lifted == Lift(Instant(4), at(4))


@pytest.mark.parametrize("again", [3, 9])
def test_nor_is_an_exclusion_ended_twice(again: int) -> None:
    index = suspended()
    shut_out = StatementId("exclusion")
    index.add_exclusion(Exclusion(shut_out, PartyId("p"), Scope(), Instant(3), at(4)))
    index.lift_exclusion(shut_out, Lift(Instant(5), at(5)))
    index.lift_exclusion(shut_out, Lift(Instant(again), at(9)))
    exclusion = index.exclusion(shut_out)
    assert exclusion is not None
    assert exclusion.lifted == Lift(Instant(5), at(5))


def test_what_was_done_against_a_statement_is_in_the_order_of_the_journal() -> None:
    """Its holder's retirement too, which is recorded once for all that it holds."""
    index = suspended()
    index.add_retirement(Retirement(StatementId("end"), PartyId("p"), Instant(4), at(4)))
    withdrawn = StatementId("withdrawn")
    index.add_change(StatusChange(withdrawn, GRANT, Change.WITHDRAW, Scope(), Instant(5), at(5)))
    positions = [each.recorded.position for each in index.changes(GRANT)]
    assert positions == [3, 4, 5]


def test_a_compromise_is_known_once_it_is_recorded() -> None:
    index, did = suspended(), Did.parse("did:web:p.example")
    index.add_compromise(KeyCompromise(StatementId("lost"), did, "k", Instant(1), at(4)))
    index.add_compromise(KeyCompromise(StatementId("earlier"), did, "k", Instant(0), at(7)))
    found = [[each.id for each in index.compromises(did, "k", known)] for known in (4, 5, 7, 8)]
    assert found == [[], ["lost"], ["lost"], ["lost", "earlier"]]
    assert [each.id for each in index.all_compromises()] == ["lost", "earlier"]


def test_exclusions_are_in_the_order_of_the_journal() -> None:
    index = suspended()
    for position in (4, 5, 6):
        name = StatementId(f"exclusion at {position}")
        index.add_exclusion(Exclusion(name, PartyId("p"), Scope(), Instant(3), at(position)))
    found = index.exclusions(PartyId("p"))
    assert [each.exclusion.recorded.position for each in found] == [4, 5, 6]


def test_a_did_belongs_to_the_party_that_was_known_to_hold_it_last() -> None:
    index = suspended()
    did = Did.parse("did:web:p.example")
    index.add_party(Party(PartyId("q"), "Q", (did,), "", at(5)))
    found = [index.party_of(did, known) for known in (1, 2, 5, 6)]
    assert [party.name if party else None for party in found] == [None, "P", "P", "Q"]


def test_a_did_that_was_taken_from_its_party_is_nobodys_from_then_on() -> None:
    """Asked of 3, 5 and 8: first P has it, from 4 nobody, from 7 Q."""
    index = suspended()
    did, other = Did.parse("did:web:p.example"), Did.parse("did:web:r.example")
    assert index.holder_of(did, 9) is not None  # so that it is at hand when it is taken
    p = replace(index.party(PartyId("p")), recorded=at(4), dids=(other,), name="P later")
    index.add_party(p)
    index.add_party(Party(PartyId("q"), "Q", (did,), "", at(7)))

    def owners(known: int) -> list[str]:
        parties = (index.party_of(did, known, Instant(each)) for each in (3, 5, 8))
        holders = (index.holder_of(did, known, Instant(each)) for each in (3, 5, 8))
        found = [party.name if party else "" for party in parties]
        assert [each[:1].lower() for each in found] == [h.id if h else "" for h in holders]
        return found

    assert owners(4) == ["P", "P", "P"]
    assert owners(5) == ["P later", "", ""]
    assert owners(8) == ["P later", "", "Q"]
    assert index.party_of(did, 8, Instant(0)) == p  # its first party had it before, too
    assert [index.is_settled(each) for each in (did, other)] == [False, True]
    taken = replace(index.party(PartyId("q")), recorded=at(9), dids=(other,))
    index.add_party(taken)
    assert index.last_party_of(did) == taken
