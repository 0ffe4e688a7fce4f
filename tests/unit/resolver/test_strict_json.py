import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=150)
def test_whatever_json_says_is_read(value: Json) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{'a':1}",
        "[1,]",
        "01",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        '"\\ud800"',
        '"\ud800"',
        '"\\udc00\\ud800"',
        '{"\\ud800":1}',
        "\ufeff{}",
        "{} {}",
        '"a\nb"',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"\xfe\xff\x00{\x00}",
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":1}',
        '{"a":{"b":1,"b":1}}',
        '[{"x":[{"a":1 , "a" : 2}]}]',
        '{"\\"":1,"\\"":2}',
        '{"a:":1,"a:":2}',
    ],
)
def test_what_readers_could_read_differently_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidJsonError):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    ['{"a":":","b":"\\":"}', '{"a":"\\\\","b":"x"}', '["a:","b:"]', '{"a" :\n1}', '"a:"', '[":" ]'],
)
def test_colons_and_escapes_in_strings_are_no_members(text: str) -> None:
    assert parse_json(text) == json.loads(text)


def test_depth_is_limited_and_never_exhausts_the_stack() -> None:
    assert parse_json("[" * 64 + "]" * 64)
    for depth in (65, 900, 100_000):
        with pytest.raises(InvalidJsonError):
            parse_json("[" * depth + "]" * depth)
        with pytest.raises(InvalidJsonError):
            parse_json('{"a":' * depth + "1" + "}" * depth)


def test_size_is_counted_in_bytes() -> None:
    assert parse_json('"é"', max_bytes=4) == "é"
    with pytest.raises(InvalidJsonError):
        parse_json('"éé"', max_bytes=4)
    with pytest.raises(InvalidJsonError):
        parse_json(" " * 1_000_001)


@pytest.mark.parametrize("inner", ["", "1", '"a":1', '"a":[]', "[]", "{}", '"    "'])
@pytest.mark.parametrize("spaced", [False, True])
def test_depth_is_counted_alike_however_it_is_written(inner: str, spaced: bool) -> None:
    """What is written compactly is looked at in another way; both have to agree."""
    left, right = ("{", "}") if inner.startswith('"a"') else ("[", "]")
    own = 1 + (inner in {'"a":[]', "[]", "{}"})
    for depth in (3, 4, 5):
        text = "[" * (depth - own) + left + inner + right + "]" * (depth - own)
        text = text.replace(",", ", ") + (" " if spaced else "")
        if depth <= 4:
            assert parse_json(text, max_depth=4) == json.loads(text)
        else:
            with pytest.raises(InvalidJsonError, match="deeper than 4"):
                parse_json(text, max_depth=4)
