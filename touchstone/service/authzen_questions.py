"""AuthZEN's evaluations as questions of our own; what has no place in one is told, not guessed."""

from collections.abc import Iterator, Mapping

from policies.claims import Dimension
from policies.errors import TooManyClaimsError
from policies.statements import Action
from resolver.strict_json import Json
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Evaluation
from touchstone.service.errors import RequestError
from touchstone.service.questions import Asked, question_of_json

SUBJECT = "did"
RESOURCE = "credential_type"
_CONTEXT = {"time": "at", "known_at": "known_at", "authorities": "authorities", "key": "key"}
_OTHERWISE = {"at": "time", "authority": "authorities"}
"""What `/v1/decisions` calls a member of the context; dropped, it would widen the question."""
_DIMENSIONS = frozenset(each.value for each in Dimension) - {RESOURCE}
_ACTIONS = frozenset(each.value for each in Action)
_PLACES = (
    ("/issuer", "/subject/id"),
    ("/claim/credential_type", "/resource/id"),
    ("/claim", "/resource/properties"),
    ("/at", "/context/time"),
    ("/known_at", "/context/known_at"),
    ("/authorities", "/context/authorities"),
    ("/key", "/context/key"),
)
"""Where a member of our own question stands in an evaluation."""
_MOST_IGNORED = 16
"""Members that were passed over which are named; a request may have any number of them."""


def beyond(asked: Evaluation) -> str | None:
    """Say what of an evaluation is none of this registry's business, or return None.

    What is looked for by a search is empty, and not looked at.
    """
    subject, action, resource = asked.subject.type, asked.action.name, asked.resource.type
    if subject != SUBJECT:
        return f"Subjects are of the type {SUBJECT!r} here: a DID is the subject's id."
    if action and action not in _ACTIONS:
        return f"Actions are {', '.join(sorted(_ACTIONS))} here."
    if resource != RESOURCE:
        return f"Resources are of the type {RESOURCE!r} here: a credential's type is their id."
    return None


def question_of(asked: Evaluation, max_claims: int) -> Asked:
    """Read an evaluation as a question; nothing that a caller says of a subject counts.

    Args:
        asked: of types that are this registry's business; a search leaves out what it looks for.
        max_claims: the most single claims that it may split into.

    Raises:
        InvalidRequestError: a value is not what it must be.
    """
    properties = asked.resource.properties
    if RESOURCE in properties:
        text = "is the resource's id, and is not stated twice"
        pointer = f"/resource/properties/{RESOURCE}"
        raise InvalidRequestError("invalid-value", text, RESOURCE, pointer)
    for name, here in _OTHERWISE.items():
        if name in asked.context:
            raise InvalidRequestError(
                "invalid-value", f"is called {here}", name, f"/context/{name}"
            )
    claim = {name: value for name, value in properties.items() if name in _DIMENSIONS}
    if asked.resource.id:
        claim[RESOURCE] = asked.resource.id
    question: dict[str, Json] = {"issuer": asked.subject.id, "claim": claim}
    if asked.action.name:
        question["action"] = asked.action.name
    for name, member in _CONTEXT.items():
        if name in asked.context:
            question[member] = asked.context[name]
    try:
        return question_of_json(question, max_claims)
    except TooManyClaimsError as error:
        pointer = "/resource/properties"
        raise InvalidRequestError("too-many-claims", str(error), "properties", pointer) from None
    except RequestError as error:
        raise as_invalid(error) from None


def as_invalid(error: RequestError) -> InvalidRequestError:
    """Return an error of a question as one of the evaluation that it was read from.

    Raises:
        RequestError: it is not the question's fault.
    """
    if error.field is None:
        raise error
    own = error.pointer or f"/{error.field.replace('.', '/')}"
    prefix, place = next(
        (each for each in _PLACES if own == each[0] or own.startswith(f"{each[0]}/")),
        ("", "/resource/properties"),
    )
    pointer = f"{place}{own.removeprefix(prefix)}"
    return InvalidRequestError(error.slug, str(error), pointer.rpartition("/")[2], pointer)


def ignored(asked: Evaluation) -> list[Json]:
    """Name what was passed over, as JSON pointers: AuthZEN has unknown members ignored."""
    found = _ignored(asked)
    return [pointer for pointer, _ in zip(found, range(_MOST_IGNORED), strict=False)]


def _ignored(asked: Evaluation) -> Iterator[str]:
    parts: tuple[tuple[str, Mapping[str, Json], frozenset[str]], ...] = (
        ("/subject/properties", asked.subject.properties, frozenset()),
        ("/action/properties", asked.action.properties, frozenset()),
        ("/resource/properties", asked.resource.properties, _DIMENSIONS),
        ("/context", asked.context, frozenset(_CONTEXT)),
    )
    for pointer, members, known in parts:
        for name in members:
            if name not in known:
                yield f"{pointer}/{name[:64].replace('~', '~0').replace('/', '~1')}"
