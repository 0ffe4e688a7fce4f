"""Narrowing: what is said to lie within a scope never covers more than it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.claims import Claim, ClaimValue, Dimension
from policies.narrowing import lies_within
from policies.scope import Allowed, Coverage, Scope, Vocabulary

VOCABULARY = Vocabulary(
    commodities={"cathode": "copper", "ore": "copper", "copper": "metal"},
    achievements={"irma": ("50", "75", "100")},
)
VALUES = {
    Dimension.COUNTRY: ("CA", "CA-BC", "CA-ON", "CD"),
    Dimension.COMMODITY: ("cathode", "ore", "copper", "metal", "hs:26", "hs:2603"),
    Dimension.SCHEME: ("irma", "mark", "irma-v1"),
    Dimension.ACHIEVEMENT: ("50", "75", "100"),
}

scopes = st.fixed_dictionaries(
    {},
    optional={
        dimension: st.builds(
            Allowed, st.frozensets(st.sampled_from(values), min_size=1, max_size=3), st.booleans()
        )
        for dimension, values in VALUES.items()
    },
).map(Scope)
claims = st.fixed_dictionaries(
    {},
    optional={
        dimension: st.builds(
            ClaimValue,
            st.sampled_from(values),
            within=st.lists(st.sampled_from(values), max_size=2).map(tuple)
            if dimension is Dimension.SCHEME
            else st.just(()),
        )
        for dimension, values in VALUES.items()
    },
).map(Claim)


@settings(max_examples=400, deadline=None)
@given(scopes, scopes, claims)
def test_what_lies_within_covers_nothing_that_the_wider_one_does_not(
    inner: Scope, outer: Scope, claim: Claim
) -> None:
    prepared = VOCABULARY.prepare(claim)
    if (
        lies_within(inner, outer, VOCABULARY)
        and inner.compile(VOCABULARY).covers(prepared) is Coverage.YES
    ):
        assert outer.compile(VOCABULARY).covers(prepared) is Coverage.YES


@settings(max_examples=50, deadline=None)
@given(scopes)
def test_every_scope_lies_within_itself_and_within_the_widest(scope: Scope) -> None:
    assert lies_within(scope, scope, VOCABULARY)
    assert lies_within(scope, Scope(), VOCABULARY)


def of(country: Allowed) -> Scope:
    return Scope({Dimension.COUNTRY: country})


def test_parts_lie_within_the_whole_and_not_the_other_way_round() -> None:
    canada, province = of(Allowed(frozenset({"CA"}))), of(Allowed(frozenset({"CA-BC"})))
    elsewhere = of(Allowed(frozenset({"CA"}), all_but=True))
    assert lies_within(province, canada, VOCABULARY)
    assert not lies_within(canada, province, VOCABULARY)
    assert not lies_within(Scope(), canada, VOCABULARY)
    assert not lies_within(province, elsewhere, VOCABULARY)
    assert lies_within(of(Allowed(frozenset({"CD"}))), elsewhere, VOCABULARY)
