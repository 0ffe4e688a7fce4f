"""Enrolment: who may say who a party is. Nobody's DID, key or domain is claimed without it."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from policies.statements import Party
from resolver.did import Did
from trust_registry.acts import (
    AmendParty,
    Evidence,
    RecoverKeys,
    RegisterParty,
    RetireParty,
    RotateKeys,
)
from trust_registry.bindings import kept_dids
from trust_registry.case import Case, Outcome, authority, refuse_few_keys, seat
from trust_registry.deliberation import apply_for, board, propose
from trust_registry.effects import known_party
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.standing import Standing, may_sponsor


def is_stranger(case: Case) -> bool:
    """Tell whether the signer is nobody here yet: no party, and no member."""
    did = case.act.by
    party = case.index.party_of(did, case.known)
    seated = any(member.did == did for member in case.framework.members)
    return not seated and (party is None or party.retired)


def apply_by_stranger(case: Case, act: RegisterParty) -> Outcome:
    """Take the application of somebody who wants to be registered, signed by its own DID."""
    if act.by not in act.dids or case.thumbprint not in act.keys:
        message = f"nobody here has the DID {act.by}, and it does not apply for itself"
        raise ActRefusedError(Refusal.UNKNOWN_SIGNER, message, "by")
    refuse_without_basis(case, act.legal_basis)
    _refuse_unproved(case, act)
    return apply_for(case)


def refuse_without_basis(case: Case, legal_basis: Collection[Evidence]) -> None:
    """Refuse an application that does not say what it rests on."""
    if not legal_basis:
        message = "who applies by itself names its legal basis"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "legal_basis")
    if not case.act.evidence:
        message = "who applies by itself gives evidence"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "evidence")


def register(case: Case, act: RegisterParty, signer: Standing) -> Outcome:
    """Register a party: a sponsor does, for whom it will authorise; else the board."""
    _refuse_unproved(case, act)
    sponsor = signer.party
    # Identifiers are one party's alone, and nobody proves them: the board vets each.
    handed_on = _handed_on(case, act.dids)
    vetted = act.identifiers or _operates(case, act.dids) or handed_on
    if sponsor and not vetted and may_sponsor(sponsor.id, case.index, case.at):
        authority(case, signer)
        if act.control_group not in {None, case.index.group_of(sponsor.id)}:
            message = "a sponsor places nobody under another's control"
            raise ActRefusedError(Refusal.NOT_ENTITLED, message, "control_group")
        unsigned = [
            did for did in act.dids if did not in case.signing and _host(did) not in sponsor.domains
        ]
        if not unsigned:
            return case.executed(sponsor.id)
        _refuse_unsigned(unsigned[:1], "dids", unless=signer.member is not None)
    seat(signer)
    if not set(act.dids) <= case.signing and not act.evidence:
        message = "who lists a party without its signature gives evidence of who it is"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "evidence")
    _refuse_unexplained(case, handed_on)
    return propose(case)


def _handed_on(case: Case, dids: Iterable[Did], to: Party | None = None) -> tuple[Did, ...]:
    """Return the DIDs that were another party's before: the board vets who has them now."""
    last = ((did, case.index.last_party_of(did)) for did in dids)
    return tuple(
        did
        for did, party in last
        if party and (party.retired or did not in party.dids) and (to is None or party.id != to.id)
    )


def _refuse_unexplained(case: Case, handed_on: Collection[Did]) -> None:
    """Refuse to hand on what was another's without evidence, whoever signs."""
    if handed_on and not case.act.evidence:
        message = f"{min(handed_on, key=str)} was another's: evidence says why it is this one's now"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "evidence")


def _refuse_unproved(case: Case, act: RegisterParty) -> None:
    """Refuse a party whose keys or domains nobody answers for."""
    if act.keys:
        _refuse_unsigned([did for did in act.dids if did not in case.signing], "dids")
    _refuse_unproved_domains(case, act.domains)


def _refuse_unsigned(missing: Iterable[Did], member: str, *, unless: bool = False) -> None:
    for did in missing:
        if not unless:
            message = f"{did} must sign this, too"
            raise ActRefusedError(Refusal.SIGNATURE_MISSING, message, member)


def _refuse_unproved_domains(case: Case, domains: Iterable[str]) -> None:
    """Refuse a domain that no DID on it signs for."""
    hosts = {_host(did) for did in case.signing}
    for domain in domains:
        if domain not in hosts:
            message = f"did:web:{domain} must sign this, too: it shows who controls the domain"
            raise ActRefusedError(Refusal.DOMAIN_UNPROVED, message, "domains")


