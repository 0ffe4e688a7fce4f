"""What readers may ask: parties, statements, frameworks and acts, as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson

from policies.framework import Framework
from policies.index import Index, in_force
from policies.scope import written_scope
from policies.statements import Action, Party, PartyId, Statement, StatementId, StatusChange
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import END, Instant, format_instant, parse_instant
from resolver.strict_json import Json
from trust_registry.errors import InvalidQueryError, NotFoundError
from trust_registry.governance import Submission
from trust_registry.registry import Registry

PAGE = 100
"""How many items a page has, where the query does not say."""
MAX_PAGE = 1000

_T = TypeVar("_T")
Parameters = Mapping[str, str]


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


def only(parameters: Parameters, allowed: Iterable[str]) -> None:
    """Refuse a parameter that is not understood.

    Raises:
        InvalidQueryError: there is one; the error names it.
    """
    known = sorted(allowed)
    for name in parameters:
        if name not in known:
            raise InvalidQueryError(name, f"unknown; known are {', '.join(known)}")


def view(registry: Registry, parameters: Parameters) -> View:
    """Read `at` and `known_at`; both are now where they are not given.

    Raises:
        InvalidQueryError: one is no RFC 3339 time, or `known_at` lies ahead.
    """
    now = registry.clock.now()
    known_at = _instant(parameters, "known_at")
    if known_at is not None and known_at > max(now, registry.journal.latest):
        raise InvalidQueryError("known_at", "what will be known is not known yet")
    journal = registry.journal
    known = journal.size if known_at is None else journal.size_at(known_at)
    at = _instant(parameters, "at")
    return View(registry.index, known, now if at is None else at)


def list_parties(registry: Registry, parameters: Parameters) -> bytes:
    """Answer `GET /v1/parties`: `q` in a name, DID, domain or identifier; `limit`, `cursor`."""
    only(parameters, ("q", "limit", "cursor", "known_at"))
    seen = view(registry, parameters)
    wanted = parameters.get("q", "").casefold()
    found = [
        party
        for each in seen.index.parties()
        if (party := seen.index.party_of(each.dids[0], seen.known)) is not None
        and wanted in _searchable(party)
    ]
    return _page(found, parameters, party_json, "parties", registry)


def show_party(registry: Registry, did: str, parameters: Parameters) -> bytes:
    """Answer `GET /v1/parties/{did}`: the party, what it holds and what it granted.

    Raises:
        NotFoundError: no party has this DID.
        InvalidQueryError: it is no DID, or a parameter is not understood.
    """
    only(parameters, ("at", "known_at"))
    seen = view(registry, parameters)
    party = seen.index.party_of(_did(did, "did"), seen.known)
    if party is None:
        raise NotFoundError(f"no party has the DID {did}")
    about = [s for s in _statements(seen) if s.entity == party.id]
    by = [s for s in _statements(seen) if s.authority == party.id]
    return _dumps(
        {
            **party_json(party),
            "holds": [statement_json(each, seen) for each in about[:MAX_PAGE]],
            "granted": [statement_json(each, seen) for each in by[:MAX_PAGE]],
        }
    )


def list_statements(registry: Registry, parameters: Parameters) -> bytes:
    """Answer `GET /v1/statements`: by `authority`, `entity`, `action`; as of `at`, `known_at`."""
    only(parameters, ("authority", "entity", "action", "at", "known_at", "limit", "cursor"))
    seen = view(registry, parameters)
    authority, entity = _party(parameters, "authority", seen), _party(parameters, "entity", seen)
    action = _action(parameters)
    found = [
        each
        for each in _statements(seen)
        if (authority is None or each.authority == authority)
        and (entity is None or each.entity == entity)
        and (action is None or each.action is action)
        and ("at" not in parameters or each.valid_from <= seen.at < each.valid_until)
    ]
    return _page(found, parameters, lambda s: statement_json(s, seen), "statements", registry)


def list_frameworks(registry: Registry, parameters: Parameters) -> bytes:
    """Answer `GET /v1/frameworks`: every version, the one in force last."""
    only(parameters, ("limit", "cursor", "known_at"))
    seen = view(registry, parameters)
    found = [f for f in seen.index.frameworks() if f.recorded.position < seen.known]
    return _page(found, parameters, framework_json, "frameworks", registry)


async def show_act(registry: Registry, id_: str) -> bytes:
    """Answer `GET /v1/acts/{id}`: the act as it was signed, its receipt, what became of it.

    Raises:
        NotFoundError: the journal holds no such act.
    """
    recording = registry.state.recording(id_)
    status = registry.state.status(id_)
    if recording is None or status is None:
        raise NotFoundError("the journal holds no act with this id")
    receipt = registry.journal.receipt(recording.position)
    answer: dict[str, Json] = {
        "id": id_,
        "index": receipt.index,
        "status": status.value,
        "recorded_at": format_instant(receipt.recorded_at),
        "size": receipt.size,
        "root": receipt.root.hex(),
    }
    entry = await registry.entry(recording.position)
    answer["act"] = dict(entry.jws)
    answer["signer"] = str(entry.signer.method)
    proposal = registry.state.proposals.get(id_)
    if proposal is not None:
        framework = registry.index.framework_at(registry.state.size)
        count = proposal.counted(framework)
        answer["approved_by"] = [did.text for did in sorted(proposal.approving, key=str)]
        answer["needed"] = count.needed if count else None
        answer["lacking"] = dict(count.lacking) if count else {}
        answer["not_before"] = format_instant(proposal.waits_until(framework))
        answer["closes"] = format_instant(proposal.closes)
    return _dumps(answer)


def submission_json(submission: Submission) -> bytes:
    """Write an act's receipt."""
    return _dumps(
        {
            "id": submission.id,
            "index": submission.index,
            "status": submission.status.value,
            "recorded_at": format_instant(submission.recorded_at),
            "size": submission.size,
            "root": submission.root.hex(),
        }
    )


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
        "recorded": {
            "position": party.recorded.position,
            "at": format_instant(party.recorded.at),
        },
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
        "scope": _scope_json(statement),
        "passes_on": (
            {"actions": [*sorted(a.value for a in passes_on.actions)], "depth": passes_on.depth}
            if passes_on
            else None
        ),
        "valid_from": format_instant(statement.valid_from),
        "valid_until": _end(statement.valid_until),
        "recorded": {
            "position": statement.recorded.position,
            "at": format_instant(statement.recorded.at),
        },
        "state": _state(statement, seen),
        "changes": [_change_json(each, seen) for each in _changes(statement, seen)],
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
            {"did": m.did.text, "name": m.name, "class": m.seat, "control_group": m.control_group}
            for m in framework.members
        ],
        "rules": {
            act: {
                "share": str(rule.share),
                "minimum": dict(rule.minimum),
                "waiting_seconds": rule.waiting_ms // 1000,
            }
            for act, rule in framework.rules.items()
        },
        "reserved": [
            {
                "id": each.id,
                "scope": _written(written_scope(each.scope)),
                "anchors": [*sorted(did.text for did in each.anchors)],
            }
            for each in framework.reserved
        ],
        "max_staleness_seconds": framework.max_staleness_ms // 1000,
        "max_chain": framework.max_chain,
        "emergency_seconds": framework.emergency_ms // 1000,
        "accept_asserted_after_expiry": framework.accept_asserted_after_expiry,
        "recorded": {
            "position": framework.recorded.position,
            "at": format_instant(framework.recorded.at),
        },
    }


