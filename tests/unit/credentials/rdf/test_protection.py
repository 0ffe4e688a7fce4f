"""What a signature over a graph leaves open, and that whatever it leaves open is told."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.rdf.canonicalise import canonicalise
from credentials.rdf.dataset import canonical_double, quads_of
from credentials.rdf.errors import InvalidJsonLdError, TooMuchWorkError
from credentials.rdf.jsonld import Expander
from credentials.rdf.protection import protection_of
from credentials.rdf.signed import Protection
from credentials.rdf.terms import Terms
from tests.unit.credentials.rdf.own_contexts import BASE, LOOSE, MORE, RAW

EXPANDER, TERMS = Expander(), Terms()
for url, raw in RAW.items():
    EXPANDER.add(url, raw)


def read(document: dict[str, Any]) -> tuple[tuple[str, ...], Protection]:
    """The graph of a document, and what of the document it protects."""
    expanded = EXPANDER.expand(document)
    protection = protection_of(document, expanded, TERMS)
    return canonicalise(quads_of(expanded.nodes, 10_000)).lines, protection


def of(**members: Any) -> dict[str, Any]:
    return {"@context": [BASE, MORE], "id": "urn:1", **members}


def notes(document: dict[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.pointer: (each.reason, each.terms) for each in read(document)[1].unprotected}


@pytest.mark.parametrize(
    ("one", "other", "pointer", "reason"),
    [
        (of(tags=["a", "b"]), of(tags=["b", "a"]), "/tags", "order"),
        (
            of(part=[{"name": "a", "points": ["x", "x"]}]),
            of(part=[{"name": "a", "points": ["x"]}]),
            "/part/0/points",
            "repetitions",
        ),
        (of(points=[[1, 2], [3, 4]]), of(points=[[4], [3, 2, 1]]), "/points", "nested"),
        (of(tags=[]), of(), "/tags", "empty"),
        (
            of(auditor={"id": "urn:a"}, assessed={"id": "urn:b"}),
            of(auditor={"id": "urn:b"}, assessed={"id": "urn:a"}),
            "/auditor",
            "assessed, auditor mean the same",
        ),
        (of(type="Permit"), of(type="Licence"), "/type", "Licence, Permit mean the same"),
        (of(type="Mine"), of(type="x:Mine"), None, ""),
        (of(unit="kg"), of(unit="x:units#kg"), None, ""),
        (of(part="urn:x"), of(part={"id": "urn:x"}), None, ""),
        (
            of(part=[{"id": "urn:x", "name": "a"}, {"id": "urn:x"}]),
            of(part=[{"id": "urn:x"}, {"id": "urn:x", "name": "a"}]),
            "/part/0",
            "another place",
        ),
    ],
)
def test_what_has_one_graph_is_told(
    one: dict[str, Any], other: dict[str, Any], pointer: str | None, reason: str
) -> None:
    assert read(one)[0] == read(other)[0]
    if pointer is not None:
        assert reason in notes(one)[pointer][0]


def test_the_terms_that_collide_are_named() -> None:
    found = notes(of(auditor={"id": "urn:a"}))
    assert found["/auditor"][1] == ("assessed", "auditor")


@pytest.mark.parametrize(
    ("written", "usual"), [("x:Mine", "Mine"), ("https://terms.example/Mine", "Mine")]
)
def test_another_spelling_is_told_with_the_usual_one(written: str, usual: str) -> None:
    assert notes(of(type=written))["/type"][1] == (usual,)
    readings = read(of(type=written))[1].readings
    assert {each["type"] for each in readings} == {usual}


def test_what_is_protected_is_not_told() -> None:
    document = of(
        type="Mine",
        path=[3, 1, 2],
        data={"b": [2, 1], "a": [[1], [2]]},
        titles={"en": "North", "fr": "Nord"},
        unit="kg",
        rate=1.5,
        tags="one",
        part={"id": "urn:x", "name": "a"},
    )
    assert read(document)[1] == Protection(())
    for change in (
        {"path": [1, 2, 3]},
        {"path": [3, 1, 2, 2]},
        {"data": {"b": [1, 2], "a": [[1], [2]]}},
        {"titles": {"en": "Nord", "fr": "North"}},
        {"unit": "t"},
        {"rate": 1.25},
        {"part": {"id": "urn:x", "name": "b"}},
    ):
        assert read({**document, **change})[0] != read(document)[0]


def test_lists_within_a_list_are_kept() -> None:
    assert notes(of(path=[[1, 2], [3]])) == {}
    assert read(of(path=[[1, 2], [3]]))[0] != read(of(path=[[1], [2, 3]]))[0]


def test_all_that_could_have_been_signed_is_among_the_readings() -> None:
    """For each pair of terms that mean the same, a reading with each; sets in both orders."""
    document = of(auditor={"id": "urn:a"}, tags=["a", "b"])
    readings = read(document)[1].readings
    assert [each.get("auditor") for each in readings] == [None, {"id": "urn:a"}]
    assert [each.get("assessed") for each in readings] == [{"id": "urn:a"}, None]
    assert [each["tags"] for each in readings] == [["a", "b"], ["b", "a"]]
    both = of(auditor={"id": "urn:a"}, assessed={"id": "urn:b"})
    first, second = read(both)[1].readings
    assert first["assessed"] == [{"id": "urn:a"}, {"id": "urn:b"}]
    assert second["auditor"] == [{"id": "urn:b"}, {"id": "urn:a"}]


def test_each_node_is_told_with_all_that_is_said_of_it() -> None:
    document = of(
        part=[{"id": "urn:x", "name": "a", "part": {"id": "urn:x"}}, {"id": "urn:x", "tags": "t"}]
    )
    reading = read(document)[1].readings[0]
    whole = {"id": "urn:x", "name": "a", "part": {"id": "urn:x"}, "tags": "t"}
    assert reading["part"] == [whole, whole]


def test_readings_of_one_graph_are_the_same() -> None:
    one = of(part=[{"id": "urn:x", "name": "a"}, {"id": "urn:y", "tags": ["b", "a"]}])
    other = of(part=[{"id": "urn:y", "tags": ["a", "b"]}, {"id": "urn:x", "name": "a"}])
    assert read(one)[1].readings == read(other)[1].readings


def test_nodes_within_each_other_do_not_grow_without_end() -> None:
    """Each of n nodes holds all others: their readings would have n! objects."""
    names = [f"urn:{n}" for n in range(9)]
    document = of(
        part=[{"id": a, "part": [{"id": b, "tags": a} for b in names if b != a]} for a in names]
    )
    with pytest.raises(TooMuchWorkError, match="objects within each other"):
        read(document)


def test_a_vocabulary_names_what_no_context_defines() -> None:
    loose = {"@context": [BASE, LOOSE], "id": "urn:1", "anything": "x", "type": "Anything"}
    assert read(loose)[1] == Protection(())
    assert "<https://loose.example/anything>" in "".join(read(loose)[0])
    with pytest.raises(InvalidJsonLdError, match="by a term"):
        read({**loose, "https://loose.example/other": "y"})


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.5, "1.5E0"), (100.25, "1.0025E2"), (1e-7, "1.0E-7"), (-0.5, "-5.0E-1"), (1e300, "1.0E300")],
)
def test_numbers_are_written_canonically(value: float, written: str) -> None:
    assert canonical_double(value) == written
    assert f'"{written}"^^<http://www.w3.org/2001/XMLSchema#double>' in "".join(
        read(of(points=value))[0]
    )


def test_whole_numbers_are_integers_however_they_are_written() -> None:
    integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    for value in (5, 5.0):
        assert f'"5"{integer}' in "".join(read(of(points=value))[0])
    assert '"5.0E0"^^' in "".join(read(of(rate=5))[0])
    assert '"1.0E21"^^' in "".join(read(of(points=10**21))[0])


LEAVES = st.sampled_from(["a", "b", 1, 2, True, 1.5])
NODES = st.recursive(
    st.fixed_dictionaries({}, optional={"tags": LEAVES, "unit": st.sampled_from(["kg", "t"])}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "name": LEAVES,
            "tags": st.lists(LEAVES, max_size=3),
            "path": st.lists(LEAVES, max_size=3),
            "points": st.lists(st.lists(LEAVES, max_size=2), max_size=2),
            "part": st.one_of(inner, st.lists(inner, max_size=3)),
            "auditor": inner,
            "assessed": inner,
        },
    ),
    max_leaves=6,
)


def changes(value: Any, top: bool = True) -> Iterator[Any]:
    """The document with one array turned round, one member left out, or two exchanged."""
    if isinstance(value, list):
        if value != value[::-1]:
            yield value[::-1]
        for n, each in enumerate(value):
            yield value[:n] + value[n + 1 :]
            for other in changes(each, False):
                yield [*value[:n], other, *value[n + 1 :]]
    elif isinstance(value, dict):
        if "auditor" in value or "assessed" in value:
            swap = {"auditor": "assessed", "assessed": "auditor"}
            yield {swap.get(name, name): each for name, each in value.items()}
        for name, each in value.items():
            if name != "@context":
                if not (top and name == "id"):
                    yield {other: value[other] for other in value if other != name}
                for other in changes(each, False):
                    yield {**value, name: other}


@settings(max_examples=60, deadline=None)
@given(NODES)
def test_whatever_changes_without_changing_the_graph_has_the_same_readings(node: Any) -> None:
    """So that what all readings of a document say alike is the same for all of them."""
    document = of(**{**copy.deepcopy(node), "id": "urn:1"})
    try:
        graph, protection = read(document)
    except (InvalidJsonLdError, TooMuchWorkError):
        return
    for changed in changes(document):
        try:
            other, found = read(changed)
        except (InvalidJsonLdError, TooMuchWorkError):
            continue
        if other == graph and changed != document:
            assert protection.unprotected or found.unprotected
            if protection.readings and found.readings:
                assert protection.readings == found.readings
