import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import InvalidDidUrlError
from resolver.references import is_uri, join, with_fragment

BASE = "https://example.com/messages/8377464"


@pytest.mark.parametrize(
    ("endpoint", "reference", "joined"),
    [
        (BASE, "/some/path?query", f"{BASE}/some/path?query"),  # the specification's own example
        (BASE, "some/path", f"{BASE}/some/path"),
        (f"{BASE}/", "a", f"{BASE}/a"),
        ("https://example.com", "/a", "https://example.com/a"),
        ("https://example.com?q=1", "/a", "https://example.com/a"),
        (BASE, "", BASE),
        (f"{BASE}?q=1#f", "", f"{BASE}?q=1"),
        (BASE, "?version=2", f"{BASE}?version=2"),
        (BASE, "#intro", f"{BASE}#intro"),
        (BASE, "a/./b/../c", f"{BASE}/a/c"),
        (BASE, "a/..", f"{BASE}/"),
        (BASE, "a/.", f"{BASE}/a/"),
        (BASE, "résumé 1.pdf", f"{BASE}/r%C3%A9sum%C3%A9%201.pdf"),
        (BASE, "a%20b", f"{BASE}/a%20b"),
        (BASE, "100%", f"{BASE}/100%25"),
        (BASE, "a?b=../../x", f"{BASE}/a?b=../../x"),
        (BASE, "...", f"{BASE}/..."),
    ],
)
def test_references_stay_below_the_endpoint(endpoint: str, reference: str, joined: str) -> None:
    assert join(endpoint, reference) == joined


@pytest.mark.parametrize(
    "reference",
    [
        "..",
        "../x",
        "/../x",
        "a/../../x",
        "%2E%2E/x",
        "%2e%2e%2fx",
        ".%2E/x",
        "%2E./x",
        "%252E%252E%252Fx",
        "%25252525252e%25252525252e/x",
        "%2525252525252525252525252e/x",
        "a%2f..%2f..%2fx",
        "..\\x",
        "..%5cx",
        "a%255c..",
        "..;/x",
        "..;v=1/x",
        "a/..;/../x",
        "%00",
        "a%0d%0aSet-Cookie:x",
        "a\r\nb",
        "\t/x",
        "//evil.example/x",
        "https://evil.example/x",
        "javascript:alert(1)",
        "a#b#c",
        "a/%2e%2e/%2e%2e/x",
    ],
)
def test_references_that_leave_are_refused(reference: str) -> None:
    with pytest.raises(InvalidDidUrlError):
        join(BASE, reference)


@pytest.mark.parametrize("endpoint", ["mailto:a@b.example", "did:web:a.example", "urn:a:b"])
def test_only_endpoints_with_paths_have_anything_below(endpoint: str) -> None:
    with pytest.raises(InvalidDidUrlError):
        join(endpoint, "a")


@given(
    st.lists(
        st.sampled_from(
            [
                "..",
                ".",
                "%2e",
                "%2E%2e",
                "%252e",
                "/",
                "%2f",
                "%252F",
                "\\",
                "%5c",
                "a",
                ";",
                "?",
                "#",
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_nothing_leaves_however_it_is_written(reference: str) -> None:
    try:
        joined = join(BASE, reference)
    except InvalidDidUrlError:
        return
    parts = urlsplit(joined)
    assert (parts.scheme, parts.netloc) == ("https", "example.com")
    path = parts.path
    for _ in range(4):
        segments: list[str] = []
        for segment in re.split(r"[/\\]", path):
            segments = segments[:-1] if segment == ".." else [*segments, segment]
        assert "/".join(segments).replace("./", "").startswith("/messages/8377464")
        path = unquote(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "/a",
        "https:",
        "https://a b",
        "https://a/\r\n",
        "https://é",
        "https://a#b#c",
        "1:a",
        "https://a/%zz",
    ],
)
def test_what_is_no_uri_is_told_apart(text: str) -> None:
    assert not is_uri(text) or text == "https:"


def test_uris_inherit_one_fragment() -> None:
    assert is_uri(BASE)
    assert with_fragment(BASE, None) == BASE
    assert with_fragment(BASE, "a") == f"{BASE}#a"
    with pytest.raises(InvalidDidUrlError):
        with_fragment(f"{BASE}#b", "a")
