import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.errors import InvalidLinkTypeError
from link_resolver.link_types import GS1, KNOWN, RESERVED, canonical, same_as, short, title

PIP = "https://ref.gs1.org/voc/pip"


@pytest.mark.parametrize(
    "written",
    [
        "gs1:pip",
        "GS1:pip",
        "pip",
        "PIP",
        PIP,
        "https://gs1.org/voc/pip",
        "https://www.gs1.org/voc/pip",
        "http://gs1.org/voc/pip",
        "HTTPS://GS1.org/voc/pip",
    ],
)
def test_every_way_to_write_a_gs1_type_is_one(written: str) -> None:
    assert canonical(written) == PIP


@pytest.mark.parametrize(
    "written",
    [
        "dcc",
        "DCC",
        "untp:dcc",
        "untp:digitalConformityCredential",
        "https://vocabulary.uncefact.org/untp/linkType#dcc",
        "https://vocabulary.uncefact.org/untp/linkType#digitalConformityCredential",
        "https://vocabulary.uncefact.org/untp/dcc",
        "https://test.uncefact.org/vocabulary/linkTypes/dcc",
        "https://test.uncefact.org/voc/untp/dcc",
    ],
)
def test_every_way_to_write_a_untp_type_is_one(written: str) -> None:
    assert canonical(written) == "dcc"


def test_a_longer_untp_name_is_its_short_one() -> None:
    assert canonical("untp:digitalIdentityAnchor") == "dia"
    assert canonical("untp:digitalTraceabilityEvent") == "dte"


def test_names_that_no_vocabulary_knows_stay_what_they_are() -> None:
    assert canonical("gs1:nosuchlt") == f"{GS1}nosuchlt"
    assert canonical("Predecessor-Version") == "predecessor-version"
    assert canonical("https://My-Host.example/voc/Thing") == "https://my-host.example/voc/Thing"
    assert canonical("untp:new") == "https://vocabulary.uncefact.org/untp/linkType#new"


def test_a_configured_prefix_is_understood() -> None:
    spaces = (("acme", "https://acme.example.com/voc/"),)
    written = canonical("acme:sustainabilityInfo", spaces)
    assert written == "https://acme.example.com/voc/sustainabilityInfo"
    with pytest.raises(InvalidLinkTypeError, match="acme"):
        canonical("acme:sustainabilityInfo")


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "a b",
        "a\x00",
        "pip\n",
        "ä",
        "gs1:",
        ":pip",
        "x" * 257,
        "https://",
        "https://x.example/ä",
        "https://x.example/<b>",
        "javascript:alert(1)",
        "ftp://x.example/",
    ],
)
def test_what_is_no_link_type_is_refused(written: str) -> None:
    with pytest.raises(InvalidLinkTypeError):
        canonical(written)


def test_both_passports_answer_for_each_other() -> None:
    assert same_as("dpp") == ("dpp", f"{GS1}dpp")
    assert same_as(f"{GS1}dpp") == (f"{GS1}dpp", "dpp")
    assert same_as(PIP) == (PIP,)


def test_types_have_names_for_people() -> None:
    assert title(PIP) == "Product Information Page"
    assert title("dte") == "Digital Traceability Event"
    assert title(f"{GS1}nosuchlt") == "gs1:nosuchlt"
    assert short("dpp") == "dpp"
    assert {canonical(name) for name in ("defaultLink", "handledBy")} <= RESERVED


def test_the_table_is_the_published_vocabulary(vectors: Path) -> None:
    folder = vectors / "gs1" / "linktypes"
    published = json.loads((folder / "gs1-linktypes-v1.16.json").read_text())
    ours = {name.removeprefix(GS1): known for name, known in KNOWN.items() if GS1 in name}
    assert ours.keys() == published.keys()
    for name, facts in published.items():
        assert ours[name].title == " ".join(facts["title"].split())
        assert ours[name].deprecated == (facts["status"] == "deprecated")
        for other in facts["equivalentProperty"] or ():
            assert canonical(other) == f"{GS1}{name}"


@given(st.text(max_size=300))
def test_canonical_is_idempotent_or_refuses(text: str) -> None:
    try:
        once = canonical(text)
    except InvalidLinkTypeError:
        return
    assert canonical(once) == once
