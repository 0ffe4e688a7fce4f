"""The decision: is this issuer authorised for this claim?"""

from collections.abc import Sequence
from typing import NamedTuple

from policies.chains import Chain, Chains, TooManyChainsError
from policies.decision import Basis, Decision, Notice, Outcome, Question, Reason, Way
from policies.errors import InvalidQuestionError
from policies.framework import Framework, ValidityModel
from policies.holders import Holder
from policies.index import Index, in_force
from policies.links import GOOD, Case, Finding, excluded, findings, is_lifted, next_exclusion
from policies.misses import Misses
from policies.paths import (
    Path,
    also_carries,
    carries,
    carrying_chain,
    comes_back,
    first_chain,
    horizon_of,
)
from policies.scope import Coverage
from resolver.instant import END, Instant

_SHELL, _CHAIN = ValidityModel.SHELL, ValidityModel.CHAIN


class _Answer(NamedTuple):
    """An outcome with what it rests on.

    Attributes:
        finding: the outcome and its reason.
        chain: the chain that carries the claim, where one does.
        path: else the best path among those that do not.
        horizon: when it changes by itself; None where the present was not judged.
    """

    finding: Finding
    chain: Chain | None = None
    path: Path | None = None
    horizon: Instant | None = None


def decide(question: Question, index: Index) -> Decision:
    """Answer one question; a pure function of the question and what the index holds.

    Raises:
        InvalidQuestionError: `authorities` is empty, or nothing was known at that journal size.
    """
    if question.authorities is not None and not question.authorities:
        raise InvalidQuestionError("authorities", "empty: name at least one, or leave it out")
    try:
        framework = index.framework_at(question.known)
    except LookupError as error:
        raise InvalidQuestionError("known_at", str(error)) from None
    chains = index.chains
    if chains is None or chains.framework is not framework:
        chains = _chains(index, framework)
    case = Case(question, index, framework, chains)
    holder = index.holder_of(question.issuer, question.known, question.at)
    if question.key is not None and _compromised(case):
        return _overridden(case, holder, Reason.KEY_COMPROMISED)
    if holder is None:
        return _overridden(case, holder, Reason.UNKNOWN_ISSUER)
    exclusion = _exclusion(case, holder) if holder.excluded else None
    if exclusion and exclusion.outcome is Outcome.NOT_AUTHORISED:
        return _overridden(case, holder, exclusion.reason)
    model = framework.model
    answer = _answer(case, holder, model, exclusion)
    other = _CHAIN if model is _SHELL else _SHELL
    first = answer.finding.outcome
    last = first if _same(case, answer, other) else _outcome(case, holder, other, exclusion)
    shell, chain = (first, last) if model is _SHELL else (last, first)
    return _decision(case, holder, answer, shell, chain)


def _chains(index: Index, framework: Framework) -> Chains:
    """Lay out the chains under a framework; the latest one's are kept with the index."""
    chains = Chains(index, framework)
    if framework is index.frameworks()[-1]:
        index.chains = chains
    return chains


def decide_all(
    questions: Sequence[Question], index: Index
) -> tuple[Decision, tuple[Decision, ...]]:
    """Answer the single claims of one question: all must be covered.

    Returns:
        The worst decision, which is the answer to the whole, and all of them, worst first.

    Raises:
        InvalidQuestionError: there is no question, or one cannot be asked.
    """
    if not questions:
        raise InvalidQuestionError("claim", "no claim to decide")
    decisions = sorted((decide(each, index) for each in questions), key=lambda d: d.outcome)
    return decisions[0], tuple(decisions)


def _compromised(case: Case) -> bool:
    question, key = case.question, case.question.key
    if key is None:
        return False
    found = case.index.compromises(key.did, key.thumbprint, case.known)
    proved = question.basis is Basis.PROVED
    return any(not proved or question.at >= each.compromised_from for each in found)


def _exclusion(case: Case, holder: Holder) -> Finding | None:
    """Judge the issuer's exclusions at the time asked about and, for credentials, at present."""
    question = case.question
    present = question.basis in (Basis.ASSERTED, Basis.NOW)
    instants = {question.at, question.now} if present else {question.at}
    found = [each for at in instants if (each := excluded(holder.excluded, at, case))]
    return min(found, key=lambda finding: finding.outcome, default=None)


def _answer(
    case: Case,
    holder: Holder,
    model: ValidityModel,
    exclusion: Finding | None,
    explain: bool = True,
) -> _Answer:
    """Answer under one model, with the rule on the time of issuance and silent exclusions."""
    question = case.question
    answer = _at(case, holder, model, question.at, explain)
    if answer.finding is not GOOD:
        return answer
    if exclusion:
        return answer._replace(finding=exclusion)
    if question.basis is Basis.ASSERTED and question.at < question.now:
        return _at_present_too(case, holder, model, answer)
    return answer


def _at_present_too(case: Case, holder: Holder, model: ValidityModel, answer: _Answer) -> _Answer:
    """Hold a yes that rests on the issuer's own word for its time against the present."""
    holder_now = case.index.holder_of(case.question.issuer, case.known, case.now)
    if holder_now is None or holder_now.id != holder.id:
        unproved = Finding(Outcome.UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED)
        return answer._replace(finding=unproved, horizon=END)
    present = _at(case, holder, model, case.now)
    if present.finding is GOOD:
        return answer._replace(horizon=present.horizon)
    if case.framework.accept_asserted_after_expiry:
        expired = _plainly_expired(case, holder, model)
        if expired:
            return answer._replace(chain=expired, horizon=present.horizon)
    gaps = present.finding.gaps
    unproved = Finding(Outcome.UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED, gaps)
    return answer._replace(finding=unproved, horizon=present.horizon)


