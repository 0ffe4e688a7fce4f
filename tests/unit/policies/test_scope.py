"""What a scope covers: one table a dimension, read as "a scope of X meets a claim of Y"."""

import pytest

from policies.claims import DIMENSIONS, Claim, ClaimValue, Dimension, Source, split
from policies.errors import InvalidScopeError, TooManyClaimsError
from policies.scope import Allowed, Coverage, Gap, Scope, Vocabulary, scope_of, written_scope

YES, SILENT, NO = Coverage.YES, Coverage.SILENT, Coverage.NO
IRMA, IRMA_1, COPPER_MARK = "https://irma.example", "https://irma.example/1.0", "https://cm.example"
VOCABULARY = Vocabulary(
    commodities={
        "copper-cathode": "copper",
        "copper-concentrate": "copper",
        "copper": "base-metals",
        "zinc": "base-metals",
        "loop-a": "loop-b",
        "loop-b": "loop-a",
    },
    topics={"tailings": "water", "water": "environment", "wages": "labour"},
    achievements={
        IRMA: ("IRMA Transparency", "IRMA 50", "IRMA 75", "IRMA 100"),
        COPPER_MARK: ("committed", "awarded"),
    },
)


def only(*values: str) -> Allowed:
    return Allowed(frozenset(values))


def all_but(*values: str) -> Allowed:
    return Allowed(frozenset(values), all_but=True)


def claim(**stated: str | ClaimValue) -> Claim:
    return Claim(
        {
            Dimension(name): value if isinstance(value, ClaimValue) else ClaimValue(value)
            for name, value in stated.items()
        }
    )


def meets(
    allowed: dict[Dimension, Allowed], asked: Claim, vocabulary: Vocabulary = VOCABULARY
) -> Coverage:
    return Scope(allowed).compile(vocabulary).covers(vocabulary.prepare(asked))


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        # What is named is covered, what is not is not.
        (only("copper"), "copper", YES),
        (only("copper"), "cobalt", NO),
        (only("copper", "cobalt"), "cobalt", YES),
        # The taxonomy: narrower values are covered, at any depth.
        (only("copper"), "copper-concentrate", YES),
        (only("base-metals"), "copper-concentrate", YES),
        (only("copper"), "zinc", NO),
        # A claim that is broader than the scope does not say enough.
        (only("copper"), "base-metals", SILENT),
        (only("copper-cathode"), "base-metals", SILENT),
        (only("copper-cathode"), "copper", SILENT),
        (only("copper-cathode"), "copper-concentrate", NO),
        # HS codes are covered by their prefixes of two, four, six digits.
        (only("hs:26"), "hs:2603", YES),
        (only("hs:26"), "hs:260300", YES),
        (only("hs:2603"), "hs:260300", YES),
        (only("hs:2603"), "hs:2603000010", YES),
        (only("hs:2603"), "hs:2605", NO),
        (only("hs:260300"), "hs:2603", SILENT),
        (only("hs:260300"), "hs:26", SILENT),
        (only("hs:260300"), "hs:27", NO),
        (only("hs:26"), "hs:26", YES),
        # Names and codes are different words unless the vocabulary says otherwise.
        (only("copper"), "hs:2603", NO),
        # A vocabulary that turns in a circle ends, and covers what it names.
        (only("loop-a"), "loop-b", YES),
        (only("copper"), "loop-a", NO),
        # All but.
        (all_but("cobalt"), "copper", YES),
        (all_but("cobalt"), "cobalt", NO),
        (all_but("copper"), "copper-concentrate", NO),
        (all_but("base-metals"), "copper-concentrate", NO),
        (all_but("copper-cathode"), "copper-concentrate", YES),
        (all_but("copper-cathode"), "copper", SILENT),
        (all_but("copper-cathode"), "base-metals", SILENT),
        (all_but("hs:2612"), "hs:26", SILENT),
        (all_but("hs:2612"), "hs:2603", YES),
        (all_but("hs:2612"), "hs:261210", NO),
        (all_but("copper", "cobalt"), "cobalt", NO),
        # Silence is never a yes.
        (only("copper"), None, SILENT),
        (all_but("copper"), None, SILENT),
    ],
)
def test_commodity(scope: Allowed, asked: str | None, expected: Coverage) -> None:
    assert meets({Dimension.COMMODITY: scope}, claim(**asked_for("commodity", asked))) is expected


