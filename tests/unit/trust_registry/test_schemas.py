"""The published schemas say what the types accept, and no more."""

from pathlib import Path

import jsonschema
import orjson
import pytest
from referencing import Registry, Resource

from resolver.jcs import canonicalise
from resolver.strict_json import Json
from tests.unit.trust_registry.board import framework_document, member, party
from tests.unit.trust_registry.test_acts import PAYLOAD, SCOPE
from trust_registry.acts import parse_act
from trust_registry.documents import template
from trust_registry.errors import ActRefusedError
from trust_registry.schemas import ACTS, names, schema

COMMON = {k: v for k, v in PAYLOAD.items() if k not in ("type", "entity", "scope")}
DIGEST, DID, KEY = "0" * 64, "did:web:a.example", "k" * 43
REASON: dict[str, Json] = {"ground": "Findings"}
STATUS: dict[str, Json] = {"statement": DIGEST, "issued_credentials": "doubt", **REASON}
VOTE: dict[str, Json] = {
    "proposal": DIGEST,
    "framework": DIGEST,
    "base": {"size": 3, "root": DIGEST},
}
POWERS: Json = {"actions": ["issue"], "depth": 2}
MEMBERS: dict[str, dict[str, Json]] = {
    "adopt_framework": {"framework": framework_document()},
    "register_party": {**party("a"), "threshold": 1, "contacts": [DIGEST], "jurisdiction": "CA-BC"},
    "amend_party": {
        "party": DID,
        "add_dids": [DID],
        "remove_dids": [DID],
        "domains": ["a.example"],
        "name": "A",
    },
    "retire_party": {"party": DID, **REASON},
    "declare_control_group": {"dids": [DID], "control_group": "holding", **REASON},
    "rotate_keys": {"party": DID, "add": [KEY], "remove": ["l" * 43]},
    "recover_keys": {"party": DID, "keys": [KEY], **REASON},
    "compromise_key": {"did": DID, "thumbprint": KEY, "from": "2026-01-01T00:00:00Z"},
    "add_anchor": {"entity": DID, "scope": SCOPE, "action": "accredit", "passes_on": POWERS},
    "rescope_anchor": {**STATUS, "scope": SCOPE},
    "remove_anchor": STATUS,
    "authorise": {"entity": DID, "scope": {**SCOPE, "country": {"except": ["CD"]}}},
    "accredit": {"entity": DID, "scope": SCOPE, "passes_on": POWERS},
    "recognise": {"entity": DID, "scope": SCOPE, "valid_until": "2030-01-01T00:00:00Z"},
    "renew": {"statement": DIGEST, **REASON},
    "narrow": {**STATUS, "scope": {**SCOPE, "country": ["CA"]}},
    "correct": {"statement": DIGEST, "valid_from": "2025-01-01T00:00:00Z", **REASON},
    "suspend": {**STATUS, "effective_until": "2027-01-01T00:00:00Z"},
    "withdraw": STATUS,
    "reinstate": {"change": DIGEST, **REASON},
    "exclude": {"entity": DID, **REASON},
    "appeal": {"change": DIGEST, **REASON},
    "decide_appeal": {"appeal": DIGEST, "decision": "upheld", **REASON},
    "approve": VOTE,
    "reject": VOTE,
    "take_back": VOTE,
    "object": {"proposal": DIGEST, **REASON},
    "execute": VOTE,
}


def act(kind: str) -> dict[str, Json]:
    return {**COMMON, **MEMBERS[kind], "type": kind}


def validator(name: str) -> jsonschema.Draft202012Validator:
    resources = [
        (f"/schemas/{each}.json", Resource.from_contents(orjson.loads(schema(each) or b"")))
        for each in names()
    ]
    registry: Registry = Registry().with_resources(resources)
    return jsonschema.Draft202012Validator(orjson.loads(schema(name) or b""), registry=registry)


def test_there_is_an_example_of_every_kind() -> None:
    assert set(MEMBERS) == set(ACTS)


@pytest.mark.parametrize("kind", ACTS)
def test_what_is_read_is_valid_and_what_the_schema_does_not_name_is_neither(kind: str) -> None:
    checks, either = validator(kind), validator("act")
    jsonschema.Draft202012Validator.check_schema(orjson.loads(schema(kind) or b""))
    assert parse_act(canonicalise(act(kind))).type == kind
    checks.validate(act(kind))
    either.validate(act(kind))
    for broken in (
        {**act(kind), "surprise": 1},
        {**act(kind), "nonce": "short"},
        {name: value for name, value in act(kind).items() if name != "expires"},
        *({n: v for n, v in act(kind).items() if n != left_out} for left_out in REASON),
    ):
        if broken != act(kind):
            assert not checks.is_valid(broken)
            with pytest.raises(ActRefusedError):
                parse_act(canonicalise(broken))


@pytest.mark.parametrize("kind", ACTS)
def test_a_list_names_nothing_twice(kind: str) -> None:
    for name, value in act(kind).items():
        if isinstance(value, list) and value and name != "evidence":
            twice = {**act(kind), name: [*value, value[0]]}
            assert not validator(kind).is_valid(twice)
            with pytest.raises(ActRefusedError):
                parse_act(canonicalise(twice))


def test_frameworks_have_a_schema_too() -> None:
    document = template("mine-to-market")
    seats = {"a": "state", "b": "civil-society", "c": "scheme-owner", "d": "industry"}
    document["members"] = [member(name, seat) for name, seat in seats.items()]
    validator("framework").validate(document)
    assert not validator("framework").is_valid({**document, "colour": "red"})
    assert not validator("framework").is_valid({**document, "emergency": "72"})
    assert schema("nothing") is None


def test_every_act_is_in_the_reference() -> None:
    reference = (Path(__file__).parents[3] / "docs/reference/acts.md").read_text("utf-8")
    assert not [kind for kind in ACTS if f"`{kind}`" not in reference]
