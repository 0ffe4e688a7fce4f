"""A second evaluator of the rules: it enumerates every path and remembers nothing.

Written from the rules' description alone, to disagree with `policies.authorise` where either of
them is wrong. It answers with the outcome and with every reason that may stand for it: several
only where several paths come equally near (see `nearness`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.decision import Basis, Outcome, Question, Reason
from policies.framework import ValidityModel
from policies.scope import Coverage
from policies.statements import (
    Action,
    Change,
    IssuedEffect,
    Kind,
    Party,
    Statement,
)
from resolver.instant import Instant
from tests.unit.policies.naive_world import (
    NO,
    UNDETERMINED,
    YES,
    Entry,
    Finding,
    World,
    met,
    worst,
)


@dataclass(frozen=True)
class Path:
    """Links from the issuer upwards with what was found of each, and what fails it as a whole."""

    links: tuple[Statement, ...]
    findings: tuple[tuple[Finding, ...], ...]
    faults: tuple[Finding, ...]

    @property
    def worst(self) -> Finding:
        every = [finding for link in self.findings for finding in link] + list(self.faults)
        return worst(every)

    @property
    def nearness(self) -> tuple[int, int, int]:
        """Fewest bad links, then fewest gaps, then the longest progress.

        A link is bad that does not carry the claim, be it for doubt; a rule broken by the path as
        a whole counts as one bad link. Gaps count where they are the reason why a link fails.
        Progress is the number of links below the first bad one.
        """
        bad = [bool(link) for link in self.findings]
        broken = bool(self.faults)
        gaps = sum(worst(part).gaps for part in (*self.findings, self.faults))
        progress = bad.index(True) if any(bad) else len(bad)
        return (sum(bad) + broken, gaps, -progress)


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    reasons: frozenset[Reason]
    best: tuple[Path, ...] = ()


def _one(outcome: Outcome, reason: Reason) -> Answer:
    return Answer(outcome, frozenset({reason}))


# One link.

AUTHORITY_FORM = {
    Reason.OUT_OF_SCOPE: Reason.AUTHORITY_OUT_OF_SCOPE,
    Reason.NOT_YET_VALID: Reason.AUTHORITY_NOT_YET_VALID,
    Reason.EXPIRED: Reason.AUTHORITY_EXPIRED,
    Reason.SUSPENDED: Reason.AUTHORITY_SUSPENDED,
    Reason.WITHDRAWN: Reason.AUTHORITY_WITHDRAWN,
    Reason.SUPERSEDED: Reason.AUTHORITY_SUPERSEDED,
}


def judge(
    world: World, question: Question, link: Statement, t: Instant, *, leaf: bool
) -> tuple[Finding, ...]:
    """Everything that stands against one link at one instant."""
    found = [*_of_scope(world, question, link), *_of_time(link, t)]
    found += _of_changes(world, question, link, t)
    found += world.excluded(link.entity, question.claim, t)
    found += _of_issued(world, question, link, t)
    if leaf:
        return tuple(found)
    return tuple(replace(f, reason=AUTHORITY_FORM.get(f.reason, f.reason)) for f in found)


def _of_scope(world: World, question: Question, link: Statement) -> Iterator[Finding]:
    dimensions = met(world.framework.vocabulary, link.scope, question.claim)
    gaps = sum(coverage is not Coverage.YES for _, coverage in dimensions)
    if any(coverage is Coverage.NO for _, coverage in dimensions):
        yield Finding(NO, Reason.OUT_OF_SCOPE, gaps)
    elif gaps:
        yield Finding(UNDETERMINED, Reason.CLAIM_SILENT, gaps)


def _of_time(link: Statement, t: Instant) -> Iterator[Finding]:
    if t < link.valid_from:
        yield Finding(NO, Reason.NOT_YET_VALID)
    elif t >= link.valid_until:
        yield Finding(NO, Reason.EXPIRED)


def _of_changes(world: World, question: Question, link: Statement, t: Instant) -> Iterator[Finding]:
    reasons = {
        Change.SUSPEND: Reason.SUSPENDED,
        Change.WITHDRAW: Reason.WITHDRAWN,
        Change.SUPERSEDE: Reason.SUPERSEDED,
    }
    for change in world.changes:
        lifted = change.lifted is not None and change.lifted.effective_from <= t
        in_force = change.effective_from <= t < change.effective_until and not lifted
        if change.statement == link.id and in_force:
            finding = Finding(NO, reasons[change.change])
            yield from world.touched(change.scope, question.claim, finding)


def _of_issued(world: World, question: Question, link: Statement, t: Instant) -> Iterator[Finding]:
    if question.basis not in {Basis.ASSERTED, Basis.PROVED}:
        return
    effects = {
        IssuedEffect.VOID: Finding(NO, Reason.CREDENTIAL_VOIDED),
        IssuedEffect.DOUBT: Finding(UNDETERMINED, Reason.RECHECK_REQUIRED),
    }
    for change in world.changes:
        if change.statement != link.id or change.change is Change.SUPERSEDE:
            continue
        lifted = change.lifted is not None and change.lifted.effective_from <= question.now
        later = t < change.effective_from <= question.now
        if change.issued in effects and later and not lifted:
            yield from world.touched(change.scope, question.claim, effects[change.issued])


# Every path.


@dataclass(frozen=True)
class Climb:
    """A path under way."""

    links: tuple[Statement, ...]
    groups: frozenset[str]
    level: int
    recognised: bool = False

    def on(self, link: Statement, group: str, *, recognised: bool = False) -> "Climb":
        groups = self.groups | {group}
        return Climb((*self.links, link), groups, self.level + 1, self.recognised or recognised)


Time = tuple[Instant, ValidityModel]


def joined(world: World, links: tuple[Statement, ...], time: Time) -> bool:
    """Whether control declared later puts the last authority together with somebody below it."""
    when = instants(links, *time)[-1]
    authority = world.group(links[-1].authority, links[-1].recorded.position, when)
    return authority in {world.group(x.entity, x.recorded.position, when) for x in links}


def climb(
    world: World, action: Action, way: Climb, time: Time
) -> Iterator[tuple[Climb, Reason | None]]:
    """Follow every way up; with each, what breaks it, or None where it reaches the framework."""
    link = way.links[-1]
    authority = link.authority
    if authority == world.framework.id:
        yield way, None
        return
    group = world.group(authority, link.recorded.position)
    if group == world.group(link.entity, link.recorded.position):
        yield way, Reason.SELF_GRANT
        return
    if group in way.groups:
        yield way, Reason.CYCLE
        return
    if len(way.links) >= world.framework.max_chain:
        yield way, Reason.CHAIN_TOO_LONG
        return
    if joined(world, way.links, time):
        yield way, Reason.COMMON_CONTROL
        return
    ways = list(_ways_on(world, action, way, group))
    if not ways:
        yield way, Reason.AUTHORITY_WITHOUT_CHAIN
    for further, broken in ways:
        if broken:
            yield further, broken
        else:
            yield from climb(world, action, further, time)


def _ways_on(
    world: World, action: Action, way: Climb, group: str
) -> Iterator[tuple[Climb, Reason | None]]:
    """Each way one link further; where a statement does not let it on, the way so far and why."""
    for above in world.statements:
        if above.entity != way.links[-1].authority:
            continue
        if above.kind is Kind.RECOGNITION:
            if not way.recognised:
                yield way.on(above, group, recognised=True), None
        elif above.action is Action.ACCREDIT and above.passes_on is not None:
            if way.recognised and above.authority != world.framework.id:
                continue
            if action is not Action.ACCREDIT and action not in above.passes_on.actions:
                yield way, Reason.ACTION_NOT_PASSED_ON
            elif above.passes_on.depth < way.level and not way.recognised:
                yield way, Reason.DEPTH_EXCEEDED
            else:
                yield way.on(above, group), None


def paths(
    world: World, question: Question, issuer: Party, at: Instant, model: ValidityModel
) -> list[Path]:
    """Every path from the issuer upwards, judged."""
    found = []
    start = 1 if question.action is Action.ACCREDIT else 0
    for leaf in world.statements:
        if (leaf.entity, leaf.kind, leaf.action) == (
            issuer.id,
            Kind.AUTHORISATION,
            question.action,
        ):
            group = world.group(issuer.id, leaf.recorded.position)
            way = Climb((leaf,), frozenset({group}), start)
            for complete, broken in climb(world, question.action, way, (at, model)):
                found.append(_judged(world, question, complete.links, broken, at, model))
    return found


def instants(links: Sequence[Statement], at: Instant, model: ValidityModel) -> list[Instant]:
    """When each link must hold."""
    if model is ValidityModel.SHELL:
        return [at] * len(links)
    return [at, *(below.recorded.at for below in links[:-1])]


def _judged(
    world: World,
    question: Question,
    links: tuple[Statement, ...],
    broken: Reason | None,
    at: Instant,
    model: ValidityModel,
) -> Path:
    whens = instants(links, at, model)
    findings = tuple(
        judge(world, question, link, when, leaf=position == 0)
        for position, (link, when) in enumerate(zip(links, whens, strict=True))
    )
    faults = [Finding(NO, broken)] if broken else list(_of_whole(world, question, links))
    return Path(links, findings, tuple(faults))


def _of_whole(world: World, question: Question, links: tuple[Statement, ...]) -> Iterator[Finding]:
    """What fails a path that reaches the framework: not accepted, or not let in by a reservation."""
    anchor = links[-1].entity
    peers = {link.entity for link in links if link.kind is Kind.RECOGNITION}
    if question.authorities is not None and not question.authorities & {
        world.framework.id,
        anchor,
        *peers,
    }:
        yield Finding(NO, Reason.AUTHORITY_NOT_ACCEPTED)
    party = world.parties[anchor]
    for reservation in world.framework.reserved:
        if reservation.anchors & set(party.dids):
            continue
        finding = Finding(NO, Reason.RESERVED_SCOPE)
        yield from world.touched(reservation.scope, question.claim, finding)


# The answer.


def answer_at(
    world: World, question: Question, issuer: Party, at: Instant, model: ValidityModel
) -> Answer:
    """The best path's answer at one instant."""
    every = paths(world, question, issuer, at, model)
    if not every:
        return _one(NO, Reason.NO_STATEMENT)
    outcome = max(path.worst.outcome for path in every)
    best = [path for path in every if path.worst.outcome is outcome]
    if outcome is NO:
        nearest = min(path.nearness for path in best)
        best = [path for path in best if path.nearness == nearest]
    else:
        shortest = min(len(path.links) for path in best)
        best = [path for path in best if len(path.links) == shortest]
    return Answer(outcome, frozenset(path.worst.reason for path in best), tuple(best))


