"""Effects: what an act puts into the index once it holds."""

from dataclasses import dataclass, replace

from policies.framework import Framework
from policies.index import Index
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
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant
from trust_registry.acts import (
    Accredit,
    Act,
    AddAnchor,
    AdoptFramework,
    Authorise,
    CompromiseKey,
    Exclude,
    Grant,
    Recognise,
    RegisterParty,
    Reinstate,
    Suspend,
    Vote,
    Withdraw,
)
from trust_registry.errors import ActRefusedError, Refusal


@dataclass(frozen=True, slots=True)
class Lifted:
    """A status change that a reinstatement ends."""

    change: StatementId
    lift: Lift


Item = Framework | Party | Statement | StatusChange | Lifted | Exclusion | KeyCompromise


def put(index: Index, item: Item) -> None:
    """Put an item into the index."""
    match item:
        case Framework():
            index.add_framework(item)
        case Party():
            index.add_party(item)
        case Statement():
            index.add_statement(item)
        case StatusChange():
            index.add_change(item)
        case Lifted():
            index.lift_change(item.change, item.lift)
        case Exclusion():
            index.add_exclusion(item)
        case KeyCompromise():
            index.add_compromise(item)


def effects(
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
    sid = StatementId(id_)
    match act:
        case AdoptFramework():
            framework = act.framework.framework(digest, recorded)
            return (framework, *_seated(framework, id_, index, recorded))
        case RegisterParty():
            return (_party(act, id_, index, recorded),)
        case AddAnchor() | Authorise() | Accredit() | Recognise():
            return (_statement(act, sid, authority, index, recorded),)
        case Suspend() | Withdraw():
            return (status_change(act, sid, recorded),)
        case Reinstate():
            lift = Lift(_or(act.effective_from, recorded.at), recorded)
            return (Lifted(StatementId(act.change), lift),)
        case Exclude():
            return (
                Exclusion(
                    sid,
                    known_party(act.entity, index, recorded.position, "entity").id,
                    act.scope,
                    _or(act.effective_from, recorded.at),
                    recorded,
                    _or(act.effective_until, END),
                ),
            )
        case CompromiseKey():
            return (KeyCompromise(sid, act.did, act.thumbprint, act.since, recorded),)
        case Vote():
            return ()


def known_party(did: Did, index: Index, known: int, member: str) -> Party:
    """Return the party of a DID.

    Raises:
        ActRefusedError: it has none; `member` says where the act names it.
    """
    party = index.party_of(did, known)
    if party is None:
        raise ActRefusedError(Refusal.UNKNOWN_PARTY, f"no party has the DID {did}", member)
    return party


def status_change(act: Suspend | Withdraw, id_: StatementId, recorded: Recorded) -> StatusChange:
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


def _seated(framework: Framework, id_: str, index: Index, recorded: Recorded) -> tuple[Party, ...]:
    """Make parties of the members that are none yet."""
    return tuple(
        Party(
            PartyId(f"{id_}.{seat}"),
            member.name,
            (member.did,),
            member.control_group,
            recorded,
            member.keys,
            kinds=(member.seat,),
        )
        for seat, member in enumerate(framework.members)
        if index.party_of(member.did, recorded.position) is None
    )


def _party(act: RegisterParty, id_: str, index: Index, recorded: Recorded) -> Party:
    """Make a party, or the next version of the one that already has some of these DIDs."""
    found = [index.party_of(did, recorded.position) for did in act.dids]
    bound = {party.id: party for party in found if party is not None}
    if len(bound) > 1 or any(not set(p.dids) <= set(act.dids) for p in bound.values()):
        message = "a DID belongs to one party at a time, and a party keeps the DIDs it had"
        raise ActRefusedError(Refusal.ALREADY_BOUND, message, "dids")
    old = next(iter(bound.values()), None)
    party_id = old.id if old else PartyId(id_)
    return Party(
        party_id,
        act.name,
        act.dids,
        act.control_group or (old.control_group if old else party_id),
        recorded,
        frozenset(act.keys),
        act.trading_names,
        act.domains,
        act.identifiers,
        act.kinds,
        act.jurisdiction,
    )


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
