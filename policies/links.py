"""Judging one link of a chain: does this statement carry this claim at this instant?"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.chains import Chains
from policies.decision import Basis, Outcome, Question, Reason
from policies.framework import Framework, Reservation
from policies.holders import Excluded, Link
from policies.index import Index, in_force
from policies.scope import Coverage, Gap
from policies.statements import Change, Exclusion, IssuedEffect, PartyId, StatusChange
from resolver.instant import END, Instant

_ASSERTED, _PROVED = Basis.ASSERTED, Basis.PROVED
_CHANGE_REASON = {
    Change.SUSPEND: Reason.SUSPENDED,
    Change.WITHDRAW: Reason.WITHDRAWN,
    Change.SUPERSEDE: Reason.SUPERSEDED,
}
_ISSUED_FINDING = {
    IssuedEffect.VOID: (Outcome.NOT_AUTHORISED, Reason.CREDENTIAL_VOIDED),
    IssuedEffect.DOUBT: (Outcome.UNDETERMINED, Reason.RECHECK_REQUIRED),
}
ABOVE = {
    Reason.OUT_OF_SCOPE: Reason.AUTHORITY_OUT_OF_SCOPE,
    Reason.NOT_YET_VALID: Reason.AUTHORITY_NOT_YET_VALID,
    Reason.EXPIRED: Reason.AUTHORITY_EXPIRED,
    Reason.SUSPENDED: Reason.AUTHORITY_SUSPENDED,
    Reason.WITHDRAWN: Reason.AUTHORITY_WITHDRAWN,
    Reason.SUPERSEDED: Reason.AUTHORITY_SUPERSEDED,
}
"""What a reason is called where the failing link is not the issuer's own but one above it."""


class Case:
    """One question laid beside one registry: what every judgement on the way looks at.

    Attributes:
        question: what is asked.
        index: the registry's state.
        framework: the framework in force for what is known.
        vocabulary: its vocabulary.
        chains: the ways to the roots under that framework.
        claim: the claim, made ready under the vocabulary.
        known: the journal size whose knowledge counts.
        now: the present.
        issued: whether a credential is judged, so that later acts may speak of it.
        reserved: the reservations that the claim meets or may meet, with the parties that hold
            them.
        unconditional: whether every root counts, since nothing is reserved or left out.
    """

    __slots__ = (
        "chains",
        "claim",
        "framework",
        "index",
        "issued",
        "known",
        "now",
        "question",
        "reserved",
        "unconditional",
        "vocabulary",
    )

    def __init__(
        self, question: Question, index: Index, framework: Framework, chains: Chains
    ) -> None:
        self.chains = chains
        self.question = question
        self.index = index
        self.framework = framework
        self.vocabulary = framework.vocabulary
        self.claim = self.vocabulary.prepare(question.claim)
        self.known = question.known
        self.now = question.now
        basis = question.basis
        self.issued = basis is _ASSERTED or basis is _PROVED
        self.reserved = self._reserved() if framework.reserved else ()
        self.unconditional = question.authorities is None and not self.reserved

    def _reserved(self) -> tuple[tuple[Reservation, Coverage, frozenset[PartyId]], ...]:
        found = []
        for reservation, scope in self.chains.reserved:
            touched = scope.covers(self.claim)
            if touched is not Coverage.NO:
                holders = (self.index.party_of(did, self.known) for did in reservation.anchors)
                parties = frozenset(party.id for party in holders if party)
                found.append((reservation, touched, parties))
        return tuple(found)


class Finding(NamedTuple):
    """A judgement of one link: its outcome, the reason, and the gaps of its scope."""

    outcome: Outcome
    reason: Reason
    gaps: tuple[Gap, ...] = ()


GOOD = Finding(Outcome.AUTHORISED, Reason.AUTHORISED)


def judge(link: Link, at: Instant, given: Case) -> Finding:
    """Judge a link at an instant; the lowest finding holds, the first among equals."""
    return min(findings(link, at, given), key=_severity, default=GOOD)


def _severity(finding: Finding) -> Outcome:
    return finding.outcome


