import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.asking import Shape, read
from link_resolver.errors import InvalidRequestError
from link_resolver.link_types import GS1
from link_resolver.linkset import Format
from resolver.instant import Instant, parse_instant

NOW = parse_instant("2026-06-01T00:00:00Z")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LINKSET = "application/linkset+json"


def test_a_plain_request_wants_the_default() -> None:
    asked = read("", "", "", NOW)
    assert asked.wanted.link_type is None
    assert not asked.listing
    assert asked.at is None


def test_a_query_says_what_is_wanted() -> None:
    query = "linkType=gs1%3Apip&context=AU&context=NZ&language=de-CH&asOf=2026-05-01T00:00:00Z&x=y"
    asked = read(query, "", "fr", NOW)
    assert asked.wanted.link_type == f"{GS1}pip"
    assert asked.wanted.contexts == ("AU", "NZ")
    assert asked.wanted.languages.wanted == ("de-ch",)
    assert asked.at == parse_instant("2026-05-01T00:00:00Z")


def test_both_delimiters_separate_parameters() -> None:
    assert read("a=b;linkType=dpp;c=d", "", "", NOW).wanted.link_type == "dpp"


@pytest.mark.parametrize(
    ("query", "accept", "listing", "shape"),
    [
        ("linkType=linkset", "", True, Shape.LINKSET),
        ("linkType=all", "*/*", True, Shape.LINKSET),
        ("linkType=linkset", BROWSER, True, Shape.HTML),
        ("linkType=linkset", "image/png", True, Shape.LINKSET),
        ("linkType=linkset", "application/*", True, Shape.LINKSET),
        ("linkType=linkset", "application/ld+json, application/json;q=0.5", True, Shape.JSON_LD),
        ("", BROWSER, False, Shape.HTML),
        ("", LINKSET, True, Shape.LINKSET),
        ("linkType=dpp", LINKSET, True, Shape.LINKSET),
        ("", "application/json", True, Shape.JSON),
        ("linkType=dpp", "application/json", False, Shape.JSON),
        ("linkType=dpp", "application/ld+json", False, Shape.JSON_LD),
        ("", f"{LINKSET};q=0.1, text/plain", False, Shape.LINKSET),
        ("", f"{LINKSET}, text/html", False, Shape.LINKSET),
        ("", f"{LINKSET};q=0", False, Shape.JSON_LD),
    ],
)
def test_what_asks_for_a_list_and_in_which_shape(query, accept, listing, shape) -> None:
    asked = read(query, accept, "", NOW)
    assert asked.listing is listing
    if listing:
        assert asked.shape is shape


def test_a_profile_matters_to_lists_alone() -> None:
    assert read("linkType=linkset&profile=untp", "", "", NOW).profile is Format.UNTP
    by_uri = f'{LINKSET}; profile="{Format.FULL.uri}"'
    assert read("", by_uri, "", NOW).profile is Format.FULL
    assert read("profile=spring-sale", "", "", NOW).profile is None
    with pytest.raises(InvalidRequestError) as error:
        read("linkType=all&profile=spring-sale", "", "", NOW)
    assert error.value.field == "profile"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("linkType=dpp&linkType=dpp", "linkType"),
        ("linkType=%FF", "linkType"),
        ("language=", "language"),
        ("language=en%3Bq%3D0", "language"),
        ("asOf=2026-05-01", "asOf"),
        ("asOf=2026-06-01T00:00:00.001Z", "asOf"),
        ("&".join(["context=x"] * 17), "context"),
        (f"context={'x' * 1001}", "context"),
    ],
)
def test_what_cannot_be_understood_is_named(query: str, field: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        read(query, "", "", NOW)
    assert error.value.field == field


def test_an_offset_with_a_plus_is_read() -> None:
    asked = read("asOf=2026-05-01T02:00:00+02:00", "", "", NOW)
    assert asked.at == parse_instant("2026-05-01T00:00:00Z")


QUERY = st.lists(
    st.tuples(
        st.sampled_from(["linkType", "language", "context", "profile", "asOf", "x", ""]),
        st.text(max_size=12) | st.sampled_from(["%", "%f", "dpp", "linkset", "de", "+"]),
    )
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@given(QUERY | st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_any_request_is_read_or_refused_by_name(query: str, accept: str, language: str) -> None:
    try:
        asked = read(query, accept, language, Instant(0))
    except InvalidRequestError as error:
        refused = error.field
    else:
        assert asked.listing is False or asked.wanted.link_type is None
        return
    assert refused in {"linkType", "language", "context", "profile", "asOf"}


@pytest.mark.parametrize("name", ["gs1:defaultLink", f"{GS1}defaultLinkMulti", "defaultLink"])
def test_who_asks_for_the_default_by_its_type_gets_it(name: str) -> None:
    assert read(f"linkType={name}", "", "", NOW).wanted.link_type is None
