"""Admission: what an act by this signer, at this position, does, or why it is refused. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.framework import Framework, Member
from policies.index import Index
from policies.statements import PartyId, Recorded, Statement, StatementId
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.acts import (
    Accredit,
    AddAnchor,
    AdoptFramework,
    Approve,
    Authorise,
    CompromiseKey,
    Exclude,
    Execute,
    Grant,
    Recognise,
    RegisterParty,
    Reinstate,
    Reject,
    StatusAct,
    Suspend,
    Vote,
    Withdraw,
)
from trust_registry.effects import Item, effects, emergency, known_party, ratified
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.opening import SignedAct
from trust_registry.proposals import Proposal, Status
from trust_registry.standing import Standing, accredits, groups_of, is_over, may_sponsor, standing

BOARD = PartyId("")
"""The maker of what a board decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act does.

    Attributes:
        status: what becomes of the act itself.
        items: what the index takes up, in this order.
        proposal: the proposal that is new or changed.
        maker: who may take the change back that the act makes; `BOARD` where only the board may.
        ratifies: the change that this act prolongs, where it does.
    """

    status: Status
    items: tuple[Item, ...] = ()
    proposal: Proposal | None = None
    maker: PartyId = BOARD
    ratifies: StatementId | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An act before the registry, with all that it is judged by.

    Attributes:
        signed: the act.
        thumbprint: of the key that signed.
        index: the state before it.
        framework: the one in force.
        proposals: every proposal so far, by id.
        makers: who made each status change, by its id.
        lifted: the status changes that a reinstatement ended.
        recorded: where and when the journal takes it down.
    """

    signed: SignedAct
    thumbprint: str
    index: Index
    framework: Framework
    proposals: Mapping[str, Proposal]
    makers: Mapping[StatementId, PartyId]
    lifted: frozenset[StatementId] | set[StatementId]
    recorded: Recorded

    @property
    def known(self) -> int:
        """The journal's size before the act."""
        return self.recorded.position

    def groups(self, did: Did) -> frozenset[str]:
        """Return the control groups of a DID."""
        return groups_of(did, self.index, self.framework, self.known)


def admit(case: Case) -> Outcome:
    """Judge an act.

    Raises:
        ActRefusedError: it is not admitted; the code and the member say why.
    """
    act = case.signed.act
    proposal = case.proposals.get(act.proposal) if isinstance(act, Vote) else None
    frameworks = (case.framework, *_proposed(proposal))
    signer = standing(act.by, case.thumbprint, case.index, frameworks, case.known)
    match act:
        case Vote():
            return _vote(case, act, proposal, signer)
        case Authorise() | Accredit() | Recognise():
            return _grant(case, act, signer)
        case RegisterParty():
            return _register(case, act, signer)
        case Suspend() | Withdraw():
            return _against(case, act, signer)
        case Reinstate():
            return _reinstate(case, act, signer)
        case AdoptFramework():
            return _adopt(case, act, signer)
        case AddAnchor():
            return _board(case, signer, act.valid_from)
        case Exclude():
            return _board(case, signer, act.effective_from)
        case CompromiseKey():
            return _board(case, signer, None)


def _proposed(proposal: Proposal | None) -> tuple[Framework, ...]:
    if proposal is None or not isinstance(proposal.act, AdoptFramework):
        return ()
    return (proposal.act.framework.framework(proposal.digest),)


# Acts that an authority may do by itself.


def _grant(case: Case, act: Grant, signer: Standing) -> Outcome:
    if signer.party is None:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "a party grants with its own key", "by")
    authority = signer.party.id
    entity = known_party(act.entity, case.index, case.known, "entity")
    if case.groups(act.entity) & case.groups(act.by) or entity.id == authority:
        raise ActRefusedError(Refusal.SELF_GRANT, "nobody grants to itself", "entity")
    held = accredits(authority, case.index)
    if isinstance(act, Recognise):
        held = tuple(each for each in held if each.authority == case.framework.id)
    if not held:
        what = "no trust anchor that accredits" if isinstance(act, Recognise) else "not accredited"
        raise ActRefusedError(Refusal.NOT_ENTITLED, f"the signer is {what}", "by")
    if _reaches_back(case, act.valid_from):
        return _propose(case, authority)
    return _executed(case, authority)


def _register(case: Case, act: RegisterParty, signer: Standing) -> Outcome:
    new = all(case.index.party_of(did, case.known) is None for did in act.dids)
    sponsor = signer.party
    if new and sponsor and may_sponsor(sponsor.id, case.index, case.recorded.at):
        hosts = {did.specific_id.partition(":")[0] for did in act.dids if did.method == "web"}
        if act.control_group not in {None, case.index.group_of(sponsor.id)}:
            message = "a sponsor places nobody under another's control"
            raise ActRefusedError(Refusal.NOT_ENTITLED, message, "control_group")
        if not set(act.domains) <= hosts:
            message = "a sponsor vouches for no domain but that of the party's did:web"
            raise ActRefusedError(Refusal.NOT_ENTITLED, message, "domains")
        return _executed(case, sponsor.id)
    _seat(signer)
    return _propose(case)


