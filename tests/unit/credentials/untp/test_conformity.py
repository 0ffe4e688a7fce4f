"""Conformity credentials: schemes, criteria, levels, and who speaks of whom."""

from typing import Any

import pytest

from credentials.untp import InvalidUntpError
from policies.claims import ClaimValue, Dimension
from tests.unit.credentials.untp.samples import (
    AUDITOR,
    MINE,
    OPERATOR,
    OPERATOR_URI,
    PROFILE,
    SCHEME,
    TAILINGS,
    TOPIC,
    WATER,
    Body,
    dcc,
    dpp,
    plain,
    read,
)


def changed(version: str, **members: Any) -> Body:
    body = dcc(version)
    body["credentialSubject"] |= members
    return body


def assessment(body: Body) -> Body:
    subject = body["credentialSubject"]
    found: Body = (subject.get("conformityAssessment") or subject["assessment"])[0]
    return found


def test_a_profile_lies_within_its_scheme() -> None:
    body = changed("0.7.0", referenceProfile={"id": PROFILE, "name": "v3"})
    (found,) = read(body).claims
    assert found.claim.get(Dimension.SCHEME) == ClaimValue(PROFILE, within=(SCHEME,))
    assert "against v3" in found.text


def test_a_profile_that_names_only_itself_adds_nothing() -> None:
    (found,) = read(changed("0.7.0", referenceProfile={"id": SCHEME, "name": "v3"})).claims
    assert found.claim.get(Dimension.SCHEME) == ClaimValue(SCHEME)


def test_without_a_scope_the_standard_is_the_scheme() -> None:
    body = dcc("0.6.1")
    del body["credentialSubject"]["scope"]
    assert Dimension.SCHEME not in read(body).claims[0].claim.values
    assessment(body)["referenceStandard"] = {"id": "https://iso.example/14001", "name": "ISO"}
    assert plain(read(body))[0]["scheme"] == "https://iso.example/14001"


def test_the_score_against_the_profile_is_the_achievement() -> None:
    body = changed("0.7.0", profileScore={"code": "IRMA 75", "rank": 3})
    assert plain(read(body))[0]["achievement"] == "IRMA 75"
    assessment(body)["assessedPerformance"] = [{"score": {"code": "BB"}}]
    assert plain(read(body))[0]["achievement"] == "IRMA 75"


def test_a_score_of_one_metric_is_none() -> None:
    body = dcc("0.5.0")
    assessment(body)["declaredValue"] = [{"metricName": "Water", "score": "AAA"}]
    assert "achievement" not in plain(read(body))[0]


@pytest.mark.parametrize(
    ("stated", "level"),
    [
        ("GovtApproval", "authority-mandate"),
        ("GlobalMRA", "authority-globalmra"),
        ("Unspecified", "no-endorsement"),
        ("Accredited", "accredited"),
        ("Verified", "verified"),
        ("Validated", "validated"),
        ("scheme-cab", "scheme-cab"),
        ("Authority-Mandate", "authority-mandate"),
    ],
)
def test_levels_by_their_newest_names(stated: str, level: str) -> None:
    for version in ("0.5.0", "0.6.1", "0.7.0"):
        body = changed(version, assessmentLevel=stated)
        assert plain(read(body))[0]["assessment_level"] == level


@pytest.mark.parametrize("member", ["assessmentLevel", "assessorLevel"])
@pytest.mark.parametrize("value", ["supreme", "", None, 3, ["self"]])
def test_levels_are_closed_lists(member: str, value: object) -> None:
    with pytest.raises(InvalidUntpError) as caught:
        read(changed("0.7.0", **{member: value}))
    assert caught.value.pointer == f"/credentialSubject/{member}"


@pytest.mark.parametrize(
    ("level", "attested"),
    [("self", False), ("Self", False), ("3rdParty", True), ("unspecified", True), ("buyer", True)],
)
def test_a_self_assessment_is_not_attested(level: str, attested: bool) -> None:
    (found,) = read(changed("0.7.0", assessorLevel=level)).claims
    assert found.attested is attested


def test_an_issuer_that_attests_itself_is_not_believed_to_be_another() -> None:
    body = dcc("0.7.0")
    assessment(body)["assessedOrganisation"] = {"id": AUDITOR, "name": "We"}
    (found,) = read(body).claims
    assert not found.attested
    assert found.text.endswith("self-declared")


def test_the_assessed_organisation_goes_before_the_holder() -> None:
    body = dcc("0.6.1")
    assert plain(read(body))[0]["organisation"] == OPERATOR
    del assessment(body)["assessedOrganisation"]
    assert plain(read(body))[0]["organisation"] == OPERATOR_URI


def test_each_criterion_has_its_own_topics_only() -> None:
    body = dcc("0.7.0")
    assessment(body)["assessmentCriteria"] = [
        {"id": WATER, "conformityTopic": [{"id": f"{TOPIC}/water-conservation"}]},
        {"id": TAILINGS, "conformityTopic": {"id": f"{TOPIC}/waste-minimization"}},
    ]
    assessment(body)["conformityTopic"] = [
        {"id": f"{TOPIC}/water-conservation"},
        {"id": f"{TOPIC}/waste-minimization"},
    ]
    pairs = [(claim.get("criterion"), claim.get("topic")) for claim in plain(read(body))]
    assert pairs == [
        (WATER, f"{TOPIC}/water-conservation"),
        (TAILINGS, f"{TOPIC}/waste-minimization"),
    ]


