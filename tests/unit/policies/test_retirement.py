"""A party's end is one item, and means what a withdrawal of each thing that it holds would."""

from dataclasses import replace

from hypothesis import event, given, settings

from policies.authorise import decide
from policies.index import Index
from policies.scope import Scope
from policies.spans import constrained, span_of
from policies.statements import (
    Change,
    Party,
    Recorded,
    Retirement,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.instant import Instant
from tests.unit.policies.registries import CASES, LAST, Case, Registry, index_of

END = StatementId("retirement")


def retirement_in(case: Case) -> Retirement:
    """The end of the issuer's party, or of another one, recorded last."""
    tape, entries = case.tape(), case.registry.entries
    parties = case.registry.of(Party)
    own = [party for party in parties if case.question.issuer in party.dids]
    party = tape.pick([*own, *own, *parties])
    taken = Recorded(len(entries), Instant(entries[-1].recorded.at + tape.below(2)))
    return Retirement(END, party.id, tape.moment(0, LAST + 6), taken)


def one_item(registry: Registry, end: Retirement) -> Index:
    index = index_of(registry.entries)
    index.add_retirement(end)
    return index


def one_by_one(registry: Registry, end: Retirement) -> Index:
    index = index_of(registry.entries)
    for statement in registry.of(Statement):
        if statement.entity == end.party:
            id_ = StatementId(f"{END}.{statement.id}")
            begins = end.effective_from
            index.add_change(
                StatusChange(id_, statement.id, Change.WITHDRAW, Scope(), begins, end.recorded)
            )
    return index


@settings(max_examples=1500)
@given(CASES)
def test_it_is_a_withdrawal_of_each_statement(case: Case) -> None:
    end = retirement_in(case)
    one, each = one_item(case.registry, end), one_by_one(case.registry, end)
    for known in {case.question.known, len(case.registry.entries), end.recorded.position + 1}:
        question = replace(case.question, known=known)
        answer, expected = decide(question, one), decide(question, each)
        assert answer._replace(warnings=()) == expected._replace(warnings=())
        others = [notice for notice in answer.warnings if notice.act != END]
        assert others == [n for n in expected.warnings if not n.act.startswith(END)]
        told = [notice.text for notice in answer.warnings if notice.act == END]
        assert len(told) <= 1
        assert told or len(others) == len(expected.warnings)
        about = question.issuer, question.at, known
        assert span_of(*about, one) == span_of(*about, each)
        assert constrained(question.issuer, known, one) == constrained(question.issuer, known, each)
        event(f"{answer.reason.value}, told {len(told)}")


@settings(max_examples=300)
@given(CASES)
def test_what_is_read_about_a_statement_says_so(case: Case) -> None:
    end = retirement_in(case)
    one, each = one_item(case.registry, end), one_by_one(case.registry, end)
    for statement in case.registry.of(Statement):
        expected = [
            replace(change, id=END) if change.id.startswith(END) else change
            for change in each.changes(statement.id)
        ]
        assert list(one.changes(statement.id)) == expected
    assert one.retirement(end.party) == end
    assert one.all_changes() == index_of(case.registry.entries).all_changes()


@settings(max_examples=300)
@given(CASES)
def test_nothing_that_comes_later_holds(case: Case) -> None:
    """Whatever is recorded about a party that has retired is withdrawn with the rest."""
    held = case.registry.of(Statement)
    parties = case.registry.of(Party)
    index = Index()
    for party in parties:
        index.add_party(party)
        end = Retirement(END, party.id, Instant(0), Recorded(0, Instant(0)))
        index.add_retirement(end)
    for statement in held:
        index.add_statement(statement)
        assert [change.id for change in index.changes(statement.id)] == [END]
    assert all(link.watched for party in parties for link in index.holder(party.id).about)
