"""Effects: what an act puts into the index once it holds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from policies.framework import Framework
from policies.index import Index
from policies.scope import Scope
from policies.statements import (
    Action,
    Change,
    Exclusion,
    IssuedEffect,
    KeyCompromise,
    Kind,
    Lift,
    Party,
    PartyId,
    Recorded,
    Retirement,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant
from trust_registry import bindings
from trust_registry.acts import (
    Accredit,
    Act,
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
    StatusAct,
    Suspend,
    Vote,
    Withdraw,
)
from trust_registry.errors import ActRefusedError, Refusal


@dataclass(frozen=True, slots=True)
class Lifted:
    """A status change or an exclusion that a reinstatement, or an appeal, ends."""

    change: StatementId
    lift: Lift


Item = (
    Framework | Party | Statement | StatusChange | Lifted | Retirement | Exclusion | KeyCompromise
)


def put(index: Index, items: Iterable[Item]) -> None:
    """Put what one act does into the index: parties at once, since there may be many of them."""
    for are_parties, run in groupby(items, lambda item: isinstance(item, Party)):
        if are_parties:
            index.add_parties([item for item in run if isinstance(item, Party)])
        else:
            for item in run:
                _put(index, item)


def _put(index: Index, item: Item) -> None:
    match item:
        case Framework():
            index.add_framework(item)
        case Statement():
            index.add_statement(item)
        case StatusChange():
            index.add_change(item)
        case Lifted() if index.exclusion(item.change) is not None:
            index.lift_exclusion(item.change, item.lift)
        case Lifted():
            index.lift_change(item.change, item.lift)
        case Retirement():
            index.add_retirement(item)
        case Exclusion():
            index.add_exclusion(item)
        case KeyCompromise():
            index.add_compromise(item)


def effects(  # noqa: C901, PLR0912 - one flat table, a line an act
    act: Act, id_: str, digest: str, authority: PartyId, index: Index, recorded: Recorded
) -> tuple[Item, ...]:
    """Return what an act puts into the index.

    Args:
        act: an act that is no vote.
        id_: its id.
        digest: of the framework that it carries, where it does.
        authority: who says it; the framework's id where the board does.
        index: the state before it.
        recorded: where and when it takes effect in the journal.

    Raises:
        ActRefusedError: it speaks of a party, statement or change that there is none of, or binds
            a DID that is bound.
    """
    sid, at = StatementId(id_), recorded.at
    match act:
        case AdoptFramework():
            framework = act.framework.framework(digest, recorded)
            return (framework, *bindings.seated(framework, id_, index, recorded))
        case RegisterParty():
            return (bindings.registered(act, id_, index, recorded),)
        case AmendParty():
            return (bindings.amended(act, index, recorded),)
        case DeclareControlGroup():
            return bindings.grouped(act, index, recorded)
        case RotateKeys() | RecoverKeys():
            return bindings.rekeyed(act, index, recorded)
        case RetireParty():
            return _retired(act, sid, index, recorded)
        case AddAnchor() | Authorise() | Accredit() | Recognise():
            return (_statement(act, sid, authority, index, recorded),)
        case Renew() | Narrow() | RescopeAnchor() | Correct():
            return _replaced(act, sid, index, recorded)
        case Suspend() | Withdraw() | RemoveAnchor():
            return (status_change(act, sid, recorded),)
        case Reinstate():
            return (Lifted(StatementId(act.change), Lift(_or(act.effective_from, at), recorded)),)
        case DecideAppeal():
            return ()  # what it ends is the docket's to know; see `upheld`
        case Exclude():
            party = known_party(act.entity, index, recorded.position, "entity")
            begins, ends = _or(act.effective_from, at), _or(act.effective_until, END)
            return (Exclusion(sid, party.id, act.scope, begins, recorded, ends),)
        case CompromiseKey():
            return (KeyCompromise(sid, act.did, act.thumbprint, act.since, recorded),)
        case Vote() | Object() | Appeal():
            return ()


def upheld(act: DecideAppeal, change: StatementId, recorded: Recorded) -> tuple[Item, ...]:
    """Return what a decided appeal does: upheld, it ends the change; dismissed, nothing."""
    if act.decision != "upheld":
        return ()
    return (Lifted(change, Lift(_or(act.effective_from, recorded.at), recorded)),)


def known_party(did: Did, index: Index, known: int, member: str) -> Party:
    """Return the party of a DID.

    Raises:
        ActRefusedError: it has none; `member` says where the act names it.
    """
    party = index.party_of(did, known)
    if party is None or party.retired:
        message = f"{party.name} has retired" if party else f"no party has the DID {did}"
        raise ActRefusedError(Refusal.UNKNOWN_PARTY, message, member)
    return party


def known_statement(id_: str, index: Index) -> Statement:
    """Return a statement.

    Raises:
        ActRefusedError: there is none of this id.
    """
    statement = index.statement(StatementId(id_))
    if statement is None:
        raise ActRefusedError(Refusal.UNKNOWN_STATEMENT, "there is no such statement", "statement")
    return statement


def status_change(act: StatusAct, id_: StatementId, recorded: Recorded) -> StatusChange:
    """Return the change that an act against a statement makes, when it holds in full."""
    suspends = isinstance(act, Suspend)
    return StatusChange(
        id=id_,
        statement=StatementId(act.statement),
        change=Change.SUSPEND if suspends else Change.WITHDRAW,
        scope=act.scope,
        effective_from=_or(act.effective_from, recorded.at),
        recorded=recorded,
        effective_until=_or(act.effective_until, END) if isinstance(act, Suspend) else END,
        issued=act.issued_credentials,
    )


def emergency(act: Suspend, id_: str, lapses: Instant, recorded: Recorded) -> StatusChange:
    """Return what one member's suspension does until it is ratified or lapses.

    It casts doubt on credentials issued before, at most; with its lapse it leaves no trace.
    """
    full = status_change(act, StatementId(id_), recorded)
    doubt = act.issued_credentials is not IssuedEffect.NOTHING
    return replace(
        full,
        effective_until=min(full.effective_until, lapses),
        issued=IssuedEffect.DOUBT if doubt else IssuedEffect.NOTHING,
        lifted=Lift(lapses, recorded),
    )


def ratified(act: Suspend, first: StatusChange, by: str, recorded: Recorded) -> tuple[Item, ...]:
    """Return what a ratification adds: the whole suspension, from the ratification on."""
    full = status_change(act, StatementId(by), recorded)
    begins = max(first.effective_from, recorded.at)
    return (replace(full, effective_from=begins),) if begins < full.effective_until else ()


def _retired(
    act: RetireParty, id_: StatementId, index: Index, recorded: Recorded
) -> tuple[Item, ...]:
    """End a party, which withdraws whatever it holds."""
    party = known_party(act.party, index, recorded.position, "party")
    ended = replace(party, retired=True, keys=frozenset(), threshold=1, recorded=recorded)
    return (ended, Retirement(id_, party.id, _or(act.effective_from, recorded.at), recorded))


def _replaced(
    act: Replacement, id_: StatementId, index: Index, recorded: Recorded
) -> tuple[Item, ...]:
    """Put a new statement in the place of an old one."""
    old = known_statement(act.statement, index)
    new = replace(old, id=id_, recorded=recorded)
    issued = IssuedEffect.NOTHING
    match act:
        case Renew():
            begins = max(old.valid_until, recorded.at)
            until = _or(act.valid_until, END)
            return (_lasting(replace(new, valid_from=begins, valid_until=until)),)
        case Narrow() | RescopeAnchor():
            begins, issued = _or(act.effective_from, recorded.at), act.issued_credentials
            new = replace(new, scope=act.scope, valid_from=max(old.valid_from, begins))
        case Correct():
            scope = old.scope if act.scope is None else act.scope
            from_, until = (
                _or(act.valid_from, old.valid_from),
                _or(act.valid_until, old.valid_until),
            )
            new = replace(new, scope=scope, valid_from=from_, valid_until=until)
            begins = min(old.valid_from, from_)
    change = Change.SUPERSEDE
    ended = StatusChange(id_, old.id, change, Scope(), begins, recorded, issued=issued)
    return (_lasting(new), ended)


def _lasting(statement: Statement) -> Statement:
    """Refuse a statement that would never hold."""
    if statement.valid_until <= statement.valid_from:
        message = "the new statement would end before it begins"
        raise ActRefusedError(Refusal.MALFORMED, message, "valid_until")
    return statement


def _statement(
    act: Grant, id_: StatementId, authority: PartyId, index: Index, recorded: Recorded
) -> Statement:
    match act:
        case AddAnchor():
            action, powers = act.action, act.passes_on
        case Accredit():
            action, powers = Action.ACCREDIT, act.passes_on
        case Authorise():
            action, powers = act.action, None
        case _:
            action, powers = Action.ACCREDIT, None
    return Statement(
        id=id_,
        kind=Kind.RECOGNITION if isinstance(act, Recognise) else Kind.AUTHORISATION,
        authority=authority,
        entity=known_party(act.entity, index, recorded.position, "entity").id,
        action=action,
        scope=act.scope,
        valid_from=_or(act.valid_from, recorded.at),
        recorded=recorded,
        valid_until=_or(act.valid_until, END),
        passes_on=powers.passes_on() if powers else None,
    )


def _or(given: Instant | None, otherwise: Instant) -> Instant:
    return otherwise if given is None else given
