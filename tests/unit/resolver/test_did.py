import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.did import MAX_DID_BYTES, Did, DidUrl
from resolver.errors import InvalidDidError, InvalidDidUrlError

METHODS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
IDS = st.from_regex(
    r"([A-Za-z0-9._-]{0,4}:){0,3}([A-Za-z0-9._-]|%[0-9A-Fa-f]{2}){1,12}", fullmatch=True
)
DIDS = st.builds("did:{}:{}".format, METHODS, IDS)
PATHS = st.from_regex(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]{0,6}){0,3}", fullmatch=True)
QUERIES = st.none() | st.from_regex(r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]{0,12}", fullmatch=True)


@given(DIDS)
@settings(max_examples=100)
def test_a_did_reads_as_it_is_written(text: str) -> None:
    did = Did.parse(text)
    assert str(did) == text == f"did:{did.method}:{did.specific_id}"


@given(DIDS, PATHS, QUERIES, QUERIES)
@settings(max_examples=100)
def test_a_did_url_comes_back_in_its_parts(
    did: str, path: str, query: str | None, fragment: str | None
) -> None:
    url = DidUrl(Did.parse(did), path, query, fragment)
    assert DidUrl.parse(str(url)) == url


@given(st.text(max_size=40))
@settings(max_examples=150)
def test_any_text_is_a_did_or_refused(text: str) -> None:
    try:
        did = Did.parse(text)
    except InvalidDidError:
        return
    assert did.text == text
    assert text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did",
        "did:",
        "did:example",
        "did:example:",
        "did:example:a:",
        "did::a",
        "did:Example:a",
        "DID:example:a",
        "did:example:a%zz",
        "did:example:a%2",
        "did:example:a b",
        "did:example:a\n",
        " did:example:a",
        "did:example:a#b",
        "did:example:a?b",
        "did:example:a/b",
        "did:example:ø",
        "did:exämple:a",
        "did:example:a\x00",
        "did:example:" + "a" * MAX_DID_BYTES,
    ],
)
def test_what_is_no_did_is_refused(text: str) -> None:
    with pytest.raises(InvalidDidError):
        Did.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#key-1",
        "did:example#a",
        "did:example:a#b#c",
        "did:example:a# ",
        "did:example:a/\\",
        "did:a:b?é",
    ],
)
def test_what_is_no_did_url_is_refused(text: str) -> None:
    with pytest.raises(InvalidDidUrlError):
        DidUrl.parse(text)


def test_an_empty_query_or_fragment_is_not_an_absent_one() -> None:
    assert DidUrl.parse("did:example:a?#") == DidUrl(Did.parse("did:example:a"), "", "", "")
    assert DidUrl.parse("did:example:a") == DidUrl(Did.parse("did:example:a"))
    assert DidUrl.parse("did:example:a?#") != DidUrl.parse("did:example:a")
