"""What the naive evaluator sees: the entries known by then, and how scopes meet a claim."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Outcome, Reason
from policies.framework import Framework
from policies.scope import Allowed, Coverage, Scope, Vocabulary
from policies.statements import (
    Exclusion,
    KeyCompromise,
    Lift,
    Party,
    PartyId,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import BEGINNING, Instant

NO, UNDETERMINED, YES = Outcome.NOT_AUTHORISED, Outcome.UNDETERMINED, Outcome.AUTHORISED


@dataclass(frozen=True)
class Reinstatement:
    """A journal entry that lifts a status change or an exclusion."""

    change: StatementId
    lift: Lift

    @property
    def recorded(self) -> Recorded:
        return self.lift.recorded


Entry = Framework | Party | Statement | StatusChange | Reinstatement | Exclusion | KeyCompromise


@dataclass(frozen=True)
class Finding:
    outcome: Outcome
    reason: Reason
    gaps: int = 0


FINE = Finding(YES, Reason.AUTHORISED)


def worst(findings: Sequence[Finding]) -> Finding:
    """The lowest of them, and the first of those."""
    return min(findings, key=lambda finding: finding.outcome, default=FINE)


# Coverage.


def broader(vocabulary: Vocabulary, dimension: Dimension, value: str) -> set[str]:
    """Every value strictly broader than this one."""
    if dimension is Dimension.COUNTRY:
        return {value[: value.index("-")]} if "-" in value else set()
    if dimension is Dimension.COMMODITY and value.startswith("hs:"):
        code = value.removeprefix("hs:")
        return {"hs:" + code[:length] for length in (2, 4, 6, 8) if length < len(code)}
    parents = {
        Dimension.COMMODITY: vocabulary.commodities,
        Dimension.TOPIC: vocabulary.topics,
    }.get(dimension, {})
    found: set[str] = set()
    while value in parents and parents[value] not in found:
        value = parents[value]
        found.add(value)
    return found


def stated(vocabulary: Vocabulary, claim: Claim, dimension: Dimension) -> ClaimValue | None:
    """The claim's value, unless it says none or its source does not suffice."""
    value = claim.values.get(dimension)
    if value is None or value.source < vocabulary.sources.get(dimension, Source.ISSUER):
        return None
    return value


def names(vocabulary: Vocabulary, claim: Claim, dimension: Dimension) -> set[str]:
    """Every scope value that would cover what the claim states here."""
    value = stated(vocabulary, claim, dimension)
    if dimension is Dimension.ACHIEVEMENT:
        scheme = stated(vocabulary, claim, Dimension.SCHEME)
        for name in [scheme.value, *scheme.within] if scheme else []:
            levels = vocabulary.achievements.get(name, ())
            if value.value in levels:
                return {each for each in levels if levels.index(each) >= levels.index(value.value)}
        return {value.value}
    found = {value.value, *value.within}
    return found | {wide for each in found for wide in broader(vocabulary, dimension, each)}


def covers_on(
    vocabulary: Vocabulary, dimension: Dimension, allowed: Allowed, claim: Claim
) -> Coverage:
    value = stated(vocabulary, claim, dimension)
    if value is None:
        return Coverage.SILENT
    hit = bool(names(vocabulary, claim, dimension) & allowed.values)
    wide = any(value.value in broader(vocabulary, dimension, each) for each in allowed.values)
    if dimension is Dimension.ACHIEVEMENT and not stated(vocabulary, claim, Dimension.SCHEME):
        wide = not hit and any(
            value.value in levels and set(levels[levels.index(value.value) :]) & allowed.values
            for levels in vocabulary.achievements.values()
        )
    if allowed.all_but:
        return Coverage.NO if hit else Coverage.SILENT if wide else Coverage.YES
    return Coverage.YES if hit else Coverage.SILENT if wide else Coverage.NO


def covers(vocabulary: Vocabulary, scope: Scope, claim: Claim) -> Coverage:
    return min((c for _, c in met(vocabulary, scope, claim)), default=Coverage.YES)


def met(vocabulary: Vocabulary, scope: Scope, claim: Claim) -> list[tuple[Dimension, Coverage]]:
    return [(d, covers_on(vocabulary, d, a, claim)) for d, a in scope.allowed.items()]


# The world that was known.


class World:
    """What the first `known` entries say, as plain lists."""

    def __init__(self, entries: Sequence[Entry], known: int) -> None:
        seen = sorted(
            (e for e in entries if e.recorded.position < known), key=lambda e: e.recorded.position
        )
        self.framework = [e for e in seen if isinstance(e, Framework)][-1]
        self.registrations = [e for e in seen if isinstance(e, Party)]
        self.parties = {e.id: e for e in self.registrations}
        self.statements = [e for e in seen if isinstance(e, Statement)]
        lifts = [e for e in seen if isinstance(e, Reinstatement)]
        ended = [
            replace(e, lifted=next((x.lift for x in lifts if x.change == e.id), None))
            for e in seen
            if isinstance(e, StatusChange | Exclusion)
        ]
        self.changes = [e for e in ended if isinstance(e, StatusChange)]
        self.exclusions = [e for e in ended if isinstance(e, Exclusion)]
        self.compromises = [e for e in seen if isinstance(e, KeyCompromise)]

    def holder(self, did: Did, at: Instant) -> Party | None:
        """Whose a DID was: the first who had it had it before, too."""
        owners: list[tuple[Instant, PartyId | None]] = []
        for each in self.registrations:
            if did in each.dids:
                owners.append((each.recorded.at, each.id))
            elif owners and owners[-1][1] == each.id:
                owners.append((each.recorded.at, None))
        last = [owner for since, owner in owners if since <= at] or [o for _, o in owners[:1]]
        return self.parties[last[-1]] if last and last[-1] is not None else None

    def group(self, party: PartyId, since: int, at: Instant = BEGINNING) -> str:
        """A party's control group, as of a journal position or a later declaration by then."""
        versions = [each for each in self.registrations if each.id == party]
        said = [e for e in versions if e.recorded.position <= since or e.recorded.at <= at]
        return (said[-1].control_group or party) if said else party

    def covers(self, scope: Scope, claim: Claim) -> Coverage:
        return covers(self.framework.vocabulary, scope, claim)

    def touched(self, scope: Scope, claim: Claim, otherwise: Finding) -> Iterator[Finding]:
        """What an adverse scope does to a claim: nothing, doubt, or what it says otherwise."""
        touched = self.covers(scope, claim)
        if touched is Coverage.YES:
            yield otherwise
        elif touched is Coverage.SILENT:
            dimensions = met(self.framework.vocabulary, scope, claim)
            gaps = sum(coverage is not Coverage.YES for _, coverage in dimensions)
            yield Finding(UNDETERMINED, Reason.CLAIM_SILENT, gaps)

    def excluded(self, party: PartyId, claim: Claim, at: Instant) -> Iterator[Finding]:
        for each in self.exclusions:
            lifted = each.lifted is not None and each.lifted.effective_from <= at
            in_force = each.effective_from <= at < each.effective_until and not lifted
            if each.party == party and in_force:
                yield from self.touched(each.scope, claim, Finding(NO, Reason.EXCLUDED))
