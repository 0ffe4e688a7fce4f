"""The decision: is this issuer authorised for this claim?"""

from collections.abc import Sequence
from typing import NamedTuple

from policies.decision import (
    Basis,
    Decision,
    Notice,
    Outcome,
    Question,
    Reason,
    Step,
)
from policies.errors import InvalidQuestionError
from policies.framework import Framework, ValidityModel
from policies.index import Index, in_force
from policies.links import Circumstances, Finding, excluded, is_lifted, next_exclusion
from policies.paths import Judged, Path, Search
from policies.scope import Coverage
from policies.statements import Party, PartyId
from resolver.instant import END, Instant

_SHELL, _CHAIN = ValidityModel.SHELL, ValidityModel.CHAIN
_EXPIRY = frozenset({Reason.AUTHORISED, Reason.EXPIRED, Reason.AUTHORITY_EXPIRED})


class _Answer(NamedTuple):
    """An outcome with the path it rests on; `horizon` is None where the present was not judged."""

    finding: Finding
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
    return _Decider(question, index, framework).decide()


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


class _Decider:
    """One decision in the making."""

    __slots__ = (
        "_framework",
        "_given",
        "_index",
        "_party",
        "_question",
        "_reservation",
        "_reserved",
    )

    def __init__(self, question: Question, index: Index, framework: Framework) -> None:
        self._question = question
        self._index = index
        self._framework = framework
        self._party = index.party_of(question.issuer, question.known)
        vocabulary = framework.vocabulary
        self._given = Circumstances(
            index,
            vocabulary.prepare(question.claim),
            vocabulary,
            question.known,
            question.now,
            issued=question.basis in (Basis.ASSERTED, Basis.PROVED),
        )
        self._reservation: str | None = None
        self._reserved: tuple[tuple[Coverage, frozenset[PartyId]], ...] = ()
        if framework.reserved:
            self._reserve()

    def _reserve(self) -> None:
        reserved = []
        for reservation in self._framework.reserved:
            scope = reservation.scope.compile(self._framework.vocabulary)
            touched = scope.covers(self._given.claim)
            if touched is Coverage.NO:
                continue
            if touched is Coverage.YES:
                self._reservation = reservation.id
            holders = (
                self._index.party_of(did, self._question.known) for did in reservation.anchors
            )
            reserved.append((touched, frozenset(party.id for party in holders if party)))
        self._reserved = tuple(reserved)

    def decide(self) -> Decision:
        party = self._party
        if self._key_compromised():
            return self._overridden(Finding(Outcome.NOT_AUTHORISED, Reason.KEY_COMPROMISED))
        if party is None:
            return self._overridden(Finding(Outcome.NOT_AUTHORISED, Reason.UNKNOWN_ISSUER))
        exclusion = self._exclusion(party)
        if exclusion and exclusion.outcome is Outcome.NOT_AUTHORISED:
            return self._overridden(exclusion)
        model = self._framework.model
        other = _CHAIN if model is _SHELL else _SHELL
        answer = self._answer(party, model, exclusion)
        path = answer.path
        if answer.finding.outcome is Outcome.AUTHORISED and path and self._also(path, other):
            second = answer
        else:
            second = self._answer(party, other, exclusion)
        first, last = answer.finding.outcome, second.finding.outcome
        return self._decision(answer, *((first, last) if model is _SHELL else (last, first)))

    def _key_compromised(self) -> bool:
        question = self._question
        if question.key is None:
            return False
        found = self._index.compromises(question.key.did, question.key.thumbprint, question.known)
        proved = question.basis is Basis.PROVED
        return any(not proved or question.at >= each.compromised_from for each in found)

    def _exclusion(self, party: Party) -> Finding | None:
        exclusions = self._index.exclusions(party.id)
        if not exclusions:
            return None
        question = self._question
        present = question.basis in (Basis.ASSERTED, Basis.NOW)
        instants = {question.at, question.now} if present else {question.at}
        found = [each for at in instants if (each := excluded(exclusions, at, self._given))]
        return min(found, key=lambda finding: finding.outcome, default=None)

    def _answer(self, party: Party, model: ValidityModel, exclusion: Finding | None) -> _Answer:
        """Answer under one model, with the rule on the time of issuance and silent exclusions."""
        question = self._question
        answer = self._at(party, model, question.at)
        asserted = question.basis is Basis.ASSERTED and question.at < question.now
        if asserted and answer.finding.outcome is Outcome.AUTHORISED:
            present = self._at(party, model, question.now)
            if present.finding.outcome is Outcome.AUTHORISED:
                answer = _Answer(answer.finding, answer.path, present.horizon)
            elif not self._plainly_expired(answer.path, model):
                finding = Finding(
                    Outcome.UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED, present.finding.gaps
                )
                answer = _Answer(finding, answer.path, present.horizon)
        if exclusion and answer.finding.outcome is Outcome.AUTHORISED:
            return _Answer(exclusion, answer.path, answer.horizon)
        return answer

    def _at(self, party: Party, model: ValidityModel, at: Instant) -> _Answer:
        search = Search(self._question, self._framework, model, self._given, self._reserved)
        path = search.best(party.id, at)
        horizon = search.horizon if at == self._question.now else None
        if path is None:
            return _Answer(Finding(Outcome.NOT_AUTHORISED, Reason.NO_STATEMENT), None, horizon)
        worst = path.worst
        if worst.outcome is Outcome.AUTHORISED:
            return _Answer(worst, path, horizon)
        return _Answer(Finding(worst.outcome, worst.reason, path.gaps), path, horizon)

    def _also(self, path: Path, model: ValidityModel) -> bool:
        """Tell whether an authorised path holds under the other model at the same instants."""
        question = self._question
        if len(path.links) == 1:
            return True
        if question.basis is Basis.ASSERTED and question.at < question.now:
            return False
        search = Search(question, self._framework, model, self._given, self._reserved)
        return search.holds(path, question.at)

    def _plainly_expired(self, path: Path | None, model: ValidityModel) -> bool:
        if path is None or not self._framework.accept_asserted_after_expiry:
            return False
        search = Search(self._question, self._framework, model, self._given, self._reserved)
        judged = search.judge_again(path, self._question.now)
        return all(finding.reason in _EXPIRY for finding in judged.findings)

    def _overridden(self, finding: Finding) -> Decision:
        horizon = END
        present = self._question.at == self._question.now
        if self._party and finding.reason is Reason.EXCLUDED:
            present = present or self._question.basis is Basis.ASSERTED
            horizon = next_exclusion(self._index.exclusions(self._party.id), self._given)
        answer = _Answer(finding, None, horizon if present else None)
        return self._decision(answer, finding.outcome, finding.outcome)

    def _decision(self, answer: _Answer, shell: Outcome, chain: Outcome) -> Decision:
        question, framework, finding = self._question, self._framework, answer.finding
        horizon = answer.horizon
        if horizon is not None and self._party:
            exclusions = self._index.exclusions(self._party.id)
            if exclusions:
                horizon = min(horizon, next_exclusion(exclusions, self._given))
        valid_until = None if horizon is None or horizon >= END else horizon
        fresh_until = question.now + framework.max_staleness_ms
        if valid_until is not None:
            fresh_until = min(fresh_until, valid_until)
        steps = _steps(answer.path) if answer.path else ()
        missed = finding.outcome is Outcome.NOT_AUTHORISED
        return Decision(
            question,
            finding.outcome,
            finding.reason,
            framework,
            Instant(fresh_until),
            () if missed else steps,
            steps if missed else (),
            finding.gaps,
            self._reservation,
            ((_SHELL, shell), (_CHAIN, chain)),
            valid_until,
            self._adverse_acts(answer.path),
        )

    def _adverse_acts(self, path: Path | None) -> tuple[Notice, ...]:
        """Name the acts now in force against the issuer that the answer does not rest on."""
        adverse = self._index.adverse(self._party.id) if self._party else []
        if not adverse:
            return ()
        resting = {each.link.statement.id for each in path.links} if path else set()
        question = self._question
        return tuple(
            Notice("ADVERSE_ACT", f"A {each.change.value} act stands against the issuer.", each.id)
            for each in (changed.change for changed in adverse)
            if each.statement not in resting
            and each.recorded.position < question.known
            and in_force(each.effective_from, each.effective_until, question.now)
            and not is_lifted(each, question.now, question.known)
        )


def _steps(path: Path) -> tuple[Step, ...]:
    if path.carried:
        return tuple(
            [
                Step(
                    each.link.statement,
                    each.at,
                    Outcome.AUTHORISED,
                    Reason.AUTHORISED,
                    (),
                    _later(each),
                )
                for each in path.links
            ]
        )
    return tuple(
        Step(
            each.link.statement,
            each.at,
            finding.outcome,
            finding.reason,
            finding.gaps,
            _later(each),
        )
        for each, finding in zip(path.links, path.findings, strict=False)
    )


def _later(judged: Judged) -> bool:
    recorded = judged.link.recorded_at
    return judged.at < recorded and judged.link.valid_from < recorded
