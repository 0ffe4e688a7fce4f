"""Every published sample: how many claims it makes, or why it is refused.

`published_samples.tsv` names each file, what becomes of it, and how it stands to the schema of its
version: valid, or where it differs and is read all the same. A new file fails the test until the
table says what becomes of it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from credentials.envelope import open_envelope
from credentials.errors import MalformedCredentialError
from credentials.untp import Kind, UntpCredential, UntpError, parse_untp
from policies.claims import ClaimValue, Dimension

TABLE = Path(__file__).with_name("published_samples.tsv")
_OLDER = {
    Kind.DCC: "digitalConformityCredential",
    Kind.DPP: "digitalProductPassport",
    Kind.DFR: "digitalFacilityRecord",
    Kind.DTE: "digitalTraceabilityEvent",
    Kind.DIA: "digitalIdentityAnchor",
}
_NEWEST = {kind: kind.value for kind in Kind} | {Kind.DCC: "ConformityCredential"}


def rows() -> dict[str, tuple[str, str]]:
    lines = TABLE.read_text().splitlines()
    split = [line.split("\t") for line in lines if line and not line.startswith("#")]
    table = {path: (verdict, schema) for path, verdict, schema in split}
    assert len(table) == len(split)
    return table


def documents(path: Path) -> Iterator[Any]:
    """What a file holds; the credentials inside it where it is a presentation."""
    value = orjson.loads(path.read_bytes())
    yield from value["verifiableCredential"] if path.name == "whois.vp" else [value]


def schema_name(found: UntpCredential) -> str:
    kind, version = found.kind, found.version
    if version == "working":
        return f"v0.6-working/untp-{kind.name.lower()}-schema.json"
    if version.startswith("0.7"):
        return f"v0.7.0/{_NEWEST[kind]}.json"
    if version.startswith("0.6"):
        return f"v0.6.0/{_OLDER[kind]}.json"
    return f"{'v0.2.1' if kind is Kind.DIA else 'v0.5.0'}/{_OLDER[kind]}.json"


@cache
def validator(path: Path) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(path.read_bytes()))


def against_schema(body: Mapping[str, Any], path: Path) -> str:
    """`valid`, or where the first differences are."""
    found = {
        "/" + "/".join(map(str, error.absolute_path)) for error in validator(path).iter_errors(body)
    }
    return "differs: " + " ".join(sorted(found)[:3]) if found else "valid"


def verdict_of(document: Any, schemas: Path) -> tuple[str, str]:
    try:
        credential = open_envelope(document).credential
        parsed = parse_untp(credential)
    except MalformedCredentialError:
        return "refused: no credential", "-"
    except UntpError as error:
        return f"refused: {error}", "-"
    schema = against_schema(credential.body, schemas / schema_name(parsed))
    return f"parses {len(parsed.claims)}", schema


def verdicts(vectors: Path) -> dict[str, tuple[str, str]]:
    root = vectors / "untp"
    samples = root / "samples"
    found = {}
    for path in sorted(path for path in samples.rglob("*") if path.is_file()):
        each = [verdict_of(document, root / "schemas") for document in documents(path)]
        assert len(each) == 1, path
        found[path.relative_to(samples).as_posix()] = each[0]
    return found


def test_the_table_says_what_becomes_of_every_file(vectors: Path) -> None:
    table, found = rows(), verdicts(vectors)
    assert set(found) - set(table) == set(), "files that the table lacks"
    assert set(table) - set(found) == set(), "files that are gone"
    assert {path: (table[path], found[path]) for path in found if table[path] != found[path]} == {}


def test_the_table_is_about_all_types_and_versions(vectors: Path) -> None:
    verdict = [verdict for verdict, _ in rows().values()]
    assert sum(v.startswith("parses") for v in verdict) > 130
    assert sum(v.startswith("refused") for v in verdict) > 100


@pytest.fixture
def permit(vectors: Path) -> UntpCredential:
    path = vectors / "untp/samples/bcgov/BCMinesActPermit-v1.1-sample.json"
    return parse_untp(open_envelope(orjson.loads(path.read_bytes())).credential)


def test_the_real_permit(permit: UntpCredential) -> None:
    (found,) = permit.claims
    act = "https://www.bclaws.gov.bc.ca/civix/document/id/complete/statreg/96293_01"
    values = found.claim.values
    scheme = values[Dimension.SCHEME]
    assert scheme.within == (act,)
    assert scheme.value.startswith("https://developer.gov.bc.ca/")
    permit_number = "urn:ca:bcgov:mines-act:permit:C-217"
    rest = {dimension: value for dimension, value in values.items() if value is not scheme}
    assert rest == {
        Dimension.CREDENTIAL_TYPE: ClaimValue("DigitalConformityCredential"),
        Dimension.ACTIVITY: ClaimValue("certification"),
        Dimension.ASSESSMENT_LEVEL: ClaimValue("authority-mandate"),
        Dimension.FACILITY: ClaimValue(f"{permit_number}:mine:1500601"),
        Dimension.ORGANISATION: ClaimValue(f"{permit_number}:permittee:FM0443135"),
        Dimension.PRODUCT: ClaimValue(f"{permit_number}:commodity:metallurgic"),
        Dimension.CRITERION: ClaimValue(f"{act}#section10"),
        Dimension.TOPIC: ClaimValue(
            "https://vocabulary.uncefact.org/conformity-topic/governance-compliance"
        ),
    }
    assert found.attested
    assert found.text == (
        "certification of Basin Coal Mine, against BC Mines Act Permit Governance,"
        " criterion Permits, conforms"
    )


@pytest.mark.parametrize("name", ["dcc/ConformityCredential", "dcc/ConformityCredential_battery"])
def test_both_published_shapes_of_a_criterion_s_topic(vectors: Path, name: str) -> None:
    def claims(folder: str) -> list[tuple[object, ...]]:
        path = vectors / "untp/samples" / folder / f"{name}_instance.json"
        parsed = parse_untp(open_envelope(orjson.loads(path.read_bytes())).credential)
        return [(each.claim, each.pointer, each.attested) for each in parsed.claims]

    assert claims("v0.7.0") == claims("v0.7.0-published-variant")