def findings(link: Link, at: Instant, given: Case) -> Iterator[Finding]:
    """Yield everything that keeps a link from carrying the claim at an instant."""
    scope = link.under(given.vocabulary)
    coverage = scope.covers(given.claim)
    if coverage is Coverage.NO:
        yield Finding(Outcome.NOT_AUTHORISED, Reason.OUT_OF_SCOPE, scope.gaps(given.claim))
    elif coverage is Coverage.SILENT:
        yield Finding(Outcome.UNDETERMINED, Reason.CLAIM_SILENT, scope.gaps(given.claim))
    if at < link.valid_from:
        yield Finding(Outcome.NOT_AUTHORISED, Reason.NOT_YET_VALID)
    elif at >= link.valid_until:
        yield Finding(Outcome.NOT_AUTHORISED, Reason.EXPIRED)
    if not link.watched:  # nothing stands against it, or against whom it is about
        return
    touching = tuple(_touching(link, given))
    for change, finding in touching:
        if in_force(change.effective_from, change.effective_until, at) and not is_lifted(
            change, at, given.known
        ):
            yield finding
    finding_excluded = excluded(given.index.exclusions(link.entity), at, given)
    if finding_excluded:
        yield finding_excluded
    if given.issued:
        yield from _on_issued(touching, at, given)


def _touching(link: Link, given: Case) -> Iterator[tuple[StatusChange, Finding]]:
    for changed in link.changes:
        change = changed.change
        if change.recorded.position >= given.known:
            continue
        scope = changed.under(given.vocabulary)
        touched = scope.covers(given.claim)
        if touched is Coverage.YES:
            yield change, Finding(Outcome.NOT_AUTHORISED, _CHANGE_REASON[change.change])
        elif touched is Coverage.SILENT:
            gaps = scope.gaps(given.claim)
            yield change, Finding(Outcome.UNDETERMINED, Reason.CLAIM_SILENT, gaps)


def is_lifted(change: StatusChange | Exclusion, at: Instant, known: int) -> bool:
    """Tell whether a reinstatement, known by then, has ended something at an instant."""
    lift = change.lifted
    return lift is not None and lift.recorded.position < known and lift.effective_from <= at


def _on_issued(
    touching: tuple[tuple[StatusChange, Finding], ...], at: Instant, given: Case
) -> Iterator[Finding]:
    for change, finding in touching:
        if change.issued is IssuedEffect.NOTHING or change.change is Change.SUPERSEDE:
            continue
        if not at < change.effective_from <= given.now or is_lifted(change, given.now, given.known):
            continue
        if finding.outcome is Outcome.UNDETERMINED:
            yield finding
        else:
            yield Finding(*_ISSUED_FINDING[change.issued])


def excluded(exclusions: Sequence[Excluded], at: Instant, given: Case) -> Finding | None:
    """Judge a party's exclusions at an instant: the hardest that touches the claim, or None."""
    silent = None
    for each in exclusions:
        exclusion = each.exclusion
        if (
            exclusion.recorded.position >= given.known
            or not in_force(exclusion.effective_from, exclusion.effective_until, at)
            or is_lifted(exclusion, at, given.known)
        ):
            continue
        scope = each.under(given.vocabulary)
        touched = scope.covers(given.claim)
        if touched is Coverage.YES:
            return Finding(Outcome.NOT_AUTHORISED, Reason.EXCLUDED)
        if touched is Coverage.SILENT and silent is None:
            gaps = scope.gaps(given.claim)
            silent = Finding(Outcome.UNDETERMINED, Reason.CLAIM_SILENT, gaps)
    return silent


def joined(links: Sequence[Link], at: Instant, given: Case) -> bool:
    """Tell whether a grant has come back to whoever made it, by control declared since.

    Args:
        links: a way from the issuer's own statement upwards.
        at: when the last of them has to hold.
        given: the question.
    """
    last = links[-1]
    if last.authority == given.framework.id or not any(link.regroupings for link in links):
        return False
    authority, _ = last.groups_at(given.known, at)
    return any(authority == link.groups_at(given.known, at)[1] for link in links)


def next_boundary(link: Link, given: Case) -> Instant:
    """Return the next instant after now at which this link's judgement may change, or `END`."""
    instants = [link.valid_from, link.valid_until]
    instants += (each.at for each in link.regroupings if each.position < given.known)
    for change, _ in _touching(link, given):
        instants += (change.effective_from, change.effective_until)
        if change.lifted and change.lifted.recorded.position < given.known:
            instants.append(change.lifted.effective_from)
    return min((each for each in instants if each > given.now), default=END)


def next_exclusion(exclusions: Sequence[Excluded], given: Case) -> Instant:
    """Return the next instant after now at which an exclusion begins or ends, or `END`."""
    instants: list[Instant] = []
    for each in exclusions:
        exclusion = each.exclusion
        if exclusion.recorded.position >= given.known:
            continue
        instants += (exclusion.effective_from, exclusion.effective_until)
        if exclusion.lifted and exclusion.lifted.recorded.position < given.known:
            instants.append(exclusion.lifted.effective_from)
    return min((each for each in instants if each > given.now), default=END)
