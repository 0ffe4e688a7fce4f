"""Statements of authority: listed by who, about whom, for what and in which state."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from policies.claims import DIMENSIONS, Claim, ClaimValue, Dimension
from policies.scope import Coverage, PreparedClaim, Vocabulary
from policies.statements import Action, Kind, Statement, StatementId
from resolver.strict_json import Json
from trust_registry.errors import NotFoundError
from trust_registry.reading.parameters import (
    PAGING,
    TIMES,
    Parameters,
    choice_of,
    only,
    page_of,
    party_of,
    view_of,
)
from trust_registry.reading.turns import stated
from trust_registry.registry import Registry
from trust_registry.views import STATES, View, state_of, statement_json

_WHO = ("authority", "entity", "action", "kind", "state")
_DIMENSIONS = tuple(each.value for each in DIMENSIONS)


class Statements:
    """Answers queries about the statements of a registry.

    Args:
        registry: whose.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def list(self, parameters: Parameters) -> dict[str, Json]:
        """Answer `GET /v1/statements`: by who, about whom, for what, and in which state."""
        only(parameters, (*_WHO, *_DIMENSIONS, *TIMES, *PAGING))
        page = page_of(self._registry, parameters, "statements")
        seen = page.view
        wanted = _Filter(parameters, seen)
        found: list[Json] = []
        last = None
        # A statement's position in the journal never changes: the cursor is that, plus one.
        async with aclosing(wanted.candidates(page.after)) as candidates:
            async for statement in candidates:
                if wanted.matches(statement):
                    if len(found) == page.limit:
                        last = statement.recorded.position
                        break
                    found.append(statement_json(statement, seen))
        return {"statements": found, "next": None if last is None else page.next(last)}

    def show(self, id_: str, parameters: Parameters) -> dict[str, Json]:
        """Answer `GET /v1/statements/{id}`.

        Raises:
            NotFoundError: there is no such statement.
        """
        only(parameters, TIMES)
        seen = view_of(self._registry, parameters)
        return statement_json(self.named(id_, seen), seen)

    @staticmethod
    def named(id_: str, seen: View) -> Statement:
        """Return the statement with an id.

        Raises:
            NotFoundError: there is none.
        """
        statement = seen.index.statement(StatementId(id_))
        if statement is None or statement.recorded.position >= seen.known:
            raise NotFoundError("no statement has this id")
        return statement


class _Filter:
    """What is asked of each statement."""

    def __init__(self, parameters: Parameters, seen: View) -> None:
        self._seen = seen
        self._authority = party_of(parameters, "authority", seen)
        self._entity = party_of(parameters, "entity", seen)
        self._action = choice_of(parameters, "action", (each.value for each in Action))
        self._kind = choice_of(parameters, "kind", (each.value for each in Kind))
        self._state = choice_of(parameters, "state", STATES)
        named = {Dimension(name): parameters[name] for name in _DIMENSIONS if name in parameters}
        self._vocabulary = _vocabulary(seen)
        self._claim = _prepared(named, self._vocabulary) if named else None

    def candidates(self, position: int) -> AsyncGenerator[Statement, None]:
        """Yield statements by whom and about whom is asked, from a journal position on."""
        return stated(self._seen, position, about=self._entity, by=self._authority)

    def matches(self, statement: Statement) -> bool:
        return (
            (self._action is None or statement.action.value == self._action)
            and (self._kind is None or statement.kind.value == self._kind)
            and (self._claim is None or self._bears_on(statement, self._claim))
            and (self._state is None or state_of(statement, self._seen) == self._state)
        )

    def _bears_on(self, statement: Statement, claim: PreparedClaim) -> bool:
        """Tell whether the scope admits what was named, or a part of it."""
        return statement.scope.compile(self._vocabulary).covers(claim) is not Coverage.NO


def _vocabulary(seen: View) -> Vocabulary:
    return seen.index.framework_at(seen.known).vocabulary if seen.known else Vocabulary()


def _prepared(named: Mapping[Dimension, str], vocabulary: Vocabulary) -> PreparedClaim:
    claim = Claim({dimension: ClaimValue(value) for dimension, value in named.items()})
    # Whose word a value would need is a credential's question: here a reader names it.
    return Vocabulary(vocabulary.commodities, vocabulary.topics, vocabulary.achievements).prepare(
        claim
    )
