"""Deliberation: acts before the board, from proposal to execution. The counting is `policies`'."""

from dataclasses import replace

from policies.framework import Framework, Member
from policies.index import Index
from policies.quorum import Ballot, carried, lost, rules_for
from policies.statements import PartyId, StatementId
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.acts import (
    Act,
    AdoptFramework,
    AmendParty,
    Approve,
    CompromiseKey,
    DecideAppeal,
    DeclareControlGroup,
    Exclude,
    Execute,
    Grant,
    Object,
    RecoverKeys,
    RegisterParty,
    Reinstate,
    Reject,
    Replacement,
    RetireParty,
    RotateKeys,
    StatusAct,
    Suspend,
    TakeBack,
    Vote,
)
from trust_registry.case import Case, Outcome, seat
from trust_registry.docket import BOARD
from trust_registry.effects import Item, ratified, upheld
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.proposals import Proposal, Status
from trust_registry.standing import Standing, groups_as_party, groups_of, party_of_change


def proposed_frameworks(proposal: Proposal | None) -> tuple[Framework, ...]:
    """Return the framework that a proposal would bring; its members vote on it, too."""
    if proposal is None or not isinstance(proposal.act, AdoptFramework):
        return ()
    return (proposal.act.framework.framework(proposal.digest),)


def ballot_on(proposal: Proposal, index: Index, framework: Framework, known: int) -> Ballot:
    """Return the votes on a proposal, with all that they are counted by at a journal size."""
    frameworks = (framework, *proposed_frameworks(proposal))
    dids = {member.did for each in frameworks for member in each.members}
    dids |= {each.operator for each in frameworks if each.operator is not None}
    declared = {did: groups_as_party(did, index, known) for did in dids}
    for member in framework.members:
        declared[member.did] |= {member.control_group}
    abstaining = proposal.abstaining
    if known > proposal.position:  # since it was proposed, others may have come to be concerned
        abstaining |= subject(proposal.act, index, framework, known)
    return Ballot(
        act=proposal.act.type,
        votes=proposal.votes,
        abstaining=abstaining,
        declared=declared,
        touches_votes=_touches_votes(proposal.act, index, framework, known),
        objected=bool(proposal.objections),
    )


def _touches_votes(act: Act, index: Index, framework: Framework, known: int) -> bool:
    """Tell whether an act takes a vote from somebody, or gives one."""
    if isinstance(act, CompromiseKey):
        return any(
            member.did == act.did and act.thumbprint in member.keys for member in framework.members
        )
    dids: tuple[Did, ...] = ()
    if isinstance(act, DeclareControlGroup):
        dids = act.dids
    elif isinstance(act, RecoverKeys):
        dids = (act.party,)
    elif isinstance(act, RegisterParty) and act.control_group:
        dids = act.dids
    elif isinstance(act, AmendParty):
        dids = act.add_dids
    if not dids:
        return False
    parties = (index.party_of(did, known) for did in dids)
    concerned = {*dids, *(did for party in parties if party for did in party.dids)}
    voting = {member.did for member in framework.members} | {framework.operator}
    return not concerned.isdisjoint(voting)


def subject(act: Act, index: Index, framework: Framework, known: int) -> frozenset[str]:
    """Return the control groups that an act is about: they abstain."""
    dids: set[Did] = set()
    groups: set[str] = set()
    about: PartyId | None = None
    match act:
        case Grant() | Exclude():
            dids = {act.entity}
        case RegisterParty():
            dids = {*act.dids}
            groups = {act.control_group} if act.control_group else set()
        case AmendParty() | RetireParty() | RotateKeys() | RecoverKeys():
            dids = {act.party}
        case DeclareControlGroup():
            dids = {*act.dids}
        case CompromiseKey():
            dids = {act.did}
        case StatusAct() | Replacement():
            found = index.statement(StatementId(act.statement))
            about = found.entity if found else None
        case Reinstate():
            id_ = StatementId(act.change)
            change = index.change(id_) or index.exclusion(id_)
            about = party_of_change(change, index) if change else None
        case _:
            return frozenset()
    party = index.party(about) if about else None
    dids |= set(party.dids) if party else set()
    return frozenset(groups).union(*(groups_of(did, index, framework, known) for did in dids))