def test_which_of_several_topics_is_not_guessed() -> None:
    body = dcc("0.7.0")
    assessment(body)["assessmentCriteria"] = [{"id": WATER, "name": "Water"}]
    assessment(body)["conformityTopic"] = [{"id": f"{TOPIC}/a-a"}, {"id": f"{TOPIC}/b-b"}]
    pairs = [(claim.get("criterion"), claim.get("topic")) for claim in plain(read(body))]
    assert pairs == [(WATER, None), (None, f"{TOPIC}/a-a"), (None, f"{TOPIC}/b-b")]


def test_a_topic_that_no_criterion_has_is_claimed_too() -> None:
    body = dcc("0.6.1")
    assessment(body)["conformityTopic"] = "environment.waste"
    pairs = [(claim.get("criterion"), claim["topic"]) for claim in plain(read(body))]
    assert pairs == [
        (WATER, f"{TOPIC}/environment-water"),
        (None, f"{TOPIC}/environment-waste"),
    ]


def test_every_facility_and_product_that_was_assessed() -> None:
    body = dcc("0.7.0")
    found = assessment(body)
    found["assessedFacility"].append(
        {"facility": {"id": "urn:mine:2", "countryOfOperation": {"countryCode": "PE"}}}
    )
    found["assessedProduct"] = [
        {"product": {"id": "urn:lot:1", "name": "Cobalt hydroxide"}},
        {"product": {"id": "urn:lot:2", "name": "Copper cathode"}},
    ]
    claims = plain(read(body))
    stated = {(c["facility"], c["country"], c["product"], c["commodity"]) for c in claims}
    assert stated == {
        (MINE, "CL", "urn:lot:1", "cobalt-hydroxide"),
        (MINE, "CL", "urn:lot:2", "copper-cathode"),
        ("urn:mine:2", "PE", "urn:lot:1", "cobalt-hydroxide"),
        ("urn:mine:2", "PE", "urn:lot:2", "copper-cathode"),
    }
    assert len(claims) == 4


def test_one_product_described_in_two_ways_hides_neither() -> None:
    body = dcc("0.7.0")
    assessment(body)["assessedProduct"] = [
        {"product": {"id": "urn:lot:1", "name": "Copper ore"}},
        {"product": {"id": "urn:lot:1", "name": "Cobalt ore"}},
    ]
    assert [claim["commodity"] for claim in plain(read(body))] == ["copper-ore", "cobalt-ore"]


def test_what_is_repeated_is_claimed_once() -> None:
    body = dcc("0.7.0")
    body["credentialSubject"]["conformityAssessment"] *= 3
    assert len(read(body).claims) == 1


def test_an_attestation_without_assessments_is_one_claim() -> None:
    for version in ("0.5.0", "0.7.0"):
        body = changed(version, assessment=[], conformityAssessment=None)
        (found,) = read(body).claims
        assert found.pointer == "/credentialSubject"
        assert found.text == (
            "certification of Rio Verde Copper, against Responsible Copper Standard"
        )
        assert found.claim.get(Dimension.ORGANISATION) == ClaimValue(OPERATOR_URI)


@pytest.mark.parametrize(
    ("found", "text"),
    [(True, "conforms"), (False, "does not conform"), (None, "conformance is not stated")],
)
def test_what_the_assessment_found_is_said(found: bool | None, text: str) -> None:
    body = dcc("0.7.0")
    assessment(body)["conformance"] = found
    assert read(body).claims[0].text.endswith(f", {text}")


@pytest.mark.parametrize("member", ["referenceScheme", "issuedToParty", "attestationType"])
def test_what_0_7_requires(member: str) -> None:
    body = dcc("0.7.0")
    del body["credentialSubject"][member]
    with pytest.raises(InvalidUntpError, match="is missing") as caught:
        read(body)
    assert caught.value.pointer == f"/credentialSubject/{member}"


def test_a_silent_country_is_not_invented() -> None:
    body = dcc("0.7.0")
    del assessment(body)["assessedFacility"][0]["facility"]["countryOfOperation"]
    assert "country" not in plain(read(body))[0]


def test_several_subjects_are_all_read() -> None:
    body = dcc("0.7.0")
    other = dcc("0.7.0")["credentialSubject"] | {"attestationType": "inspection"}
    body["credentialSubject"] = [body["credentialSubject"], other]
    parsed = read(body)
    assert [claim["activity"] for claim in plain(parsed)] == ["certification", "inspection"]
    assert parsed.claims[1].pointer.startswith("/credentialSubject/1/")


def test_texts_from_outside_are_made_safe_to_print() -> None:
    body = dpp("0.7.0")
    body["credentialSubject"]["name"] = "Copper\n\x1b[31m\u202egold\u200b" + "x" * 999
    (found,) = read(body).claims
    assert found.text.isprintable()
    assert len(found.text) <= 300
