"""Whatever stands where a list should: it is read as its issuer wrote it, or nothing is known."""

from contextlib import suppress

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.checks import CheckId, CheckOutcome
from credentials.sources import Limits
from credentials.status.entries import ListKind, StatusEntry, read_claim, read_entry
from credentials.status.errors import MalformedEntryError, StatusListError
from credentials.status.lists import open_credential
from credentials.status.tokens import open_token
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    Issuer,
    Shelf,
    credential,
    status_entry,
    status_list,
)

DID = "did:web:certifier.example"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
MEMBERS = ("id", "type", "statusPurpose", "statusListIndex", "statusListCredential", "statusSize")


def world() -> tuple[Shelf, Issuer]:
    shelf = Shelf()
    return shelf, Issuer.on(shelf, DID)


SHELF, ISSUER = world()
REVOKED = ISSUER.jwt(credential(DID, credentialStatus=status_entry(7)))
GOOD = ISSUER.jwt(status_list(DID)).encode()
EMBEDDED = orjson.dumps(ISSUER.embedded(status_list(DID)))


async def outcome(listed: bytes) -> CheckOutcome:
    shelf = Shelf(documents=SHELF.documents, lists={LIST_URL: listed})
    report = await shelf.check(REVOKED)
    return report.check(CheckId.STATUS).outcome


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([GOOD, EMBEDDED]), st.data())
async def test_no_change_of_one_character_makes_a_revoked_credential_good(
    raw: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(32, 126))
    changed = raw[:at] + bytes([other]) + raw[at + 1 :]
    found = await outcome(changed)
    assert found is (CheckOutcome.FAILED if changed == raw else CheckOutcome.UNDETERMINED) or (
        # White space and the like between members of an embedded list are not its content.
        found is CheckOutcome.FAILED and orjson.loads(changed) == orjson.loads(raw)
    )


async def test_the_unchanged_ones_revoke() -> None:
    assert {await outcome(raw) for raw in (GOOD, EMBEDDED)} == {CheckOutcome.FAILED}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
async def test_bytes_that_are_no_list_say_nothing(raw: bytes) -> None:
    assert await outcome(raw) is CheckOutcome.UNDETERMINED


@given(st.dictionaries(st.sampled_from(MEMBERS), VALUES) | VALUES)
def test_an_entry_of_any_shape_is_read_or_refused(value: Json) -> None:
    for read in (read_entry, read_claim):
        try:
            found = read("/status", value)
        except MalformedEntryError:
            continue
        assert found is None or isinstance(found, StatusEntry)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["type", "statusPurpose", "encodedList", "ttl"]), VALUES))
def test_a_subject_of_any_shape_is_opened_or_refused(subject: dict[str, Json]) -> None:
    body = status_list(DID, credentialSubject={"type": "BitstringStatusList"} | subject)
    signed = ISSUER.jwt(_dumpable(body)).encode()
    with suppress(StatusListError):
        open_credential(ListKind.BITSTRING, LIST_URL, signed, Limits())


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(["sub", "iat", "exp", "nbf", "ttl", "iss", "status_list"]), VALUES
    )
)
def test_claims_of_any_shape_are_opened_or_refused(claims: dict[str, Json]) -> None:
    signed = ISSUER.jwt(_dumpable({"sub": LIST_URL} | claims), typ="statuslist+jwt", cty=None)
    with suppress(StatusListError):
        open_token(LIST_URL, signed.encode(), Limits())


def _dumpable(value: dict[str, Json]) -> dict[str, Json]:
    """Leave out what JSON cannot write, so that the rest is signed."""
    kept = {}
    for name, member in value.items():
        try:
            orjson.dumps(member)
        except (TypeError, orjson.JSONEncodeError):
            continue
        kept[name] = member
    return kept
