"""AuthZEN's HTTPS JSON binding (10.1) and metadata (9), for the host to mount."""

import re
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import hdrs, web

from resolver.strict_json import Json
from touchstone.faces.authzen.batches import answers_to
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Answer, Evaluation, Evaluator, Sought
from touchstone.faces.authzen.requests import batch_of, evaluation_of
from touchstone.faces.authzen.searches import page_of

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SEARCH = "/access/v1/search/"
METADATA = "/.well-known/authzen-configuration"
REQUEST_ID = "X-Request-ID"
_JSON = "application/json"
_SAFE_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?")

Read = Callable[[web.Request], Awaitable[Json]]
Explain = Callable[[Exception], web.Response | None]
_Ask = Callable[[Json], Awaitable[Json]]


def routes(evaluator: Evaluator, read: Read, explain: Explain, origin: str) -> list[web.RouteDef]:
    """Return the routes of the face.

    Args:
        evaluator: answers.
        read: reads a JSON body within the host's limits.
        explain: turns an error into an answer; None where it was not raised on purpose.
        origin: the identifier of this Policy Decision Point, under which its endpoints are.
    """

    async def evaluation(body: Json) -> Json:
        return _written(await evaluator.evaluate(evaluation_of(body)))

    async def evaluations(body: Json) -> Json:
        batch = batch_of(body)
        if isinstance(batch, Evaluation):
            return _written(await evaluator.evaluate(batch))
        return {"evaluations": [_written(each) for each in await answers_to(batch, evaluator)]}

    def search(sought: Sought) -> _Ask:
        async def ask(body: Json) -> Json:
            return await page_of(body, sought, evaluator)

        return ask

    def post(path: str, ask: _Ask) -> web.RouteDef:
        async def handle(request: web.Request) -> web.Response:
            headers = {hdrs.CACHE_CONTROL: "no-store", **_request_id(request)}
            try:
                _check_content_type(request)
                body = orjson.dumps(await ask(await read(request)))
                response = web.Response(body=body, content_type=_JSON)
            except Exception as error:  # what is told of it is the host's to say
                explained = explain(error)
                if explained is None:
                    raise
                response = explained
            response.headers.update(headers)
            return response

        return web.post(path, handle)

    return [
        post(EVALUATION, evaluation),
        post(EVALUATIONS, evaluations),
        *(post(f"{SEARCH}{sought.value}", search(sought)) for sought in Sought),
        web.get(METADATA, _metadata(origin)),
    ]


def _written(answer: Answer) -> Json:
    written: dict[str, Json] = {"decision": answer.decision}
    return {**written, "context": {**answer.context}} if answer.context else written


def _request_id(request: web.Request) -> dict[str, str]:
    """Return the header that gives a request's id back (AuthZEN 10.1.3).

    Raises:
        InvalidRequestError: it is too long, or holds what no header should.
    """
    given = request.headers.get(REQUEST_ID)
    if given is None:
        return {}
    if not _SAFE_ID.fullmatch(given):
        raise InvalidRequestError("bad-request", "must be 1 to 256 ASCII characters", REQUEST_ID)
    return {REQUEST_ID: given}


def _check_content_type(request: web.Request) -> None:
    """Refuse another media type; AuthZEN's certification wants 400 for it, where HTTP has 415.

    Raises:
        InvalidRequestError: it is another.
    """
    if request.content_type != _JSON:
        text = f"{request.content_type[:64]} is not {_JSON}"
        raise InvalidRequestError("bad-request", text, hdrs.CONTENT_TYPE)


def _metadata(origin: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    endpoints = {
        "policy_decision_point": origin,
        "access_evaluation_endpoint": f"{origin}{EVALUATION}",
        "access_evaluations_endpoint": f"{origin}{EVALUATIONS}",
        **{f"search_{each.value}_endpoint": f"{origin}{SEARCH}{each.value}" for each in Sought},
    }
    body = orjson.dumps(endpoints)

    async def metadata(_: web.Request) -> web.Response:
        headers = {hdrs.CACHE_CONTROL: "max-age=3600"}
        return web.Response(body=body, content_type=_JSON, headers=headers)

    return metadata
