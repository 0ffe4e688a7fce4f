"""Histories: all that was ever recorded about a party or a statement, act by act."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, pairwise
from operator import attrgetter
from typing import NamedTuple

from policies.statements import Exclusion, Lift, Party, Statement, StatusChange
from resolver.instant import END, Instant, format_instant
from resolver.strict_json import Json
from trust_registry.reading.parameters import PAGING, Page, Parameters, only, page_of
from trust_registry.reading.parties import Parties
from trust_registry.reading.statements import Statements
from trust_registry.reading.turns import in_turns
from trust_registry.registry import Registry
from trust_registry.views import View, change_json, ended_by, party_json, scope_json, statement_json


class _Event(NamedTuple):
    """Something that was recorded.

    Attributes:
        position: of the entry by which it came into force.
        write: writes it out; only what a page shows is.
    """

    position: int
    write: Callable[[], dict[str, Json]]


async def statement_history(
    registry: Registry, id_: str, parameters: Parameters
) -> dict[str, Json]:
    """Answer `GET /v1/statements/{id}/history`, in the order of the journal.

    Raises:
        NotFoundError: there is no such statement.
    """
    only(parameters, (*PAGING, "known_at"))
    page = page_of(registry, parameters, f"history {id_}")
    statement = Statements.named(id_, page.view)
    changes = page.view.index.changes(statement.id)
    events = _of_statement(statement.recorded.position, lambda: statement, changes, page.view)
    return {"statement": statement.id, **await _shown(events, page)}


async def party_history(registry: Registry, did: str, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/parties/{did}/history`: its registrations and all that stands about it.

    Raises:
        NotFoundError: no party has this DID.
        InvalidQueryError: it is no DID.
    """
    only(parameters, (*PAGING, "known_at"))
    page = page_of(registry, parameters, f"history {did}")
    party = Parties.named(did, page.view)
    return {"party": party.id, **await _shown(_of_party(party, page.view), page)}


async def _shown(events: Iterable[_Event], page: Page) -> dict[str, Json]:
    known = [each async for each in in_turns(events) if each.position < page.view.known]
    known.sort(key=attrgetter("position"))
    end = page.after + page.limit
    return {
        "events": [each.write() async for each in in_turns(known[page.after : end])],
        "next": page.next(end) if end < len(known) else None,
    }


def _of_party(party: Party, seen: View) -> Iterator[_Event]:
    holder, parties = seen.index.holder(party.id), seen.index.ledger.parties
    number = parties.find(party.id)
    versions = () if number is None else parties.versions(number)
    for version, before in pairwise(chain(versions, (None,))):
        if version is not None:
            write = partial(_registered, version, before is None, seen)
            yield _Event(parties.position[version], write)
    for link in holder.about:
        changes = (changed.change for changed in link.changes)
        yield from _of_statement(link.position, partial(getattr, link, "statement"), changes, seen)
    for excluded in holder.excluded:
        yield from _of_exclusion(excluded.exclusion, seen)


def _registered(version: int, first: bool, seen: View) -> dict[str, Json]:
    party = seen.index.ledger.parties.version(version)
    end = seen.index.retirement(party.id) if party.retired else None
    what = "retired" if end else "registered" if first else "amended"
    written = _written(what, party.recorded.position, party.recorded.at, party=party_json(party))
    if end is not None:
        written |= {"act": end.id, "effective_from": format_instant(end.effective_from)}
    return written


def _of_exclusion(exclusion: Exclusion, seen: View) -> Iterator[_Event]:
    yield _Event(exclusion.recorded.position, partial(_excluded, exclusion, seen))
    if exclusion.lifted is not None:
        position = exclusion.lifted.recorded.position
        yield _Event(position, partial(_lifted, exclusion.lifted, lifts=exclusion.id))


def _excluded(exclusion: Exclusion, seen: View) -> dict[str, Json]:
    return _written(
        "excluded",
        exclusion.recorded.position,
        exclusion.recorded.at,
        act=exclusion.id,
        scope=scope_json(exclusion.scope),
        effective_from=format_instant(exclusion.effective_from),
        effective_until=_end(ended_by(exclusion, seen)),
    )


def _of_statement(
    position: int,
    statement: Callable[[], Statement],
    changes: Iterable[StatusChange],
    seen: View,
) -> Iterator[_Event]:
    yield _Event(position, lambda: _granted(statement(), seen))
    for change in changes:
        yield _Event(change.recorded.position, partial(_changed, change, statement, seen))
        if change.lifted is not None:
            lift = change.lifted
            yield _Event(lift.recorded.position, partial(_reinstated, change, lift, statement))


def _granted(statement: Statement, seen: View) -> dict[str, Json]:
    granted = statement_json(statement, seen)
    del granted["state"], granted["changes"]  # these are of a moment; a history has all
    recorded = statement.recorded
    return _written("granted", recorded.position, recorded.at, act=statement.id, statement=granted)


def _changed(
    change: StatusChange, statement: Callable[[], Statement], seen: View
) -> dict[str, Json]:
    return _written(
        change.change.value,
        change.recorded.position,
        change.recorded.at,
        act=change.id,
        of=statement().id,
        change=change_json(change, seen),
    )


def _reinstated(
    change: StatusChange, lift: Lift, statement: Callable[[], Statement]
) -> dict[str, Json]:
    return _lifted(lift, of=statement().id, lifts=change.id)


def _lifted(lift: Lift, **members: Json) -> dict[str, Json]:
    return _written(
        "reinstate",
        lift.recorded.position,
        lift.recorded.at,
        **members,
        effective_from=format_instant(lift.effective_from),
    )


def _written(what: str, position: int, recorded_at: Instant, **members: Json) -> dict[str, Json]:
    return {
        "event": what,
        "position": position,
        "recorded_at": format_instant(recorded_at),
        **members,
    }


def _end(instant: Instant) -> str | None:
    return None if instant == END else format_instant(instant)
