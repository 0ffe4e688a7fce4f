"""Spans: over which instants, and on which dimensions, an answer stays the same.

A decision compares the times of a question with instants that are written in the registry: where
validity, suspensions, exclusions begin and end, and when all of it was recorded. Between two
neighbours among these nothing that could bear on the answer changes, so that an answer given once
holds for every question that differs only by a time in between. So it does for one that differs on
a dimension that no scope which could bear on it constrains.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from policies.claims import DIMENSIONS, Dimension
from policies.holders import Holder, Link
from policies.index import Index
from policies.scope import Scope
from policies.statements import PartyId
from resolver.did import Did
from resolver.instant import BEGINNING, END, Instant

MAX_LINKS = 2_000
"""Statements above one party past which its spans are not worked out."""
_EVER = (Instant(BEGINNING - 1), Instant(END + 1))


class Span(NamedTuple):
    """An open interval of instants."""

    after: Instant
    before: Instant

    def holds(self, at: Instant) -> bool:
        """Tell whether an instant lies within."""
        return self.after < at < self.before


def span_of(issuer: Did, at: Instant, known: int, index: Index) -> Span | None:
    """Return the instants around one over which answers about an issuer stay the same.

    This is so for questions of the bases `asked` and `now`, as long as the index does not change,
    for the time asked about and for the present alike, and while these two stay equal or apart.

    Args:
        issuer: who is asked about.
        at: an instant.
        known: the journal size whose knowledge is asked for.
        index: the registry's state.

    Returns:
        The span, or None where the instant is itself a turn, or there are too many, or the DID has
        been somebody else's, too.
    """
    if not index.is_settled(issuer):
        return None
    holder = index.holder_of(issuer, known)
    if holder is None:
        return Span(*_EVER)
    turns = _turns(holder, index)
    place = bisect_left(turns, at)
    if not 0 < place < len(turns) or turns[place] == at:
        return None
    return Span(turns[place - 1], turns[place])


def constrained(issuer: Did, known: int, index: Index) -> frozenset[Dimension]:
    """Return the dimensions on which answers about an issuer may depend.

    A question that names another value on any other one, by the issuer's own word as before, gets
    the same answer; whether it names one at all may matter.

    Args:
        issuer: who is asked about.
        known: the journal size whose knowledge is asked for.
        index: the registry's state.
    """
    found = {
        dimension
        for framework in index.frameworks()
        for reservation in framework.reserved
        for dimension in reservation.scope.allowed
    }
    if not index.is_settled(issuer):
        return frozenset(DIMENSIONS)
    holder = index.holder_of(issuer, known)
    if holder is not None:
        _turns(holder, index)
        found |= holder.constrained
    if Dimension.ACHIEVEMENT in found:  # a level stands where its scheme says
        found.add(Dimension.SCHEME)
    return frozenset(found)


def _turns(holder: Holder, index: Index) -> tuple[Instant, ...]:
    """Return every instant that bears on answers about a party, in order; kept with the party."""
    if holder.turns_of != index.version:
        holder.turns, holder.constrained = _found(holder, index)
        holder.turns_of = index.version
    return holder.turns


def _found(holder: Holder, index: Index) -> tuple[tuple[Instant, ...], frozenset[Dimension]]:
    seen: set[PartyId] = {holder.id}
    waiting, turns, links = [holder], set(_EVER), 0
    scopes: list[Scope] = []
    while waiting:
        each = waiting.pop()
        links += len(each.about)
        if links > MAX_LINKS:
            return (), frozenset(DIMENSIONS)
        for excluded in each.excluded:
            exclusion = excluded.exclusion
            turns |= {exclusion.effective_from, exclusion.effective_until}
            if exclusion.lifted is not None:
                turns.add(exclusion.lifted.effective_from)
            scopes.append(excluded.scope)
        for link in each.about:
            turns.update(_of_link(link))
            scopes += (link.scope, *(changed.scope for changed in link.changes))
            if link.authority not in seen:
                seen.add(link.authority)
                waiting.append(index.holder(link.authority))
    return tuple(sorted(turns)), frozenset(each for scope in scopes for each in scope.allowed)


def _of_link(link: Link) -> Iterator[Instant]:
    yield from (link.valid_from, link.valid_until, link.recorded_at)
    yield from (each.at for each in link.regroupings)
    for changed in link.changes:
        change = changed.change
        yield from (change.effective_from, change.effective_until)
        if change.lifted is not None:
            yield change.lifted.effective_from
