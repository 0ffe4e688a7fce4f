"""Admission: what an act by this signer, at this position, does, or why it is refused. Pure."""

from dataclasses import replace

from policies.narrowing import lies_within
from policies.statements import Exclusion, PartyId, Statement, StatementId, StatusChange
from resolver.instant import Instant
from trust_registry import enrolment, places
from trust_registry.acts import (
    Accredit,
    AddAnchor,
    AdoptFramework,
    AmendParty,
    Appeal,
    Authorise,
    CompromiseKey,
    Correct,
    DecideAppeal,
    DeclareControlGroup,
    Exclude,
    Grant,
    Narrow,
    Object,
    Recognise,
    RecoverKeys,
    RegisterParty,
    Reinstate,
    RemoveAnchor,
    Renew,
    Replacement,
    RescopeAnchor,
    RetireParty,
    RotateKeys,
    Suspend,
    Vote,
    Withdraw,
)
from trust_registry.case import Case, Outcome, authority, refuse_few_keys, seat
from trust_registry.deliberation import (
    apply_for,
    board,
    objection,
    propose,
    proposed_frameworks,
    vote,
)
from trust_registry.docket import BOARD
from trust_registry.effects import emergency, known_party, known_statement
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.proposals import Appealed, Status
from trust_registry.standing import Standing, accredits, is_over, party_of_change, standing


def admit(case: Case) -> Outcome:  # noqa: C901, PLR0912 - one flat table, a line an act
    """Judge an act.

    Raises:
        ActRefusedError: it is not admitted; the code and the member say why.
    """
    act = case.act
    if isinstance(act, RegisterParty) and enrolment.is_stranger(case):
        return enrolment.apply_by_stranger(case, act)
    proposal = case.docket.proposals.get(act.proposal) if isinstance(act, Vote | Object) else None
    frameworks = (case.framework, *proposed_frameworks(proposal))
    signer = standing(act.by, case.thumbprint, case.index, frameworks, case.known)
    match act:
        case Vote():
            return vote(case, act, proposal, signer)
        case Object():
            return objection(case, act, proposal)
        case Authorise() | Accredit() | Recognise():
            return _grant(case, act, signer)
        case RegisterParty():
            return enrolment.register(case, act, signer)
        case AmendParty():
            return enrolment.amend(case, act, signer)
        case RetireParty():
            return enrolment.retire(case, act, signer)
        case RotateKeys():
            return enrolment.rotate(case, act, signer)
        case RecoverKeys():
            return enrolment.recover(case, act, signer)
        case Suspend() | Withdraw():
            return _against(case, act, signer)
        case Renew() | Narrow() | RescopeAnchor() | Correct():
            return _replace(case, act, signer)
        case Reinstate():
            return _reinstate(case, act, signer)
        case Appeal():
            return _appeal(case, act, signer)
        case DecideAppeal():
            return _decide_appeal(case, act, signer)
        case AdoptFramework():
            return _adopt(case, act, signer)
        case AddAnchor():
            return _add_anchor(case, act, signer)
        case RemoveAnchor():
            _refuse_other_than_anchors(case, known_statement(act.statement, case.index))
            return board(case, signer, act.effective_from)
        case Exclude():
            return board(case, signer, act.effective_from)
        case CompromiseKey() | DeclareControlGroup():
            return board(case, signer)


# Acts that an authority may do by itself.


def _grant(case: Case, act: Grant, signer: Standing) -> Outcome:
    granting = authority(case, signer)
    entity = known_party(act.entity, case.index, case.known, "entity")
    if case.groups(act.entity) & case.groups(act.by) or entity.id == granting.id:
        raise ActRefusedError(Refusal.SELF_GRANT, "nobody grants to itself", "entity")
    held = accredits(granting.id, case.index)
    if isinstance(act, Recognise):
        held = tuple(each for each in held if each.authority == case.framework.id)
    if not held:
        what = "no trust anchor that accredits" if isinstance(act, Recognise) else "not accredited"
        raise ActRefusedError(Refusal.NOT_ENTITLED, f"the signer is {what}", "by")
    if case.reaches_back(act.valid_from):
        return propose(case, granting.id)
    places.refuse_more(case, granting.id, entity.id)
    return case.executed(granting.id)


