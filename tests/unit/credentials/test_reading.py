import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.credential import DataModel
from credentials.reading import read_credential
from resolver.instant import parse_instant
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V2, credential, status_entry

DID = "did:web:ministry.example"
V1 = "https://www.w3.org/2018/credentials/v1"


def problems(**members: Json) -> set[tuple[str, str]]:
    found = read_credential(credential(DID, name="x") | members).problems
    return {(problem.check, problem.pointer) for problem in found}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, set()),
        ({"@context": V2}, set()),
        ({"@context": [V2, {"x": "https://x.example/"}]}, set()),
        ({"@context": []}, {("context", "/@context/0")}),
        ({"@context": ["https://a.example", V2]}, {("context", "/@context/0")}),
        ({"@context": [V1]}, {("validity", "/issuanceDate")}),
        ({"@context": [V1], "issuanceDate": "2026-01-01T00:00:00Z"}, set()),
        ({"@context": [V1], "issuanceDate": "2026-01-01"}, {("validity", "/issuanceDate")}),
        ({"@context": [V2, V1]}, {("context", "/@context")}),
        ({"@context": {}}, {("context", "/@context/0")}),
        ({"@context": [V2, 7]}, {("context", "/@context/1")}),
        ({"type": "VerifiableCredential"}, set()),
        ({"type": ["Other"]}, {("type", "/type")}),
        ({"type": ["VerifiableCredential", 7]}, {("type", "/type/1")}),
        ({"id": ["urn:a:b", "urn:c:d"]}, {("structure", "/id")}),
        ({"id": "https ://no"}, {("structure", "/id")}),
        ({"issuer": DID}, set()),
        ({"issuer": None}, {("issuer", "/issuer")}),
        ({"issuer": {"name": "x"}}, {("issuer", "/issuer/id")}),
        ({"issuer": [DID]}, {("issuer", "/issuer")}),
        ({"issuer": "ministry"}, {("issuer", "/issuer")}),
        ({"credentialSubject": None}, {("structure", "/credentialSubject")}),
        ({"credentialSubject": []}, {("structure", "/credentialSubject")}),
        ({"credentialSubject": [{"id": DID}, {}]}, {("structure", "/credentialSubject/1")}),
        ({"credentialSubject": {"id": [DID]}}, {("structure", "/credentialSubject/id")}),
        ({"name": {"@value": "Mine", "@language": "en", "@direction": "ltr"}}, set()),
        ({"name": [{"@value": "Mine"}, {"@value": "Mina", "@language": "es"}]}, set()),
        ({"name": {"@value": "Mine", "@index": "x"}}, {("structure", "/name")}),
        ({"description": [7]}, {("structure", "/description/0")}),
        ({"name": {"@value": "x", "@direction": "up"}}, {("structure", "/name")}),
        ({"issuer": {"id": DID, "name": {"@language": "en"}}}, {("structure", "/issuer/name")}),
        ({"relatedResource": {"id": "https://a.example", "digestSRI": "sha384-x"}}, set()),
        ({"relatedResource": ["https://a.example"]}, {("structure", "/relatedResource/0")}),
        ({"relatedResource": {"digestSRI": "sha384-x"}}, {("structure", "/relatedResource")}),
        ({"relatedResource": {"id": "https://a.example"}}, {("structure", "/relatedResource")}),
        (
            {"relatedResource": [{"id": "https://a.example", "digestSRI": "sha384-x"}] * 2},
            {("structure", "/relatedResource/1/id")},
        ),
        ({"evidence": {}}, {("structure", "/evidence")}),
        ({"evidence": [{"type": "X"}, {"type": []}]}, {("structure", "/evidence/1")}),
        ({"credentialSchema": {"type": "X"}}, {("structure", "/credentialSchema/id")}),
        ({"credentialStatus": status_entry("7")}, set()),
        (
            {"credentialStatus": [status_entry(7), status_entry("x")]},
            {("status", "/credentialStatus/1")},
        ),
    ],
)
def test_each_member(members: dict[str, Json], expected: set[tuple[str, str]]) -> None:
    assert problems(**members) == expected


def test_version_1_1_has_its_own_names_and_the_narrower_period_holds() -> None:
    members: dict[str, Json] = {
        "@context": [V1],
        "issuanceDate": "2026-02-01T00:00:00Z",
        "expirationDate": "2026-05-01T00:00:00Z",
    }
    read = read_credential(credential(DID, **members))
    assert read.model is DataModel.VCDM_1_1
    assert read.valid_from == parse_instant("2026-02-01T00:00:00Z")
    assert read.valid_until == parse_instant("2026-05-01T00:00:00Z")
    later = read_credential(
        credential(
            DID, **members, validFrom="2026-03-01T00:00:00Z", validUntil="2026-04-01T00:00:00Z"
        )
    )
    assert later.valid_from == parse_instant("2026-03-01T00:00:00Z")
    assert later.valid_until == parse_instant("2026-04-01T00:00:00Z")


def test_values_are_typed() -> None:
    read = read_credential(credential(DID, credentialStatus=[status_entry(7), status_entry("9")]))
    assert read.issuer == DID
    assert read.issuer_name == "Test issuer"
    assert read.contexts == (V2,)
    assert read.types == ("VerifiableCredential",)
    assert [entry.index for entry in read.status] == [7, 9]
    assert read.valid_until is None
    assert read.problems == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
MEMBERS = st.sampled_from(
    ["@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus",
     "credentialSubject", "evidence", "credentialSchema", "proof"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(MEMBERS, JSON))
def test_nothing_is_raised_whatever_stands_there(members: dict[str, Json]) -> None:
    read = read_credential(credential(DID) | members)
    for member in ("validFrom", "validUntil"):
        if member in members:
            assert any(problem.pointer == f"/{member}" for problem in read.problems)
