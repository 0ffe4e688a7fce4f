"""The laws of decisions, on random registries, and agreement with the naive evaluator."""

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from policies.authorise import decide, decide_all
from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Basis, Outcome, Question
from policies.index import Index
from policies.framework import Framework, Reservation, ValidityModel
from policies.scope import Allowed, Coverage, Scope
from policies.statements import Party, Recorded, Statement, StatementId, StatusChange
from resolver.instant import END, Instant
from tests.unit.policies import naive
from tests.unit.policies.registries import (
    ADVERSE_SCOPES,
    ALLOWED,
    CLAIMED,
    LAST,
    WITHIN,
    Registry,
    add,
    cases,
    changes,
    claims,
    compromises,
    exclusions,
    index_of,
    recorded,
)

CASES = cases()
YES = Outcome.AUTHORISED


def answer(registry: Registry, question: Question):
    return decide(question, index_of(registry.entries))


def outcomes(registry: Registry, question: Question) -> tuple[Outcome, ...]:
    """The outcome under each validity model."""
    models = dict(answer(registry, question).models)
    return tuple(models[model] for model in ValidityModel)


def latest(registry: Registry, question: Question) -> Question:
    """The same question, asked with knowledge of everything and of one act more."""
    return replace(question, known=len(registry.entries) + 1)


def never_raises(before: Registry, after: Registry, question: Question) -> None:
    for old, new in zip(outcomes(before, question), outcomes(after, question), strict=True):
        event(f"{old.code} -> {new.code}")
        assert new <= old


# Agreement.


@settings(max_examples=500)
@given(CASES)
def test_the_naive_evaluator_agrees(case: tuple[Registry, Question]) -> None:
    """Outcome under both models, and the reason.

    Where several paths come equally near (same number of bad links and gaps, same progress; on a
    yes or an undetermined answer: same length) each of their reasons may stand.
    """
    registry, question = case
    decision, expected = answer(registry, question), naive.evaluate(registry.entries, question)
    event(f"{len(expected.reasons)} reasons")
    event(min(expected.reasons))
    assert decision.outcome is expected.outcome
    assert decision.reason in expected.reasons
    for model, outcome in decision.models:
        assert outcome is naive.evaluate(registry.entries, question, model).outcome


@given(CASES)
def test_the_frameworks_own_model_is_the_answer(case: tuple[Registry, Question]) -> None:
    decision = answer(*case)
    assert {model for model, _ in decision.models} == set(ValidityModel)
    assert dict(decision.models)[decision.framework.model] is decision.outcome


# What can only lower an outcome.


@given(CASES, st.data())
def test_narrowing_a_grant_never_raises(case, data: st.DataObject) -> None:
    registry, question = case
    grants = registry.of(Statement)
    if not grants:
        return
    grant = data.draw(st.sampled_from(grants))
    dimension = data.draw(st.sampled_from(tuple(ALLOWED)))
    narrow = data.draw(st.sampled_from(ALLOWED[dimension]))
    old = grant.scope.allowed.get(dimension)
    if old is not None and old.all_but and narrow.all_but:
        narrow = Allowed(old.values | narrow.values, all_but=True)
    elif old is not None and old.all_but:
        narrow = Allowed(old.values | {"nothing else"}, all_but=True)
    elif old is not None:
        narrow = Allowed(frozenset([min(old.values)]))
    narrowed = replace(grant, scope=Scope({**grant.scope.allowed, dimension: narrow}))
    never_raises(registry, registry.replaced(grant, narrowed), question)


@given(CASES, st.data())
def test_removing_a_grant_never_raises(case, data: st.DataObject) -> None:
    registry, question = case
    grants = registry.of(Statement)
    if not grants:
        return
    never_raises(registry, registry.without(data.draw(st.sampled_from(grants))), question)