def evaluate(
    entries: Sequence[Entry], question: Question, model: ValidityModel | None = None
) -> Answer:
    """Answer a question; under the framework's own validity model unless another is named."""
    world = World(entries, question.known)
    model = model or world.framework.model
    if _compromised(world, question):
        return _one(NO, Reason.KEY_COMPROMISED)
    issuer = world.holder(question.issuer, question.at)
    if issuer is None:
        return _one(NO, Reason.UNKNOWN_ISSUER)
    answer = answer_at(world, question, issuer, question.at, model)
    answer = _unless_excluded(world, question, issuer, answer)
    return _unless_unproved(world, question, issuer, answer, model)


def _compromised(world: World, question: Question) -> bool:
    return any(
        question.key is not None
        and (each.did, each.thumbprint) == (question.key.did, question.key.thumbprint)
        and not (question.basis is Basis.PROVED and question.at < each.compromised_from)
        for each in world.compromises
    )


def _unless_excluded(world: World, question: Question, issuer: Party, answer: Answer) -> Answer:
    moments = [question.at]
    if question.basis in {Basis.ASSERTED, Basis.NOW}:
        moments.append(question.now)
    shut = [f for moment in moments for f in world.excluded(issuer.id, question.claim, moment)]
    if worst(shut).outcome is NO:
        return _one(NO, Reason.EXCLUDED)
    if shut and answer.outcome is YES:
        return _one(UNDETERMINED, Reason.CLAIM_SILENT)
    return answer


