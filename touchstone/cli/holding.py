"""What a registry holds at a moment: from a copy of its journal, or as a server lists it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlencode

from policies.index import in_force
from policies.links import is_lifted
from policies.statements import Party
from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import InvalidInstantError
from resolver.instant import Instant, format_instant, parse_instant
from resolver.strict_json import Json
from touchstone.cli.act_sources import read_copy
from touchstone.cli.asking import ask_server
from touchstone.cli.printing import give_up
from trust_registry.exports import Holdings, InvalidListingError, holdings_of
from trust_registry.views import View, party_json, statement_json

_PAGE = 1000
MAX_PAGES = 1000
"""Pages of one listing that a server may have."""


def held_here(path: Path, at: Instant | None, known_at: Instant | None) -> Holdings:
    """Read holdings from a copy of a journal. Ends the process where it cannot be read."""
    copy = read_copy(path)
    state, journal = copy.state, copy.journal
    if state is None or journal is None:
        give_up(f"{path}: there is no journal here")
    moment = SystemClock().now() if at is None else at
    known = state.size if known_at is None else journal.size_at(known_at)
    seen = View(state.index, known, moment)
    excluded = frozenset(
        each.party
        for each in state.index.all_exclusions()
        if each.recorded.position < known
        and in_force(each.effective_from, each.effective_until, moment)
        and not is_lifted(each, moment, known)
    )
    known_statements = (s for s in state.index.statements() if s.recorded.position < known)
    return holdings_of(
        copy.origin,
        moment,
        (party_json(each) for each in _known_parties(seen)),
        (statement_json(each, seen) for each in known_statements),
        excluded,
    )


def _known_parties(seen: View) -> Iterator[Party]:
    for party in seen.index.party_ids():
        known = seen.index.party_as_known(party, seen.known)
        if known is not None:
            yield known


async def held_there(server: str, at: Instant | None, known_at: Instant | None) -> Holdings:
    """Ask a server for what it holds. Ends the process where it does not answer as it should."""
    moment = SystemClock().now() if at is None else at
    known = {} if known_at is None else {"known_at": format_instant(known_at)}
    asked = {"at": format_instant(moment), **known}
    registry = await _answer(server, "/v1/registry")
    # Statements first: a party that is registered in between does no harm.
    statements = [each async for each in _listed(server, "statements", asked)]
    parties = [each async for each in _listed(server, "parties", known)]
    try:
        origin = str(registry.get("origin"))
        held = holdings_of(origin, moment, parties, statements)
        concerned = {
            each.id: each.did
            for statement in held.statements
            for each in (statement.authority, statement.entity)
            if statement.state == "active" and each.did is not None
        }
        excluded = frozenset(
            [
                id_
                for id_, did in concerned.items()
                if await _is_excluded(server, did, moment, known)
            ]
        )
        return holdings_of(origin, moment, parties, statements, excluded)
    except InvalidListingError as error:
        give_up(f"{server}: {error}")


async def _listed(server: str, what: str, asked: dict[str, str]) -> AsyncIterator[Json]:
    cursor: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        query = urlencode({"limit": str(_PAGE), **asked, **cursor})
        answer = await _answer(server, f"/v1/{what}?{query}")
        found, following = answer.get(what), answer.get("next")
        for each in found if isinstance(found, list) else []:
            yield each
        if not isinstance(following, str):
            return
        cursor = {"cursor": following}
    give_up(f"{server}: more than {MAX_PAGES * _PAGE} {what}")


async def _is_excluded(server: str, did: Did, at: Instant, known: dict[str, str]) -> bool:
    """Tell whether an exclusion stands."""
    query = f"?{urlencode(known)}" if known else ""
    answer = await _answer(server, f"/v1/parties/{did}/history{query}")
    events = answer.get("events")
    return any(
        isinstance(event, dict) and event.get("event") == "excluded" and _stands(event, at)
        for event in (events if isinstance(events, list) else [])
    )


def _stands(event: dict[str, Json], at: Instant) -> bool:
    begins, ends = event.get("effective_from"), event.get("effective_until")
    try:
        return parse_instant(str(begins)) <= at and (ends is None or at < parse_instant(str(ends)))
    except InvalidInstantError:
        return True


async def _answer(server: str, path: str) -> dict[str, Json]:
    reply = await ask_server(server, path, method="GET")
    if not reply.good:
        give_up(f"{server}: {reply.complaint}")
    return dict(reply.document)
