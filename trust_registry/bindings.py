"""Bindings: parties as they are made, changed, grouped and given other keys."""

from collections.abc import Collection
from dataclasses import replace

from policies.framework import Framework
from policies.index import Index
from policies.statements import Party, PartyId, Recorded
from resolver.did import Did
from trust_registry.acts import (
    AmendParty,
    DeclareControlGroup,
    RecoverKeys,
    RegisterParty,
    RotateKeys,
)
from trust_registry.errors import ActRefusedError, Refusal


def seated(framework: Framework, id_: str, index: Index, recorded: Recorded) -> tuple[Party, ...]:
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


def registered(act: RegisterParty, id_: str, index: Index, recorded: Recorded) -> Party:
    """Make a party.

    Raises:
        ActRefusedError: one of its DIDs belongs to a party that has not retired.
    """
    _refuse_bound(act.dids, index, recorded, "dids")
    _refuse_threshold(act.threshold, max(1, len(act.keys)))
    declared = _declared(act.dids, index)
    group = act.control_group or min(declared, default=id_)
    _refuse_leaving(declared, group, "control_group")
    return Party(
        PartyId(id_),
        act.name,
        act.dids,
        group,
        recorded,
        frozenset(act.keys),
        act.trading_names,
        act.domains,
        act.identifiers,
        act.kinds,
        act.jurisdiction,
        act.contacts,
        act.threshold,
    )


def kept_dids(act: AmendParty, party: Party) -> tuple[Did, ...]:
    """Return the DIDs of a party that an act does not take from it."""
    return tuple(did for did in party.dids if did not in act.remove_dids)


def amended(act: AmendParty, index: Index, recorded: Recorded) -> Party:
    """Make the next version of a party; what the act does not write stays."""
    party = _party(act.party, index, recorded, "party")
    _refuse_bound(act.add_dids, index, recorded, "add_dids")
    _refuse_leaving(_declared(act.add_dids, index), party.control_group, "add_dids")
    _refuse_taking(act, party, index.framework_at(recorded.position))
    threshold = party.threshold if act.threshold is None else act.threshold
    _refuse_threshold(threshold, max(1, len(party.keys)))
    return replace(
        party,
        recorded=recorded,
        dids=(*kept_dids(act, party), *act.add_dids),
        threshold=threshold,
        name=party.name if act.name is None else act.name,
        trading_names=party.trading_names if act.trading_names is None else act.trading_names,
        domains=party.domains if act.domains is None else act.domains,
        identifiers=party.identifiers if act.identifiers is None else act.identifiers,
        kinds=party.kinds if act.kinds is None else act.kinds,
        jurisdiction=party.jurisdiction if act.jurisdiction is None else act.jurisdiction,
        contacts=party.contacts if act.contacts is None else act.contacts,
    )


def grouped(act: DeclareControlGroup, index: Index, recorded: Recorded) -> tuple[Party, ...]:
    """Put parties into one control group."""
    parties = (_party(did, index, recorded, "dids") for did in act.dids)
    return tuple(
        replace(party, control_group=act.control_group, recorded=recorded)
        for party in {each.id: each for each in parties}.values()
    )


def rekeyed(
    act: RotateKeys | RecoverKeys, index: Index, recorded: Recorded
) -> tuple[Framework | Party, ...]:
    """Give a party other keys, and the seats of its DIDs, too.

    Raises:
        ActRefusedError: it would have fewer keys than it says must sign.
    """
    party = _party(act.party, index, recorded, "party")
    keys = _changed(party.keys, act)
    threshold = party.threshold
    if isinstance(act, RecoverKeys):
        threshold = min(threshold, len(keys))
    _refuse_threshold(threshold, len(keys))
    renewed = replace(party, keys=keys, threshold=threshold, recorded=recorded)
    framework = index.framework_at(recorded.position)
    members = tuple(
        replace(member, keys=_changed(member.keys, act)) if member.did in party.dids else member
        for member in framework.members
    )
    if members == framework.members:
        return (renewed,)
    return (renewed, replace(framework, members=members, recorded=recorded))


def _changed(keys: frozenset[str], act: RotateKeys | RecoverKeys) -> frozenset[str]:
    if isinstance(act, RecoverKeys):
        return frozenset(act.keys)
    return (keys - set(act.remove)) | set(act.add)


def _party(did: Did, index: Index, recorded: Recorded, member: str) -> Party:
    party = index.party_of(did, recorded.position)
    if party is None or party.retired:
        raise ActRefusedError(Refusal.UNKNOWN_PARTY, f"no party has the DID {did} now", member)
    return party


def _refuse_bound(dids: Collection[Did], index: Index, recorded: Recorded, member: str) -> None:
    for did in dids:
        party = index.party_of(did, recorded.position)
        if party is not None and not party.retired:
            message = f"{did} belongs to {party.name}: a DID belongs to one party at a time"
            raise ActRefusedError(Refusal.ALREADY_BOUND, message, member)


def _refuse_taking(act: AmendParty, party: Party, framework: Framework) -> None:
    """Refuse to take a DID that is not the party's, or that the framework names, or its last."""
    named = {member.did for member in framework.members} | {framework.operator}
    named |= {did for reservation in framework.reserved for did in reservation.anchors}
    for did in act.remove_dids:
        if did not in party.dids:
            message = f"{did} is no DID of {party.name}"
            raise ActRefusedError(Refusal.UNKNOWN_PARTY, message, "remove_dids")
        if did in named:
            message = f"the framework names {did}: only a change of the framework ends that"
            raise ActRefusedError(Refusal.NOT_ENTITLED, message, "remove_dids")
    if not (*kept_dids(act, party), *act.add_dids):
        message = f"{party.name} would have no DID left: what is no more, retires"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "remove_dids")


def _declared(dids: Collection[Did], index: Index) -> frozenset[str]:
    """Return the control groups that were declared for the parties that had these DIDs."""
    before = map(index.last_party_of, dids)
    groups = (each.control_group for each in before if each and each.control_group != each.id)
    return frozenset(filter(None, groups))


def _refuse_leaving(declared: frozenset[str], group: str | None, member: str) -> None:
    """Refuse to let a DID out of a declared control group: no way to leave it goes by names."""
    if left := declared - {group}:
        message = f"it was declared to be under the control of {min(left)}"
        raise ActRefusedError(Refusal.ALREADY_BOUND, message, member)


def _refuse_threshold(threshold: int, keys: int) -> None:
    if threshold > keys:
        message = f"{threshold} keys must sign, and there are {keys}"
        raise ActRefusedError(Refusal.MALFORMED, message, "threshold")
