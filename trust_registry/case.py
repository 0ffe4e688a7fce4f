"""A case: an act before the registry, with all that it is judged by, and what comes of it."""

from dataclasses import dataclass

from policies.framework import Framework, Member
from policies.index import Index
from policies.statements import Party, PartyId, Recorded, StatementId
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.acts import Act
from trust_registry.docket import BOARD, Docket, names_of
from trust_registry.effects import Item, effects
from trust_registry.entries import Signer
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.opening import SignedAct
from trust_registry.proposals import Appealed, Proposal, Status
from trust_registry.standing import Standing, groups_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act does.

    Attributes:
        status: what becomes of the act itself.
        items: what the index takes up, in this order.
        proposal: the proposal that is new or changed.
        maker: who may take the change back that the act makes; `BOARD` where only the board may.
        ratifies: the change that this act prolongs, where it does.
        appeal: the appeal that is new.
    """

    status: Status
    items: tuple[Item, ...] = ()
    proposal: Proposal | None = None
    maker: PartyId = BOARD
    ratifies: StatementId | None = None
    appeal: Appealed | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An act before the registry, with all that it is judged by.

    Attributes:
        signed: the act.
        signers: who signed it, with the keys that were found.
        index: the state before it.
        framework: the one in force.
        docket: what waits, and who made what.
        recorded: where and when the journal takes it down.
    """

    signed: SignedAct
    signers: tuple[Signer, ...]
    index: Index
    framework: Framework
    docket: Docket
    recorded: Recorded

    @property
    def act(self) -> Act:
        """What is asked."""
        return self.signed.act

    @property
    def known(self) -> int:
        """The journal's size before the act."""
        return self.recorded.position

    @property
    def at(self) -> Instant:
        """When it is judged."""
        return self.recorded.at

    @property
    def thumbprint(self) -> str:
        """The key of whom the act names."""
        return self.signers[0].key.thumbprint

    @property
    def signing(self) -> frozenset[Did]:
        """Every DID that signed."""
        return frozenset(each.method.did for each in self.signers)

    def keys_of(self, party: Party) -> frozenset[str]:
        """Return the keys in the name of a party that signed and that nobody else may have."""
        return frozenset(
            each.key.thumbprint
            for each in self.signers
            if each.method.did in party.dids
            and not self.index.compromises(each.method.did, each.key.thumbprint, self.known)
        )

    def party(self, did: Did, member: str) -> Party:
        """Return the party of a DID, as it is now.

        Raises:
            ActRefusedError: it has none; `member` says where the act names it.
        """
        party = self.index.party_of(did, self.known)
        if party is None:
            raise ActRefusedError(Refusal.UNKNOWN_PARTY, f"no party has the DID {did}", member)
        if party.retired:
            raise ActRefusedError(Refusal.UNKNOWN_PARTY, f"{party.name} has retired", member)
        return party

    def groups(self, did: Did) -> frozenset[str]:
        """Return the control groups of a DID."""
        return groups_of(did, self.index, self.framework, self.known)

    def groups_of_party(self, party: PartyId) -> frozenset[str]:
        """Return the control groups of a party; none where it is a framework's id."""
        found = self.index.party(party)
        return frozenset().union(*map(self.groups, found.dids)) if found else frozenset()

    def reaches_back(self, start: Instant | None) -> bool:
        """Tell whether the act is to hold from before its recording; that needs evidence.

        Raises:
            ActRefusedError: it names none.
        """
        if start is None or start >= self.at:
            return False
        if not self.act.evidence:
            message = (
                "what reaches back before its recording needs evidence, and the board's quorum"
            )
            raise ActRefusedError(Refusal.BACKDATED, message, "evidence")
        return True

    def executed(self, maker: PartyId) -> Outcome:
        """Let the act of an authority take effect where it is recorded."""
        items = self.effects(self.act, self.signed.id, "", maker)
        return Outcome(Status.EXECUTED, items, None, maker)

    def effects(self, act: Act, id_: str, digest: str, maker: PartyId) -> tuple[Item, ...]:
        """Return what an act puts into the index if it holds now; see `effects.effects`.

        Raises:
            ActRefusedError: as there, or it gives a party a name that is another's.
        """
        items = effects(act, id_, digest, maker, self.index, self.recorded)
        for party in (item for item in items if isinstance(item, Party)):
            for kind, name in sorted(names_of(party)):
                if self.docket.names.get((kind, name), party.id) != party.id:
                    message = f"{name} belongs to another party"
                    raise ActRefusedError(Refusal.ALREADY_BOUND, message, f"{kind}s")
        return items


def seat(signer: Standing) -> Member:
    """Return the seat that a signer votes from.

    Raises:
        ActRefusedError: it has none.
    """
    if signer.member is None:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "only a seated member may do this", "by")
    return signer.member


def authority(case: Case, signer: Standing) -> Party:
    """Return the party that acts, with as many of its keys as it demands.

    Raises:
        ActRefusedError: no pinned key of a party signed, or too few of them.
    """
    party = signer.party
    if party is None:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "a party acts with its own key", "by")
    refuse_few_keys(case, party)
    return party


def refuse_few_keys(case: Case, party: Party) -> None:
    """Refuse an act that not as many of a party's pinned keys signed as the party demands."""
    signed = len(case.keys_of(party) & party.keys)
    if signed < party.threshold:
        message = f"{party.threshold} keys of {party.name} must sign, {signed} did"
        raise ActRefusedError(Refusal.SIGNATURE_MISSING, message, "signatures")