def _written(scope: Mapping[str, str | list[str] | dict[str, list[str]]]) -> dict[str, Json]:
    return {
        name: {"except": [*value["except"]]}
        if isinstance(value, dict)
        else value
        if isinstance(value, str)
        else [*value]
        for name, value in scope.items()
    }


def _scope_json(statement: Statement) -> dict[str, Json]:
    return _written(written_scope(statement.scope))


def _named(party: PartyId, index: Index) -> dict[str, Json]:
    found = index.party(party)
    if found is None:
        return {"id": party, "name": None, "did": None}
    return {"id": party, "name": found.name, "did": found.dids[0].text}


def _end(instant: Instant) -> str | None:
    return None if instant == END else format_instant(instant)


def _statements(seen: View) -> Iterable[Statement]:
    return (each for each in seen.index.statements() if each.recorded.position < seen.known)


def _changes(statement: Statement, seen: View) -> tuple[StatusChange, ...]:
    changes = seen.index.changes(StatementId(statement.id))
    return tuple(each for each in changes if each.recorded.position < seen.known)


def _ended_by(change: StatusChange, seen: View) -> Instant:
    lift = change.lifted
    if lift is None or lift.recorded.position >= seen.known:
        return change.effective_until
    return min(change.effective_until, lift.effective_from)