def _against(case: Case, act: Suspend | Withdraw, signer: Standing) -> Outcome:
    statement = _statement(case, act)
    party = signer.party
    if party is not None and is_over(party.id, statement.authority, case.index, case.framework.id):
        if _reaches_back(case, act.effective_from):
            return _propose(case, party.id)
        return _executed(case, party.id)
    if isinstance(act, Withdraw):
        return _board(case, signer, act.effective_from)
    return _emergency(case, act, _seat(signer).control_group)


def _statement(case: Case, act: StatusAct) -> Statement:
    statement = case.index.statement(StatementId(act.statement))
    if statement is None:
        raise ActRefusedError(Refusal.UNKNOWN_STATEMENT, "there is no such statement", "statement")
    return statement


def _emergency(case: Case, act: Suspend, group: str) -> Outcome:
    """Suspend at once by one member's power; it lapses by itself unless the board ratifies it."""
    if act.effective_from is not None and act.effective_from < case.recorded.at:
        message = "one member's suspension does not reach back"
        raise ActRefusedError(Refusal.BACKDATED, message, "effective_from")
    for other in case.proposals.values():
        if (
            isinstance(other.act, Suspend)
            and other.emergency
            and other.status is not Status.EXECUTED
            and other.act.statement == act.statement
            and group in case.groups(other.act.by)
        ):
            message = "this member suspended it before, and the board did not ratify it"
            raise ActRefusedError(Refusal.ALREADY_SUSPENDED, message, "statement")
    proposed = _propose(case)
    begins = max(case.recorded.at, act.effective_from or case.recorded.at)
    lapses = Instant(begins + case.framework.emergency_ms)
    if proposed.status is Status.EXECUTED or proposed.proposal is None:
        return proposed
    change = emergency(act, case.signed.id, lapses, case.recorded)
    proposal = replace(
        proposed.proposal, emergency=True, closes=min(proposed.proposal.closes, lapses)
    )
    party = case.index.party_of(act.by, case.known)
    return Outcome(Status.PENDING, (change,), proposal, party.id if party else BOARD)


def _reinstate(case: Case, act: Reinstate, signer: Standing) -> Outcome:
    change = StatementId(act.change)
    if case.index.change(change) is None:
        raise ActRefusedError(Refusal.UNKNOWN_CHANGE, "there is no such change", "change")
    if change in case.lifted:
        raise ActRefusedError(Refusal.ALREADY_LIFTED, "it was ended before", "change")
    maker = case.makers[change]
    party = signer.party or (case.index.party_of(act.by, case.known) if signer.member else None)
    if maker != BOARD and party is not None and party.id == maker:
        if _reaches_back(case, act.effective_from):
            return _propose(case, maker)
        return _executed(case, maker)
    return _board(case, signer, act.effective_from)


# Acts before the board.


def _seat(signer: Standing) -> Member:
    if signer.member is None:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "only a seated member may do this", "by")
    return signer.member


def _reaches_back(case: Case, start: Instant | None) -> bool:
    """Tell whether an act is to hold from before its recording; that needs evidence."""
    if start is None or start >= case.recorded.at:
        return False
    if not case.signed.act.evidence:
        message = "what reaches back before its recording needs evidence, and the board's quorum"
        raise ActRefusedError(Refusal.BACKDATED, message, "evidence")
    return True


def _board(case: Case, signer: Standing, start: Instant | None) -> Outcome:
    """Put an act before the board that nobody else decides; a member proposes it."""
    _seat(signer)
    _reaches_back(case, start)
    return _propose(case)


def _adopt(case: Case, act: AdoptFramework, signer: Standing) -> Outcome:
    _seat(signer)
    now, new = case.framework, act.framework
    if new.id != now.id or new.version != now.version + 1:
        message = f"the next framework is version {now.version + 1} of {now.id}"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework.version")
    return _propose(case)


def _propose(case: Case, authority: PartyId | None = None) -> Outcome:
    """Put an act before the board; a member that proposes it approves it."""
    signed, act, framework = case.signed, case.signed.act, case.framework
    if act.base is None:
        message = "what the board decides names the state its signer looked at"
        raise ActRefusedError(Refusal.WRONG_BASE, message, "base")
    if act.type not in framework.rules:
        raise ActRefusedError(Refusal.NO_RULE, f"the framework has no rule for {act.type}", "type")
    digest = signed.framework_digest if isinstance(act, AdoptFramework) else ""
    effects(act, signed.id, digest, authority or framework.id, case.index, case.recorded)
    proposal = Proposal(
        id=signed.id,
        act=act,
        digest=digest,
        position=case.recorded.position,
        recorded_at=case.recorded.at,
        framework=framework.digest,
        abstaining=_about(case),
        closes=act.expires,
        authority=authority or framework.id,
    )
    seat = next((each for each in framework.members if each.did == act.by), None)
    votes = seat and case.thumbprint in seat.keys and seat.control_group not in proposal.abstaining
    return _counted(case, replace(proposal, votes={act.by: True}) if votes else proposal)