def _against(case: Case, act: Suspend | Withdraw, signer: Standing) -> Outcome:
    statement = known_statement(act.statement, case.index)
    if isinstance(act, Withdraw) and statement.authority == case.framework.id:
        message = "a trust anchor is withdrawn by remove_anchor"
        raise ActRefusedError(Refusal.WRONG_KIND, message, "type")
    if signer.party is not None and _is_over(case, signer, statement):
        party = authority(case, signer)
        if case.reaches_back(act.effective_from):
            return propose(case, party.id)
        places.refuse_more_changes(case, act, statement)
        return case.executed(party.id)
    if isinstance(act, Withdraw):
        return board(case, signer, act.effective_from)
    return _emergency(case, act, signer, statement)


def _is_over(case: Case, signer: Standing, statement: Statement) -> bool:
    """Tell whether the signer made a statement, or gave its maker the power to."""
    party = signer.party
    return party is not None and is_over(
        party.id, statement.authority, case.index, case.framework.id
    )


def _emergency(case: Case, act: Suspend, signer: Standing, statement: Statement) -> Outcome:
    """Suspend at once by one member's power; it lapses by itself unless the board ratifies it."""
    member = seat(signer)
    if act.effective_from is not None and act.effective_from < case.at:
        message = "one member's suspension does not reach back"
        raise ActRefusedError(Refusal.BACKDATED, message, "effective_from")
    vocabulary = case.framework.vocabulary
    if not any(
        lies_within(scope, member.emergency, vocabulary) for scope in (act.scope, statement.scope)
    ):
        message = "this goes beyond what this member may suspend by itself"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "scope")
    for id_ in case.docket.emergencies.get(act.statement, ()):
        other = case.docket.proposals[id_]
        if other.status is not Status.EXECUTED and case.groups(other.act.by) & case.groups(act.by):
            message = "this member suspended it before, and the board did not ratify it"
            raise ActRefusedError(Refusal.ALREADY_SUSPENDED, message, "statement")
    proposed = propose(case)
    begins = max(case.at, act.effective_from or case.at)
    lapses = Instant(begins + case.framework.emergency_ms)
    if proposed.status is Status.EXECUTED or proposed.proposal is None:
        return proposed
    change = emergency(act, case.signed.id, lapses, case.recorded)
    proposal = replace(
        proposed.proposal, emergency=True, closes=min(proposed.proposal.closes, lapses)
    )
    party = case.index.party_of(act.by, case.known)
    return Outcome(Status.PENDING, (change,), proposal, party.id if party else BOARD)


def _replace(case: Case, act: Replacement, signer: Standing) -> Outcome:
    """Put a statement in another's place: its authority does, or who is over it, or the board."""
    old = known_statement(act.statement, case.index)
    if isinstance(act, Narrow) and not lies_within(act.scope, old.scope, case.framework.vocabulary):
        message = "the new scope does not surely lie within the old one"
        raise ActRefusedError(Refusal.NOT_NARROWER, message, "scope")
    if isinstance(act, RescopeAnchor):
        _refuse_other_than_anchors(case, old)
    start = act.effective_from if isinstance(act, Narrow | RescopeAnchor) else None
    own = signer.party is not None and _is_over(case, signer, old)
    if not own:
        return _propose_for(case, signer, start, old.authority)
    maker = authority(case, signer).id
    if isinstance(act, Renew) and case.groups(act.by) & case.groups_of_party(old.entity):
        raise ActRefusedError(Refusal.SELF_GRANT, "nobody renews what it holds itself", "statement")
    if isinstance(act, Correct):
        if not case.act.evidence:
            message = "a correction reaches back: it needs evidence, and the board's quorum"
            raise ActRefusedError(Refusal.BACKDATED, message, "evidence")
        return propose(case, old.authority)
    if _stands_against(case, old, maker):
        message = "somebody else's act stands against the statement: it must be ended first"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "statement")
    if case.reaches_back(start):
        return propose(case, old.authority)
    places.refuse_more(case, old.authority, old.entity)
    return case.executed(maker)


def _propose_for(case: Case, signer: Standing, start: Instant | None, maker: PartyId) -> Outcome:
    seat(signer)
    case.reaches_back(start)
    if isinstance(case.act, Correct) and not case.act.evidence:
        raise ActRefusedError(Refusal.BACKDATED, "a correction needs evidence", "evidence")
    return propose(case, maker)


