"""Payloads of the demo's acts: what the data says in short, written out as the journal demands."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from resolver.instant import DAY, Instant, format_instant
from resolver.strict_json import Json
from touchstone.demo.data import (
    ActData,
    AppealData,
    Compromise,
    DemoData,
    EvidenceData,
    Grant,
    Objection,
    Registration,
    StatusAct,
    Verdict,
    instant_on,
)
from touchstone.demo.errors import DemoDataError
from touchstone.demo.keys import demo_key
from trust_registry.documents import state_every_dimension


def act_payloads(
    act: ActData,
    data: DemoData,
    ids: Mapping[str, str],
) -> Iterator[dict[str, Json]]:
    """Write out an act; a registration of many parties is one act for each.

    Args:
        act: the act as the data gives it.
        data: the demo's data.
        ids: the ids of acts made so far, by their names in the data.

    Yields:
        The members of each payload that are particular to its kind of act.
    """
    match act:
        case Registration():
            for name in _registered(act, data):
                yield _registration(name, data) | _basis(act)
        case Grant():
            for payload in _grants(act, data):
                yield payload | _basis(act)
        case StatusAct():
            yield _status(act, ids)
        case Compromise():
            yield {
                "type": "compromise_key",
                "did": data.parties[act.entity].did,
                "thumbprint": demo_key(act.entity, act.key).public.thumbprint,
                "from": format_instant(instant_on(act.since)),
            }
        case Objection():
            proposal = _made(act.proposal, act.act, ids)
            yield {"type": act.act, "proposal": proposal, "ground": act.ground}
        case AppealData():
            yield {"type": act.act, "change": _made(act.change, act.id, ids), "ground": act.ground}
        case Verdict():
            yield {
                "type": act.act,
                "appeal": _made(act.appeal, act.id, ids),
                "decision": act.decision,
                "ground": act.ground,
            }


def written_evidence(evidence: tuple[EvidenceData, ...]) -> list[Json]:
    """Write evidence as an address and the SHA-256 of its text."""
    return [
        {"uri": each.uri, "sha256": sha256(each.text.encode()).hexdigest()} for each in evidence
    ]


def _basis(act: Registration | Grant) -> dict[str, Json]:
    return {"legal_basis": written_evidence(act.legal_basis)} if act.legal_basis else {}


def written_scope(scope: Json, where: str) -> dict[str, Json]:
    """Write out a scope, in which `rest: any` stands for what is not written.

    Raises:
        DemoDataError: it is no mapping; `where` says whose.
    """
    if not isinstance(scope, dict):
        raise DemoDataError(f"acts.yaml: {where} has no scope")
    return state_every_dimension(scope)


def _registered(act: Registration, data: DemoData) -> tuple[str, ...]:
    if act.issuers is None:
        return act.entities
    return tuple(data.named(issuer.id) for issuer in data.issuers[act.issuers])


def _registration(name: str, data: DemoData) -> dict[str, Json]:
    """Register a party, or say more about one that is registered because it has a seat."""
    party = data.parties[name]
    described: dict[str, Json] = {
        "kinds": list(party.kinds),
        "jurisdiction": party.jurisdiction,
        "domains": list(party.domains),
        "trading_names": list(party.trading_names),
    }
    if name in data.seated:
        return {"type": "amend_party", "party": party.did, **described}
    numbers = range(1, party.keys + 1)
    return {
        "type": "register_party",
        "name": party.name,
        "dids": [party.did],
        "keys": [demo_key(name, number).public.thumbprint for number in numbers],
        **described,
    }


def _grants(act: Grant, data: DemoData) -> Iterator[dict[str, Json]]:
    if act.issuers is None:
        if act.entity is None:
            raise DemoDataError(f"acts.yaml: {act.id} names neither an entity nor a list")
        yield _grant(act, data.parties[act.entity].did, act.scope)
        return
    for issuer in data.issuers[act.issuers]:
        if issuer.scope not in act.scopes:
            raise DemoDataError(f"acts.yaml: {act.id} does not say what {issuer.scope!r} covers")
        yield _grant(act, issuer.id, act.scopes[issuer.scope])


def _grant(act: Grant, did: str, scope: Json) -> dict[str, Json]:
    payload: dict[str, Json] = {
        "type": act.act,
        "entity": did,
        "scope": written_scope(scope, act.id),
        "valid_from": format_instant(_from(act)),
    }
    if act.action is not None:
        payload["action"] = act.action
    if act.valid_until is not None:
        payload["valid_until"] = format_instant(instant_on(act.valid_until))
    if act.passes_on is not None:
        payload["passes_on"] = {
            "actions": list(act.passes_on.actions),
            "depth": act.passes_on.depth,
        }
    return payload


def _from(act: Grant) -> Instant:
    if act.valid_from is not None:
        return instant_on(act.valid_from)
    return Instant(instant_on(act.decided_on or act.day) + DAY)


def _status(act: StatusAct, ids: Mapping[str, str]) -> dict[str, Json]:
    payload: dict[str, Json] = {
        "type": act.act,
        "statement": _made(act.statement, act.id, ids),
        "effective_from": format_instant(instant_on(act.effective_from)),
        "issued_credentials": act.issued,
        "ground": act.ground,
    }
    if act.scope is not None:
        payload["scope"] = written_scope(act.scope, act.id)
    return payload


def _made(name: str, where: str, ids: Mapping[str, str]) -> str:
    """Return the id of an act that was made before."""
    if name not in ids:
        raise DemoDataError(f"acts.yaml: {where} speaks of {name}, which nobody made")
    return ids[name]
