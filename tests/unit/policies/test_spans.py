"""What is answered once holds for every question that differs only by a time of the same span."""

from dataclasses import replace

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from policies import spans
from policies.authorise import decide
from policies.claims import Claim, Dimension
from policies.decision import Basis, Decision, Question
from policies.spans import Span, constrained, span_of
from resolver.instant import BEGINNING, END, Instant
from tests.unit.policies.minerals import TODAY, day, did_of, irma_and_its_auditor
from tests.unit.policies.registries import CASES, CLAIMED, LAST, OFTEN, Case, index_of


def said(decision: Decision, question: Question) -> Decision:
    """An answer as it would stand for another time: its own times moved, nothing else."""
    here = decision.question.at
    steps = tuple(
        step._replace(at=question.at if step.at == here else step.at)
        for step in decision.chain or decision.nearest_miss
    )
    fresh_until = question.now + decision.framework.max_staleness_ms
    if decision.valid_until is not None:
        fresh_until = min(fresh_until, decision.valid_until)
    return decision._replace(
        question=question, way=Fixed(steps) if steps else None, fresh_until=Instant(fresh_until)
    )


class Fixed:
    def __init__(self, steps: tuple) -> None:
        self._steps = steps

    def steps(self, at: Instant, model: object) -> tuple:
        return self._steps


def within(span: Span, data: st.DataObject) -> Instant:
    """An instant of a span, often one next to its ends."""
    low = max(span.after + 1, BEGINNING)
    high = min(span.before - 1, END)
    return Instant(data.draw(st.one_of(st.sampled_from([low, high]), st.integers(low, high))))


@OFTEN
@given(CASES, st.data())
def test_an_answer_holds_for_all_its_span(case: Case, data: st.DataObject) -> None:
    index = index_of(case.registry.entries)
    known = len(case.registry.entries)
    basis = data.draw(st.sampled_from([Basis.ASKED, Basis.NOW]))
    first = replace(case.question, known=known, basis=basis)
    if basis is Basis.NOW:
        first = replace(first, at=first.now)
    at_span = span_of(first.issuer, first.at, known, index)
    now_span = span_of(first.issuer, first.now, known, index)
    assume(at_span is not None and now_span is not None)
    now = within(now_span, data)
    at = now if basis is Basis.NOW else within(at_span, data)
    assume((at == now) == (first.at == first.now))
    second = replace(first, at=at, now=now)
    event(f"{basis}, moved {at != first.at}")
    answered = decide(first, index)
    assume(answered.question.at not in {step.statement.recorded.at for step in answered.chain})
    assert decide(second, index) == said(answered, second)


@OFTEN
@given(CASES, st.data())
def test_an_answer_holds_on_dimensions_that_nothing_constrains(
    case: Case, data: st.DataObject
) -> None:
    index = index_of(case.registry.entries)
    known = len(case.registry.entries)
    first = replace(case.question, known=known)
    values = first.claim.values
    free = sorted(set(values) - constrained(first.issuer, known, index))
    assume(free)
    moved = data.draw(st.sampled_from(free))
    another = values[moved]._replace(value=data.draw(st.sampled_from(CLAIMED[moved])))
    second = replace(first, claim=Claim({**values, moved: another}))
    event(f"{moved}, another value {another != values[moved]}")
    assert decide(second, index) == said(decide(first, index), second)


@OFTEN
@given(CASES)
def test_a_turn_has_no_span(case: Case) -> None:
    index = index_of(case.registry.entries)
    known = len(case.registry.entries)
    holder = index.holder_of(case.question.issuer, known)
    if not index.is_settled(case.question.issuer):
        assert span_of(case.question.issuer, Instant(LAST + 9), known, index) is None
        return
    if holder is None:
        assert span_of(case.question.issuer, Instant(0), known, index) == Span(*spans._EVER)
        return
    for link in holder.about:
        for turn in (link.valid_from, link.recorded_at):
            assert span_of(case.question.issuer, turn, known, index) is None


def test_an_answer_depends_on_what_adverse_acts_name() -> None:
    journal, _, boreal = irma_and_its_auditor()
    assert not constrained(did_of("boreal"), journal.size, journal.index)
    journal.suspend(boreal, "2026-02-01", {"facility": ["https://mine.example"]})
    journal.exclude("boreal", "2026-02-01", {"product": ["https://lot.example"]})
    found = constrained(did_of("boreal"), journal.size, journal.index)
    assert found == {Dimension.FACILITY, Dimension.PRODUCT}


def test_no_span_is_worked_out_over_more_statements_than_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, _, _ = irma_and_its_auditor()
    at = day(TODAY)
    span = span_of(did_of("boreal"), at, journal.size, journal.index)
    assert span is not None
    assert span.after == day("2020-01-01") < at < span.before
    monkeypatch.setattr(spans, "MAX_LINKS", 1)
    journal.authorise("irma", "boreal")
    assert span_of(did_of("boreal"), at, journal.size, journal.index) is None