def _state(statement: Statement, seen: View) -> str:
    """Name the state at the time asked about; a change of part of a scope is `partly_`."""
    if seen.at < statement.valid_from:
        return "not_yet_valid"
    if seen.at >= statement.valid_until:
        return "expired"
    names = {"suspend": "suspended", "withdraw": "withdrawn", "supersede": "superseded"}
    partly = ""
    for change in _changes(statement, seen):
        if in_force(change.effective_from, _ended_by(change, seen), seen.at):
            name = names[change.change.value]
            if not change.scope.allowed:
                return name
            partly = f"partly_{name}"
    return partly or "active"


def _change_json(change: StatusChange, seen: View) -> dict[str, Json]:
    return {
        "id": change.id,
        "change": change.change.value,
        "scope": _written(written_scope(change.scope)),
        "effective_from": format_instant(change.effective_from),
        "effective_until": _end(_ended_by(change, seen)),
        "issued_credentials": change.issued.value,
        "recorded": {
            "position": change.recorded.position,
            "at": format_instant(change.recorded.at),
        },
    }


def _searchable(party: Party) -> str:
    parts = (party.name, *party.trading_names, *party.domains, *party.identifiers)
    return "\n".join((*parts, *(did.text for did in party.dids))).casefold()


def _instant(parameters: Parameters, name: str) -> Instant | None:
    if name not in parameters:
        return None
    try:
        return parse_instant(parameters[name])
    except InvalidInstantError as error:
        raise InvalidQueryError(name, str(error)) from None


def _did(text: str, name: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        raise InvalidQueryError(name, str(error)) from None


def _party(parameters: Parameters, name: str, seen: View) -> PartyId | None:
    """Read a party's DID, or a framework's id, as what statements name."""
    text = parameters.get(name)
    if text is None:
        return None
    if any(text == framework.id for framework in seen.index.frameworks()):
        return PartyId(text)
    party = seen.index.party_of(_did(text, name), seen.known)
    return party.id if party else PartyId("")


def _action(parameters: Parameters) -> Action | None:
    text = parameters.get("action")
    if text is None:
        return None
    try:
        return Action(text)
    except ValueError:
        known = ", ".join(action.value for action in Action)
        raise InvalidQueryError("action", f"is one of {known}") from None


def _number(parameters: Parameters, name: str, default: int, least: int, most: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):  # noqa: PLR2004  # more digits than any number that is allowed
        raise InvalidQueryError(name, f"is a whole number from {least} to {most}")
    return int(text)


def _page(
    found: Sequence[_T],
    parameters: Parameters,
    write: Callable[[_T], dict[str, Json]],
    name: str,
    registry: Registry,
) -> bytes:
    """Write a page; the cursor is the place of the next item, in the order of the journal."""
    limit = _number(parameters, "limit", PAGE, 1, MAX_PAGE)
    start = _number(parameters, "cursor", 0, 0, 10**9 - 1)
    end = start + limit
    return _dumps(
        {
            name: [write(each) for each in found[start:end]],
            "next": str(end) if end < len(found) else None,
            "journal": {"size": registry.journal.size, "root": registry.journal.root.hex()},
        }
    )


def _dumps(value: dict[str, Json]) -> bytes:
    return orjson.dumps(value)
