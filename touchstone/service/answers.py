"""Answers: from decisions to the bytes of JSON, with what never changes written once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from policies.claims import ClaimValue, Dimension, Source
from policies.decision import Decision, Outcome, Question, Step
from policies.framework import Framework, ValidityModel
from policies.index import Index
from policies.scope import Gap, Scope
from policies.statements import Party, Statement, StatementId
from resolver.did import Did
from resolver.instant import END, Instant, format_instant
from resolver.strict_json import Json
from touchstone.service.questions import Asked
from touchstone.service.sentences import sentence

MAX_RENDERED = 200_000
"""Statements whose JSON is kept; each takes some 700 bytes."""

_SECOND = 1000
# Enumerations look their values up in Python; these are asked for in every answer.
_NAMES: Mapping[Dimension, str] = {dimension: dimension.value for dimension in Dimension}
_MODELS = {model: model.value for model in ValidityModel}
_CODES = tuple(outcome.code for outcome in Outcome)


def written(instant: Instant) -> str:
    """Write an instant as `format_instant` does; the part that many share is kept."""
    seconds, thousandths = divmod(instant, _SECOND)
    whole = _seconds(seconds)
    return f"{whole}.{thousandths:03d}Z" if thousandths else f"{whole}Z"


@lru_cache(4096)
def _seconds(seconds: int) -> str:
    return format_instant(Instant(seconds * _SECOND))[:-1]


class Knowledge(NamedTuple):
    """The journal that an answer rests on: its size and its Merkle root, in hex."""

    size: int
    root: str


class _Rendered(NamedTuple):
    """A statement's JSON without its closing brace, and the names it was written with."""

    names: tuple[object, object]
    text: bytes


class Answers:
    """Writes answers about one registry.

    Args:
        index: the registry's state.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._rendered: dict[StatementId, _Rendered] = {}
        self._frameworks: dict[tuple[str, int], orjson.Fragment] = {}

    def one(self, decision: Decision, asked: Asked, knowledge: Knowledge) -> bytes:
        """Write the answer to a question with one single claim."""
        members = self._members(decision)
        members["question"] = _question(decision.question, asked)
        return orjson.dumps(self._whole(members, decision, knowledge))

    def many(self, decisions: Sequence[Decision], asked: Asked, knowledge: Knowledge) -> bytes:
        """Write the answer to a question that splits into several; the worst comes first."""
        worst = decisions[0]
        members = self._members(worst)
        members["question"] = _question(worst.question, asked)
        ends = [each.valid_until for each in decisions if each.valid_until is not None]
        members["valid_until"] = written(min(ends)) if ends else None
        members["fresh_until"] = written(min(each.fresh_until for each in decisions))
        members["parts"] = [self.part(each) for each in decisions]
        return orjson.dumps(self._whole(members, worst, knowledge))

    def part(self, decision: Decision) -> dict[str, object]:
        """Write one decision among several: its claim, and everything but what they share."""
        claim = {_NAMES[dim]: value.value for dim, value in decision.question.claim.values.items()}
        return {"claim": claim, **self._members(decision)}

    def shared(self, framework: Framework, knowledge: Knowledge) -> dict[str, object]:
        """Write what the decisions of one answer share."""
        return {
            "framework": self._framework(framework),
            "journal": {"size": knowledge.size, "root": knowledge.root},
        }

    def sentence(self, decision: Decision) -> str:
        """Return a decision as one plain sentence."""
        return sentence(decision, self._index)

    def party(self, did: Did, known: int) -> dict[str, Json]:
        """Write who a DID belongs to; the name is null where nobody is known by it."""
        party = self._index.party_of(did, known)
        return {"did": did.text, "name": party.name if party else None}

    def _whole(
        self, members: dict[str, object], decision: Decision, knowledge: Knowledge
    ) -> dict[str, object]:
        members.update(self.shared(decision.framework, knowledge))
        return members

    def _members(self, decision: Decision) -> dict[str, object]:
        question = decision.question
        valid_until = decision.valid_until
        return {
            "outcome": _CODES[decision.outcome],
            "reason": decision.reason,
            "message": self.sentence(decision),
            "issuer": self.party(question.issuer, question.known),
            "chain": [self._step(step, decision.framework) for step in decision.chain],
            "nearest_miss": [
                self._step(step, decision.framework) for step in decision.nearest_miss
            ],
            "missing": [_gap(gap) for gap in decision.gaps],
            "reservation": decision.reservation,
            "models": {_MODELS[model]: _CODES[outcome] for model, outcome in decision.models},
            "valid_until": written(valid_until) if valid_until is not None else None,
            "fresh_until": written(decision.fresh_until),
            "warnings": [
                {"code": each.code, "text": each.text, "act": each.act}
                for each in decision.warnings
            ],
        }

    def _step(self, step: Step, framework: Framework) -> orjson.Fragment:
        statement, at, outcome, reason, gaps, later = step
        text = self._statement(statement, framework)
        rest = (
            f',"outcome":"{_CODES[outcome]}","reason":"{reason}","at":"{written(at)}",'
            f'"recorded_later":{"true" if later else "false"},"missing":'
        )
        missing = orjson.dumps([_gap(gap) for gap in gaps]) if gaps else b"[]"
        return orjson.Fragment(b"".join((text, rest.encode(), missing, b"}")))

    def _statement(self, statement: Statement, framework: Framework) -> bytes:
        """Return a statement's JSON, kept for as long as its parties go by the same names."""
        authority = self._index.party(statement.authority) or framework
        entity = self._index.party(statement.entity)
        kept = self._rendered.get(statement.id)
        if kept is not None and kept.names[0] is authority and kept.names[1] is entity:
            return kept.text
        text = orjson.dumps(
            {
                "statement": statement.id,
                "kind": statement.kind,
                "authority": _named(authority),
                "entity": _named(entity or framework),
                "action": statement.action,
                "scope": written_constraints(statement.scope),
                "valid_from": written(statement.valid_from),
                "valid_until": _end(statement.valid_until),
                "recorded_at": written(statement.recorded.at),
                "recorded_as": statement.recorded.position,
            }
        )[:-1]
        if len(self._rendered) >= MAX_RENDERED:
            self._rendered.clear()
        self._rendered[statement.id] = _Rendered((authority, entity), text)
        return text

    def _framework(self, framework: Framework) -> orjson.Fragment:
        found = self._frameworks.get((framework.digest, framework.version))
        if found is None:
            found = self._frameworks[framework.digest, framework.version] = orjson.Fragment(
                orjson.dumps(
                    {
                        "id": framework.id,
                        "name": framework.name,
                        "version": framework.version,
                        "digest": framework.digest,
                        "model": framework.model,
                    }
                )
            )
        return found