def _stands_against(case: Case, statement: Statement, maker: PartyId) -> bool:
    """Tell whether a change of status by somebody else is in force, or will be."""
    return any(
        each.id not in case.docket.lifted
        and case.docket.makers.get(each.id, BOARD) != maker
        and each.effective_until > case.at
        and not (each.lifted and each.lifted.effective_from <= case.at)
        for each in case.index.changes(statement.id)
    )


def _refuse_other_than_anchors(case: Case, statement: Statement) -> None:
    if statement.authority != case.framework.id:
        message = "this statement makes no trust anchor: its own authority changes it"
        raise ActRefusedError(Refusal.WRONG_KIND, message, "statement")


def _reinstate(case: Case, act: Reinstate, signer: Standing) -> Outcome:
    change = _unlifted(case, act.change)
    maker = case.docket.makers[change.id]
    party = signer.party or (case.index.party_of(act.by, case.known) if signer.member else None)
    if maker != BOARD and party is not None and party.id == maker:
        proposal = case.docket.proposals.get(change.id)
        if proposal is None or not proposal.emergency:  # else one member made it by itself
            refuse_few_keys(case, party)
        if case.reaches_back(act.effective_from):
            return propose(case, maker)
        if isinstance(change, StatusChange):
            places.refuse_to_renew_an_end(case, change)
        return case.executed(maker)
    return board(case, signer, act.effective_from)


def _unlifted(case: Case, id_: str) -> StatusChange | Exclusion:
    """Return a change of status, or an exclusion, that was not ended.

    Raises:
        ActRefusedError: there is none of this id, or it was.
    """
    change = case.index.change(StatementId(id_)) or case.index.exclusion(StatementId(id_))
    if change is None:
        raise ActRefusedError(Refusal.UNKNOWN_CHANGE, "there is no such change", "change")
    if change.id in case.docket.lifted:
        raise ActRefusedError(Refusal.ALREADY_LIFTED, "it was ended before", "change")
    return change


# Appeals.


def _appeal(case: Case, act: Appeal, signer: Standing) -> Outcome:
    """Take an appeal by the party that a change of status, or an exclusion, is about."""
    change = _unlifted(case, act.change)
    party = authority(case, signer)
    if party_of_change(change, case.index) != party.id:
        message = "a change is appealed against by the party that it is about"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "by")
    if case.at >= change.recorded.at + case.framework.appeal_ms:
        message = "the time to appeal against this is over"
        raise ActRefusedError(Refusal.TOO_LATE, message, "change")
    if any(each.change == change.id for each in case.docket.appeals.values()):
        message = "it was appealed against before"
        raise ActRefusedError(Refusal.ALREADY_VOTED, message, "change")
    appeal = Appealed(case.signed.id, change.id, party.id, case.at)
    return Outcome(Status.RECORDED, appeal=appeal)


def _decide_appeal(case: Case, act: DecideAppeal, signer: Standing) -> Outcome:
    appeal = case.docket.appeals.get(act.appeal)
    if appeal is None:
        raise ActRefusedError(Refusal.UNKNOWN_PROPOSAL, "there is no such appeal", "appeal")
    if appeal.decision:
        message = f"the appeal was {appeal.decision} before"
        raise ActRefusedError(Refusal.PROPOSAL_CLOSED, message, "appeal")
    return board(case, signer, act.effective_from)


# Acts of the board alone.


def _adopt(case: Case, act: AdoptFramework, signer: Standing) -> Outcome:
    seat(signer)
    now, new = case.framework, act.framework
    if new.id != now.id or new.version != now.version + 1:
        message = f"the next framework is version {now.version + 1} of {now.id}"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework.version")
    return propose(case)


def _add_anchor(case: Case, act: AddAnchor, signer: Standing) -> Outcome:
    """Propose an anchor: a member does, or the party applies by itself."""
    if signer.member is not None:
        return board(case, signer, act.valid_from)
    party = authority(case, signer)
    entity = known_party(act.entity, case.index, case.known, "entity")
    if entity.id != party.id:
        raise ActRefusedError(Refusal.NOT_ENTITLED, "a party applies for itself alone", "entity")
    enrolment.refuse_without_basis(case, act.legal_basis)
    case.reaches_back(act.valid_from)
    return apply_for(case)
