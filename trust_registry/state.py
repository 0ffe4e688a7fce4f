"""The state: a pure fold of the journal. The same entries give the same state, everywhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count, repeat

from policies.framework import Framework
from policies.index import Index
from policies.quorum import Tally, tallies, waiting_ms
from policies.statements import Party, Recorded, StatementId, StatusChange
from resolver.did import Did
from resolver.instant import SECOND, Instant
from trust_registry.acts import Act, AdoptFramework
from trust_registry.admission import admit
from trust_registry.allowances import Allowances, allowance
from trust_registry.case import Case, Outcome
from trust_registry.deliberation import ballot_on
from trust_registry.docket import BOARD, Docket
from trust_registry.effects import Item, effects, put
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.kept import Run, effect_of, nonce_of
from trust_registry.lifetimes import refuse_longer
from trust_registry.opening import SignedAct
from trust_registry.proposals import Proposal, Status

MAX_SKEW = 300 * SECOND
"""Milliseconds by which a signer's clock may be ahead of the registry's."""


@dataclass(frozen=True, slots=True)
class Recording:
    """An act in the journal.

    Attributes:
        id: its id.
        position: where it stands.
        status: what became of it when it was recorded.
    """

    id: str
    position: int
    status: Status


@dataclass(frozen=True, slots=True)
class Count:
    """How the votes on a pending act stand now.

    Attributes:
        tallies: one for each quorum that it needs.
        waits_until: the instant at which its waiting period is over.
    """

    tallies: tuple[Tally, ...]
    waits_until: Instant


class State:
    """Everything that follows from the entries so far.

    Attributes:
        index: what decisions look at.
        docket: what governance must remember besides.
        allowances: what was recorded today, by who.
        origin: the registry's name, as its first entry gives it.
        genesis: SHA-256 of its first entry, in hex.
        size: how many entries were folded.
    """

    def __init__(self, root_at: Callable[[int], bytes | None]) -> None:
        """`root_at` tells the journal's root at a past size."""
        self.index = Index()
        self.docket = Docket()
        self.allowances = Allowances()
        self.origin = ""
        self.genesis = ""
        self.size = 0
        self._root_at = root_at
        self._positions: dict[bytes, int] = {}  # of acts, by their ids
        self._statuses: list[Status] = []  # by position
        self._nonces: set[bytes] = set()

    @property
    def proposals(self) -> Mapping[str, Proposal]:
        """Every act that came before the board, by id."""
        return self.docket.proposals

    @property
    def framework(self) -> Framework:
        """The framework in force.

        Raises:
            LookupError: there is none yet.
        """
        return self.index.framework_at(self.size)

    def count(self, proposal: Proposal) -> Count:
        """Count the votes on a proposal as they stand now."""
        framework = self.framework
        ballot = ballot_on(proposal, self.index, framework, self.size)
        waits_until = Instant(proposal.recorded_at + waiting_ms(framework, ballot))
        return Count(tallies(framework, ballot), waits_until)

    def become(self, other: "State") -> None:
        """Take over everything of another fold; whoever holds the index goes on holding it."""
        index = self.index
        index.become(other.index)
        vars(self).update({**vars(other), "index": index})

    def recording(self, act: str) -> Recording | None:
        """Return where an act stands, by its id, or None."""
        try:
            position = self._positions.get(bytes.fromhex(act))
        except ValueError:
            return None
        return None if position is None else Recording(act, position, self._statuses[position])

    def recordings(self) -> Iterator[Recording]:
        """Yield where every act stands, in the order of the journal."""
        for act, position in self._positions.items():
            yield Recording(act.hex(), position, self._statuses[position])

    def status(self, act: str) -> Status | None:
        """Return what has become of an act since it was recorded, or None."""
        recording, proposal = self.recording(act), self.proposals.get(act)
        if proposal is not None:
            return proposal.status
        return recording.status if recording else None

    def admit(self, signed: SignedAct, signers: Sequence[Signer], at: Instant) -> Outcome:
        """Judge an act as the next entry; the state does not change.

        Args:
            signed: the act, its signatures verified.
            signers: who signed it, in the order of the signatures.
            at: when the journal would record it.

        Raises:
            ActRefusedError: it is not admitted.
        """
        recorded = Recorded(self.size, at)
        self._check(signed.act, at)
        self.refuse_more(signed.act, at)
        if self.size == 0:
            return _found(signed, signers[0].key.thumbprint, self.index, recorded)
        case = Case(signed, tuple(signers), self.index, self.framework, self.docket, recorded)
        return admit(case)

    def _check(self, act: Act, at: Instant) -> None:
        """Check what every act must be: for this registry, in time, once, on a true base."""
        if self.size and (act.registry.origin, act.registry.genesis) != (self.origin, self.genesis):
            message = "meant for another registry, or for another history of this one"
            raise ActRefusedError(Refusal.WRONG_REGISTRY, message, "registry")
        if act.issued > at + MAX_SKEW:
            raise ActRefusedError(Refusal.NOT_YET_ISSUED, "issued in the future", "issued")
        if act.expires <= at:
            raise ActRefusedError(Refusal.EXPIRED, "it has expired", "expires")
        if self.size and (most := self.framework.act_lifetime_ms) is not None:
            refuse_longer(act, most)
        if nonce_of(act) in self._nonces:
            message = "the signer used this nonce before"
            raise ActRefusedError(Refusal.NONCE_USED, message, "nonce")
        if act.base is not None and not self._is_past(act.base.size, act.base.root):
            message = "the journal never was in this state"
            raise ActRefusedError(Refusal.WRONG_BASE, message, "base")

    def refuse_more(self, act: Act, at: Instant) -> None:
        """Refuse an act of whoever has had as many of its kind recorded today as it may.

        Raises:
            ActRefusedError: it has.
        """
        if self.size:
            most = allowance(self.framework, act.type)
            self.allowances.refuse_more(self._who(act.by), act.type, most, at)

    def _who(self, did: Did) -> str:
        """Return whose acts count together: a party's, whichever of its DIDs signs."""
        party = self.index.party_of(did, self.size)
        return did.text if party is None or party.retired else party.id

    def _is_past(self, size: int, root: str) -> bool:
        known = self._root_at(size) if size <= self.size else None
        return known is not None and known.hex() == root

    def take(self, signed: SignedAct, outcome: Outcome, entry: Entry) -> tuple[Item, ...]:
        """Take up an act that was admitted and is now recorded.

        Args:
            signed: the act.
            outcome: what `admit` said of it, in this very state.
            entry: its entry.

        Returns:
            What the index took up.
        """
        act = signed.act
        if self.size == 0:
            self.origin = act.registry.origin
            self.genesis = sha256(entry.to_bytes()).hexdigest()
        self._nonces.add(nonce_of(act))
        self._positions[bytes.fromhex(signed.id)] = self.size
        self._statuses.append(outcome.status)
        self.allowances.take(self._who(act.by), act.type, entry.recorded_at)
        if outcome.proposal is not None:
            self.docket.take_proposal(outcome.proposal, entry.recorded_at)
        if outcome.appeal is not None:
            self.docket.appeals[outcome.appeal.id] = outcome.appeal
        items = self.docket.with_prolonged(outcome.items)
        for item in items:
            before = self.index.party(item.id) if isinstance(item, Party) else None
            self.docket.take_item(item, before, outcome.maker)
            if isinstance(item, StatusChange) and outcome.ratifies is not None:
                self.docket.ratify(outcome.ratifies, item.id)
        put(self.index, items)
        if self.size and isinstance(_executed_act(signed, outcome), AdoptFramework):
            self.docket.void_pending()
        self.size += 1
        return items

    def effect(self, signed: SignedAct, outcome: Outcome, entry: Entry) -> bytes:
        """Write what an act is about to do, to be kept beside its entry; see `kept.effect_of`."""
        return effect_of(signed, outcome, entry, self._who(signed.act.by), self.index)

    def recall(self, run: Run) -> None:
        """Take up what acts did, as it was kept, without judging it again.

        Raises:
            CorruptStateError: it does not fit what was before it.
        """
        self._nonces.update(run.nonces)
        self._positions.update(zip(run.acts, count(self.size), strict=False))
        self._statuses.extend(repeat(Status.EXECUTED, len(run.acts)))
        self.allowances.take_all([(each.who, each.kind) for each in run.deeds], run.times)
        for party in [each for deed in run.deeds for each in deed.parties]:
            self.docket.rename(party.line.id, party.given_up, party.names)
        placed = [*zip(run.deeds, count(self.size), run.times, strict=False)]
        self.index.extend([(each, n, at) for deed, n, at in placed for each in deed.lines])
        for deed, position, at in placed:
            for change in deed.changes:
                self.docket.makers[StatementId(change.id)] = deed.maker
                self.index.add_change(change.read(Recorded(position, at)))
        self.size += len(run.acts)


def _executed_act(signed: SignedAct, outcome: Outcome) -> Act | None:
    if outcome.status is not Status.EXECUTED:
        return None
    return outcome.proposal.act if outcome.proposal else signed.act


def _found(signed: SignedAct, thumbprint: str, index: Index, recorded: Recorded) -> Outcome:
    """Judge the first act: a framework, signed by one whom it seats."""
    act = signed.act
    if not isinstance(act, AdoptFramework):
        message = "a journal begins with its framework"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "type")
    if act.registry.genesis is not None:
        message = "the first act names no genesis: it makes it"
        raise ActRefusedError(Refusal.WRONG_REGISTRY, message, "registry.genesis")
    if not any(thumbprint in each.keys and each.did == act.by for each in act.framework.members):
        message = "the first act is signed with the pinned key of a member that it seats"
        raise ActRefusedError(Refusal.KEY_NOT_PINNED, message, "by")
    digest = signed.framework_digest
    items = effects(act, signed.id, digest, BOARD, index, recorded)
    return Outcome(Status.EXECUTED, items)
