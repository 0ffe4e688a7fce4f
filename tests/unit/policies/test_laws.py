"""The laws of decisions, on random registries, and agreement with the naive evaluator."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from policies.authorise import decide, decide_all
from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Basis, Decision, Outcome, Question
from policies.framework import Framework, Reservation, ValidityModel
from policies.index import Index
from policies.scope import Allowed, Coverage, Scope
from policies.statements import Exclusion, Party, Statement, StatusChange
from resolver.instant import END, Instant
from tests.unit.policies import naive
from tests.unit.policies.naive_world import covers
from tests.unit.policies.registries import (
    ADVERSE_SCOPES,
    ALLOWED,
    CASES,
    CLAIMED,
    LAST,
    OFTEN,
    WITHIN,
    Case,
    Registry,
    add,
    index_of,
)

YES = Outcome.AUTHORISED


def answer(registry: Registry, question: Question) -> Decision:
    return decide(question, index_of(registry.entries))


def outcomes(registry: Registry, question: Question) -> tuple[Outcome, ...]:
    """The outcome under each validity model."""
    models = dict(answer(registry, question).models)
    return tuple(models[model] for model in ValidityModel)


# Agreement.


@settings(max_examples=2500)
@given(CASES)
def test_the_naive_evaluator_agrees(case: Case) -> None:
    """Outcome under both models, and the reason.

    Where several paths come equally near (same number of bad links and gaps, same progress; on a
    yes or an undetermined answer: same length) each of their reasons may stand.
    """
    decision = answer(case.registry, case.question)
    expected = naive.evaluate(case.registry.entries, case.question)
    event(f"{len(expected.reasons)} reasons")
    event(min(expected.reasons))
    assert decision.outcome is expected.outcome
    assert decision.reason in expected.reasons
    for model, outcome in decision.models:
        assert outcome is naive.evaluate(case.registry.entries, case.question, model).outcome


@OFTEN
@given(CASES)
def test_the_frameworks_own_model_is_the_answer(case: Case) -> None:
    decision = answer(case.registry, case.question)
    assert {model for model, _ in decision.models} == set(ValidityModel)
    assert dict(decision.models)[decision.framework.model] is decision.outcome


# What can only lower an outcome.


def never_raise(before: Registry, others: Iterable[Registry], question: Question) -> None:
    """No other registry gives a better outcome than the one before, under any model."""
    known = outcomes(before, question)
    for after in others:
        for old, new in zip(known, outcomes(after, question), strict=True):
            event(f"{old.code} -> {new.code}")
            assert new <= old


def informed(case: Case) -> Question:
    """The case's question, asked with knowledge of every act and of one more."""
    return replace(case.question, known=len(case.registry.entries) + 1)


def _narrowed(old: Allowed | None, new: Allowed) -> Allowed:
    """What both admit, were values compared for equality; always less than the old."""
    if old is None:
        return new
    if old.all_but and new.all_but:
        return Allowed(old.values | new.values, all_but=True)
    if old.all_but:
        return Allowed(old.values | {"nothing else"}, all_but=True)
    return Allowed(frozenset([min(old.values)]))


@OFTEN
@given(CASES)
def test_narrowing_a_grant_never_raises(case: Case) -> None:
    tape, others = case.tape(), list[Registry]()
    for grant in case.registry.of(Statement):
        dimension = tape.pick(list(ALLOWED))
        new = tape.pick(ALLOWED[dimension])
        narrow = _narrowed(grant.scope.allowed.get(dimension), new)
        narrowed = replace(grant, scope=Scope({**grant.scope.allowed, dimension: narrow}))
        others.append(case.registry.replaced(grant, narrowed))
    never_raise(case.registry, others, case.question)


@OFTEN
@given(CASES)
def test_removing_a_grant_never_raises(case: Case) -> None:
    others = map(case.registry.without, case.registry.of(Statement))
    never_raise(case.registry, others, case.question)


@OFTEN
@given(CASES)
def test_suspending_withdrawing_or_superseding_never_raises(case: Case) -> None:
    changes = map(case.tape().change, case.registry.of(Statement))
    never_raise(case.registry, map(case.registry.plus, changes), informed(case))


@OFTEN
@given(CASES)
def test_excluding_a_party_never_raises(case: Case) -> None:
    tape = case.tape()
    exclusions = (tape.exclusion([party]) for party in case.registry.of(Party))
    never_raise(case.registry, map(case.registry.plus, exclusions), informed(case))


