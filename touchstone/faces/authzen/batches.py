"""Batches: evaluations in their order, to the end or to the first that settles it (AuthZEN 7)."""

from enum import StrEnum
from typing import NamedTuple

from resolver.strict_json import Json
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Answer, Evaluation, Evaluator

Item = Evaluation | InvalidRequestError
_BAD_REQUEST = 400


class Semantic(StrEnum):
    """When the evaluations of a batch stop (AuthZEN 7.1.2.1)."""

    EXECUTE_ALL = "execute_all"
    DENY_ON_FIRST_DENY = "deny_on_first_deny"
    PERMIT_ON_FIRST_PERMIT = "permit_on_first_permit"


class Batch(NamedTuple):
    """Evaluations, or what is wrong with them, in the order in which they are asked."""

    semantic: Semantic
    items: tuple[Item, ...]


async def answers_to(batch: Batch, evaluator: Evaluator) -> list[Answer]:
    """Answer a batch; a failed evaluation is a denial that says why (AuthZEN 7.2.1)."""
    settles = {Semantic.DENY_ON_FIRST_DENY: False, Semantic.PERMIT_ON_FIRST_PERMIT: True}
    last = settles.get(batch.semantic)
    answers: list[Answer] = []
    for number, item in enumerate(batch.items):
        answers.append(await _answer(item, number, len(batch.items), evaluator))
        if answers[-1].decision is last:
            break
    return answers


async def _answer(item: Item, number: int, among: int, evaluator: Evaluator) -> Answer:
    pointer = f"/evaluations/{number}"
    if isinstance(item, InvalidRequestError):
        return _failure(item.within(pointer))
    try:
        return await evaluator.evaluate(item, among)
    except InvalidRequestError as error:
        return _failure(error.within(pointer))


def _failure(error: InvalidRequestError) -> Answer:
    told: dict[str, Json] = {
        "status": _BAD_REQUEST,
        "message": str(error),
        "pointer": error.pointer,
    }
    return Answer(decision=False, context={"error": told})