def board(case: Case, signer: Standing, start: Instant | None = None) -> Outcome:
    """Put an act before the board that nobody else decides; a member proposes it.

    Args:
        case: the act.
        signer: who signed it.
        start: from when it is to hold, where it says so.
    """
    seat(signer)
    case.reaches_back(start)
    return propose(case)


def apply_for(case: Case) -> Outcome:
    """Put an act before the board for which somebody without a seat asks, for itself.

    Raises:
        ActRefusedError: the framework admits no applications, or not as many at once, or one of
            this signer waits already.
    """
    waiting = case.docket.waiting(case.at)
    if any(each.act.by == case.act.by for each in waiting):
        message = "an application of this signer waits for the board already"
        raise ActRefusedError(Refusal.TOO_MANY_PENDING, message, "by")
    most = case.framework.applications
    if not most:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "this board takes no applications", "by")
    if len(waiting) >= most:
        raise ActRefusedError(Refusal.TOO_MANY_PENDING, full_board(most))
    outcome = propose(case)
    proposal = outcome.proposal
    return replace(outcome, proposal=replace(proposal, application=True)) if proposal else outcome


def full_board(most: int) -> str:
    """Say why a board takes no application for now."""
    return f"{most} applications wait for the board, and it takes no more at once"


def propose(case: Case, authority: PartyId | None = None) -> Outcome:
    """Put an act before the board; a member that proposes it approves it.

    Args:
        case: the act.
        authority: who says what is proposed; the board itself, where not said.
    """
    signed, act, framework = case.signed, case.act, case.framework
    if act.base is None:
        message = "what the board decides names the state its signer looked at"
        raise ActRefusedError(Refusal.WRONG_BASE, message, "base")
    if not rules_for(framework, act.type):
        raise ActRefusedError(Refusal.NO_RULE, f"the framework has no rule for {act.type}", "type")
    digest = signed.framework_digest if isinstance(act, AdoptFramework) else ""
    items = case.effects(act, signed.id, digest, authority or framework.id)
    abstaining = subject(act, case.index, framework, case.known)
    if isinstance(act, DecideAppeal):
        abstaining |= _parties_to(act, case)
    member = next((each for each in framework.members if each.did == act.by), None)
    votes = (
        member is not None
        and case.thumbprint in member.keys
        and case.groups(act.by).isdisjoint(abstaining)
    )
    proposal = Proposal(
        id=signed.id,
        act=act,
        digest=digest,
        position=case.known,
        recorded_at=case.at,
        framework=framework.digest,
        abstaining=abstaining,
        closes=act.expires,
        authority=authority or framework.id,
        votes={act.by: True} if votes else {},
    )
    return counted(case, proposal, items)


def _parties_to(act: DecideAppeal, case: Case) -> frozenset[str]:
    """Return the control groups of who appealed, and of who made the change: they abstain."""
    appeal = case.docket.appeals[act.appeal]
    maker = case.docket.makers.get(appeal.change, BOARD)
    return case.groups_of_party(appeal.by) | case.groups_of_party(maker)


def vote(case: Case, act: Vote, proposal: Proposal | None, signer: Standing) -> Outcome:
    """Take a member's vote on a pending act, and execute it where that completes its quorum."""
    if proposal is None:
        raise ActRefusedError(Refusal.UNKNOWN_PROPOSAL, "there is no such proposal", "proposal")
    refuse_closed(case, proposal)
    if isinstance(act, Reject) and act.by == proposal.act.by:
        return Outcome(Status.RECORDED, (), replace(proposal, status=Status.VOID))
    member = seat(signer)
    if act.framework != case.framework.digest:
        message = "another framework is in force than the one this vote is bound to"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework")
    if act.base.size <= proposal.position:
        raise ActRefusedError(Refusal.WRONG_BASE, "the voter had not seen the proposal", "base")
    if isinstance(act, Execute):
        outcome = counted(case, proposal)
        if outcome.proposal is not None and outcome.proposal.status is Status.PENDING:
            message = "its quorum is not met, or its waiting period is not over"
            raise ActRefusedError(Refusal.TOO_EARLY, message, "proposal")
        return outcome
    abstaining = proposal.abstaining | subject(proposal.act, case.index, case.framework, case.known)
    if not case.groups(act.by).isdisjoint(abstaining):
        raise ActRefusedError(Refusal.ABSTAINS, "who an act is about abstains", "by")
    return counted(case, replace(proposal, votes=_votes(proposal, member, act)))