@OFTEN
@given(CASES)
def test_a_compromised_key_never_raises(case: Case) -> None:
    tape = case.tape()
    compromises = (tape.compromise([party]) for party in case.registry.of(Party))
    never_raise(case.registry, map(case.registry.plus, compromises), informed(case))


@OFTEN
@given(CASES)
def test_declaring_control_never_raises(case: Case) -> None:
    """Of a party that was free of others'; one that leaves another's control may win by it."""
    now, others = {party.id: party for party in case.registry.of(Party)}, list[Registry]()
    for party in now.values():
        shared = [each for each in now.values() if each.control_group == party.control_group]
        other = case.tape().pick(list(now.values()))
        if not party.control_group or len(shared) == 1:
            joined = replace(party, control_group=other.control_group or other.id)
            others.append(case.registry.plus(joined))
    never_raise(case.registry, others, informed(case))


@OFTEN
@given(CASES)
def test_taking_a_did_from_its_party_never_raises(case: Case) -> None:
    now = {party.id: party for party in case.registry.of(Party)}
    fewer = (
        replace(party, dids=tuple(d for d in party.dids if d != case.question.issuer))
        for party in now.values()
    )
    never_raise(case.registry, map(case.registry.plus, fewer), informed(case))


@OFTEN
@given(CASES)
def test_reserving_a_scope_never_raises(case: Case) -> None:
    tape, others = case.tape(), list[Registry]()
    for framework in case.registry.of(Framework):
        anchors = frozenset(tape.pick(case.registry.of(Party)).dids)
        another = Reservation("another", tape.pick(ADVERSE_SCOPES), anchors)
        stricter = replace(framework, reserved=(*framework.reserved, another))
        others.append(case.registry.replaced(framework, stricter))
    never_raise(case.registry, others, case.question)


# What may not matter.


@OFTEN
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_insertion_does_not_matter(case: Case, chance: Random) -> None:
    """Among entries of one kind; an entry still comes after those that it speaks of.

    Frameworks and registrations have versions, which follow each other.
    """
    order = [Statement, StatusChange, Exclusion]
    versions = [*case.registry.of(Framework), *case.registry.of(Party)]
    shuffled = [entry for entry in case.registry.entries if entry not in versions]
    chance.shuffle(shuffled)
    shuffled.sort(key=lambda entry: order.index(type(entry)) if type(entry) in order else 5)
    again = decide(case.question, index_of([*versions, *shuffled]))
    expected = answer(case.registry, case.question)
    assert again == expected
    assert (again != expected) is False


@OFTEN
@given(CASES)
def test_asking_twice_changes_nothing(case: Case) -> None:
    index = index_of(case.registry.entries)
    assert decide(case.question, index) == decide(case.question, index)


@OFTEN
@given(CASES)
def test_answers_on_the_way_leave_no_trace_in_later_ones(case: Case) -> None:
    """A registry that grows while it is asked answers like one built at once."""
    index = Index()
    for size, entry in enumerate(case.registry.entries, start=1):
        add(index, entry)
        decide(replace(case.question, known=size), index)
    assert decide(case.question, index) == answer(case.registry, case.question)


@OFTEN
@given(CASES)
def test_what_was_known_then_is_what_the_first_entries_say(case: Case) -> None:
    index = index_of(case.registry.entries)
    for size in range(1, len(case.registry.entries) + 1):
        question = replace(case.question, known=size)
        prefix = Registry(case.registry.entries[:size])
        assert decide(question, index) == answer(prefix, question)


# What an answer promises.


@OFTEN
@given(CASES)
def test_a_path_is_never_better_than_its_weakest_link(case: Case) -> None:
    decision = answer(case.registry, case.question)
    assert not (decision.chain and decision.nearest_miss)
    if decision.chain:
        assert decision.outcome <= min(step.outcome for step in decision.chain)
    if decision.outcome is YES:
        assert decision.chain
        assert not decision.gaps


@OFTEN
@given(CASES)
def test_a_yes_is_backed_by_an_unbroken_chain_that_covers_the_claim(case: Case) -> None:
    decision = answer(case.registry, case.question)
    event(decision.outcome.code)
    if decision.outcome is not YES:
        return
    links = [step.statement for step in decision.chain]
    versions = [each for each in case.registry.of(Party) if each.id == links[0].entity]
    assert any(case.question.issuer in each.dids for each in versions)  # it may be given up since
    assert links[0].action is case.question.action
    assert links[-1].authority == decision.framework.id
    assert all(up.entity == down.authority for down, up in pairwise(links))
    assert len(links) <= decision.framework.max_chain
    vocabulary = decision.framework.vocabulary
    for link in links:
        assert link.recorded.position < case.question.known
        assert covers(vocabulary, link.scope, case.question.claim) is Coverage.YES


