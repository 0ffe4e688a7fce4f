"""What readers may ask: parties, statements, frameworks and acts, as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import orjson

from policies.statements import Action, Party, PartyId, Statement
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import Instant, format_instant, parse_instant
from resolver.strict_json import Json
from trust_registry.errors import InvalidQueryError, NotFoundError
from trust_registry.governance import Submission
from trust_registry.registry import Registry
from trust_registry.views import View, framework_json, party_json, statement_json

PAGE = 100
"""How many items a page has, where the query does not say."""
MAX_PAGE = 1000

_T = TypeVar("_T")
Parameters = Mapping[str, str]


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
    if recording is None or status is None or recording.position >= registry.journal.size:
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


def _statements(seen: View) -> Iterable[Statement]:
    return (each for each in seen.index.statements() if each.recorded.position < seen.known)


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