def _named(party: Party | Framework) -> dict[str, Json]:
    if isinstance(party, Framework):
        return {"did": None, "framework": party.id, "name": party.name}
    return {"did": party.dids[0].text, "name": party.name}


def _end(instant: Instant) -> str | None:
    return None if instant >= END else written(instant)


def written_constraints(scope: Scope) -> dict[str, Json]:
    """Write the dimensions that a scope constrains; every other one is `any`."""
    constrained: dict[str, Json] = {}
    for dimension, allowed in scope.allowed.items():
        values: list[Json] = [*sorted(allowed.values)]
        constrained[dimension.value] = {"except": values} if allowed.all_but else values
    return constrained


def _gap(gap: Gap) -> dict[str, Json]:
    values: list[Json] = [*sorted(gap.allowed.values)]
    return {
        "dimension": gap.dimension.value,
        "claimed": gap.claimed,
        "allowed": {"except": values} if gap.allowed.all_but else values,
        "coverage": gap.coverage.name.lower(),
    }


def _question(question: Question, asked: Asked) -> dict[str, object]:
    """Write the question as it was understood: times and basis filled in."""
    key = question.key
    return {
        "issuer": question.issuer.text,
        "action": question.action,
        "claim": {_NAMES[dim]: _stated(values) for dim, values in asked.stated.items()},
        "at": written(question.at),
        "basis": question.basis,
        "known_at": None if asked.known_at is None else written(asked.known_at),
        "authorities": asked.authorities,
        "key": None if key is None else {"did": key.did.text, "thumbprint": key.thumbprint},
    }


def _stated(values: tuple[ClaimValue, ...]) -> Json:
    if len(values) == 1:
        return _sourced(values[0])
    texts: list[Json] = [_sourced(value) for value in values]
    return texts


def _sourced(value: ClaimValue) -> Json:
    if value.source is Source.ISSUER:
        return value.value
    return {"value": value.value, "source": value.source.name.lower()}