def _unless_unproved(
    world: World, question: Question, issuer: Party, answer: Answer, model: ValidityModel
) -> Answer:
    """Doubt a yes that rests on the issuer's own word for the time, and no longer holds.

    Any path that authorised then and has since only expired suffices where the framework accepts
    that: were it the shortest alone, removing a grant could turn doubt into a yes.
    """
    if question.basis is not Basis.ASSERTED or question.at >= question.now:
        return answer
    if answer.outcome is not YES:
        return answer
    if world.holder(question.issuer, question.now) != issuer:
        return _one(UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED)
    if answer_at(world, question, issuer, question.now, model).outcome is YES:
        return answer
    if world.framework.accept_asserted_after_expiry:
        for then in paths(world, question, issuer, question.at, model):
            if then.worst.outcome is YES and _only_expired(world, question, then, model):
                return answer
    return _one(UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED)


def _only_expired(world: World, question: Question, then: Path, model: ValidityModel) -> bool:
    today = _judged(world, question, then.links, None, question.now, model)
    every = [finding for link in today.findings for finding in link]
    ways = [then.links[: count + 1] for count in range(len(then.links) - 1)]
    if any(joined(world, way, (question.now, model)) for way in ways):
        return False
    return all(f.reason in {Reason.EXPIRED, Reason.AUTHORITY_EXPIRED} for f in every)
