"""Parties: found by DID, name, identifier or domain, and shown with what they hold."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from policies.statements import Party, Statement
from resolver.strict_json import Json
from trust_registry.errors import InvalidQueryError, NotFoundError
from trust_registry.reading.parameters import (
    MAX_PAGE,
    PAGING,
    TIMES,
    Page,
    Parameters,
    did_of,
    only,
    page_of,
    view_of,
)
from trust_registry.reading.search import GOOD, MAX_QUERY, Match, Search, called
from trust_registry.reading.turns import in_turns, stated
from trust_registry.registry import Registry
from trust_registry.views import View, party_json, statement_json

_EXACT = ("did", "domain", "identifier")
_NEAREST = 3


class Parties:
    """Answers queries about the parties of a registry.

    Args:
        registry: whose.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._search = Search()
        self._searchable = 0
        self._taking_up = asyncio.Lock()

    async def list(self, parameters: Parameters) -> dict[str, Json]:
        """Answer `GET /v1/parties`.

        `q` finds names, trading names, DIDs, domains and identifiers and forgives slips; `did`,
        `domain` and `identifier` must be equal. What nothing is found for is explained.
        """
        only(parameters, ("q", *_EXACT, *PAGING, "known_at"))
        page = page_of(self._registry, parameters, "parties")
        if "q" in parameters:
            return await self._found(parameters["q"], parameters, page)
        found: list[Json] = []
        position = 0
        async with aclosing(in_turns(self._all(page.view))) as parties:
            async for party in parties:
                position += 1
                if position > page.after and _is_meant(party, parameters):
                    found.append(party_json(party))
                if len(found) == page.limit:
                    break
        full = len(found) == page.limit
        answer: dict[str, Json] = {
            "parties": found,
            "next": page.next(position) if full else None,
        }
        if not found and not page.after:
            answer["note"] = _not_listed(parameters)
        return answer

    async def show(self, did: str, parameters: Parameters) -> dict[str, Json]:
        """Answer `GET /v1/parties/{did}`: the party, what it holds and what it granted.

        Raises:
            NotFoundError: no party has this DID.
            InvalidQueryError: it is no DID, or a parameter is not understood.
        """
        only(parameters, TIMES)
        seen = view_of(self._registry, parameters)
        party = self.named(did, seen)
        return {
            **party_json(party),
            "holds": await _first(stated(seen, about=party.id), seen),
            "granted": await _first(stated(seen, by=party.id), seen),
        }

    @staticmethod
    def named(did: str, seen: View) -> Party:
        """Return the party with a DID.

        Raises:
            NotFoundError: there is none.
            InvalidQueryError: it is no DID.
        """
        party = seen.index.party_of(did_of(did, "did"), seen.known, seen.at)
        if party is None:
            raise NotFoundError(f"no party has the DID {did}")
        return party

    async def _found(self, query: str, parameters: Parameters, page: Page) -> dict[str, Json]:
        for name in _EXACT:
            if name in parameters:
                raise InvalidQueryError(name, "is not asked for together with q")
        if len(query) > MAX_QUERY:
            raise InvalidQueryError("q", f"has at most {MAX_QUERY} characters")
        await self._take_up()
        matches = self._search.find(query)
        good = [match for match in matches if match.score >= GOOD]
        found: list[Json] = []
        position = page.after
        async with aclosing(in_turns(good[page.after :])) as following:
            async for match in following:
                position += 1
                party = page.view.index.party_as_known(match.party, page.view.known)
                if party is not None:
                    former = (match.field, match.text) not in called(party)
                    found.append({**party_json(party), "match": _match_json(match, former=former)})
                if len(found) == page.limit:
                    break
        answer: dict[str, Json] = {
            "parties": found,
            "next": page.next(position) if position < len(good) else None,
        }
        if not found and not page.after:
            answer["note"] = _not_listed({"q": query})
            answer["nearest"] = [_match_json(match) for match in matches[:_NEAREST]]
        return answer

    async def _take_up(self) -> None:
        """Make searchable what was registered since the last search."""
        async with self._taking_up:
            size = self._registry.journal.size
            registered = self._registry.index.registrations(self._searchable)
            async for party in in_turns(registered):
                self._search.add(party)
            self._searchable = size

    @staticmethod
    def _all(seen: View) -> Iterator[Party]:
        for each in seen.index.party_ids():
            party = seen.index.party_as_known(each, seen.known)
            if party is not None:
                yield party


def _is_meant(party: Party, parameters: Parameters) -> bool:
    return (
        parameters.get("did") in (None, *(did.text for did in party.dids))
        and parameters.get("domain", "").lower() in ("", *(each.lower() for each in party.domains))
        and parameters.get("identifier") in (None, *party.identifiers)
    )


def _not_listed(parameters: Parameters) -> str:
    asked = ", ".join(
        f"{name} {parameters[name]!r}" for name in ("q", *_EXACT) if name in parameters
    )
    return (
        f"No party of this registry is found by {asked}. That says nothing about whether an "
        "organisation exists or is to be trusted: it is not listed here."
        if asked
        else "No party is registered yet."
    )


def _match_json(match: Match, *, former: bool = False) -> dict[str, Json]:
    written: dict[str, Json] = {
        "field": match.field,
        "text": match.text,
        "score": round(match.score, 2),
    }
    return {**written, "former": True} if former else written


async def _first(statements: AsyncGenerator[Statement, None], seen: View) -> list[Json]:
    """Write the first of some statements."""
    found: list[Json] = []
    async with aclosing(statements):
        async for each in statements:
            found.append(statement_json(each, seen))
            if len(found) == MAX_PAGE:
                break
    return found
