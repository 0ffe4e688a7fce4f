"""Standing: who a signer is to the registry, and what it may do by itself."""

from dataclasses import dataclass

from policies.framework import Framework, Member
from policies.index import Index, in_force
from policies.statements import Action, Exclusion, Party, PartyId, Statement, StatusChange
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.errors import ActRefusedError, Refusal


@dataclass(frozen=True, slots=True)
class Standing:
    """Who signed, as far as the key that was used is pinned.

    Attributes:
        member: the seat it votes from, or None.
        party: the party it speaks for, or None.
    """

    member: Member | None
    party: Party | None


def standing(
    did: Did, thumbprint: str, index: Index, frameworks: tuple[Framework, ...], known: int
) -> Standing:
    """Find out who a signer is.

    Args:
        did: who signed.
        thumbprint: of the key that was used.
        index: the state.
        frameworks: whose members count: the one in force, and then one that is proposed, which
            seats newcomers but pins no other key for who has a seat.
        known: the journal's size.

    Raises:
        ActRefusedError: nobody here has this DID, or the key is pinned for nothing, or others may
            have used it.
    """
    seats = (member for each in frameworks for member in each.members if member.did == did)
    seat, party = next(seats, None), index.party_of(did, known)
    if seat is None and party is None:
        raise ActRefusedError(Refusal.UNKNOWN_SIGNER, f"nobody here has the DID {did}", "by")
    if index.compromises(did, thumbprint, known):
        raise ActRefusedError(Refusal.KEY_COMPROMISED, "others may have used this key", "by")
    votes = seat is not None and thumbprint in seat.keys
    speaks = party is not None and thumbprint in party.keys
    if not votes and not speaks:
        raise ActRefusedError(Refusal.KEY_NOT_PINNED, "the key is not pinned for its DID", "by")
    return Standing(seat if votes else None, party if speaks else None)


def groups_of(did: Did, index: Index, framework: Framework, known: int) -> frozenset[str]:
    """Return every control group that a DID belongs to, as a party and as a member."""
    seats = (member.control_group for member in framework.members if member.did == did)
    return groups_as_party(did, index, known).union(seats)


def groups_as_party(did: Did, index: Index, known: int) -> frozenset[str]:
    """Return the control group that a DID belongs to as a party, if it is one's."""
    party = index.party_of(did, known)
    return frozenset({party.control_group or party.id}) if party else frozenset()


def party_of_change(change: StatusChange | Exclusion, index: Index) -> PartyId | None:
    """Return the party that a change of status or an exclusion is about."""
    if isinstance(change, Exclusion):
        return change.party
    statement = index.statement(change.statement)
    return statement.entity if statement else None


def accredits(party: PartyId, index: Index) -> tuple[Statement, ...]:
    """Return the accreditations that a party was ever given."""
    return tuple(link.statement for link in index.held(party, Action.ACCREDIT).all)


def may_sponsor(party: PartyId, index: Index, at: Instant) -> bool:
    """Tell whether a party holds an accreditation that nothing stands against."""
    return any(
        in_force(statement.valid_from, statement.valid_until, at)
        and not any(
            in_force(each.effective_from, each.effective_until, at)
            and not (each.lifted and each.lifted.effective_from <= at)
            for each in index.changes(statement.id)
        )
        for statement in accredits(party, index)
    )


def is_over(party: PartyId, authority: PartyId, index: Index, root: PartyId) -> bool:
    """Tell whether an authority has its power from a party alone, or is that party.

    An accreditation that anyone could press on an authority gives no power over it: whoever also
    has its power by another way is under nobody.

    Args:
        party: who wants to act on what the authority said.
        authority: who said it.
        index: the state.
        root: the framework's id, where every chain ends.
    """
    if party == authority:
        return True
    return party in _above(authority, index) and root not in _above(authority, index, party)


def _above(authority: PartyId, index: Index, without: PartyId | None = None) -> set[PartyId]:
    """Return everyone whom an authority has power from, or has by ways that avoid a party."""
    seen, waiting = {authority}, [authority]
    while waiting:
        each = waiting.pop()
        held = (*index.held(each, Action.ACCREDIT).all, *index.recognised(each).all)
        grantors = {link.authority for link in held} - seen - {without}
        seen |= grantors
        waiting += grantors
    return seen
