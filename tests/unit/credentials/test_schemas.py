"""Schemas: admitted by URL and digest, read from a folder, and held against a credential."""

import hashlib
import time
from base64 import b64encode
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from credentials.checks import Check, CheckId, CheckOutcome
from credentials.reading import read_credential
from credentials.schemas.checking import SchemaRules, check_schemas
from credentials.schemas.library import Schema, Schemas
from credentials.schemas.pins import InvalidSchemaListError, Pin, digest_of, own_pins, read_pins
from credentials.verify import Outcome, verify
from resolver.strict_json import Json
from tests.unit.credentials.issuing import Issuer, Shelf, credential
from tests.unit.credentials.untp.samples import credential as untp

DID = "did:web:certifier.example"
URL = "https://schemas.example/permit.json"
SCHEMA: dict[str, Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^(a+)+$"},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    },
}
RAW = orjson.dumps(SCHEMA)
PASSED, FAILED, SKIPPED, UNDETERMINED = (
    CheckOutcome.PASSED,
    CheckOutcome.FAILED,
    CheckOutcome.SKIPPED,
    CheckOutcome.UNDETERMINED,
)


def library(*pins: Pin, raw: bytes = RAW) -> Schemas:
    digest = digest_of(orjson.loads(raw))
    return Schemas(pins or (Pin(URL, (digest,)),), {digest: raw})


def check(body: dict[str, Json], schemas: Schemas | None = None, required: bool = False) -> Check:
    rules = SchemaRules(schemas or library(), required)
    return check_schemas(read_credential(body), rules)


def naming(*entries: Json, **members: Json) -> dict[str, Json]:
    named: Json = entries[0] if len(entries) == 1 else list(entries)
    return credential(DID, credentialSchema=named, **members)


def entry(**members: Json) -> Json:
    return {"id": URL, "type": "JsonSchema"} | members


def test_a_credential_that_fits_passes() -> None:
    found = check(naming(entry(), name="aaa"))
    assert (found.outcome, found.warnings) == (PASSED, ())
    assert found.message == f"fits {URL}"
    assert found.inputs == {"schema/credentialSchema": URL}


@pytest.mark.parametrize(("required", "outcome"), [(True, FAILED), (False, PASSED)])
def test_one_that_does_not_fit_fails_or_is_warned_of(required: bool, outcome: CheckOutcome) -> None:
    found = check(naming(entry(), name=7, tags=["a", 1, 2]), required=required)
    assert found.outcome is outcome
    told = [each.text for each in found.problems] if required else list(found.warnings)
    assert len(told) == 3
    assert {each.split(":")[0] for each in told} == {"/name", "/tags/1", "/tags/2"}


def test_values_of_the_document_are_not_repeated() -> None:
    found = check(naming(entry(), name="secret words"))
    assert len(found.warnings) == 1
    assert "secret words" not in found.warnings[0]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (entry(id="https://schemas.example/other.json"), "not admitted"),
        (entry(type="JsonSchemaCredential"), "not understood"),
        (entry(type=["JsonSchema"]), "not understood"),
        (entry(id=None), "not admitted"),
    ],
)
def test_an_unknown_schema_is_skipped_with_the_reason(named: Json, words: str) -> None:
    found = check(naming(named, name=7))
    assert found.outcome is SKIPPED
    assert words in found.message
    assert len(found.warnings) == 1


def test_an_admitted_schema_that_is_not_at_hand_is_skipped() -> None:
    found = check(naming(entry()), Schemas((Pin(URL, ("0" * 64,)),), {}))
    assert found.outcome is SKIPPED
    assert "not at hand" in found.message


def test_nothing_to_hold_it_against_is_skipped() -> None:
    assert check(credential(DID)).outcome is SKIPPED
    assert check_schemas(read_credential(credential(DID)), None).outcome is SKIPPED


def test_too_many_named_schemas_are_not_followed() -> None:
    found = check(naming(*[entry() for _ in range(9)], name="a"))
    assert found.outcome is UNDETERMINED
    assert "9 schemas" in found.message


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_digest_that_the_credential_states_has_to_be_that_of_the_text(algorithm: str) -> None:
    good = f"{algorithm}-{b64encode(hashlib.new(algorithm, RAW).digest()).decode()}"
    assert check(naming(entry(digestSRI=good), name="a")).warnings == ()
    for wrong in (good[:-4] + "AAA=", "md5-AAAA", "", 7):
        found = check(naming(entry(digestSRI=wrong), name="a"), required=True)
        assert found.outcome is FAILED
        assert "digestSRI" in found.message