def asked_for(dimension: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {dimension: value}


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        (only("CA"), "CA", YES),
        (only("CA"), "CA-BC", YES),
        (only("CA-BC"), "CA-BC", YES),
        (only("CA-BC"), "CA-ON", NO),
        (only("CA-BC"), "CA", SILENT),
        (only("CA-BC"), "CD", NO),
        (only("CA"), "CD", NO),
        (only("C"), "CA", NO),
        (only("CD", "ZM"), "ZM-09", YES),
        (all_but("CA"), "CA-BC", NO),
        (all_but("CA-BC"), "CA-ON", YES),
        (all_but("CA-BC"), "CA", SILENT),
        (all_but("CA-BC"), "CD", YES),
        (only("CA"), None, SILENT),
    ],
)
def test_country(scope: Allowed, asked: str | None, expected: Coverage) -> None:
    assert meets({Dimension.COUNTRY: scope}, claim(**asked_for("country", asked))) is expected


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        (only("environment"), "tailings", YES),
        (only("water"), "tailings", YES),
        (only("tailings"), "water", SILENT),
        (only("environment"), "wages", NO),
        (all_but("water"), "tailings", NO),
        (all_but("water"), "wages", YES),
        (all_but("tailings"), "environment", SILENT),
    ],
)
def test_topic(scope: Allowed, asked: str, expected: Coverage) -> None:
    assert meets({Dimension.TOPIC: scope}, claim(topic=asked)) is expected


@pytest.mark.parametrize(
    ("scope", "scheme", "asked", "expected"),
    [
        # Who may attest a level may attest the lower ones of the same scheme.
        (only("IRMA 75"), IRMA, "IRMA 50", YES),
        (only("IRMA 75"), IRMA, "IRMA 75", YES),
        (only("IRMA 75"), IRMA, "IRMA 100", NO),
        (only("IRMA 100"), IRMA, "IRMA Transparency", YES),
        (only("IRMA 50"), IRMA, "IRMA 75", NO),
        (only("awarded"), COPPER_MARK, "committed", YES),
        # The order is the scheme's: its version finds it, another scheme does not.
        (only("IRMA 75"), ClaimValue(IRMA_1, within=(IRMA,)), "IRMA 50", YES),
        (only("IRMA 75"), COPPER_MARK, "IRMA 50", NO),
        (only("awarded"), IRMA, "committed", NO),
        # Where the scheme is not said, a level below in some scheme's order is perhaps covered:
        # nobody escapes a suspension, or meets an exception, by leaving the scheme out.
        (only("IRMA 75"), None, "IRMA 75", YES),
        (only("IRMA 75"), None, "IRMA 50", SILENT),
        (only("IRMA 75"), None, "IRMA 100", NO),
        (only("IRMA 75"), None, "committed", NO),
        (all_but("IRMA 75"), None, "IRMA 50", SILENT),
        (all_but("IRMA 75"), None, "IRMA 100", YES),
        # Where a scheme has no order, levels are only equal or not.
        (only("achieved"), "https://other.example", "achieved", YES),
        (only("achieved"), "https://other.example", "pending", NO),
    ],
)
def test_achievement(
    scope: Allowed, scheme: str | ClaimValue | None, asked: str, expected: Coverage
) -> None:
    stated = claim(achievement=asked) if scheme is None else claim(scheme=scheme, achievement=asked)
    assert meets({Dimension.ACHIEVEMENT: scope}, stated) is expected


def test_an_achievement_left_out_is_silence() -> None:
    assert meets({Dimension.ACHIEVEMENT: only("IRMA 75")}, claim(scheme=IRMA)) is SILENT


@pytest.mark.parametrize("dimension", [d for d in DIMENSIONS if d is not Dimension.ACHIEVEMENT])
def test_every_dimension_covers_by_equality(dimension: Dimension) -> None:
    said = Claim({dimension: ClaimValue("x")})
    assert meets({dimension: only("x", "y")}, said) is YES
    assert meets({dimension: only("y")}, said) is NO
    assert meets({dimension: all_but("y")}, said) is YES
    assert meets({dimension: all_but("x")}, said) is NO
    assert meets({dimension: only("x")}, Claim()) is SILENT
    assert meets({}, said) is YES
    assert meets({}, Claim()) is YES


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        (only(IRMA), ClaimValue(IRMA_1, within=(IRMA,)), YES),
        (only(IRMA_1), ClaimValue(IRMA), NO),
        (all_but(IRMA), ClaimValue(IRMA_1, within=(IRMA,)), NO),
        (only("gs1:9506000"), ClaimValue("gs1:950600012", within=("gs1:9506000",)), YES),
        (only("gs1:9506"), ClaimValue("gs1:950600012", within=("gs1:9506000",)), NO),
    ],
)
def test_a_scope_that_names_what_the_value_lies_within_covers_it(
    scope: Allowed, asked: ClaimValue, expected: Coverage
) -> None:
    """Containment is stated at the edge; the rules look for no prefixes of their own."""
    assert meets({Dimension.SCHEME: scope}, claim(scheme=asked)) is expected


def test_what_a_value_lies_within_has_broader_values_too() -> None:
    smelter = ClaimValue("lot-7", within=("copper-cathode",))
    assert meets({Dimension.COMMODITY: only("base-metals")}, claim(commodity=smelter)) is YES


@pytest.mark.parametrize(
    ("commodity", "country", "expected"),
    [
        ("copper", "CA", YES),
        ("copper", None, SILENT),
        (None, None, SILENT),
        ("cobalt", "CA", NO),
        ("cobalt", None, NO),
        (None, "CD", NO),
        ("base-metals", "CD", NO),
        ("base-metals", "CA", SILENT),
    ],
)
def test_the_lowest_dimension_holds(
    commodity: str | None, country: str | None, expected: Coverage
) -> None:
    scope = {Dimension.COMMODITY: only("copper"), Dimension.COUNTRY: only("CA")}
    asked = claim(**asked_for("commodity", commodity), **asked_for("country", country))
    assert meets(scope, asked) is expected


