"""Which UNTP credential it is: type and version."""

import pytest

from credentials.untp import InvalidUntpError, Kind, UnsupportedUntpError
from policies.claims import ClaimValue, Dimension
from tests.unit.credentials.untp.samples import V2, Body, context, dcc, dia, dpp, read

OTHER = "https://contexts.example/minerals/v1"


@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_context_stands_at_any_position(position: int) -> None:
    contexts = [V2, OTHER]
    contexts.insert(position, context("dcc", "0.7.0"))
    assert read(dcc("0.7.0") | {"@context": contexts}).version == "0.7.0"


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://test.uncefact.org/vocabulary/untp/dpp/0.5.0/", "0.5.0"),
        ("https://vocabulary.uncefact.org/untp/dpp/0.5.0/", "0.5.0"),
        ("https://test.uncefact.org/vocabulary/untp/dpp/0.6.0/", "0.6.0"),
        ("https://test.uncefact.org/vocabulary/untp/dpp/0.6.0-beta1/", "0.6.0-beta1"),
        ("https://test.uncefact.org/vocabulary/untp/dpp/0.6.1", "0.6.1"),
        ("https://test.uncefact.org/vocabulary/untp/dpp/working/", "working"),
    ],
)
def test_versions_before_the_single_context(url: str, version: str) -> None:
    for shape in ("0.5.0", "0.6.1"):
        parsed = read(dpp(shape) | {"@context": [V2, url]})
        assert parsed.version == version
        assert len(parsed.claims) == 1
        assert bool(parsed.warnings) is (version == "working")


@pytest.mark.parametrize(
    "url",
    [
        "https://vocabulary.uncefact.org/untp/0.7.0/context/",
        "https://vocabulary.uncefact.org/untp/0.7.0/context",
        "https://vocabulary.uncefact.org/untp/0.7.1/context/",
    ],
)
def test_versions_with_the_single_context(url: str) -> None:
    assert len(read(dpp("0.7.0") | {"@context": [V2, url]}).claims) == 1


@pytest.mark.parametrize("version", ["0.1.0", "0.3.0", "0.4.2"])
def test_older_versions_are_refused_by_their_number(version: str) -> None:
    body = dpp("0.5.0") | {"@context": [V2, context("dpp", version)]}
    with pytest.raises(UnsupportedUntpError, match=rf"UNTP {version} is not read"):
        read(body)


def test_the_early_number_is_that_of_an_anchor_only() -> None:
    assert read(dia("0.5.0")).version == "0.2.1"
    with pytest.raises(UnsupportedUntpError, match=r"0\.2\.1 is not read"):
        read(dpp("0.5.0") | {"@context": [V2, context("dpp", "0.2.1")]})
    with pytest.raises(UnsupportedUntpError, match=r"0\.1\.0 is not read"):
        read(dia("0.5.0") | {"@context": [V2, context("dia", "0.1.0")]})


@pytest.mark.parametrize("version", ["0.8.0", "1.0.0", "12.0"])
def test_newer_versions_are_not_guessed_at(version: str) -> None:
    body = dpp("0.7.0")
    body["@context"][1] = f"https://vocabulary.uncefact.org/untp/{version}/context/"
    with pytest.raises(UnsupportedUntpError, match="the newest"):
        read(body)


def test_a_version_that_is_no_number() -> None:
    with pytest.raises(UnsupportedUntpError, match="not known"):
        read(dpp("0.5.0") | {"@context": [V2, context("dpp", "latest")]})


@pytest.mark.parametrize(
    "url",
    [
        OTHER,
        "http://vocabulary.uncefact.org/untp/0.7.0/context/",
        "https://vocabulary.uncefact.org.evil.example/untp/0.7.0/context/",
        "https://evil.example/https://vocabulary.uncefact.org/untp/0.7.0/context/",
        "https://vocabulary.uncefact.org/untp/0.7.0/context/?x",
    ],
)
def test_no_other_address_tells_the_version(url: str) -> None:
    with pytest.raises(UnsupportedUntpError, match="without a UNTP context"):
        read(dpp("0.7.0") | {"@context": [V2, url]})


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"@context": [V2, context("dpp", "0.5.0"), context("dpp", "0.7.0")]}, "/@context"),
        ({"@context": [V2, context("dcc", "0.5.0")]}, "/@context"),
        (
            {"type": ["DigitalProductPassport", "DigitalConformityCredential"]},
            "/type",
        ),
        ({"type": ["DigitalProductPassport", *(f"T{n}" for n in range(11))]}, "/type"),
    ],
)
def test_contradictions_are_refused(change: Body, pointer: str) -> None:
    with pytest.raises(InvalidUntpError) as caught:
        read(dpp("0.5.0") | change)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("types", [[], ["VerifiableCredential"], ["ConformityScheme"]])
def test_what_is_no_untp_credential(types: list[str]) -> None:
    with pytest.raises(UnsupportedUntpError, match="not a UNTP credential"):
        read(dpp("0.5.0") | {"type": types})


def test_an_extension_lies_within_the_type_that_it_extends() -> None:
    body = dcc("0.7.0")
    body["type"].append("MinePermitCredential")
    parsed = read(body)
    assert parsed.kind is Kind.DCC
    assert parsed.claims[0].claim.get(Dimension.CREDENTIAL_TYPE) == ClaimValue(
        "MinePermitCredential", within=("DigitalConformityCredential",)
    )
