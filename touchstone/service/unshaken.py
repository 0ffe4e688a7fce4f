"""Since when nothing has touched a publisher's authority, so that what it published then stands."""

from policies.holders import Link
from policies.index import Index
from policies.statements import Action, PartyId
from resolver.instant import BEGINNING, END, Instant

MAX_LINKS = 1000
"""Statements looked at; where a publisher's authority rests on more, each link is asked about."""


class _Walk:
    """Looks at everything that a party's authority may rest on.

    Attributes:
        since: the last instant at which some of it may have ended.
        until: the next one at which some of it will.
    """

    def __init__(self, index: Index, now: Instant) -> None:
        self._index = index
        self._now = now
        self._parties: set[PartyId] = set()
        self._links: set[int] = set()
        self.since = max((each.recorded.at for each in index.frameworks()), default=now)
        self.until = END

    def _note(self, instant: Instant) -> None:
        if instant <= self._now:
            self.since = max(self.since, instant)
        else:
            self.until = min(self.until, instant)

    def party(self, party: PartyId, action: Action) -> None:
        """Look at a party's statements for an action, and at all who stand above it."""
        todo = [(party, action)]
        while todo:
            party, action = todo.pop()
            if party in self._parties:
                continue
            self._parties.add(party)
            self._registration(party)
            held = (*self._index.held(party, action).all, *self._index.recognised(party).all)
            for link in held:
                self._statement(link)
                todo.append((link.authority, Action.ACCREDIT))
            if len(self._links) > MAX_LINKS:
                self.since = self._now
                return

    def _registration(self, party: PartyId) -> None:
        known = self._index.party(party)
        if known is not None:
            self._note(known.recorded.at)
            for compromise in self._index.all_compromises():
                if compromise.did in known.dids:
                    self._note(compromise.recorded.at)
        for excluded in self._index.exclusions(party):
            self._note(excluded.exclusion.recorded.at)
            self._note(excluded.exclusion.effective_from)
            self._note(excluded.exclusion.effective_until)

    def _statement(self, link: Link) -> None:
        self._links.add(link.row)
        self._note(link.valid_until)
        for changed in link.changes:
            self._note(changed.change.recorded.at)
            self._note(changed.change.effective_from)
            self._note(changed.change.effective_until)


def unshaken(index: Index, party: PartyId, action: Action, now: Instant) -> tuple[Instant, Instant]:
    """Return the last instant at which a party's authority may have shrunk, and the next one.

    What it was entitled to after the first, it is entitled to until the second: authority ends by
    expiry, or by an act against a statement or a party, and each of those has a time. A new
    statement takes nothing away.

    Args:
        index: the registry's state.
        party: whose authority.
        action: to do what.
        now: the present.
    """
    walk = _Walk(index, now)
    walk.party(party, action)
    return max(walk.since, BEGINNING), walk.until