@OFTEN
@given(CASES)
def test_each_step_says_when_it_had_to_hold_and_whether_that_was_recorded_later(
    case: Case,
) -> None:
    decision = answer(case.registry, case.question)
    steps = decision.chain or decision.nearest_miss
    links = [step.statement for step in steps]
    moments = {
        tuple(naive.instants(links, at, decision.framework.model))
        for at in (decision.question.at, decision.question.now)
    }
    assert not steps or tuple(step.at for step in steps) in moments
    for step in steps:
        known_late = step.statement.valid_from < step.statement.recorded.at
        assert step.recorded_later is (known_late and step.at < step.statement.recorded.at)


@OFTEN
@given(CASES)
def test_several_claims_are_answered_by_the_worst_of_them(case: Case) -> None:
    index, tape = index_of(case.registry.entries), case.tape()
    more = [replace(case.question, claim=tape.claim()) for _ in range(3)]
    questions = [case.question, *more]
    singly = [decide(each, index) for each in questions]
    worst, every = decide_all(questions, index)
    assert every == tuple(sorted(singly, key=lambda decision: decision.outcome))
    assert worst is every[0]


# What a claim says.


def stays_authorised(case: Case, values: dict[Dimension, ClaimValue]) -> None:
    """Whoever is authorised for the case's claim is authorised for this one."""
    other = replace(case.question, claim=Claim(values))
    old, new = outcomes(case.registry, case.question), outcomes(case.registry, other)
    for before, after in zip(old, new, strict=True):
        event(f"{before.code}, then {after.code}")
        assert before is not YES or after is YES


def said(value: str, source: Source = Source.REGISTER) -> ClaimValue:
    return ClaimValue(value, source, WITHIN.get(value, ()))


@OFTEN
@given(CASES)
def test_what_is_authorised_in_silence_is_authorised_whatever_is_said(case: Case) -> None:
    """Nobody gains by leaving something out."""
    tape, values = case.tape(), dict(case.question.claim.values)
    for dimension in CLAIMED:
        values.setdefault(dimension, said(tape.pick(CLAIMED[dimension])))
    stays_authorised(case, values)


PART = {
    "copper": "copper-concentrate",
    "hs:26": "hs:2603",
    "CA": "CA-BC",
    "environment": "water",
    "water": "tailings",
    "irma": "irma:1.0",
}


@OFTEN
@given(CASES)
def test_what_is_authorised_broadly_is_authorised_in_each_part(case: Case) -> None:
    values = case.question.claim.values
    parts = {d: said(PART.get(v.value, v.value), v.source) for d, v in values.items()}
    stays_authorised(case, parts)


@OFTEN
@given(CASES)
def test_a_better_source_never_turns_a_yes_into_less(case: Case) -> None:
    stays_authorised(case, {d: said(v.value) for d, v in case.question.claim.values.items()})


# The horizons.


@OFTEN
@given(CASES)
def test_a_yes_stands_until_its_horizon(case: Case) -> None:
    """Time alone takes no yes away before the instant that the answer names.

    Where the present is judged: for now, or for an earlier time on the issuer's word alone.
    """
    index, question = index_of(case.registry.entries), case.question
    if question.at >= question.now or question.basis is not Basis.ASSERTED:
        question = replace(question, basis=Basis.NOW, at=question.now, key=None)
    decision = decide(question, index)
    event(f"{question.basis} {decision.outcome.code}")
    if decision.outcome is not YES:
        return
    until = END if decision.valid_until is None else decision.valid_until
    assert until > question.now
    for t in range(question.now, min(until, LAST + 6)):
        later = replace(question, now=Instant(t))
        if question.basis is Basis.NOW:
            later = replace(later, at=Instant(t))
        assert decide(later, index).outcome is YES


@OFTEN
@given(CASES)
def test_an_answer_may_be_reused_no_longer_than_it_holds_or_the_framework_allows(
    case: Case,
) -> None:
    decision = answer(case.registry, case.question)
    stale = decision.question.now + decision.framework.max_staleness_ms
    until = decision.valid_until
    assert decision.fresh_until == (stale if until is None else min(until, stale))
    assert until is None or until > decision.question.now