@given(CASES, st.data())
def test_suspending_withdrawing_or_superseding_never_raises(case, data: st.DataObject) -> None:
    registry, question = case
    grants = registry.of(Statement)
    if not grants:
        return
    change = data.draw(changes(data.draw(st.sampled_from(grants)).id))
    never_raises(registry, added(registry, change), latest(registry, question))


@given(CASES, st.data())
def test_excluding_a_party_never_raises(case, data: st.DataObject) -> None:
    registry, question = case
    parties = [party.id for party in registry.of(Party)]
    exclusion = data.draw(exclusions(parties))
    never_raises(registry, added(registry, exclusion), latest(registry, question))


@given(CASES, st.data())
def test_a_compromised_key_never_raises(case, data: st.DataObject) -> None:
    registry, question = case
    compromise = data.draw(compromises(len(registry.of(Party))))
    if question.key and data.draw(st.booleans()):
        compromise = replace(compromise, did=question.key.did)
    never_raises(registry, added(registry, compromise), latest(registry, question))


@given(CASES, ADVERSE_SCOPES, st.integers(0, 7))
def test_reserving_a_scope_never_raises(case, scope: Scope, number: int) -> None:
    registry, question = case
    parties = registry.of(Party)
    anchors = frozenset(parties[number % len(parties)].dids)
    for framework in registry.of(Framework):
        reserved = (*framework.reserved, Reservation("another", scope, anchors))
        after = registry.replaced(framework, replace(framework, reserved=reserved))
        never_raises(registry, after, question)


def added(registry: Registry, entry: naive.Entry) -> Registry:
    last = registry.entries[-1].recorded.at
    return registry.plus(recorded(entry, len(registry.entries), last))


# What may not matter.


@given(CASES, st.randoms())
def test_the_order_of_insertion_does_not_matter(case, random) -> None:
    """Among entries of one kind; an entry still comes after those that it speaks of."""
    registry, question = case
    shuffled = list(registry.entries)
    random.shuffle(shuffled)
    order = [Framework, Party, Statement, StatusChange, naive.Reinstatement]
    shuffled.sort(key=lambda entry: order.index(type(entry)) if type(entry) in order else 9)
    frameworks = registry.of(Framework)
    shuffled[: len(frameworks)] = frameworks
    assert decide(question, index_of(shuffled)) == answer(registry, question)


@given(CASES)
def test_asking_twice_changes_nothing(case) -> None:
    registry, question = case
    index = index_of(registry.entries)
    assert decide(question, index) == decide(question, index)


@given(CASES, st.data())
def test_what_was_known_then_is_what_the_first_entries_say(case, data: st.DataObject) -> None:
    registry, question = case
    question = replace(question, known=data.draw(st.integers(1, len(registry.entries))))
    prefix = Registry(registry.entries[: question.known])
    assert answer(registry, question) == answer(prefix, question)


@given(CASES)
def test_answers_on_the_way_leave_no_trace_in_later_ones(case) -> None:
    """A registry that grows while it is asked answers like one built at once."""
    registry, question = case
    index = Index()
    for entry in registry.entries:
        add(index, entry)
        decide(latest(registry, question), index)
    assert decide(question, index) == answer(registry, question)


# What an answer promises.


@given(CASES)
def test_a_path_is_never_better_than_its_weakest_link(case) -> None:
    decision = answer(*case)
    assert not (decision.chain and decision.nearest_miss)
    if decision.chain:
        assert decision.outcome <= min(step.outcome for step in decision.chain)
    if decision.outcome is YES:
        assert decision.chain
        assert not decision.gaps


@settings(max_examples=300)
@given(CASES)
def test_a_yes_is_backed_by_an_unbroken_chain_that_covers_the_claim(case) -> None:
    registry, question = case
    decision = answer(registry, question)
    event(decision.outcome.code)
    if decision.outcome is not YES:
        return
    links = [step.statement for step in decision.chain]
    assert question.issuer in next(p for p in registry.of(Party) if p.id == links[0].entity).dids
    assert links[0].action is question.action
    assert links[-1].authority == decision.framework.id
    assert all(up.entity == down.authority for down, up in zip(links, links[1:], strict=False))
    assert len(links) <= decision.framework.max_chain
    vocabulary = decision.framework.vocabulary
    for link in links:
        assert naive.covers(vocabulary, link.scope, question.claim) is Coverage.YES