def _votes(proposal: Proposal, member: Member, act: Vote) -> dict[Did, bool]:
    """Return the votes with a new one.

    Raises:
        ActRefusedError: it changes nothing.
    """
    before = proposal.votes.get(member.did)
    others = {did: vote for did, vote in proposal.votes.items() if did != member.did}
    if isinstance(act, TakeBack):
        if before is None:
            message = "this member has no vote to take back"
            raise ActRefusedError(Refusal.ALREADY_VOTED, message, "by")
        return others
    approves = isinstance(act, Approve)
    if before is approves:
        raise ActRefusedError(Refusal.ALREADY_VOTED, "this member's vote already says so", "by")
    return {**others, member.did: approves}


def objection(case: Case, act: Object, proposal: Proposal | None) -> Outcome:
    """Record that a party objects to a pending act."""
    if proposal is None:
        raise ActRefusedError(Refusal.UNKNOWN_PROPOSAL, "there is no such proposal", "proposal")
    refuse_closed(case, proposal)
    if act.by in proposal.objections:
        raise ActRefusedError(Refusal.ALREADY_VOTED, "it objected to this before", "by")
    changed = replace(proposal, objections=(*proposal.objections, act.by))
    return Outcome(Status.RECORDED, (), changed)


def refuse_closed(case: Case, proposal: Proposal) -> None:
    """Refuse an act about a proposal that is decided, or whose time is over."""
    if proposal.status is not Status.PENDING:
        raise ActRefusedError(
            Refusal.PROPOSAL_CLOSED, f"the proposal is {proposal.status.value}", "proposal"
        )
    if case.at >= proposal.closes:
        raise ActRefusedError(Refusal.PROPOSAL_CLOSED, "the proposal's time is over", "proposal")


def counted(case: Case, proposal: Proposal, items: tuple[Item, ...] | None = None) -> Outcome:
    """Execute a proposal that is carried, and end one that too many reject.

    Args:
        case: the act that proposes it, votes on it or asks to execute it.
        proposal: with all its votes.
        items: what it puts into the index now, where that is known already.
    """
    voting = proposal.id != case.signed.id
    frameworks = (case.framework, *proposed_frameworks(proposal))
    ballot = ballot_on(proposal, case.index, case.framework, case.known)
    if lost(frameworks, ballot):
        return Outcome(Status.RECORDED, (), replace(proposal, status=Status.VOID))
    if not carried(frameworks, ballot, case.at - proposal.recorded_at):
        return Outcome(Status.RECORDED if voting else Status.PENDING, (), proposal)
    return _carry_out(case, proposal, items)


def _carry_out(case: Case, proposal: Proposal, items: tuple[Item, ...] | None) -> Outcome:
    act, done = proposal.act, replace(proposal, status=Status.EXECUTED)
    first = case.index.change(StatementId(proposal.id)) if proposal.emergency else None
    if first is not None and isinstance(act, Suspend):
        added = ratified(act, first, case.signed.id, case.recorded)
        return Outcome(Status.EXECUTED, added, done, BOARD, first.id)
    if isinstance(act, DecideAppeal):
        appeal = case.docket.appeals[act.appeal]
        if appeal.decision:
            message = f"the appeal was {appeal.decision} before"
            raise ActRefusedError(Refusal.PROPOSAL_CLOSED, message, "appeal")
        return Outcome(Status.EXECUTED, upheld(act, appeal.change, case.recorded), done)
    if items is None:
        items = case.effects(act, proposal.id, proposal.digest, proposal.authority)
    return Outcome(Status.EXECUTED, items, done)
