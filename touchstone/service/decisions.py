"""`/v1/decisions`: questions in, prepared answers out."""

from collections.abc import Callable

from aiohttp import web

from resolver.clock import Clock
from touchstone.service.bodies import BodyLimits, parse_body, read_body
from touchstone.service.desk import Desk
from touchstone.service.kept import cut_body, cut_query
from touchstone.service.questions import question_of_json, question_of_query
from touchstone.service.replies import Replies
from touchstone.service.signed import asks_for_signature

PATH = "/v1/decisions"
MAX_PREPARED_BODY = 4096
"""Bytes of a POST body beyond which its answer is not kept."""


def routes(
    desk: Desk, clock: Clock, limits: BodyLimits, max_claims: int, replies: Replies
) -> list[web.RouteDef]:
    """Return the routes of bare questions, for the host to mount.

    Args:
        desk: answers the questions.
        clock: what tells the present.
        limits: how much of a body is read.
        max_claims: the most single claims of one question.
        replies: writes the answers.
    """

    async def get(request: web.Request) -> web.StreamResponse:
        raw, now = request.raw_path.partition("?")[2], clock.now()
        prepared = desk.prepared(raw, now)
        if prepared is None:
            cut = cut_query(raw)
            prepared = desk.filled(raw, cut, now)
            if prepared is None:
                asked = question_of_query(raw, max_claims)
                prepared = await desk.answer(asked, raw, cut, now)
        return replies.to(request, prepared, now)

    async def post(request: web.Request) -> web.StreamResponse:
        body, now = await read_body(request, limits), clock.now()
        prepared = desk.prepared(body, now)
        if prepared is None and len(body) > MAX_PREPARED_BODY:
            asked = question_of_json(await parse_body(body, limits), max_claims)
            prepared = await desk.answer(asked, None, None, now)
        elif prepared is None:
            cut = cut_body(body)
            prepared = desk.filled(body, cut, now)
            if prepared is None:
                asked = question_of_json(await parse_body(body, limits), max_claims)
                prepared = await desk.answer(asked, body, cut, now)
        return replies.to(request, prepared, now)

    return [web.get(PATH, get), web.post(PATH, post)]


def at_hand(
    desk: Desk, clock: Clock, replies: Replies
) -> Callable[[web.BaseRequest], web.StreamResponse | None]:
    """Return what answers a query from what is kept, without routing, or with None.

    Args:
        desk: keeps the answers.
        clock: what tells the present.
        replies: writes the answers.
    """

    def answer_at_hand(request: web.BaseRequest) -> web.StreamResponse | None:
        if asks_for_signature(request):
            return None
        raw, now = request.raw_path.partition("?")[2], clock.now()
        prepared = desk.prepared(raw, now) or desk.filled(raw, cut_query(raw), now)
        return None if prepared is None else replies.to(request, prepared, now)

    return answer_at_hand
