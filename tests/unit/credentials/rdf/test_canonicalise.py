"""RDF canonicalisation, by the W3C's own tests and by its laws."""

import csv
import random
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS, GraphLimits, canonicalise
from credentials.rdf.errors import TooMuchWorkError
from credentials.rdf.quads import Quad, iri, literal
from tests.unit.credentials.rdf.nquads import parse_nquads

P = "<urn:p>"


def read(path: Path) -> str:
    """The text as it is: carriage returns are part of it."""
    return path.read_bytes().decode()


def test_the_conformance_tests(vectors: Path) -> None:
    folder = vectors / "vc" / "rdf-canon"
    seen = 0
    for row in csv.DictReader((folder / "manifest.csv").read_text().splitlines()):
        source, expected = folder / f"{row['test']}-in.nq", folder / f"{row['test']}-rdfc10.nq"
        if not expected.is_file():  # a negative test, or one that is not at hand
            continue
        seen += 1
        algorithm = "sha384" if row["hashAlgorithm"] == "SHA384" else "sha256"
        found = canonicalise(parse_nquads(read(source)), algorithm)
        assert "".join(found.lines) == read(expected), row
        labels = folder / f"{row['test']}-rdfc10map.json"
        if labels.is_file():
            bare = {name[2:]: label[2:] for name, label in found.labels.items()}
            assert bare == orjson.loads(labels.read_bytes()), row
    assert seen >= 44


def test_the_poison_graph_is_stopped(vectors: Path) -> None:
    quads = parse_nquads(read(vectors / "vc" / "rdf-canon" / "test074-in.nq"))
    began = time.process_time()
    with pytest.raises(TooMuchWorkError, match="2000 steps"):
        canonicalise(quads)
    assert time.process_time() - began < 1


def test_neighbours_in_every_order_count_as_work() -> None:
    """A star whose rays look alike has factorially many orders, with few nodes to hash."""
    rays = [("_:hub", P, f"_:ray{n}", "") for n in range(12)]
    rays += [("_:hub2", P, f"_:ray{n}", "") for n in range(12)]
    with pytest.raises(TooMuchWorkError, match="steps"):
        canonicalise(rays)


def test_limits_are_named() -> None:
    quads = [(f"_:n{n}", P, f'"{n}"', "") for n in range(10)]
    with pytest.raises(TooMuchWorkError, match="more than 9 quads"):
        canonicalise(quads, limits=GraphLimits(max_quads=9))
    with pytest.raises(TooMuchWorkError, match="more than 9 blank nodes"):
        canonicalise(quads, limits=GraphLimits(max_blank_nodes=9))
    assert len(canonicalise(quads, limits=GraphLimits(10, 10, 0)).lines) == 10


def test_literals_are_escaped_once_and_for_all() -> None:
    assert literal('a\tb\n"\\\x00\x7fé') == r'"a\tb\n\"\\\u0000\u007Fé"'
    assert literal("x", language="en") == '"x"@en'
    assert literal("1", "urn:int") == '"1"^^<urn:int>'


NODES = st.sampled_from([f"_:n{n}" for n in range(5)])
TERMS = st.one_of(NODES, st.sampled_from([iri("urn:a"), iri("urn:b")]))
OBJECTS = st.one_of(TERMS, st.sampled_from([literal("x"), literal("x", language="en")]))
QUADS = st.tuples(TERMS, st.sampled_from([P, "<urn:q>"]), OBJECTS, st.sampled_from(["", "_:n0"]))


@given(st.lists(QUADS, max_size=12), st.randoms(use_true_random=False))
def test_neither_names_nor_order_matter(quads: list[Quad], rng: random.Random) -> None:
    names = [f"_:x{n}" for n in range(5)]
    rng.shuffle(names)
    new = {f"_:n{n}": names[n] for n in range(5)}
    renamed = [(new.get(s, s), p, new.get(o, o), new.get(g, g)) for s, p, o, g in quads]
    rng.shuffle(renamed)
    assert canonicalise(quads).lines == canonicalise(renamed).lines


def test_the_default_limits_leave_room() -> None:
    assert DEFAULT_GRAPH_LIMITS.max_steps > 2 * 684  # the hardest conformance test