def _at(
    case: Case, holder: Holder, model: ValidityModel, at: Instant, explain: bool = True
) -> _Answer:
    present = at == case.now
    try:
        chain = carrying_chain(case, holder, model, at)
    except TooManyChainsError:
        return _Answer(Finding(Outcome.UNDETERMINED, Reason.SOURCE_UNAVAILABLE))
    if chain:
        if not present:
            return _Answer(GOOD, chain)
        return _Answer(GOOD, chain, None, END if chain.unending else horizon_of(case, chain.links))
    misses = Misses(case, model)
    path = misses.best(holder.id, at, explain=explain)
    horizon = misses.horizon if present else None
    if path is None:
        finding = Finding(Outcome.NOT_AUTHORISED, Reason.NO_STATEMENT)
    else:
        finding = path.worst._replace(gaps=tuple(dict.fromkeys(path.gaps)))
    return _Answer(finding, None, path, horizon)


def _plainly_expired(case: Case, holder: Holder, model: ValidityModel) -> Chain | None:
    """Return the first chain that carried the claim then, and that but expiry ended since."""
    at = case.question.at

    def good(chain: Chain) -> bool:
        return (
            carries(case, chain, model, at)
            and not comes_back(case, chain, model, case.now)
            and all(
                finding.reason is Reason.EXPIRED
                for link, when in chain.instants(case.now, model)
                for finding in findings(link, when, case)
            )
        )

    try:
        leaves = holder.held(case.question.action).candidates(case.claim)
        return first_chain(case, leaves, at, good)
    except TooManyChainsError:
        return None


def _same(case: Case, answer: _Answer, model: ValidityModel) -> bool:
    """Tell cheaply whether the other model surely gives the same outcome."""
    question, chain = case.question, answer.chain
    if answer.finding is not GOOD or chain is None:
        return answer.finding.reason is Reason.NO_STATEMENT
    if question.basis is Basis.ASSERTED and question.at < question.now:
        return False
    if len(chain.links) == 1:
        return True
    if model is _CHAIN and not chain.watched:
        return chain.made_in_order  # its first link holds as it is
    return also_carries(case, chain, model, question.at)


def _outcome(
    case: Case, holder: Holder, model: ValidityModel, exclusion: Finding | None
) -> Outcome:
    return _answer(case, holder, model, exclusion, explain=False).finding.outcome


def _overridden(case: Case, holder: Holder | None, reason: Reason) -> Decision:
    """Answer no, whatever paths exist."""
    question = case.question
    present = question.at == question.now or question.basis is Basis.ASSERTED
    outcome = Outcome.NOT_AUTHORISED
    answer = _Answer(Finding(outcome, reason), horizon=END if present else None)
    return _decision(case, holder, answer, outcome, outcome)


def _decision(
    case: Case, holder: Holder | None, answer: _Answer, shell: Outcome, chain: Outcome
) -> Decision:
    finding, carrying, path, horizon = answer
    fresh_until = case.now + case.framework.max_staleness_ms
    valid_until = None
    if horizon is not None:
        if holder and holder.excluded:
            horizon = min(horizon, next_exclusion(holder.excluded, case))
        horizon = min(horizon, case.index.next_holder(case.question.issuer, case.known, case.now))
        if horizon < END:
            valid_until = horizon
            fresh_until = min(fresh_until, horizon)
    way = carrying or path
    return Decision(
        case.question,
        finding.outcome,
        finding.reason,
        case.framework,
        way,
        Instant(fresh_until),
        finding.gaps,
        _reservation(case) if case.reserved else None,
        ((_SHELL, shell), (_CHAIN, chain)),
        valid_until,
        _adverse_acts(case, holder, way) if holder and holder.harmed else (),
    )


def _reservation(case: Case) -> str | None:
    met = (each.id for each, touched, _ in case.reserved if touched is Coverage.YES)
    return next(met, None)


def _adverse_acts(case: Case, holder: Holder, way: Way | None) -> tuple[Notice, ...]:
    """Name the acts now in force against the issuer that the answer does not rest on.

    Its retirement, which stands against all that it holds, is named in any case.
    """
    steps = way.steps(case.question.at, case.framework.model) if way else ()
    resting = {step.statement.id for step in steps}
    changes = sorted(
        (changed.change for changed in holder.adverse),
        key=lambda change: change.recorded.position,
    )
    found = [
        Notice("ADVERSE_ACT", f"A {each.change.value} act stands against the issuer.", each.id)
        for each in changes
        if each.statement not in resting
        and each.recorded.position < case.known
        and in_force(each.effective_from, each.effective_until, case.now)
        and not is_lifted(each, case.now, case.known)
    ]
    end = holder.retirement
    if end and end.recorded.position < case.known and end.effective_from <= case.now:
        found.append(Notice("ADVERSE_ACT", "The issuer has retired.", end.id))
    return tuple(found)
