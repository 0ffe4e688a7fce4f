from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError
from resolver.parameters import normalised, parameters_of

DID = "did:example:123"


def read(text: str) -> dict[str, str]:
    return dict(parameters_of(DidUrl.parse(DID + text)))


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        ("?", {}),
        ("?a", {"a": ""}),
        ("?a=b=c", {"a": "b=c"}),
        ("?a=1&b=2", {"a": "1", "b": "2"}),
        ("?a=1&&b=2&", {"a": "1", "b": "2"}),
        ("?a=x+y", {"a": "x+y"}),
        ("?relativeRef=%2Fa%3Fb%3D1%26c", {"relativeRef": "/a?b=1&c"}),
        ("?a=%C3%A9", {"a": "é"}),
    ],
)
def test_parameters_are_read(text: str, parameters: dict[str, str]) -> None:
    assert read(text) == parameters


@pytest.mark.parametrize(
    "text",
    ["?a=1&a=1", "?a&%61", "?=1", "?a=%ff", "?%ff=a", "?" + "&".join(f"a{n}" for n in range(17))],
)
def test_what_has_no_one_meaning_is_refused(text: str) -> None:
    with pytest.raises(InvalidDidUrlError):
        read(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("?b=2&a=1", "?a=1&b=2"),
        ("?a=%7e%41", "?a=~A"),
        ("?a=%2fx", "?a=%2Fx"),
        ("/%41%2f", "/A%2F"),
        ("#%41", "#A"),
        ("?", ""),
    ],
)
def test_equal_urls_are_written_alike(one: str, other: str) -> None:
    assert normalised(DidUrl.parse(DID + one)) == normalised(DidUrl.parse(DID + other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("?a=1%26b=2", "?a=1&b=2"), ("?a=x+y", "?a=x%20y"), ("/%2F", "//"), ("?a=1", "?A=1")],
)
def test_different_urls_are_not(one: str, other: str) -> None:
    assert normalised(DidUrl.parse(DID + one)) != normalised(DidUrl.parse(DID + other))


@given(
    st.dictionaries(st.text("aé&=%+ /", min_size=1, max_size=4), st.text(max_size=6), max_size=4)
)
def test_what_is_encoded_is_read_back(parameters: dict[str, str]) -> None:
    query = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in parameters.items())
    assert read(f"?{query}") == parameters
    again = normalised(DidUrl.parse(f"{DID}?{query}"))
    assert normalised(DidUrl.parse(again)) == again