def _about(case: Case) -> frozenset[str]:
    """Return the control groups that an act is about: they abstain."""
    act = case.signed.act
    match act:
        case Grant() | Exclude():
            return case.groups(act.entity)
        case RegisterParty():
            groups = [case.groups(did) for did in act.dids]
            declared = {act.control_group} if act.control_group else set[str]()
            return frozenset(declared).union(*groups)
        case CompromiseKey():
            return case.groups(act.did)
        case StatusAct():
            return _about_statement(case, act.statement)
        case Reinstate():
            change = case.index.change(StatementId(act.change))
            return _about_statement(case, change.statement) if change else frozenset()
    return frozenset()


def _about_statement(case: Case, statement: str) -> frozenset[str]:
    found = case.index.statement(StatementId(statement))
    party = case.index.party(found.entity) if found else None
    if party is None:
        return frozenset()
    return frozenset().union(*(case.groups(did) for did in party.dids))


def _vote(case: Case, act: Vote, proposal: Proposal | None, signer: Standing) -> Outcome:
    if proposal is None:
        raise ActRefusedError(Refusal.UNKNOWN_PROPOSAL, "there is no such proposal", "proposal")
    if isinstance(act, Reject) and act.by == proposal.act.by:
        _refuse_closed(case, proposal)
        return Outcome(Status.RECORDED, (), replace(proposal, status=Status.VOID))
    seat = _seat(signer)
    _refuse_closed(case, proposal)
    if act.framework != case.framework.digest:
        message = "another framework is in force than the one this vote is bound to"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework")
    if act.base.size <= proposal.position:
        raise ActRefusedError(Refusal.WRONG_BASE, "the voter had not seen the proposal", "base")
    if isinstance(act, Execute):
        outcome = _counted(case, proposal)
        if outcome.proposal is not None and outcome.proposal.status is Status.PENDING:
            message = "its quorum is not met, or its waiting period is not over"
            raise ActRefusedError(Refusal.TOO_EARLY, message, "proposal")
        return outcome
    if seat.control_group in proposal.abstaining:
        raise ActRefusedError(Refusal.ABSTAINS, "who an act is about abstains", "by")
    approves = isinstance(act, Approve)
    if proposal.votes.get(act.by) is approves:
        raise ActRefusedError(Refusal.ALREADY_VOTED, "this member's vote already says so", "by")
    return _counted(case, replace(proposal, votes=_votes(case, proposal, seat, approves)))


def _votes(case: Case, proposal: Proposal, seat: Member, approves: bool) -> dict[Did, bool]:
    """Return the votes with a new one: the latest of each control group holds."""
    kept = {
        did: vote
        for did, vote in proposal.votes.items()
        if seat.control_group not in case.groups(did)
    }
    return {**kept, seat.did: approves}


def _refuse_closed(case: Case, proposal: Proposal) -> None:
    if proposal.status is not Status.PENDING:
        raise ActRefusedError(
            Refusal.PROPOSAL_CLOSED, f"the proposal is {proposal.status.value}", "proposal"
        )
    if case.recorded.at >= proposal.closes:
        raise ActRefusedError(Refusal.PROPOSAL_CLOSED, "the proposal's time is over", "proposal")


def _counted(case: Case, proposal: Proposal) -> Outcome:
    """Execute a proposal whose quorum is met and whose waiting period is over."""
    voting = proposal.id != case.signed.id
    frameworks = (case.framework, *_proposed(proposal))
    counts = [proposal.counted(each) for each in frameworks]
    over = case.recorded.at >= proposal.waits_until(case.framework)
    if not over or not all(count and count.met for count in counts):
        return Outcome(Status.RECORDED if voting else Status.PENDING, (), proposal)
    done = replace(proposal, status=Status.EXECUTED)
    first = case.index.change(StatementId(proposal.id)) if proposal.emergency else None
    if first is not None and isinstance(proposal.act, Suspend):
        items = ratified(proposal.act, first, case.signed.id, case.recorded)
        return Outcome(Status.EXECUTED, items, done, BOARD, first.id)
    items = effects(
        proposal.act, proposal.id, proposal.digest, proposal.authority, case.index, case.recorded
    )
    return Outcome(Status.EXECUTED, items, done)


def _executed(case: Case, authority: PartyId) -> Outcome:
    """Let an authority's act take effect where it is recorded."""
    act, id_ = case.signed.act, case.signed.id
    items = effects(act, id_, "", authority, case.index, case.recorded)
    return Outcome(Status.EXECUTED, items, None, authority)
