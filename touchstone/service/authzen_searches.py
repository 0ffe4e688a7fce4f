"""AuthZEN's searches: candidates one by one, each held against the one decision."""

import asyncio
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from credentials.untp.recognition import Kind
from policies.authorise import decide
from policies.claims import Dimension
from policies.decision import Outcome
from policies.statements import Action
from resolver.instant import Instant
from resolver.strict_json import Json
from touchstone.faces.authzen import model
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Entity, Found, Search, Sought
from touchstone.service.authzen_questions import RESOURCE, SUBJECT, as_invalid, question_of
from touchstone.service.desk import Desk, Frame, question_for
from touchstone.service.errors import RequestError
from touchstone.service.questions import Asked

MAX_DECISIONS = 1000
"""Decisions of one page; a page may so have few results, or none, and still lead to another."""
MAX_STATEMENTS = 1000
MAX_TYPES = 10_000
"""Statements about an issuer, and credential types that they name, which are candidates."""
_AT_ONCE = 16
"""Candidates judged before other requests get their turn."""
_POSITION = re.compile(r"(\d{1,12})\.(\d{1,6})", re.ASCII)
_ANYBODY = "did:example:anybody"  # stands where the issuer is looked for
_TYPES = frozenset(each.value for each in Kind)


class _Candidate(NamedTuple):
    """Something that a search may find: where it stands, what it is, and its question."""

    position: str
    entity: Entity | model.Action
    asked: Asked


class Searches:
    """Answers searches of one registry.

    Args:
        desk: makes the decisions.
        max_claims: the most single claims of one question.
    """

    def __init__(self, desk: Desk, max_claims: int) -> None:
        self._desk = desk
        self._max_claims = max_claims

    async def answer(self, search: Search, now: Instant) -> Found:
        """Return a page of results.

        Raises:
            InvalidRequestError: a member has no meaning here.
            RequestError: the registry cannot answer yet.
        """
        start = _start(search.after)
        context: dict[str, Json] = {}
        if search.sought is Sought.SUBJECT:
            search = search._replace(
                evaluation=search.evaluation._replace(subject=Entity(SUBJECT, _ANYBODY))
            )
        asked = question_of(search.evaluation, self._max_claims)
        try:
            frame = self._desk.frame(asked.known_at, asked.authorities, now)
        except RequestError as error:
            raise as_invalid(error) from None
        if search.sought is Sought.SUBJECT:
            candidates = self._subjects(asked, frame, start)
        elif search.sought is Sought.ACTION:
            candidates = islice(_actions(asked), start[0], None)
        else:
            candidates = self._resources(search, asked, frame, start[0])
            context = {"any_id": await self._authorised(asked, frame)}
        return await self._page(candidates, frame, search.limit, context)

    async def _page(
        self, candidates: Iterator[_Candidate], frame: Frame, limit: int, context: dict[str, Json]
    ) -> Found:
        found: list[Entity | model.Action] = []
        decided = 0
        for number, (position, entity, asked) in enumerate(candidates, 1):
            if len(found) >= limit or decided >= MAX_DECISIONS:
                return Found(tuple(found), position, context)
            if await self._authorised(asked, frame):
                found.append(entity)
            decided += len(asked.claims)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return Found(tuple(found), None, context)

    async def _authorised(self, asked: Asked, frame: Frame) -> bool:
        questions = [question_for(asked, frame, claim) for claim in asked.claims]
        decisions = await self._desk.decide_in_order(questions)
        return all(each.outcome is Outcome.AUTHORISED for each in decisions)

    def _subjects(self, asked: Asked, frame: Frame, start: tuple[int, int]) -> Iterator[_Candidate]:
        """Yield every DID that ever was somebody's, under whom it belongs to then."""
        index, at = self._desk.index, frame.now if asked.at is None else asked.at
        for number, party in index.numbered_parties(start[0]):
            known = dict.fromkeys(did for each in index.versions(party) for did in each.dids)
            for place, did in enumerate(known):
                owner = index.party_of(did, frame.known, at)
                if (number, place) >= start and (owner is None or owner.id == party):
                    entity = Entity(SUBJECT, did.text)
                    yield _Candidate(f"{number}.{place}", entity, asked._replace(issuer=did))

    def _resources(
        self, search: Search, asked: Asked, frame: Frame, first: int
    ) -> Iterator[_Candidate]:
        """Yield the credential types of UNTP, and those that bear on the issuer by name."""
        evaluation = search.evaluation
        for place, type_ in enumerate(sorted(self._types(asked, frame))[first:], first):
            resource = evaluation.resource._replace(id=type_)
            question = question_of(evaluation._replace(resource=resource), self._max_claims)
            yield _Candidate(f"{place}.0", Entity(RESOURCE, type_), question)

    def _types(self, asked: Asked, frame: Frame) -> set[str]:
        index, found = self._desk.index, set(_TYPES)
        question = question_for(asked, frame, asked.claims[0])
        party = index.party_of(question.issuer, question.known, question.at)
        decision = decide(question, index)
        held = index.holder(party.id).about[:MAX_STATEMENTS] if party else ()
        above = (step.statement for step in (*decision.chain, *decision.nearest_miss))
        for scope in (*(each.scope for each in above), *(each.scope for each in held)):
            allowed = scope.allowed.get(Dimension.CREDENTIAL_TYPE)
            if allowed is not None and not allowed.all_but and len(found) < MAX_TYPES:
                found |= allowed.values
        return found


def _actions(asked: Asked) -> Iterator[_Candidate]:
    for place, action in enumerate(Action):
        question = asked._replace(action=action)
        yield _Candidate(f"{place}.0", model.Action(action.value), question)


def _start(after: str | None) -> tuple[int, int]:
    if after is None:
        return 0, 0
    found = _POSITION.fullmatch(after)
    if found is None:
        text = "is what `next_token` of another page of the same search said"
        raise InvalidRequestError("invalid-value", text, "token", "/page/token")
    return int(found[1]), int(found[2])
