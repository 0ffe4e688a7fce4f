"""Acts and frameworks as documents: closed schemas, canonical bytes, nothing guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.did import Did
from resolver.instant import parse_instant
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from tests.unit.trust_registry.board import framework_document, member
from trust_registry.acts import MAX_PAYLOAD, AdoptFramework, Authorise, act_id, parse_act
from trust_registry.documents import (
    BOARD_ACTS,
    document_digest,
    load_framework,
    read_document,
    state_every_dimension,
    template,
)
from trust_registry.errors import ActRefusedError, InvalidFrameworkError, Refusal

SCOPE: dict[str, Json] = state_every_dimension({"rest": "any"})
PAYLOAD: dict[str, Json] = {
    "type": "authorise",
    "registry": {"origin": "https://registry.test", "genesis": "0" * 64},
    "by": "did:web:irma.example",
    "issued": "2026-01-01T00:00:00Z",
    "expires": "2026-02-01T00:00:00Z",
    "nonce": "sixteen-or-longer",
    "entity": "did:web:auditor.example",
    "scope": SCOPE,
}


def test_an_act_is_read_into_types() -> None:
    act = parse_act(canonicalise(PAYLOAD))
    assert isinstance(act, Authorise)
    assert act.by == Did.parse("did:web:irma.example")
    assert act.issued == parse_instant("2026-01-01T00:00:00Z")
    assert act.scope.allowed == {}
    assert act_id(canonicalise(PAYLOAD)) == act_id(canonicalise(dict(reversed(PAYLOAD.items()))))


@pytest.mark.parametrize(
    ("change", "member_"),
    [
        ({"surprise": 1}, "surprise"),
        ({"type": "bless"}, "type"),
        ({"type": None}, "type"),
        ({"by": "irma"}, "by"),
        ({"by": 7}, "by"),
        ({"issued": "yesterday"}, "issued"),
        ({"issued": 1}, "issued"),
        ({"nonce": "short"}, "nonce"),
        ({"nonce": "a" * 15 + "\n"}, "nonce"),
        ({"registry": {"origin": "x", "genesis": "short"}}, "registry.genesis"),
        ({"registry": {"origin": "x", "more": 1}}, "registry.more"),
        ({"evidence": [{"uri": "x"}]}, "evidence.0.sha256"),
        ({"base": {"size": "1", "root": "0" * 64}}, "base.size"),
        ({"base": {"size": True, "root": "0" * 64}}, "base.size"),
        ({"action": "accredit"}, "action"),
        ({"scope": {"rest": "any"}}, "scope"),
        ({"scope": {**SCOPE, "colour": "any"}}, "scope"),
        ({"scope": {**SCOPE, "country": []}}, "scope"),
        ({"scope": {**SCOPE, "country": ["CA", "CA"]}}, "scope"),
        ({"scope": {**SCOPE, "country": {"but": ["CA"]}}}, "scope"),
        ({"scope": {**SCOPE, "country": [7]}}, "scope"),
        ({"scope": []}, "scope"),
    ],
)
def test_what_the_schema_does_not_say_is_refused_by_name(
    change: dict[str, Json], member_: str
) -> None:
    with pytest.raises(ActRefusedError) as caught:
        parse_act(canonicalise({**PAYLOAD, **change}))
    assert (caught.value.code, caught.value.member) == (Refusal.MALFORMED, member_)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "2026-01-01T00:00:00Z"},
        {"valid_from": "2026-03-01T00:00:00Z", "valid_until": "2026-03-01T00:00:00Z"},
        {"type": "add_anchor", "action": "accredit"},
        {"type": "add_anchor", "action": "issue", "passes_on": {"actions": ["issue"], "depth": 0}},
    ],
)
def test_members_that_contradict_each_other_are_refused(change: dict[str, Json]) -> None:
    with pytest.raises(ActRefusedError) as caught:
        parse_act(canonicalise({**PAYLOAD, **change}))
    assert caught.value.code is Refusal.MALFORMED


def test_only_the_canonical_bytes_are_an_act() -> None:
    canonical = canonicalise(PAYLOAD)
    for other in (b" " + canonical, canonical.replace(b":", b": ", 1), canonical + b"\n"):
        with pytest.raises(ActRefusedError) as caught:
            parse_act(other)
        assert caught.value.code is Refusal.NOT_CANONICAL
    with pytest.raises(ActRefusedError) as caught:
        parse_act(canonicalise({**PAYLOAD, "more": "x" * MAX_PAYLOAD}))
    assert caught.value.code is Refusal.TOO_LARGE


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*PAYLOAD, "x"]), inner, max_size=4)
        ),
        max_leaves=12,
    ).map(canonicalise)
)
def test_nothing_but_a_refusal_comes_of_noise(data: bytes) -> None:
    with pytest.raises(ActRefusedError):
        parse_act(data)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(PAYLOAD)),
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=9) | st.just([]) | st.just({}),
)
def test_no_member_takes_a_value_of_another_kind(name: str, value: Json) -> None:
    with pytest.raises(ActRefusedError):
        parse_act(canonicalise({**PAYLOAD, name: value}))


# Frameworks.


def test_the_template_is_a_framework_once_members_are_seated() -> None:
    document = template("mine-to-market")
    with pytest.raises(InvalidFrameworkError, match="members"):
        load_framework(document)
    document["members"] = [member("a", "state"), member("b", "civil-society")]
    with pytest.raises(InvalidFrameworkError, match="could ever reach"):
        load_framework(document)
    seats = {"a": "state", "b": "civil-society", "c": "scheme-owner", "d": "industry"}
    document["members"] = [member(name, seat) for name, seat in seats.items()]
    framework = load_framework(document)
    assert set(framework.rules) == set(BOARD_ACTS)
    assert framework.vocabulary.achievements["https://responsiblemining.net"][-1] == "IRMA 100"
    assert framework.digest == document_digest(document)
    with pytest.raises(InvalidFrameworkError):
        template("../../pyproject")


def test_a_framework_in_an_act_is_the_framework_of_its_document() -> None:
    document = framework_document()
    members: dict[str, Json] = {"type": "adopt_framework", "framework": document}
    payload = {k: v for k, v in PAYLOAD.items() if k not in ("scope", "entity")} | members
    act = parse_act(canonicalise(payload))
    assert isinstance(act, AdoptFramework)
    assert act.framework.framework(document_digest(document)) == load_framework(document)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"version": 0}, "version"),
        ({"version": "1"}, "version"),
        ({"members": []}, "members"),
        ({"members": [member("a", "state"), member("a", "state")]}, "twice"),
        ({"rules": {}}, "adopt_framework"),
        ({"rules": {"adopt_framework": {"share": "1/1"}, "bless": {"share": "1/2"}}}, "bless"),
        ({"rules": {"adopt_framework": {"share": "3/2"}}}, "share"),
        ({"rules": {"adopt_framework": {"share": 0.5}}}, "share"),
        ({"rules": {"adopt_framework": {"share": "0/1"}}}, "share"),
        ({"emergency": "72"}, "emergency"),
        ({"emergency": 72}, "emergency"),
        ({"model": "onion"}, "model"),
        ({"max_chain": 100}, "max_chain"),
        ({"vocabulary": {"commodities": {"a": "b", "b": "a"}}}, "broader than itself"),
        ({"vocabulary": {"achievements": {"s": ["a", "a"]}}}, "twice"),
        ({"vocabulary": {"sources": {"country": "hearsay"}}}, "hearsay"),
        (
            {
                "reserved": [
                    {"id": "r", "scope": {"country": ["CA"]}, "anchors": ["did:web:a.example"]}
                ]
            },
            "scope",
        ),
    ],
)
def test_a_framework_that_is_not_understood_is_refused(change: dict[str, Json], named: str) -> None:
    with pytest.raises(InvalidFrameworkError, match=named):
        load_framework(framework_document(**change))


def test_yaml_is_read_as_it_is_meant_or_not_at_all() -> None:
    for text in ("- a", "a: [", "!!python/object/apply:os.getcwd []"):
        with pytest.raises(InvalidFrameworkError):
            read_document(text)
    scoped = read_document("reserved: [{id: r, scope: {country: [CA], rest: any}}]")
    reserved = scoped["reserved"]
    assert isinstance(reserved, list)
    assert isinstance(reserved[0], dict)
    assert reserved[0]["scope"] == {**SCOPE, "country": ["CA"]}