@given(CASES)
def test_each_step_says_when_it_had_to_hold_and_whether_that_was_recorded_later(case) -> None:
    decision = answer(*case)
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


@given(CASES, st.lists(claims(), min_size=1, max_size=3))
def test_several_claims_are_answered_by_the_worst_of_them(case, more: list[Claim]) -> None:
    registry, question = case
    index = index_of(registry.entries)
    questions = [question, *(replace(question, claim=claim) for claim in more)]
    singly = [decide(each, index) for each in questions]
    worst, every = decide_all(questions, index)
    assert every == tuple(sorted(singly, key=lambda decision: decision.outcome))
    assert worst is every[0]


# What a claim says.


@given(CASES, st.data())
def test_what_is_authorised_in_silence_is_authorised_whatever_is_said(case, data) -> None:
    """Nobody gains by leaving something out."""
    registry, question = case
    silent = [d for d in CLAIMED if d not in question.claim.values]
    spoken = dict(question.claim.values)
    for dimension in silent:
        value = data.draw(st.sampled_from(CLAIMED[dimension]))
        spoken[dimension] = ClaimValue(value, Source.REGISTER, WITHIN.get(value, ()))
    fuller = replace(question, claim=Claim(spoken))
    for mute, said in zip(outcomes(registry, question), outcomes(registry, fuller), strict=True):
        event(f"{mute.code}, {said.code} when said")
        assert mute is not YES or said is YES


NARROWER = {
    "copper": "copper-concentrate",
    "hs:26": "hs:2603",
    "CA": "CA-BC",
    "environment": "water",
    "water": "tailings",
    "irma": "irma:1.0",
}


@given(CASES)
def test_what_is_authorised_broadly_is_authorised_in_each_part(case) -> None:
    registry, question = case
    values = {
        dimension: ClaimValue(value, said.source, WITHIN.get(value, ()))
        for dimension, said in question.claim.values.items()
        for value in [NARROWER.get(said.value, said.value)]
    }
    part = replace(question, claim=Claim(values))
    for broad, narrow in zip(outcomes(registry, question), outcomes(registry, part), strict=True):
        assert broad is not YES or narrow is YES


@given(CASES)
def test_a_better_source_never_turns_a_yes_into_less(case) -> None:
    registry, question = case
    better = {d: ClaimValue(v.value, Source.REGISTER, v.within) for d, v in question.claim.values.items()}
    sure = replace(question, claim=Claim(better))
    for old, new in zip(outcomes(registry, question), outcomes(registry, sure), strict=True):
        assert old is not YES or new is YES


# The horizons.


@settings(max_examples=300)
@given(CASES)
def test_a_yes_for_now_stands_until_its_horizon(case) -> None:
    registry, question = case
    question = replace(question, basis=Basis.NOW, at=question.now, key=None)
    index = index_of(registry.entries)
    decision = decide(question, index)
    event(decision.outcome.code)
    if decision.outcome is not YES:
        return
    until = decision.valid_until
    assert until is None or until > question.now
    for t in range(question.now, min(until or END, LAST + 6)):
        later = replace(question, at=Instant(t), now=Instant(t))
        if decision.framework.model is ValidityModel.SHELL:
            assert decide(later, index).outcome is YES


@given(CASES)
def test_an_answer_may_be_reused_no_longer_than_it_holds_or_the_framework_allows(case) -> None:
    decision = answer(*case)
    stale = decision.question.now + decision.framework.max_staleness_ms
    until = decision.valid_until
    assert decision.fresh_until == (stale if until is None else min(until, stale))
    if decision.question.basis is Basis.PROVED:
        assert until is None
