"""Paths: from a statement about the issuer, upwards, to a root of the framework."""

from collections.abc import Iterator
from typing import NamedTuple

from policies.decision import Outcome, Reason
from policies.framework import ValidityModel
from policies.index import Link
from policies.links import (
    ABOVE,
    GOOD,
    Case,
    Finding,
    carries,
    judge,
    next_boundary,
    next_exclusion,
)
from policies.scope import Coverage, Gap
from policies.statements import Action, PartyId
from resolver.instant import END, Instant

SHELL, CHAIN = ValidityModel.SHELL, ValidityModel.CHAIN

Carried = tuple["Judged", ...]


class Judged(NamedTuple):
    """A link on a path: when it had to hold, and what was found."""

    link: Link
    at: Instant
    finding: Finding


class Path(NamedTuple):
    """A path with its judgement.

    Attributes:
        links: from the issuer upwards.
        ending: why the path as a whole fails although it may have good links, or None.
        carried: whether every link is known to carry the claim.
    """

    links: tuple[Judged, ...]
    ending: Finding | None = None
    carried: bool = False

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield what was found, from the issuer upwards, the ending last."""
        for position, each in enumerate(self.links):
            finding = each.finding
            reason = ABOVE.get(finding.reason, finding.reason) if position else finding.reason
            yield Finding(finding.outcome, reason, finding.gaps)
        if self.ending:
            yield self.ending

    @property
    def worst(self) -> Finding:
        """The lowest finding, the nearest to the issuer among equals: a path's own outcome."""
        if self.carried:
            return GOOD
        return min(self.findings, key=lambda finding: finding.outcome)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was missing on the links that do not carry the claim."""
        return tuple(gap for finding in self.findings for gap in finding.gaps)


def first_level(action: Action) -> int:
    """Return how many accreditations stand below the authority of an issuer's own statement."""
    return 1 if action is Action.ACCREDIT else 0


def passes(link: Link, action: Action, level: int) -> Reason | None:
    """Return why an accreditation does not pass an action on at a level, or None where it does."""
    if action not in link.passes_on:
        return Reason.ACTION_NOT_PASSED_ON
    return Reason.DEPTH_EXCEEDED if link.depth < level else None


def admits(case: Case, anchor: PartyId, peer: PartyId | None) -> Finding | None:
    """Return why a path that reached a root does not count for this question, or None."""
    accepted = case.question.authorities
    if accepted is not None and accepted.isdisjoint((case.framework.id, anchor, peer)):
        return Finding(Outcome.NOT_AUTHORISED, Reason.AUTHORITY_NOT_ACCEPTED)
    silent = None
    for reservation, touched, parties in case.reserved:
        if anchor in parties:
            continue
        if touched is Coverage.YES:
            return Finding(Outcome.NOT_AUTHORISED, Reason.RESERVED_SCOPE)
        gaps = reservation.scope.compile(case.vocabulary).gaps(case.claim)
        silent = silent or Finding(Outcome.UNDETERMINED, Reason.CLAIM_SILENT, gaps)
    return silent


def carried_path(case: Case, party: PartyId, model: ValidityModel, at: Instant) -> Path | None:
    """Return the shortest path all of whose links carry the claim, or None.

    This is the whole work of most answers, so it judges nothing that it does not need.
    """
    action = case.question.action
    leaves = case.index.held(party, action).candidates(case.claim)
    carried = _carried(case, leaves, at, model, -1, (), case.framework.max_chain)
    return Path(carried, None, carried=True) if carried else None


def _carried(
    case: Case,
    links: list[Link],
    at: Instant,
    model: ValidityModel,
    level: int,
    groups: tuple[str, ...],
    most: int,
) -> Carried | None:
    """Return the shortest chain of links that all carry the claim, from one of `links` up.

    Args:
        case: the question and the registry.
        links: where the chain may begin, in journal order.
        at: the instant at which they must hold.
        model: which instant the links above must hold at.
        level: how many accreditations stand below; -1 for the issuer's own statements.
        groups: the control groups of the entities below.
        most: how many links the chain may have.
    """
    best = None
    index, claim, known = case.index, case.claim, case.known
    action, root = case.question.action, case.framework.id
    for link in links:
        rooted = link.authority == root
        if link.position >= known or (most <= 1 and not rooted):
            continue
        if level >= 0 and (link.depth < level or action not in link.passes_on):
            continue
        if not carries(link, at, case):
            continue
        if rooted:
            if case.unconditional or admits(case, link.entity, None) is None:
                return (Judged(link, at, GOOD),)
            continue
        below = (*groups, link.entity_group)
        if link.authority_group in below:
            continue
        up = at if model is SHELL else link.recorded_at
        above = level + 1 if level >= 0 else first_level(action)
        accrediting = index.held(link.authority, Action.ACCREDIT).candidates(claim)
        found = _carried(case, accrediting, up, model, above, below, most - 1)
        if found is None and index.has_recognitions:
            found = _recognised(case, link, up, model, below, most - 1)
        if found:
            best = (Judged(link, at, GOOD), *found)
            most = len(best) - 1
    return best


def _recognised(
    case: Case,
    link: Link,
    at: Instant,
    model: ValidityModel,
    groups: tuple[str, ...],
    most: int,
) -> Carried | None:
    """Return a recognition of the link's authority with its recogniser's root, if both carry."""
    if most <= 1:
        return None
    below = (*groups, link.authority_group)
    for recognition in case.index.recognised(link.authority).all:
        if recognition.position >= case.known or recognition.authority_group in below:
            continue
        if not carries(recognition, at, case):
            continue
        up = at if model is SHELL else recognition.recorded_at
        for anchor in roots_of(case, recognition.authority):
            if (
                anchor.position < case.known
                and passes(anchor, case.question.action, 0) is None
                and carries(anchor, up, case)
                and admits(case, anchor.entity, recognition.entity) is None
            ):
                return (Judged(recognition, at, GOOD), Judged(anchor, up, GOOD))
    return None


def roots_of(case: Case, party: PartyId) -> list[Link]:
    """Return the statements that make a party an anchor and let it accredit."""
    held = case.index.held(party, Action.ACCREDIT).all
    return [link for link in held if link.authority == case.framework.id]


def also_carried(case: Case, path: Path, model: ValidityModel, at: Instant) -> bool:
    """Tell whether the links of a carried path, asked about an instant, also carry under a model.

    Only what depends on the instants is looked at again.
    """
    for link, _, _ in path.links:
        if not link.valid_from <= at < link.valid_until:
            return False
        if link.watched and not carries(link, at, case):
            return False
        if model is CHAIN:
            at = link.recorded_at
    return True


def judged_again(case: Case, path: Path, model: ValidityModel, at: Instant) -> Path:
    """Judge the links of a path as if it were asked about another instant."""
    links: list[Judged] = []
    for link, _, _ in path.links:
        links.append(Judged(link, at, judge(link, at, case)))
        if model is CHAIN:
            at = link.recorded_at
    return Path(tuple(links))


def horizon_of(case: Case, links: tuple[Judged, ...]) -> Instant:
    """Return the next instant after now at which one of the links' judgements may change."""
    horizon = END
    for link, _, _ in links:
        if link.watched or link.valid_until != END or link.valid_from > case.now:
            horizon = min(horizon, next_boundary(link, case))
            horizon = min(horizon, next_exclusion(case.index.exclusions(link.entity), case))
    return horizon
