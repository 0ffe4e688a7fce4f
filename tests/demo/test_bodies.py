"""What the demo issues is what the published schemas of UNTP 0.7.0 say."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from touchstone.demo.bodies import credential_body
from touchstone.demo.data import read_demo, read_issuers

DATA = read_demo()
SCHEMAS = {
    "DCC": "ConformityCredential.json",
    "DPP": "DigitalProductPassport.json",
    "DIA": "DigitalIdentityAnchor.json",
}


@pytest.mark.parametrize("credential", DATA.credentials, ids=lambda credential: credential.id)
def test_the_body_meets_its_schema(credential, vectors: Path) -> None:
    path = vectors / "untp" / "schemas" / "v0.7.0" / SCHEMAS[credential.kind]
    validator = Draft202012Validator(
        json.loads(path.read_text(encoding="utf-8")), format_checker=FormatChecker()
    )
    errors = list(validator.iter_errors(credential_body(credential, DATA)))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("stage", ["dev", "test", "prod"])
def test_real_lists_of_issuers_are_read_as_the_demos_own_is(vectors: Path, stage: str) -> None:
    issuers = read_issuers(vectors / "untp" / "registers" / f"bcgov-issuers-{stage}.json")
    assert issuers[-1].name == "Chief Permitting Officer"
    assert issuers[-1].scope == DATA.issuers["issuers/mines-act.json"][0].scope