def _operates(case: Case, dids: Collection[Did]) -> bool:
    """Tell whether the operator is among them: who shares its control has no vote."""
    return case.framework.operator in dids


def _host(did: Did) -> str:
    """Return the domain whose control a DID shows, or nothing."""
    parts = did.specific_id.split(":")
    if did.method == "web":
        return parts[0].lower()
    if did.method == "webvh" and len(parts) > 1:
        return parts[1].lower()
    return ""


def amend(case: Case, act: AmendParty, signer: Standing) -> Outcome:
    """Change what is registered: the party alone may, except for what the board has vetted."""
    party = known_party(act.party, case.index, case.known, "party")
    _refuse_unsigned([did for did in act.add_dids if did not in case.signing], "add_dids")
    _refuse_unproved_domains(case, set(act.domains or ()) - set(party.domains))
    itself = signer.party is not None and signer.party.id == party.id
    if act.add_dids or act.threshold is not None or itself:
        refuse_few_keys(case, party)
        _refuse_silencing(case, act, party)
    handed_on = _handed_on(case, act.add_dids, party)
    _refuse_unexplained(case, handed_on)
    vetted = (act.name, act.identifiers, act.kinds, act.jurisdiction)
    for_board = _operates(case, act.add_dids) or handed_on
    if itself and all(each is None for each in vetted) and not for_board:
        return case.executed(party.id)
    if signer.member is None and itself:
        return apply_for(case)
    seat(signer)
    if act.remove_dids and not act.evidence:
        message = "who takes a DID from a party gives evidence of why"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "evidence")
    return propose(case)


def _refuse_silencing(case: Case, act: AmendParty, party: Party) -> None:
    """Refuse to take a DID where the keys that sign under the others could not act without it."""
    after = replace(party, dids=(*kept_dids(act, party), *act.add_dids))
    if act.remove_dids and len(case.keys_of(after) & party.keys) < party.threshold:
        message = f"{party.threshold} of its keys must sign this under the DIDs that it then has"
        raise ActRefusedError(Refusal.SIGNATURE_MISSING, message, "remove_dids")


def retire(case: Case, act: RetireParty, signer: Standing) -> Outcome:
    """Retire a party: it does so itself, or the board; one with a seat loses that first."""
    party = known_party(act.party, case.index, case.known, "party")
    if _has_seat(case, party):
        message = f"{party.name} has a seat, which only a change of the framework ends"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "party")
    if signer.party is None or signer.party.id != party.id:
        return board(case, signer, act.effective_from)
    authority(case, signer)
    if case.reaches_back(act.effective_from):
        return propose(case, party.id)
    return case.executed(party.id)


def rotate(case: Case, act: RotateKeys, signer: Standing) -> Outcome:
    """Replace keys: the party does, with a key that it has; the board, where it has a vote."""
    party = known_party(act.party, case.index, case.known, "party")
    _refuse_unproved_keys(case, party, act.add, "add")
    if signer.party is None or signer.party.id != party.id:
        message = "a party rotates its own keys; the board recovers those that were lost"
        raise ActRefusedError(Refusal.NOT_ENTITLED, message, "by")
    refuse_few_keys(case, party)
    if _has_seat(case, party):
        return propose(case)
    return case.executed(party.id)


def _has_seat(case: Case, party: Party) -> bool:
    return any(member.did in party.dids for member in case.framework.members)


def recover(case: Case, act: RecoverKeys, signer: Standing) -> Outcome:
    """Give a party new keys in place of lost ones: the board does, on evidence."""
    party = known_party(act.party, case.index, case.known, "party")
    _refuse_unproved_keys(case, party, act.keys, "keys")
    if not act.evidence:
        message = "who recovers keys gives evidence of whose they are"
        raise ActRefusedError(Refusal.EVIDENCE_MISSING, message, "evidence")
    return board(case, signer)


def _refuse_unproved_keys(case: Case, party: Party, keys: Collection[str], member: str) -> None:
    """Refuse new keys that did not sign in the party's name themselves."""
    missing = set(keys) - case.keys_of(party)
    if missing:
        message = f"the new key {min(missing)} must sign this in the party's name, too"
        raise ActRefusedError(Refusal.SIGNATURE_MISSING, message, member)