@pytest.mark.parametrize(
    ("needed", "given", "expected"),
    [
        (Source.ISSUER, Source.ISSUER, YES),
        (Source.EVIDENCE, Source.ISSUER, SILENT),
        (Source.EVIDENCE, Source.EVIDENCE, YES),
        (Source.EVIDENCE, Source.REGISTER, YES),
        (Source.REGISTER, Source.EVIDENCE, SILENT),
    ],
)
def test_a_source_that_does_not_suffice_counts_as_silence(
    needed: Source, given: Source, expected: Coverage
) -> None:
    vocabulary = Vocabulary(sources={Dimension.FACILITY: needed})
    asked = claim(facility=ClaimValue("mine-1", given))
    assert meets({Dimension.FACILITY: only("mine-1")}, asked, vocabulary) is expected


def test_a_weak_source_cannot_even_say_that_it_is_out_of_scope() -> None:
    """The issuer's word is not heard in either direction."""
    vocabulary = Vocabulary(sources={Dimension.COUNTRY: Source.REGISTER})
    assert meets({Dimension.COUNTRY: only("CA")}, claim(country="CD"), vocabulary) is SILENT
    assert meets({Dimension.COUNTRY: all_but("CD")}, claim(country="CD"), vocabulary) is SILENT


def test_a_weak_word_for_the_scheme_does_not_order_its_levels() -> None:
    vocabulary = Vocabulary(
        achievements=VOCABULARY.achievements, sources={Dimension.SCHEME: Source.REGISTER}
    )
    scope = {Dimension.ACHIEVEMENT: only("IRMA 75")}
    sure = claim(scheme=ClaimValue(IRMA, Source.REGISTER), achievement="IRMA 50")
    assert meets(scope, sure, vocabulary) is YES
    assert meets(scope, claim(scheme=IRMA, achievement="IRMA 50"), vocabulary) is SILENT


def test_gaps_name_the_dimension_what_was_claimed_and_what_is_allowed() -> None:
    scope = Scope(
        {
            Dimension.COMMODITY: only("copper"),
            Dimension.COUNTRY: all_but("CD"),
            Dimension.PHASE: only("initial"),
        }
    )
    asked = VOCABULARY.prepare(claim(commodity="cobalt", country="CA"))
    assert scope.compile(VOCABULARY).gaps(asked) == (
        Gap(Dimension.COMMODITY, "cobalt", only("copper"), NO),
        Gap(Dimension.PHASE, None, only("initial"), SILENT),
    )


def test_a_claim_with_several_values_is_split_into_single_ones() -> None:
    many = {
        Dimension.COMMODITY: [ClaimValue("copper"), ClaimValue("cobalt")],
        Dimension.COUNTRY: [ClaimValue("CD"), ClaimValue("ZM")],
        Dimension.TOPIC: [],
    }
    assert {
        (c.get(Dimension.COMMODITY).value, c.get(Dimension.COUNTRY).value) for c in split(many)
    } == {
        ("copper", "CD"),
        ("copper", "ZM"),
        ("cobalt", "CD"),
        ("cobalt", "ZM"),
    }
    assert split({}) == (Claim(),)


def test_a_claim_that_splits_into_too_many_is_refused() -> None:
    many = {d: [ClaimValue(str(n)) for n in range(40)] for d in DIMENSIONS[:2]}
    with pytest.raises(TooManyClaimsError, match="1600"):
        split(many)


WRITTEN = dict.fromkeys(DIMENSIONS, "any") | {
    Dimension.COMMODITY: ["cobalt", "copper"],
    Dimension.COUNTRY: {"except": ["CD"]},
}


def test_a_scope_is_written_as_it_is_read() -> None:
    scope = scope_of(WRITTEN)
    assert scope == Scope(
        {Dimension.COMMODITY: only("copper", "cobalt"), Dimension.COUNTRY: all_but("CD")}
    )
    assert written_scope(scope) == WRITTEN


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_scope_states_every_dimension(dimension: Dimension) -> None:
    stated = {d: w for d, w in WRITTEN.items() if d is not dimension}
    with pytest.raises(InvalidScopeError) as refused:
        scope_of(stated)
    assert refused.value.dimension == dimension


@pytest.mark.parametrize(
    "wrong",
    [
        "copper",
        [],
        {},
        {"except": []},
        {"except": "CD"},
        {"only": ["CD"]},
        {"except": ["CD"], "x": ["y"]},
    ],
)
def test_a_scope_written_otherwise_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidScopeError) as refused:
        scope_of({**WRITTEN, Dimension.COUNTRY: wrong})
    assert refused.value.dimension == "country"


def test_an_unknown_dimension_is_refused() -> None:
    with pytest.raises(InvalidScopeError) as refused:
        scope_of({**WRITTEN, "colour": "any"})
    assert refused.value.dimension == "colour"
