"""Cedar as a third oracle, on the part of the rules that it can express.

One policy, over entities generated from the registry: a grant is a resource, and the issuer may
issue under it where its scope holds the claim. Taxonomies are Cedar's own hierarchy. What Cedar
does not know are doubt, chains, and change: the fragment is direct grants by the framework, and
only "authorised" is compared with "allow".
"""

import json
from dataclasses import replace
from itertools import pairwise

import cedarpy
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Basis, Outcome, Question
from policies.framework import Framework, ValidityModel
from policies.scope import Scope
from policies.statements import Action, Kind, Party, PartyId, Statement, StatementId
from resolver.did import Did
from resolver.instant import END, Instant
from tests.unit.policies.registries import (
    CLAIMED,
    NARROW,
    NARROWER,
    OFTEN,
    ROOT,
    UNRECORDED,
    VALID,
    VALUES,
    VOCABULARY,
    Tape,
    index_of,
    recorded,
)

WORDS = [dimension.value for dimension in VALUES if dimension is not Dimension.ACHIEVEMENT]
PARENTS = {
    "copper-concentrate": "copper",
    "hs:2603": "hs:26",
    "hs:2605": "hs:26",
    "CA-BC": "CA",
    "CA-ON": "CA",
    "water": "environment",
    "tailings": "water",
    "irma:1.0": "irma",
}
LEVELS = ("irma-50", "irma-75", "irma-100")


def _dimension_rule(word: str) -> str:
    """A grant is open here, or names the value, or names others and none below the value."""
    claimed = f"context.{word}"
    return (
        f"(!(resource has {word}_in) || (context has {word} && {claimed} in resource.{word}_in))"
        f" && (!(resource has {word}_but) || (context has {word}"
        f" && !({claimed} in resource.{word}_but)"
        f" && !(resource.{word}_mark in {claimed})))"
    )


POLICY = (
    'permit(principal, action == Action::"issue", resource is Grant) when {'
    " resource.entity == principal"
    " && resource.valid_from <= context.at && context.at < resource.valid_until && "
    + " && ".join(_dimension_rule(word) for word in [*WORDS, "achievement"])
    + "};"
)


def uid(kind: str, name: str) -> dict[str, object]:
    return {"__entity": {"type": kind, "id": name}}


def entity(kind: str, name: str, attributes: dict[str, object], *parents: str) -> dict[str, object]:
    of = [{"type": "Value", "id": parent} for parent in parents]
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": of}


def values() -> list[dict[str, object]]:
    """Every value, below the next broader one; a level of IRMA below the next higher one."""
    names = {name for each in CLAIMED.values() for name in each}
    above = PARENTS | dict(pairwise(LEVELS))
    return [entity("Value", n, {}, *([above[n]] if n in above else [])) for n in sorted(names)]


def grant(statement: Statement) -> list[dict[str, object]]:
    """A grant, and for each "all but" a mark below all the values that it leaves out.

    The mark lies in a claimed value exactly where that value is broader than one left out.
    """
    attributes: dict[str, object] = {
        "entity": uid("Party", statement.entity),
        "valid_from": statement.valid_from,
        "valid_until": statement.valid_until,
    }
    marks = []
    for dimension, allowed in statement.scope.allowed.items():
        how = "but" if allowed.all_but else "in"
        attributes[f"{dimension}_{how}"] = [uid("Value", v) for v in sorted(allowed.values)]
        if allowed.all_but:
            mark = f"{statement.id} {dimension}"
            # A higher level holds the lower ones, yet a claim of it says enough: no mark there.
            below = () if dimension is Dimension.ACHIEVEMENT else sorted(allowed.values)
            attributes[f"{dimension}_mark"] = uid("Value", mark)
            marks.append(entity("Value", mark, {}, *below))
    return [entity("Grant", statement.id, attributes), *marks]


