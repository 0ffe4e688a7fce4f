"""Requests: from JSON to the information model. Members that are not known are passed over."""

from collections.abc import Mapping
from typing import NamedTuple

from resolver.strict_json import Json
from touchstone.faces.authzen.batches import Batch, Item, Semantic
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Action, Entity, Evaluation, Sought

MAX_EVALUATIONS = 64
MAX_TEXT = 2048
"""Characters of a type, an id or a name."""
MAX_RESULTS = 100
"""Results of one page of a search; who asks for more gets so many."""
_DEFAULTS = ("subject", "action", "resource", "context")


class Page(NamedTuple):
    """Which page of a search is asked for (AuthZEN 8.2.1).

    Attributes:
        token: what an earlier page gave, or None.
        limit: the most results, or None where it is not said.
    """

    token: str | None
    limit: int | None


def evaluation_of(body: Json) -> Evaluation:
    """Read an evaluation (AuthZEN 6.1).

    Raises:
        InvalidRequestError: a member is missing or of another type.
    """
    return _evaluation(_object(body, "the request"))


def batch_of(body: Json) -> Batch | Evaluation:
    """Read a batch (AuthZEN 7.1); without evaluations it is a single one.

    What is wrong in one evaluation is kept in its place, to be told there.

    Raises:
        InvalidRequestError: the request as a whole is none.
    """
    members = _object(body, "the request")
    semantic = _semantic(members)
    items = members.get("evaluations", [])
    if not isinstance(items, list):
        raise _wrong("must be a list", "evaluations")
    if not items:
        return _evaluation(members)
    if len(items) > MAX_EVALUATIONS:
        raise _wrong(f"holds at most {MAX_EVALUATIONS}", "evaluations")
    defaults = {name: members[name] for name in _DEFAULTS if name in members}
    _check(defaults)
    return Batch(semantic, tuple(_item(each, defaults) for each in items))


def search_of(body: Json, sought: Sought) -> tuple[Evaluation, Page]:
    """Read a search (AuthZEN 8.4 to 8.6); an id of what is sought is passed over.

    Raises:
        InvalidRequestError: a member is missing or of another type.
    """
    members = _object(body, "the request")
    action = Action("") if sought is Sought.ACTION else _action(_needed(members, "action"))
    evaluation = Evaluation(
        _entity(members, "subject", sought=sought is Sought.SUBJECT),
        action,
        _entity(members, "resource", sought=sought is Sought.RESOURCE),
        _context(members),
    )
    return evaluation, _page(members)


def _evaluation(members: Mapping[str, Json]) -> Evaluation:
    return Evaluation(
        _entity(members, "subject"),
        _action(_needed(members, "action")),
        _entity(members, "resource"),
        _context(members),
    )


def _item(given: Json, defaults: Mapping[str, Json]) -> Item:
    """Read one evaluation of a batch; a member that it has replaces the default as a whole."""
    try:
        return _evaluation({**defaults, **_object(given, "an evaluation")})
    except InvalidRequestError as error:
        return error


def _check(defaults: Mapping[str, Json]) -> None:
    for name in ("subject", "resource"):
        if name in defaults:
            _entity(defaults, name)
    if "action" in defaults:
        _action(defaults["action"])
    _context(defaults)


def _semantic(members: Mapping[str, Json]) -> Semantic:
    options = _object(members.get("options", {}), "options", "/options")
    name = options.get("evaluations_semantic", Semantic.EXECUTE_ALL.value)
    if name not in [each.value for each in Semantic]:
        text = f"must be one of {', '.join(Semantic)}"
        raise _wrong(text, "evaluations_semantic", "/options/evaluations_semantic")
    return Semantic(name)


def _page(members: Mapping[str, Json]) -> Page:
    page = _object(members.get("page", {}), "page", "/page")
    limit, token = page.get("limit"), page.get("token")
    if "limit" in page and (type(limit) is not int or limit < 0):
        raise _wrong("must be a whole number, 0 or more", "limit", "/page/limit")
    if "token" in page:
        token = _text(page, "token", "/page")
    return Page(
        token if isinstance(token, str) else None, limit if isinstance(limit, int) else None
    )


def _entity(members: Mapping[str, Json], name: str, *, sought: bool = False) -> Entity:
    pointer = f"/{name}"
    entity = _object(_needed(members, name), name, pointer)
    return Entity(
        _text(entity, "type", pointer),
        "" if sought else _text(entity, "id", pointer),
        _object(entity.get("properties", {}), "properties", f"{pointer}/properties"),
    )


def _action(given: Json) -> Action:
    action = _object(given, "action", "/action")
    properties = _object(action.get("properties", {}), "properties", "/action/properties")
    return Action(_text(action, "name", "/action"), properties)


def _context(members: Mapping[str, Json]) -> Mapping[str, Json]:
    return _object(members.get("context", {}), "context", "/context")


def _needed(members: Mapping[str, Json], name: str) -> Json:
    if name not in members:
        raise InvalidRequestError("missing-member", "is needed here", name, f"/{name}")
    return members[name]


def _text(members: Mapping[str, Json], name: str, pointer: str) -> str:
    if name not in members:
        raise InvalidRequestError("missing-member", "is needed here", name, f"{pointer}/{name}")
    text = members[name]
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        raise _wrong(f"must be text of 1 to {MAX_TEXT} characters", name, f"{pointer}/{name}")
    return text


def _object(given: Json, name: str, pointer: str = "") -> Mapping[str, Json]:
    if not isinstance(given, dict):
        raise _wrong("must be a JSON object", name, pointer)
    return given


def _wrong(detail: str, name: str, pointer: str | None = None) -> InvalidRequestError:
    where = f"/{name}" if pointer is None else pointer
    return InvalidRequestError("invalid-value", detail, name, where)
