"""Answers: from decisions to JSON text, with what never changes written once.

An answer is put together as text and not as a tree of objects: it is the greater part of what a
question costs, and most of it, the statements, was written before.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from policies.claims import ClaimValue, Dimension, Source
from policies.decision import Decision, Outcome, Question, Step
from policies.framework import Framework
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
# Enumerations look their values up in Python; these are asked for in every answer.
_NAMES: Mapping[Dimension, str] = {dimension: dimension.value for dimension in Dimension}
_CODES = tuple(outcome.code for outcome in Outcome)


class Knowledge(NamedTuple):
    """The journal that an answer rests on: its size and its Merkle root, in hex."""

    size: int
    root: str


class Horizons(NamedTuple):
    """When an answer next changes by itself, or None, and until when it may be reused."""

    valid_until: Instant | None
    fresh_until: Instant


def horizons_of(decisions: Iterable[Decision]) -> Horizons:
    """Return the horizons of an answer that rests on several decisions: the least of theirs."""
    found = list(decisions)
    changes = [each.valid_until for each in found if each.valid_until is not None]
    return Horizons(min(changes, default=None), min(each.fresh_until for each in found))


class _Rendered(NamedTuple):
    """A statement's JSON without its closing brace, and the parties it was written with."""

    authority: Party | Framework
    entity: Party | None
    text: str


class Answers:
    """Writes answers about one registry.

    Args:
        index: the registry's state.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._rendered: dict[StatementId, _Rendered] = {}
        self._shared: tuple[Framework | None, Knowledge | None, str] = (None, None, "")

    def one(self, decision: Decision, asked: Asked, knowledge: Knowledge) -> bytes:
        """Write the answer to a question with one single claim."""
        horizons = Horizons(decision.valid_until, decision.fresh_until)
        return (
            f"{{{self._members(decision, horizons)}"
            f',"question":{_question(decision.question, asked)}'
            f",{self._foot(decision.framework, knowledge)}}}"
        ).encode()

    def many(self, decisions: Sequence[Decision], asked: Asked, knowledge: Knowledge) -> bytes:
        """Write the answer to a question that splits into several; the worst comes first."""
        worst = decisions[0]
        parts = ",".join(f"{{{self._part(each)}}}" for each in decisions)
        return (
            f"{{{self._members(worst, horizons_of(decisions))}"
            f',"question":{_question(worst.question, asked)}'
            f',"parts":[{parts}],{self._foot(worst.framework, knowledge)}}}'
        ).encode()

    def about_credential(self, decision: Decision) -> orjson.Fragment:
        """Write the decision on one of a credential's claims, with the time that it rests on."""
        question = decision.question
        time = f'"at":"{format_instant(question.at)}","basis":"{question.basis}"'
        return orjson.Fragment(f"{{{self._part(decision)},{time}}}")

    def foot(self, framework: Framework, knowledge: Knowledge) -> dict[str, Json]:
        """Return what the decisions of one answer share: framework and journal."""
        shared: dict[str, Json] = orjson.loads(f"{{{self._foot(framework, knowledge)}}}")
        return shared

    def sentence(self, decision: Decision) -> str:
        """Return a decision as one plain sentence."""
        question = decision.question
        party = self._index.party_of(question.issuer, question.known, question.at)
        return sentence(decision, self._index, party.name if party else question.issuer.text)

    def party(self, did: Did, known: int) -> dict[str, Json]:
        """Return who a DID belongs to; the name is null where nobody is known by it."""
        party = self._index.party_of(did, known)
        return {"did": did.text, "name": party.name if party else None}

    def _part(self, decision: Decision) -> str:
        claim = decision.question.claim.values.items()
        stated = {_NAMES[dimension]: value.value for dimension, value in claim}
        horizons = Horizons(decision.valid_until, decision.fresh_until)
        return f'"claim":{_text(stated)},{self._members(decision, horizons)}'

    def _members(self, decision: Decision, horizons: Horizons) -> str:
        question, framework = decision.question, decision.framework
        party = self._index.party_of(question.issuer, question.known, question.at)
        did = question.issuer.text
        name = _string(party.name) if party else "null"
        message = sentence(decision, self._index, party.name if party else did)
        reservation, valid_until = decision.reservation, horizons.valid_until
        models = ",".join([f'"{model}":"{_CODES[each]}"' for model, each in decision.models])
        return (
            f'"outcome":"{_CODES[decision.outcome]}","reason":"{decision.reason}"'
            f',"message":{_string(message)},"issuer":{{"did":"{did}","name":{name}}}'
            f',"chain":[{self._steps(decision.chain, framework)}]'
            f',"nearest_miss":[{self._steps(decision.nearest_miss, framework)}]'
            f',"missing":{_gaps(decision.gaps)}'
            f',"reservation":{"null" if reservation is None else _string(reservation)}'
            f',"models":{{{models}}}'
            f',"valid_until":{"null" if valid_until is None else _quoted(valid_until)}'
            f',"fresh_until":"{format_instant(horizons.fresh_until)}"'
            f',"warnings":{_warnings(decision) if decision.warnings else "[]"}'
        )

    def _steps(self, steps: Sequence[Step], framework: Framework) -> str:
        return ",".join([self._step(step, framework) for step in steps])

    def _step(self, step: Step, framework: Framework) -> str:
        statement, at, outcome, reason, gaps, later = step
        return (
            f'{self._statement(statement, framework)},"outcome":"{_CODES[outcome]}"'
            f',"reason":"{reason}","at":"{format_instant(at)}"'
            f',"recorded_later":{"true" if later else "false"},"missing":{_gaps(gaps)}}}'
        )

    def _statement(self, statement: Statement, framework: Framework) -> str:
        """Return a statement's JSON, kept for as long as its parties go by the same names."""
        authority = self._index.party(statement.authority) or framework
        entity = self._index.party(statement.entity)
        kept = self._rendered.get(statement.id)
        if kept is not None and kept.authority is authority and kept.entity is entity:
            return kept.text
        text = _text(
            {
                "statement": statement.id,
                "kind": statement.kind,
                "authority": _named(authority),
                "entity": _named(entity or framework),
                "action": statement.action,
                "scope": written_constraints(statement.scope),
                "valid_from": format_instant(statement.valid_from),
                "valid_until": _end(statement.valid_until),
                "recorded_at": format_instant(statement.recorded.at),
                "recorded_as": statement.recorded.position,
            }
        )[:-1]
        if len(self._rendered) >= MAX_RENDERED:
            self._rendered.clear()
        self._rendered[statement.id] = _Rendered(authority, entity, text)
        return text

    def _foot(self, framework: Framework, knowledge: Knowledge) -> str:
        """Return the members that name framework and journal; the last ones are kept."""
        of_framework, of_knowledge, text = self._shared
        if of_framework is framework and of_knowledge is knowledge:
            return text
        text = _text(
            {
                "framework": {
                    "id": framework.id,
                    "name": framework.name,
                    "version": framework.version,
                    "digest": framework.digest,
                    "model": framework.model,
                },
                "journal": {"size": knowledge.size, "root": knowledge.root},
            }
        )[1:-1]
        self._shared = (framework, knowledge, text)
        return text


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


