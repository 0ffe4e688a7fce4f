import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import NotCanonicalisableError
from resolver.jcs import canonicalise
from resolver.strict_json import Json, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=200)
def test_the_fast_path_writes_what_the_reference_writes(value: Json) -> None:
    assert canonicalise(value) == rfc8785.dumps(value)


# A float beyond 2^53 is written without a point, and is then an integer that JSON readers disagree on.
WITHOUT_LARGE_FLOATS = st.recursive(
    st.booleans() | st.integers(-99, 99) | st.floats(-(2.0**52), 2.0**52) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=12,
)


@given(WITHOUT_LARGE_FLOATS)
@settings(max_examples=100)
def test_canonical_bytes_are_a_fixed_point(value: Json) -> None:
    once = canonicalise(value)
    assert canonicalise(parse_json(once)) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-0.0, b"0"),
        (1e21, b"1e+21"),
        (1e-7, b"1e-7"),
        (333333333.33333329, b"333333333.3333333"),
        ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),
        ('\u0000\u001f\u007f\b\t\n\f\r"\\/', b'"\\u0000\\u001f\x7f\\b\\t\\n\\f\\r\\"\\\\/"'),
    ],
)
def test_known_forms(value: Json, expected: bytes) -> None:
    assert canonicalise(value) == expected


def test_members_are_ordered_by_utf_16_code_units() -> None:
    value: Json = {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3}  # U+1F600 sorts before U+FB33
    assert list(parse_json(canonicalise(value))) == ["\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        b"x",
        object(),
        {"a": {1, 2}},
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(NotCanonicalisableError):
        canonicalise(value)


def test_nesting_too_deep_to_walk_is_refused() -> None:
    value: Json = 1
    for _ in range(5000):
        value = [value]
    with pytest.raises(NotCanonicalisableError):
        canonicalise(value)
