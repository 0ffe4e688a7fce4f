"""Histories: all that was ever recorded about a party or a statement, act by act."""

from collections.abc import Iterable, Iterator

from policies.statements import Exclusion, Lift, Party, Retirement, Statement, StatusChange
from resolver.instant import END, Instant, format_instant
from resolver.strict_json import Json
from trust_registry.reading.parameters import Parameters, only, view_of
from trust_registry.reading.parties import Parties
from trust_registry.reading.statements import Statements
from trust_registry.registry import Registry
from trust_registry.views import View, change_json, ended_by, party_json, scope_json, statement_json

Event = dict[str, Json]


def statement_history(registry: Registry, id_: str, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/statements/{id}/history`, in the order of the journal.

    Raises:
        NotFoundError: there is no such statement.
    """
    only(parameters, ("known_at",))
    seen = view_of(registry, parameters)
    statement = Statements.named(id_, seen)
    return {"statement": statement.id, "events": _ordered(_of_statement(statement, seen), seen)}


def party_history(registry: Registry, did: str, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/parties/{did}/history`: its registrations and all that stands about it.

    Raises:
        NotFoundError: no party has this DID.
        InvalidQueryError: it is no DID.
    """
    only(parameters, ("known_at",))
    seen = view_of(registry, parameters)
    party = Parties.named(did, seen)
    return {"party": party.id, "events": _ordered(_of_party(party, seen), seen)}


def _of_party(party: Party, seen: View) -> Iterator[Event]:
    end = seen.index.retirement(party.id)
    for number, version in enumerate(seen.index.versions(party.id)):
        ended = end if version.retired else None
        yield _event(
            "retired" if ended else "amended" if number else "registered",
            version.recorded.position,
            version.recorded.at,
            party=party_json(version),
            **_ending(ended),
        )
    for link in seen.index.holder(party.id).about:
        yield from _of_statement(link.statement, seen)
    for excluded in seen.index.exclusions(party.id):
        yield from _of_exclusion(excluded.exclusion, seen)


def _ending(retirement: Retirement | None) -> dict[str, Json]:
    if retirement is None:
        return {}
    since = format_instant(retirement.effective_from)
    return {"act": retirement.id, "effective_from": since}


def _of_exclusion(exclusion: Exclusion, seen: View) -> Iterator[Event]:
    yield _event(
        "excluded",
        exclusion.recorded.position,
        exclusion.recorded.at,
        act=exclusion.id,
        scope=scope_json(exclusion.scope),
        effective_from=format_instant(exclusion.effective_from),
        effective_until=_end(ended_by(exclusion, seen)),
    )
    if exclusion.lifted is not None:
        yield _lifted(exclusion.lifted, lifts=exclusion.id)


def _of_statement(statement: Statement, seen: View) -> Iterator[Event]:
    recorded = statement.recorded
    granted = statement_json(statement, seen)
    del granted["state"], granted["changes"]  # these are of a moment; a history has all
    yield _event("granted", recorded.position, recorded.at, act=statement.id, statement=granted)
    for change in seen.index.changes(statement.id):
        yield from _of_change(change, seen)


def _of_change(change: StatusChange, seen: View) -> Iterator[Event]:
    written = change_json(change, seen)
    yield _event(
        change.change.value,
        change.recorded.position,
        change.recorded.at,
        act=change.id,
        of=change.statement,
        change=written,
    )
    if change.lifted is not None:
        yield _lifted(change.lifted, of=change.statement, lifts=change.id)


def _lifted(lift: Lift, **members: Json) -> Event:
    return _event(
        "reinstate",
        lift.recorded.position,
        lift.recorded.at,
        **members,
        effective_from=format_instant(lift.effective_from),
    )


def _event(what: str, position: int, recorded_at: Instant, **members: Json) -> Event:
    """Write an event; `position` is that of the entry by which it came into force."""
    return {
        "event": what,
        "position": position,
        "recorded_at": format_instant(recorded_at),
        **members,
    }


def _ordered(events: Iterable[Event], seen: View) -> list[Json]:
    known = [each for each in events if _position(each) < seen.known]
    return [*sorted(known, key=_position)]


def _position(event: Event) -> int:
    position = event["position"]
    return position if isinstance(position, int) else -1


def _end(instant: Instant) -> str | None:
    return None if instant == END else format_instant(instant)