@lru_cache(4096)
def _string(text: str) -> str:
    return orjson.dumps(text).decode()


def _quoted(instant: Instant) -> str:
    return f'"{format_instant(instant)}"'


def _named(party: Party | Framework) -> dict[str, Json]:
    if isinstance(party, Framework):
        return {"did": None, "framework": party.id, "name": party.name}
    return {"did": party.dids[0].text, "name": party.name}


def _end(instant: Instant) -> str | None:
    return None if instant >= END else format_instant(instant)


def _warnings(decision: Decision) -> str:
    return _text(
        [{"code": each.code, "text": each.text, "act": each.act} for each in decision.warnings]
    )


def written_constraints(scope: Scope) -> dict[str, Json]:
    """Write the dimensions that a scope constrains; every other one is `any`."""
    constrained: dict[str, Json] = {}
    for dimension, allowed in scope.allowed.items():
        values: list[Json] = [*sorted(allowed.values)]
        constrained[_NAMES[dimension]] = {"except": values} if allowed.all_but else values
    return constrained


def _gaps(gaps: Sequence[Gap]) -> str:
    return _text([_gap(gap) for gap in gaps]) if gaps else "[]"


def _gap(gap: Gap) -> dict[str, Json]:
    values: list[Json] = [*sorted(gap.allowed.values)]
    return {
        "dimension": _NAMES[gap.dimension],
        "claimed": gap.claimed,
        "allowed": {"except": values} if gap.allowed.all_but else values,
        "coverage": gap.coverage.name.lower(),
    }


def _question(question: Question, asked: Asked) -> str:
    """Write the question as it was understood: times and basis filled in."""
    claim = {_NAMES[each]: _stated(values) for each, values in asked.stated.items()}
    key, known_at, authorities = question.key, asked.known_at, asked.authorities
    signed = None if key is None else {"did": key.did.text, "thumbprint": key.thumbprint}
    # A DID holds nothing that JSON would escape.
    return (
        f'{{"issuer":"{question.issuer.text}","action":"{question.action}"'
        f',"claim":{_text(claim)},"at":"{format_instant(question.at)}","basis":"{question.basis}"'
        f',"known_at":{"null" if known_at is None else _quoted(known_at)}'
        f',"authorities":{"null" if authorities is None else _text(authorities)}'
        f',"key":{"null" if signed is None else _text(signed)}}}'
    )


def _stated(values: tuple[ClaimValue, ...]) -> Json:
    if len(values) == 1:
        return _sourced(values[0])
    texts: list[Json] = [_sourced(value) for value in values]
    return texts


def _sourced(value: ClaimValue) -> Json:
    if value.source is Source.ISSUER:
        return value.value
    return {"value": value.value, "source": value.source.name.lower()}
