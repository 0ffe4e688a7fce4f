"""Owners: whose a DID is, and whose it was, as it was known at a journal size."""

from collections.abc import Collection

from policies.party_rows import PartyRows
from policies.recent import Recent
from resolver.did import Did
from resolver.instant import END, Instant


class Owners:
    """Finds the party of a DID among the registrations.

    Args:
        parties: the registrations.
        most: how many DIDs are kept at hand at a time, in each of two generations.
    """

    def __init__(self, parties: PartyRows, most: int) -> None:
        self._parties = parties
        self._latest = Recent[str, int](most)
        self._settled = Recent[str, int](most)

    def take(self, before: Collection[str], now: Collection[str]) -> None:
        """Take note that a party that had some DIDs has been registered with others."""
        for did in {*before, *now}:
            self._latest.forget(did)
        for did in {*before} ^ {*now}:  # what it keeps is its own as before
            self._settled.forget(did)

    def clear(self) -> None:
        """Take note that any party may have been registered with other DIDs."""
        self._latest.clear()
        self._settled.clear()

    def settled(self, did: Did) -> int | None:
        """Return the number of the one party that ever had a DID, where it is at hand."""
        return self._settled.get(did.text)

    def is_settled(self, did: Did) -> bool:
        """Tell whether a DID has been but one party's, so that no time says whose it is."""
        if self._settled.get(did.text) is not None:
            return True
        parties = self._parties
        found = {
            parties.party[each] if parties.has(each, did) else None
            for each in parties.with_did(did)
        }
        return len(found) <= 1

    def settle(self, did: Did, number: int) -> None:
        """Keep at hand that a DID is a party's, where it is settled."""
        if self.is_settled(did):
            self._settled.keep(did.text, number)

    def version(self, did: Did, known: int, at: Instant) -> int | None:
        """Return the registration by which a DID was somebody's at an instant, as known by then.

        Args:
            did: which.
            known: the journal size whose knowledge counts.
            at: the instant; a party has its first DIDs for all the time before, too.
        """
        parties, latest = self._parties, self._latest.get(did.text)
        if latest is None:
            latest = self.latest(did)
            if latest is None:
                return None
            self._latest.keep(did.text, latest)
        if parties.position[latest] < known and parties.recorded_at[latest] <= at:
            return latest if parties.has(latest, did) else None
        found = None
        for version in parties.with_did(did):
            if parties.position[version] < known:
                found = version
                if parties.recorded_at[version] <= at:
                    break
        return found if found is not None and parties.has(found, did) else None

    def latest(self, did: Did) -> int | None:
        """Return the last registration that has a DID, or takes it from its party, or None."""
        return next(self._parties.with_did(did), None)

    def next_change(self, did: Did, known: int, at: Instant) -> Instant:
        """Return the next instant after one at which a DID may become another's, or `END`."""
        if self._settled.get(did.text) is not None:
            return END
        parties = self._parties
        found = (
            Instant(parties.recorded_at[each])
            for each in parties.with_did(did)
            if parties.position[each] < known and parties.recorded_at[each] > at
        )
        return min(found, default=END)
