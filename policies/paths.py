"""Paths: from a statement about the issuer, upwards, to a root of the framework."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from policies.chains import Chain, TooManyChainsError
from policies.decision import Outcome, Reason, Step
from policies.framework import ValidityModel
from policies.holders import Holder, Link
from policies.links import (
    ABOVE,
    Case,
    Finding,
    joined,
    judge,
    next_boundary,
    next_exclusion,
)
from policies.scope import Coverage, Gap
from policies.statements import Action, PartyId
from resolver.instant import END, Instant

_YES = Coverage.YES
_SHELL = ValidityModel.SHELL
MAX_CHAINS = 2_000
"""Chains that are tried for one answer; no registry needs them, an attacker might."""


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
    """

    links: tuple[Judged, ...]
    ending: Finding | None = None

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield what was found, from the issuer upwards, the ending last."""
        for position, each in enumerate(self.links):
            finding = each.finding
            reason = ABOVE.get(finding.reason, finding.reason) if position else finding.reason
            yield Finding(finding.outcome, reason, finding.gaps)
        if self.ending:
            yield self.ending

    def steps(self, at: Instant, model: ValidityModel) -> tuple[Step, ...]:
        """Return the links with what was found; each knows its instant already."""
        del at, model
        return tuple(
            Step(link.statement, when, *finding, when < link.recorded_at > link.valid_from)
            for (link, when, _), finding in zip(self.links, self.findings, strict=False)
        )

    @property
    def worst(self) -> Finding:
        """The lowest finding, the nearest to the issuer among equals: a path's own outcome."""
        return min(self.findings, key=lambda finding: finding.outcome)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was missing on the links that do not carry the claim."""
        return tuple(gap for finding in self.findings for gap in finding.gaps)


def passes(link: Link, action: Action, level: int) -> Reason | None:
    """Return why an accreditation does not pass an action on at a level, or None where it does."""
    if action not in link.terms.actions:
        return Reason.ACTION_NOT_PASSED_ON
    return Reason.DEPTH_EXCEEDED if link.terms.depth < level else None


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


def carrying_chain(case: Case, holder: Holder, model: ValidityModel, at: Instant) -> Chain | None:
    """Return the first chain, by its order, all of whose links carry the claim, or None.

    This is the whole work of most answers, so it judges nothing that it does not need. Where there
    are too many to follow, it is the first among those of the statements that were recorded first.

    Raises:
        TooManyChainsError: none of those that were followed does, and there are more.
    """
    held = holder.held(case.question.action)
    if not held.few:
        leaves = held.candidates(case.claim)
        return first_chain(case, leaves, at, lambda chain: carries(case, chain, model, at))
    for chain in case.chains.of_few(held):
        if carries(case, chain, model, at):
            return chain
    cut = (leaf for leaf in held.all if case.chains.above(leaf).cut)
    if any(_carries_itself(case, leaf, at) for leaf in cut):
        raise TooManyChainsError
    return None


def first_chain(
    case: Case, leaves: list[Link], at: Instant, good: Callable[[Chain], bool]
) -> Chain | None:
    """Return the first chain, by its order, that is good, or None.

    Args:
        case: the question.
        leaves: statements about the issuer; those that do not carry the claim are passed over.
        at: the instant at which they have to.
        good: tells whether a chain is.

    Raises:
        TooManyChainsError: none is, and there are more than are followed.
    """
    chains, best, left, cut = case.chains, None, MAX_CHAINS, False
    for leaf in leaves:
        if best and best.order < (chains.above(leaf).shortest, leaf.position):
            continue
        if not _carries_itself(case, leaf, at):
            continue
        found = chains.of(leaf)
        for chain in found:
            if best and chain.order > best.order:
                break
            if good(chain):
                best = chain
                break
        left -= 1 + len(found)
        cut = cut or chains.above(leaf).cut
        if left < 0:
            break
    if best is None and (cut or left < 0):
        raise TooManyChainsError
    return best


def _carries_itself(case: Case, leaf: Link, at: Instant) -> bool:
    # Anybody who accredits can make a great many that do not, and to lay out chains takes long.
    return (
        leaf.position < case.known
        and leaf.valid_from <= at < leaf.valid_until
        and leaf.under(case.vocabulary).covers(case.claim) is _YES
        and (not leaf.watched or judge(leaf, at, case).outcome is Outcome.AUTHORISED)
    )


def carries(case: Case, chain: Chain, model: ValidityModel, at: Instant) -> bool:
    """Tell whether every link of a chain carries the claim, and the chain counts here."""
    return (
        chain.position < case.known
        and (
            chain.valid_from <= at < chain.valid_until
            if model is _SHELL
            else chain.valid(at, model)
        )
        and chain.scope.covers(case.claim) is _YES
        and (not chain.watched or _unharmed(case, chain, model, at))
        and (case.unconditional or admits(case, chain.anchor, chain.peer) is None)
    )


def _unharmed(case: Case, chain: Chain, model: ValidityModel, at: Instant) -> bool:
    """Tell whether the acts that stand against a chain's links leave it its claim."""
    return not comes_back(case, chain, model, at) and all(
        judge(link, when, case).outcome is Outcome.AUTHORISED
        for link, when in chain.instants(at, model)
    )


def comes_back(case: Case, chain: Chain, model: ValidityModel, at: Instant) -> bool:
    """Tell whether control that was declared later leads a chain back to who stands on it."""
    return any(
        joined(chain.links[: count + 1], when, case)
        for count, (_, when) in enumerate(chain.instants(at, model))
    )


def also_carries(case: Case, chain: Chain, model: ValidityModel, at: Instant) -> bool:
    """Tell whether a chain that carries the claim under one model does so under another."""
    return chain.valid(at, model) and (not chain.watched or _unharmed(case, chain, model, at))


def roots_of(case: Case, party: PartyId) -> list[Link]:
    """Return the statements that make a party an anchor and let it accredit."""
    held = case.index.held(party, Action.ACCREDIT).all
    return [link for link in held if link.authority == case.framework.id]


def horizon_of(case: Case, links: Iterable[Link]) -> Instant:
    """Return the next instant after now at which one of the links' judgements may change."""
    horizon = END
    for link in links:
        if link.watched:
            horizon = min(horizon, next_boundary(link, case))
            horizon = min(horizon, next_exclusion(case.index.exclusions(link.entity), case))
        elif link.valid_until != END or link.valid_from > case.now:
            horizon = min(horizon, next_boundary(link, case))
    return horizon
