"""The schemas of UNTP by version: each published one is admitted, and samples are held against it."""

from pathlib import Path

import orjson
import pytest

from credentials.checks import CheckOutcome
from credentials.reading import read_credential
from credentials.schemas.checking import SchemaRules, check_schemas
from credentials.schemas.library import Schemas
from credentials.schemas.pins import own_pins
from credentials.untp.recognition import Kind

PASSED, FAILED, SKIPPED = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.SKIPPED


@pytest.fixture(scope="module")
def schemas(vectors: Path) -> Schemas:
    return Schemas.of_folder(vectors / "untp" / "schemas")


def test_every_admitted_schema_is_at_hand(schemas: Schemas) -> None:
    assert {pin.url: len(schemas.at_hand(pin)) for pin in own_pins()} == {
        pin.url: len(pin.digests) for pin in own_pins()
    }


@pytest.mark.parametrize("kind", Kind)
def test_each_type_has_one_in_each_version(schemas: Schemas, kind: Kind) -> None:
    oldest = "0.2.1" if kind is Kind.DIA else "0.5.0"
    for version in (oldest, "0.6.0", "working", "0.7.0"):
        assert schemas.of_type(kind, version) is not None


@pytest.mark.parametrize(
    ("sample", "outcome"),
    [
        ("v0.7.0/dpp/DigitalProductPassport_instance.json", PASSED),
        ("v0.7.0/dpp/DigitalProductPassport_battery_instance.json", PASSED),
        ("bcgov/BCMinesActPermit-v1.1-sample.json", PASSED),
        ("crm-0.5/copper_mine/dia_orgbook_mine.json", SKIPPED),
        ("crm-0.5/copper_mine/dfr_copper_mine.json", FAILED),
    ],
)
def test_a_sample_is_held_against_its_own_version(
    vectors: Path, schemas: Schemas, sample: str, outcome: CheckOutcome
) -> None:
    body = orjson.loads((vectors / "untp" / "samples" / sample).read_bytes())
    found = check_schemas(read_credential(body), SchemaRules(schemas, required=True))
    assert found.outcome is outcome, found.message


def test_the_anchors_of_both_variants_of_one_version_fit(vectors: Path, schemas: Schemas) -> None:
    """The schema of identity anchors was published twice under one version, with other names."""
    folders = (
        vectors / "untp/samples/v0.7.0/dia",
        vectors / "untp/samples/v0.7.0-published-variant/dia",
    )
    files = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    assert len(files) >= 2
    for path in files:
        body = orjson.loads(path.read_bytes())
        found = check_schemas(read_credential(body), SchemaRules(schemas, required=True))
        assert found.outcome is PASSED, (path.name, found.message)
