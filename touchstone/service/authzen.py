"""OpenID AuthZEN's face of the decision, wired to this registry."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from aiohttp import web

from policies.claims import Source
from resolver.clock import Clock
from resolver.instant import format_instant
from resolver.strict_json import Json
from touchstone.faces.authzen import http
from touchstone.faces.authzen.model import Answer, Evaluation, Evaluator, Found, Search
from touchstone.service import decisions
from touchstone.service.authzen_questions import as_invalid, beyond, ignored, question_of
from touchstone.service.authzen_searches import Searches
from touchstone.service.bodies import BodyLimits, parse_body, read_body
from touchstone.service.desk import Desk
from touchstone.service.errors import RequestError
from touchstone.service.problems import problem_of
from touchstone.service.questions import Asked

_AUTHORISED = "authorised"
_TOLD = (
    "outcome",
    "reason",
    "message",
    "missing",
    "valid_until",
    "fresh_until",
    "warnings",
    "journal",
)


class DecisionPoint:
    """AuthZEN's Policy Decision Point over one registry.

    Args:
        desk: makes the decisions.
        clock: what tells the present.
        max_claims: the most single claims of one request.
    """

    def __init__(self, desk: Desk, clock: Clock, max_claims: int) -> None:
        self._desk = desk
        self._clock = clock
        self._max_claims = max_claims
        self._searches = Searches(desk, max_claims)

    async def evaluate(self, asked: Evaluation, among: int = 1) -> Answer:
        """Answer one evaluation; true only where the decision is authorised.

        Args:
            asked: the evaluation.
            among: how many of one request share the single claims that a request may ask about.

        Raises:
            InvalidRequestError: a value is not what it must be.
            RequestError: the registry cannot answer yet.
        """
        elsewhere = beyond(asked)
        if elsewhere is not None:
            return Answer(decision=False, context={"reason": "NOT_KEPT", "message": elsewhere})
        question = question_of(asked, max(1, self._max_claims // among))
        try:
            answer = await self._desk.answer(question, None, None, self._clock.now())
        except RequestError as error:
            raise as_invalid(error) from None
        native: Mapping[str, Any] = orjson.loads(answer.body)
        context = {**_context(native), "answer": _address(question), "ignored": ignored(asked)}
        return Answer(native["outcome"] == _AUTHORISED, context)

    async def search(self, asked: Search) -> Found:
        """Return a page of a search; there is nothing of a type that is not kept here.

        Raises:
            InvalidRequestError: a value is not what it must be.
            RequestError: the registry cannot answer yet.
        """
        if beyond(asked.evaluation) is not None:
            return Found(())
        return await self._searches.answer(asked, self._clock.now())


def _context(native: Mapping[str, Any]) -> dict[str, Json]:
    """Return what a context tells of an answer; the whole of it has an address of its own."""
    told = {name: native[name] for name in _TOLD}
    path = native["chain"] or native["nearest_miss"]
    return {**told, "at": native["question"]["at"], "path": path}


def _address(asked: Asked) -> str | None:
    """Return where the whole answer is, or None where no address can hold the question."""
    values = [
        (dimension.value, value) for dimension, all_ in asked.stated.items() for value in all_
    ]
    if asked.key or any(value.source is not Source.ISSUER for _, value in values):
        return None
    times = (("at", asked.at), ("known_at", asked.known_at))
    query = [
        ("issuer", asked.issuer.text),
        ("action", asked.action.value),
        *((name, value.value) for name, value in values),
        *((name, format_instant(time)) for name, time in times if time is not None),
        *(("authority", each) for each in asked.authorities or ()),
    ]
    return f"{decisions.PATH}?{urlencode(query)}"


def routes(evaluator: Evaluator, limits: BodyLimits, origin: str) -> list[web.RouteDef]:
    """Return the routes of AuthZEN, for the host to mount.

    Args:
        evaluator: answers.
        limits: how much of a body is read.
        origin: the identifier of the Policy Decision Point.
    """

    async def read(request: web.Request) -> Json:
        return await parse_body(await read_body(request, limits), limits)

    return http.routes(evaluator, read, problem_of, origin)
