"""The information model (AuthZEN 5), and what answers its questions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from resolver.strict_json import Json


class Entity(NamedTuple):
    """A subject or a resource.

    Attributes:
        type: what kind of thing it is.
        id: which; empty where it is what a search looks for.
        properties: what the caller says about it.
    """

    type: str
    id: str
    properties: Mapping[str, Json] = {}


class Action(NamedTuple):
    """What the subject would do: its name, and what the caller says about it."""

    name: str
    properties: Mapping[str, Json] = {}


class Evaluation(NamedTuple):
    """May this subject do this with this resource?"""

    subject: Entity
    action: Action
    resource: Entity
    context: Mapping[str, Json] = {}


class Answer(NamedTuple):
    """A decision, and what is told with it."""

    decision: bool
    context: Mapping[str, Json] = {}


class Sought(StrEnum):
    """What a search looks for."""

    SUBJECT = "subject"
    ACTION = "action"
    RESOURCE = "resource"


class Search(NamedTuple):
    """Which entities would make this evaluation a permitted one?

    Attributes:
        sought: which of them is looked for.
        evaluation: the others; what is looked for has no id or name in it.
        limit: the most results.
        after: where an earlier page said to go on, or None at the beginning.
    """

    sought: Sought
    evaluation: Evaluation
    limit: int
    after: str | None


class Found(NamedTuple):
    """A page of results.

    Attributes:
        results: entities, or actions, that are permitted.
        next: where to go on, or None where there is nothing more.
        context: what is told with them.
    """

    results: tuple[Entity | Action, ...]
    next: str | None = None
    context: Mapping[str, Json] = {}


class Evaluator(Protocol):
    """Answers evaluations and searches: a Policy Decision Point behind its protocol."""

    async def evaluate(self, asked: Evaluation, among: int = 1) -> Answer:
        """Answer one evaluation.

        Args:
            asked: the evaluation.
            among: how many are asked in one request, so that what one may cost can be shared out.

        Raises:
            InvalidRequestError: a member has no meaning to it.
        """
        ...

    async def search(self, asked: Search) -> Found:
        """Return a page of a search; `Search.after` is what `Found.next` said, or forged.

        Raises:
            InvalidRequestError: a member has no meaning to it.
        """
        ...
