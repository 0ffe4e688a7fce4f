from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.claims import Dimension, Source
from policies.decision import Outcome, Reason
from policies.errors import PolicyError
from policies.statements import Action
from resolver.errors import ResolverError
from resolver.instant import Instant, format_instant
from resolver.strict_json import Json
from touchstone.service.errors import RequestError
from touchstone.service.problems import problem_of
from touchstone.service.questions import question_of_json, question_of_query
from touchstone.service.sentences import _SENTENCES

DID = "did:web:irma.example"


def test_a_query_becomes_typed_values() -> None:
    asked = question_of_query(
        f"issuer={DID}&action=anchor&commodity=hs%3A2603&commodity=hs:2605&country=cd"
        "&at=2026-03-01T01:00:00%2B01:00&authority=did:web:a.example&authority=urn:f",
        10,
    )
    assert (asked.issuer.text, asked.action) == (DID, Action.ANCHOR)
    assert format_instant(asked.at or Instant(0)) == "2026-03-01T00:00:00Z"
    assert asked.authorities == ("did:web:a.example", "urn:f")
    values = [claim.values[Dimension.COMMODITY].value for claim in asked.claims]
    assert values == ["hs:2603", "hs:2605"]
    assert {claim.values[Dimension.COUNTRY].value for claim in asked.claims} == {"CD"}


def test_a_source_is_kept() -> None:
    body: Json = {"issuer": DID, "claim": {"country": {"value": "CD", "source": "register"}}}
    asked = question_of_json(body, 10)
    assert asked.claims[0].values[Dimension.COUNTRY].source is Source.REGISTER


def test_a_plus_in_a_query_is_a_space_and_so_no_offset() -> None:
    with pytest.raises(RequestError, match="RFC 3339"):
        question_of_query(f"issuer={DID}&at=2026-03-01T01:00:00+01:00", 10)


def is_4xx_if_refused(ask: Callable[[], object]) -> None:
    refusal: Exception | None = None
    try:
        ask()
    except (RequestError, ResolverError, PolicyError) as error:
        refusal = error
    if refusal is not None:
        response = problem_of(refusal)
        assert response is not None
        assert 400 <= response.status < 500


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
members = st.sampled_from(
    ["issuer", "action", "claim", "at", "known_at", "authorities", "key", "x"]
)


@given(st.dictionaries(members, json_values | st.just(DID), max_size=5) | json_values)
@settings(max_examples=150, deadline=None)
def test_any_json_is_a_question_or_a_problem_with_a_4xx(body: Json) -> None:
    is_4xx_if_refused(lambda: question_of_json(body, 10))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["issuer", "at", "commodity", "country", "authority", "x", ""]),
            st.text(max_size=12) | st.just(DID),
        ),
        max_size=5,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_query_is_a_question_or_a_problem_with_a_4xx(pairs: list[tuple[str, str]]) -> None:
    raw = urlencode(pairs, errors="surrogatepass")
    is_4xx_if_refused(lambda: question_of_query(raw, 10))


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_raw_query_is_a_question_or_a_problem(raw: str) -> None:
    is_4xx_if_refused(lambda: question_of_query(raw, 10))


def test_every_reason_has_its_sentence() -> None:
    assert set(_SENTENCES) == set(Reason)
    for reason, text in _SENTENCES.items():
        said = text.format(issuer="A", authority="B", holder="C", moment="then", gaps="g")
        assert said.endswith("."), reason
        assert "{" not in said


def test_codes_are_written_by_the_outcomes_own_numbers() -> None:
    assert [outcome.code for outcome in sorted(Outcome)] == [
        "not_authorised",
        "undetermined",
        "authorised",
    ]