def test_of_several_texts_of_one_schema_the_best_counts() -> None:
    other = orjson.dumps(SCHEMA | {"required": ["other"]})
    texts = {digest_of(orjson.loads(raw)): raw for raw in (other, RAW)}
    schemas = Schemas((Pin(URL, tuple(texts)),), texts)
    assert check(naming(entry(), name="a"), schemas).warnings == ()
    assert check(naming(entry(), other=1), schemas).warnings == ()
    assert len(check(naming(entry(), name=1), schemas).warnings) == 1


def test_the_schema_of_a_type_is_found_by_its_version() -> None:
    kind, digest = "DigitalProductPassport", digest_of(SCHEMA)
    schemas = library(Pin(URL, (digest,), kind, "0.7.0"))
    body = untp("dpp", "0.7.0", {})
    assert check(body | {"name": 1}, schemas, required=True).outcome is FAILED
    assert check(body | {"name": "aa"}, schemas, required=True).outcome is PASSED
    found = check(untp("dpp", "0.6.1", {}), schemas, required=True)
    assert found.outcome is SKIPPED
    assert "no schema is admitted for DigitalProductPassport 0.6.1" in found.message


class TestList:
    """What admits schemas is data, and misread nowhere."""

    def test_our_own_list_names_every_type_in_every_version(self) -> None:
        pins = own_pins()
        named = {(pin.type, pin.version) for pin in pins}
        assert len(named) == len(pins) == 20
        assert {pin.version for pin in pins} == {"0.2.1", "0.5.0", "0.6.0", "working", "0.7.0"}
        assert all(pin.url.startswith("https://") for pin in pins)

    @pytest.mark.parametrize(
        "value",
        [
            {},
            [1],
            [{"url": URL}],
            [{"url": URL, "sha256": []}],
            [{"url": URL, "sha256": "0" * 64}],
            [{"url": URL, "sha256": ["0" * 63]}],
            [{"url": URL, "sha256": ["0" * 64, 1]}],
            [{"url": URL, "sha256": ["0" * 64], "type": "T"}],
            [{"url": URL, "sha256": ["0" * 64], "type": "T", "version": ""}],
            [{"url": URL, "sha256": ["0" * 64], "more": 1}],
            [{"url": 7, "sha256": ["0" * 64]}],
        ],
    )
    def test_what_is_no_list_is_refused(self, value: Json) -> None:
        with pytest.raises(InvalidSchemaListError):
            read_pins(orjson.dumps(value))

    def test_what_is_no_json_is_refused(self) -> None:
        with pytest.raises(InvalidSchemaListError):
            read_pins(b"[")

    def test_white_space_and_order_do_not_matter_for_a_digest(self) -> None:
        indented = orjson.dumps(SCHEMA, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        assert digest_of(orjson.loads(indented)) == digest_of(SCHEMA)


class TestFolder:
    """A file is known by its digest; the operator's list goes before our own."""

    def write(self, folder: Path, listed: Json | None) -> None:
        (folder / "deep").mkdir()
        (folder / "deep" / "any name.json").write_bytes(b" " + RAW)
        (folder / "broken.json").write_bytes(b"{")
        (folder / "other.json").write_bytes(b'{"type":"array"}')
        (folder / "large.json").write_bytes(b'"' + b"x" * 1024 * 1024 + b'"')
        if listed is not None:
            (folder / "schemas.json").write_bytes(orjson.dumps(listed))

    def test_what_its_list_admits_is_read(self, tmp_path: Path) -> None:
        self.write(tmp_path, [{"url": URL, "sha256": [digest_of(SCHEMA)]}])
        schemas = Schemas.of_folder(tmp_path)
        pin = schemas.of_url(URL)
        assert pin is not None
        (schema,) = schemas.at_hand(pin)
        assert [each.pointer for each in schema.misfits({})] == [""]
        assert schemas.of_type("DigitalProductPassport", "0.7.0") is not None

    def test_what_no_list_admits_is_not(self, tmp_path: Path) -> None:
        self.write(tmp_path, None)
        schemas = Schemas.of_folder(tmp_path)
        assert schemas.of_url(URL) is None
        assert schemas._at_hand == {}

    def test_an_admitted_schema_that_cannot_be_used_is_refused_at_once(
        self, tmp_path: Path
    ) -> None:
        broken: Json = {"$ref": "https://elsewhere.example/schema.json"}
        (tmp_path / "broken.json").write_bytes(orjson.dumps(broken))
        listed = [{"url": URL, "sha256": [digest_of(broken)]}]
        (tmp_path / "schemas.json").write_bytes(orjson.dumps(listed))
        with pytest.raises(InvalidSchemaListError, match="cannot be used"):
            Schemas.of_folder(tmp_path)

    def test_a_list_that_is_none_is_refused(self, tmp_path: Path) -> None:
        self.write(tmp_path, {"url": URL})
        with pytest.raises(InvalidSchemaListError):
            Schemas.of_folder(tmp_path)

    def test_without_a_folder_nothing_is_at_hand(self) -> None:
        schemas = Schemas(own_pins(), {})
        pin = schemas.of_type("DigitalProductPassport", "0.7.0")
        assert pin is not None
        assert schemas.at_hand(pin) == ()


class TestHostile:
    """Neither a schema nor a document leads outside, or takes long."""

    @pytest.mark.parametrize(
        "schema",
        [
            {"$ref": "https://elsewhere.example/schema.json"},
            {"$ref": "file:///etc/passwd"},
            {"type": "no such type"},
            {"pattern": "("},
            {"properties": {"a": {"pattern": "(a)\\1"}}},
        ],
    )
    def test_a_schema_that_cannot_be_used_is_refused(self, schema: dict[str, Json]) -> None:
        with pytest.raises(InvalidSchemaListError):
            Schema(schema, b"")

    def test_a_schema_leads_to_no_file(self, tmp_path: Path) -> None:
        file = tmp_path / "other.json"
        file.write_bytes(b'{"type": "object"}')
        with pytest.raises(InvalidSchemaListError):
            Schema({"$ref": file.as_uri()}, b"")

    @pytest.mark.parametrize(
        "members",
        [
            {"name": "a" * 100_000 + "!"},
            {"name": "a", "tags": ["x"] * 200_000},
            {"name": "a", "tags": [str(n) for n in range(150_000)]},
            {"name": "a", "tags": [{"a": n} for n in range(100_000)]},
            {"name": "a", "tags": [1] * 300_000},
            {"name": "a"} | {f"m{n}": n for n in range(80_000)},
        ],
        ids=["pattern", "same", "distinct", "objects", "numbers", "members"],
    )
    def test_a_hostile_megabyte_takes_no_time(self, members: dict[str, Json]) -> None:
        body = naming(entry(), **members)
        began = time.process_time()
        found = check(body)
        assert time.process_time() - began < 2
        assert len(found.warnings) <= 20

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(max_size=5), inner, max_size=4)
            ),
            max_leaves=15,
        )
    )
    @settings(max_examples=200)
    def test_it_agrees_with_another_implementation(self, value: Json) -> None:
        document: dict[str, Json] = {"name": "aa", "tags": [value, value], "other": value}
        expected = Draft202012Validator(SCHEMA).is_valid(document)
        assert (not Schema(SCHEMA, RAW).misfits(document)) is expected


async def test_the_check_stands_in_the_report() -> None:
    shelf = Shelf()
    issuer = Issuer.on(shelf, DID)
    body = naming(entry(), name="a", tags=[1])
    for required, outcome in ((False, Outcome.VERIFIED), (True, Outcome.FAILED)):
        verifier = shelf.verifier(schemas=SchemaRules(library(), required))
        report = await verify(issuer.jwt(body), verifier)
        assert report.outcome is outcome
        assert report.check(CheckId.SCHEMA).section.startswith("VCDM 2.0")
    unchecked = await shelf.check(issuer.jwt(body))
    assert unchecked.check(CheckId.SCHEMA).outcome is SKIPPED
    assert unchecked.verified
