"""Searches: pages, and the tokens that lead from one to the next (AuthZEN 8.2)."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256

import orjson

from resolver.strict_json import Json
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Evaluation, Evaluator, Found, Search, Sought
from touchstone.faces.authzen.requests import MAX_RESULTS, search_of

_TOKEN = re.compile(r"([0-9a-f]{16})\.(\d{1,3})\.(.{1,64})", re.ASCII)


async def page_of(body: Json, sought: Sought, evaluator: Evaluator) -> dict[str, Json]:
    """Answer a search.

    Raises:
        InvalidRequestError: a member is missing or of another type, or the token belongs to
            another search.
    """
    evaluation, page = search_of(body, sought)
    mark = _mark(sought, evaluation)
    limit = MAX_RESULTS if page.limit is None else min(page.limit, MAX_RESULTS)
    after = None
    if page.token is not None:
        first_limit, after = _read(page.token, mark)
        if page.limit is not None and limit != first_limit:
            raise _foreign("was given with another limit")
        limit = first_limit
    found = await evaluator.search(Search(sought, evaluation, limit, after))
    next_token = "" if found.next is None else _written(mark, limit, found.next)
    return _answer(found, next_token)


def _answer(found: Found, next_token: str) -> dict[str, Json]:
    results: list[Json] = [
        {name: value for name, value in each._asdict().items() if value}  # no empty properties
        for each in found.results
    ]
    answer: dict[str, Json] = {"page": {"next_token": next_token, "count": len(results)}}
    if found.context:
        answer["context"] = {**found.context}
    return {**answer, "results": results}


def _mark(sought: Sought, evaluation: Evaluation) -> str:
    """Return what tells one search from another, so that a token goes on in its own only."""
    subject, action, resource, context = evaluation
    asked = [sought, [*subject], [*action], [*resource], context]
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _written(mark: str, limit: int, position: str) -> str:
    return urlsafe_b64encode(f"{mark}.{limit}.{position}".encode()).decode().rstrip("=")


def _read(token: str, mark: str) -> tuple[int, str]:
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (Base64Error, ValueError):
        text = ""
    found = _TOKEN.fullmatch(text)
    if found is None or found[1] != mark or int(found[2]) > MAX_RESULTS:
        raise _foreign("is what `next_token` of another page of the same search said")
    return int(found[2]), found[3]


def _foreign(detail: str) -> InvalidRequestError:
    return InvalidRequestError("invalid-value", detail, "token", "/page/token")
