"""Whatever is given, a report comes back."""

import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.checks import CheckId, CheckOutcome
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V1, Issuer, Shelf, credential, envelope, status_entry

DID = "did:web:ministry.example"
SHELF = Shelf()
ISSUER = Issuer.on(SHELF, DID)
GOOD = ISSUER.embedded(credential(DID, credentialStatus=status_entry()))
TOKEN = ISSUER.jwt(credential(DID))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60) | JSON)
async def test_anything_at_all(raw: str | bytes | Json) -> None:
    report = await SHELF.check(raw)
    assert not report.verified
    assert [check.id for check in report.checks] == list(CheckId)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(GOOD)), JSON)
async def test_any_member_replaced(member: str, value: Json) -> None:
    report = await SHELF.check(GOOD | {member: value})
    assert not report.verified
    assert all(check.message for check in report.checks)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(GOOD)), JSON)
async def test_any_member_replaced_and_signed_again(member: str, value: Json) -> None:
    """The issuer itself writes nonsense: the report comes back, and nothing is verified by it."""
    body = {name: item for name, item in GOOD.items() if name != "proof"}
    report = await SHELF.check(ISSUER.jwt(body | {member: value}))
    assert [check.id for check in report.checks] == list(CheckId)
    assert all(check.message for check in report.checks)


@pytest.mark.parametrize("cut", range(0, len(TOKEN), 37))
async def test_a_token_cut_short(cut: int) -> None:
    for raw in (TOKEN[:cut], envelope(TOKEN[:cut])):
        report = await SHELF.check(raw)
        assert not report.verified


async def test_a_bomb_of_nesting() -> None:
    deep = b'{"type":"VerifiableCredential","x":' + b"[" * 400_000 + b"]" * 400_000 + b"}"
    report = await SHELF.check(deep)
    assert report.check(CheckId.ENVELOPE).outcome is CheckOutcome.FAILED


async def test_numbers_without_a_canonical_form() -> None:
    body = orjson.dumps(GOOD).replace(b'"name":"Test issuer"', b'"name":123456789012345678901')
    report = await SHELF.check(body)
    assert report.check(CheckId.PROOF).outcome is CheckOutcome.FAILED


async def test_a_report_stays_short_whatever_it_repeats() -> None:
    long = "https://example.com/" + "a" * 100_000
    body = credential(
        long,
        **{"@context": [long], "type": [long]},
        credentialStatus=status_entry(statusListCredential=long),
    )
    report = await SHELF.check(ISSUER.jwt(body))
    assert sum(len(check.message) for check in report.checks) < 20_000
    assert all(len(value) <= 4096 for check in report.checks for value in check.inputs.values())


@pytest.mark.parametrize(
    "member",
    ["@context", "type", "credentialSubject", "credentialStatus", "relatedResource", "name"],
)
async def test_a_member_of_very_many_values_is_refused_at_once(member: str) -> None:
    many = credential(DID) | {member: [7] * 100_000}
    inside = credential(DID) | {"issuer": {"id": DID, "name": [7] * 100_000}}
    for raw in (many, ISSUER.jwt(many), ISSUER.jwt({"vc": many | {"@context": V1}}), inside):
        start = time.process_time()
        report = await SHELF.check(raw)
        assert time.process_time() - start < 2
        found = report.check(CheckId.ENVELOPE)
        assert "values, at most 1000 are read" in found.message or member == "@context"
        assert found.outcome is CheckOutcome.FAILED
