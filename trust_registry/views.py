"""How parties, statements and frameworks are written in answers."""

from dataclasses import dataclass

from policies.framework import Framework
from policies.index import Index, in_force
from policies.scope import Scope, written_scope
from policies.statements import (
    Change,
    Exclusion,
    Party,
    PartyId,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.instant import END, Instant, format_instant
from resolver.strict_json import Json

_ENDED = {
    Change.SUSPEND: "suspended",
    Change.WITHDRAW: "withdrawn",
    Change.SUPERSEDE: "superseded",
}
STATES = (
    "active",
    "not_yet_valid",
    "expired",
    "common_control",
    *_ENDED.values(),
    *(f"partly_{name}" for name in _ENDED.values()),
)
"""The states that a statement can be in."""


@dataclass(frozen=True, slots=True)
class View:
    """A moment of the registry that a query looks at.

    Attributes:
        index: everything.
        known: the journal size whose knowledge counts.
        at: the effective time.
    """

    index: Index
    known: int
    at: Instant


def recorded_json(recorded: Recorded) -> dict[str, Json]:
    """Write where and when the journal took something down."""
    return {"position": recorded.position, "at": format_instant(recorded.at)}


def party_json(party: Party) -> dict[str, Json]:
    """Write a party."""
    return {
        "id": party.id,
        "name": party.name,
        "dids": [did.text for did in party.dids],
        "control_group": party.control_group,
        "keys": [*sorted(party.keys)],
        "trading_names": [*party.trading_names],
        "domains": [*party.domains],
        "identifiers": [*party.identifiers],
        "kinds": [*party.kinds],
        "jurisdiction": party.jurisdiction,
        "contacts": [*party.contacts],
        "threshold": party.threshold,
        "retired": party.retired,
        "recorded": recorded_json(party.recorded),
    }


def statement_json(statement: Statement, seen: View) -> dict[str, Json]:
    """Write a statement with its state at the time asked about."""
    passes_on = statement.passes_on
    return {
        "id": statement.id,
        "kind": statement.kind.value,
        "authority": _named(statement.authority, seen.index),
        "entity": _named(statement.entity, seen.index),
        "action": statement.action.value,
        "scope": scope_json(statement.scope),
        "passes_on": (
            {"actions": [*sorted(a.value for a in passes_on.actions)], "depth": passes_on.depth}
            if passes_on
            else None
        ),
        "valid_from": format_instant(statement.valid_from),
        "valid_until": _end(statement.valid_until),
        "recorded": recorded_json(statement.recorded),
        "state": state_of(statement, seen),
        "changes": [change_json(each, seen) for each in _changes(statement, seen)],
    }


def framework_json(framework: Framework) -> dict[str, Json]:
    """Write a framework in short; its document is the act that adopted it."""
    return {
        "id": framework.id,
        "version": framework.version,
        "name": framework.name,
        "digest": framework.digest,
        "model": framework.model.value,
        "members": [
            {
                "did": m.did.text,
                "name": m.name,
                "class": m.seat,
                "control_group": m.control_group,
                "keys": [*sorted(m.keys)],
            }
            for m in framework.members
        ],
        "rules": {
            act: {
                "share": str(rule.share),
                "minimum": {
                    seat: least if isinstance(least, int) else str(least)
                    for seat, least in rule.minimum.items()
                },
                "waiting_seconds": rule.waiting_ms // 1000,
                "objected_seconds": rule.objected_ms // 1000,
            }
            for act, rule in framework.rules.items()
        },
        "reserved": [
            {
                "id": each.id,
                "scope": scope_json(each.scope),
                "anchors": [*sorted(did.text for did in each.anchors)],
            }
            for each in framework.reserved
        ],
        "max_staleness_seconds": framework.max_staleness_ms // 1000,
        "max_chain": framework.max_chain,
        "emergency_seconds": framework.emergency_ms // 1000,
        "accept_asserted_after_expiry": framework.accept_asserted_after_expiry,
        "accept_upstream_documents": framework.accept_upstream_documents,
        "require_schemas": framework.require_schemas,
        "operator": framework.operator.text if framework.operator else None,
        "applications": framework.applications,
        "appeal_seconds": framework.appeal_ms // 1000,
        "limits": dict(framework.limits),
        "act_lifetime_seconds": _seconds(framework.act_lifetime_ms),
        "recorded": recorded_json(framework.recorded),
    }


def _seconds(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // 1000


def scope_json(scope: Scope) -> dict[str, Json]:
    """Write a scope with every dimension."""
    return {
        str(name): {"except": [*value["except"]]}
        if isinstance(value, dict)
        else value
        if isinstance(value, str)
        else [*value]
        for name, value in written_scope(scope).items()
    }


def _named(party: PartyId, index: Index) -> dict[str, Json]:
    found = index.party(party)
    if found is None:
        names = [each.name for each in index.frameworks() if each.id == party]
        return {"id": party, "name": names[-1] if names else None, "did": None}
    return {"id": party, "name": found.name, "did": found.dids[0].text}


def _end(instant: Instant) -> str | None:
    return None if instant == END else format_instant(instant)


def _changes(statement: Statement, seen: View) -> tuple[StatusChange, ...]:
    changes = seen.index.changes(StatementId(statement.id))
    return tuple(each for each in changes if each.recorded.position < seen.known)


def ended_by(change: StatusChange | Exclusion, seen: View) -> Instant:
    """Return the first instant after a change or an exclusion, as known then."""
    lift = change.lifted
    if lift is None or lift.recorded.position >= seen.known:
        return change.effective_until
    return min(change.effective_until, lift.effective_from)


def state_of(statement: Statement, seen: View) -> str:
    """Return which of `STATES` a statement is in; a change of part of its scope is `partly_`."""
    if seen.at < statement.valid_from:
        return "not_yet_valid"
    if seen.at >= statement.valid_until:
        return "expired"
    partly = ""
    for change in _changes(statement, seen):
        if in_force(change.effective_from, ended_by(change, seen), seen.at):
            name = _ENDED[change.change]
            if not change.scope.allowed:
                return name
            partly = f"partly_{name}"
    if seen.index.under_one_control(statement, seen.known, seen.at):
        return "common_control"
    return partly or "active"


def change_json(change: StatusChange, seen: View) -> dict[str, Json]:
    """Write a status change, with when it ends as known then."""
    return {
        "id": change.id,
        "change": change.change.value,
        "scope": scope_json(change.scope),
        "effective_from": format_instant(change.effective_from),
        "effective_until": _end(ended_by(change, seen)),
        "issued_credentials": change.issued.value,
        "recorded": recorded_json(change.recorded),
    }
