"""Places: how many statements an authority may have about one party at once.

Whoever asks about a party pays for what there is about it, and anybody who accredits may speak of
anybody. A statement takes a place until it is over, and for a year at least: what has ended still
bears on questions about its time, so that to grant and to withdraw in turn gains no place.
"""

from policies.framework import Framework
from policies.holders import Link
from policies.index import Index
from policies.statements import Change, PartyId, Statement, StatusChange
from resolver.instant import DAY, Instant
from trust_registry.acts import Suspend, Withdraw
from trust_registry.case import Case
from trust_registry.docket import BOARD, Docket
from trust_registry.documents import STATEMENTS
from trust_registry.errors import ActRefusedError, Refusal

USUAL = 100
"""The places of an authority about one party, where the framework says nothing else."""
YEAR = 365 * DAY


def places(framework: Framework) -> int:
    """Return how many places an authority has for statements about one party."""
    return framework.limits.get(STATEMENTS, USUAL)


def refuse_more(case: Case, authority: PartyId, entity: PartyId) -> None:
    """Refuse an act by which an authority would say more about a party than it has places for.

    Args:
        case: the act, which an authority does by itself.
        authority: who makes the statement that it is about, or that it adds.
        entity: whom that is about.

    Raises:
        ActRefusedError: as many are taken.
    """
    most = places(case.framework)
    if taken(authority, entity, case.index, case.docket, case.at) >= most:
        message = (
            f"this authority has {most} statements about this party, or changes of them, that are "
            "not over or not a year old, and may have no more; it may withdraw a statement as a "
            "whole, and the board may say another number in the framework's limits"
        )
        raise ActRefusedError(Refusal.TOO_MANY_STATEMENTS, message, "type")


def refuse_more_changes(case: Case, act: Suspend | Withdraw, statement: Statement) -> None:
    """Refuse one more change of status like `refuse_more`, but one that ends a statement at once.

    Raises:
        ActRefusedError: as many places are taken, and it ends nothing.
    """
    ends = isinstance(act, Withdraw) and not act.scope.allowed and act.effective_from is None
    if not ends or any(_has_ended(each, case.at) for each in case.index.changes(statement.id)):
        refuse_more(case, statement.authority, statement.entity)


def refuse_to_renew_an_end(case: Case, change: StatusChange) -> None:
    """Refuse like `refuse_more` to bring back what was withdrawn, so that it cannot go round.

    Raises:
        ActRefusedError: as many places are taken.
    """
    statement = case.index.statement(change.statement)
    if _ends(change) and statement is not None:
        refuse_more(case, statement.authority, statement.entity)


def taken(authority: PartyId, entity: PartyId, index: Index, docket: Docket, at: Instant) -> int:
    """Count the places that statements and their changes take.

    Args:
        authority: who made the statements.
        entity: whom they are about.
        index: the state.
        docket: who made each change; the board's, and a member's emergency, take no place.
        at: the present.
    """
    since = Instant(at - YEAR)
    return sum(
        (link.recorded_at > since or not _is_over(link, at)) + _changes(link, docket, since)
        for link in index.links(authority, entity)
    )


def _changes(link: Link, docket: Docket, since: Instant) -> int:
    """Count an authority's changes of a year; what supersedes is counted as a statement."""
    changes = (changed.change for changed in link.changes)
    return sum(
        each.recorded.at > since
        and each.change is not Change.SUPERSEDE
        and each.id not in docket.proposals
        and docket.makers.get(each.id, BOARD) != BOARD
        for each in changes
    )


def _is_over(link: Link, at: Instant) -> bool:
    return at >= link.valid_until or any(_has_ended(each.change, at) for each in link.changes)


def _has_ended(change: StatusChange, at: Instant) -> bool:
    return _ends(change) and change.effective_from <= at


def _ends(change: StatusChange) -> bool:
    """Tell whether a change ends a statement as a whole, and was not taken back."""
    return (
        change.change is not Change.SUSPEND and not change.scope.allowed and change.lifted is None
    )