def cedar_allows(statements: list[Statement], question: Question, issuer: PartyId) -> bool:
    """Whether Cedar allows the issuer to issue under any one grant."""
    context: dict[str, object] = {"at": question.at}
    for dimension, value in question.claim.values.items():
        context[dimension.value] = uid("Value", value.value)
    entities = values() + [part for statement in statements for part in grant(statement)]
    requests = [
        {
            "principal": {"type": "Party", "id": issuer},
            "action": {"type": "Action", "id": "issue"},
            "resource": {"type": "Grant", "id": statement.id},
            "context": context,
        }
        for statement in statements
    ]
    results = cedarpy.is_authorized_batch(requests, POLICY, json.dumps(entities))
    assert not [error for result in results for error in result.diagnostics.errors]
    return any(result.allowed for result in results)


FRAMEWORK = Framework(
    id=ROOT,
    version=1,
    name="Direct grants",
    digest="0" * 64,
    members=(),
    rules={},
    recorded=UNRECORDED,
    vocabulary=VOCABULARY,
    model=ValidityModel.SHELL,
)
PARTIES = [
    Party(
        PartyId(f"party-{n}"), f"Party {n}", (Did.parse(f"did:web:p{n}.example"),), "", UNRECORDED
    )
    for n in range(3)
]


def _grant(tape: Tape, number: int) -> Statement:
    begins, ends = tape.pick(VALID)
    return Statement(
        id=StatementId(f"statement-{number}"),
        kind=Kind.AUTHORISATION,
        authority=ROOT,
        entity=tape.pick(PARTIES).id,
        action=Action.ISSUE,
        scope=tape.pick([Scope(), *NARROW, *NARROW, *NARROWER]),
        valid_from=Instant(begins),
        valid_until=Instant(ends),
        recorded=UNRECORDED,
    )


def _claim(tape: Tape) -> Claim:
    """Levels of IRMA are claimed for IRMA: Cedar's hierarchy does not depend on the scheme."""
    claim = dict(tape.claim().values)
    if Dimension.ACHIEVEMENT in claim:
        claim[Dimension.SCHEME] = ClaimValue("irma:1.0", within=("irma",))
    return Claim(claim)


def _case(data: bytes) -> tuple[list[Statement], Question, PartyId]:
    tape = Tape(data)
    statements = [_grant(tape, n) for n in range(1 + tape.below(6))]
    party, at = tape.pick(PARTIES), tape.moment()
    question = Question(
        issuer=party.dids[0], claim=_claim(tape), at=at, now=at, known=99, basis=Basis.ASKED
    )
    return statements, question, party.id


@OFTEN
@given(st.binary(min_size=100, max_size=100).map(_case))
def test_cedar_allows_exactly_what_is_authorised(
    case: tuple[list[Statement], Question, PartyId],
) -> None:
    statements, question, issuer = case
    journal = [FRAMEWORK, *PARTIES, *statements]
    index = index_of([recorded(entry, n, 0) for n, entry in enumerate(journal)])
    decision = decide(question, index)
    event(decision.outcome.code)
    assert (decision.outcome is Outcome.AUTHORISED) is cedar_allows(statements, question, issuer)


@pytest.mark.parametrize(
    ("commodity", "allowed"),
    [("copper", True), ("copper-concentrate", True), ("cobalt", False), (None, False)],
)
def test_cedar_answers_at_all(commodity: str | None, allowed: bool) -> None:
    """The oracle says both yes and no, so that agreeing with it means something."""
    copper = next(
        scope
        for scope in NARROW
        if (only := scope.allowed.get(Dimension.COMMODITY))
        and only.values == {"copper"}
        and not only.all_but
    )
    statement = replace(_grant(Tape(b""), 0), scope=copper, valid_from=Instant(0), valid_until=END)
    stated = {} if commodity is None else {Dimension.COMMODITY: ClaimValue(commodity)}
    question = Question(PARTIES[0].dids[0], Claim(stated), at=Instant(5), now=Instant(5), known=99)
    assert cedar_allows([statement], question, PARTIES[0].id) is allowed
