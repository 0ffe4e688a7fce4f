"""The API's description by itself: valid, with examples that hold, and complete."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import jsonschema
import yaml
from openapi_spec_validator import validate

from policies.claims import Dimension
from policies.decision import Basis, Reason
from policies.statements import Action
from touchstone.service.questions import _MEMBERS, _PARAMETERS

DOCUMENT: Mapping[str, Any] = yaml.safe_load(
    files("touchstone.service").joinpath("openapi.yaml").read_bytes()
)


def examples(node: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any], object]]:
    if isinstance(node, dict):
        if "schema" in node:
            for name, example in node.get("examples", {}).items():
                yield f"{path}/{name}", node["schema"], example["value"]
            if "example" in node:
                yield path, node["schema"], node["example"]
        for name, each in node.items():
            yield from examples(each, f"{path}/{name}")


def test_it_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_example_is_what_its_schema_says() -> None:
    found = list(examples(DOCUMENT))
    assert len(found) >= 8
    for _, schema, value in found:
        whole = {**schema, "components": DOCUMENT["components"]}
        formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.Draft202012Validator(whole, format_checker=formats).validate(value)


def test_it_names_what_the_code_knows() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Reason"]["enum"] == [reason.value for reason in Reason]
    assert schemas["Action"]["enum"] == [action.value for action in Action]
    assert schemas["Basis"]["enum"] == [basis.value for basis in Basis]
    assert set(schemas["Claim"]["properties"]) == {dimension.value for dimension in Dimension}
    assert set(schemas["Question"]["properties"]) == set(_MEMBERS)
    parameters = DOCUMENT["paths"]["/v1/decisions"]["get"]["parameters"]
    assert {each["$ref"].rpartition("/")[2] for each in parameters} == set(_PARAMETERS)


def test_every_reference_leads_somewhere() -> None:
    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for each in node.values():
                yield from references(each)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    for reference in set(references(DOCUMENT)):
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
