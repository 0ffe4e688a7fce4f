import json
from pathlib import Path

from jsonschema import Draft7Validator

from link_resolver.description import Domain, describe
from link_resolver.gs1.tables import KEYS
from link_resolver.linkset import Format
from link_resolver.resolving import Profile


def test_a_description_is_valid_and_claims_only_what_is_so(vectors: Path) -> None:
    file = vectors / "gs1" / "resolver" / "description-file-schema-1.2.0.json"
    schema = Draft7Validator(json.loads(file.read_text()))
    domain = Domain("https://id.example", "Ours", contact={"fn": "Operator"})
    described = describe(domain, tuple(KEYS), ("gleif",), (("acme", "https://a.example/voc/"),))
    schema.validate(described)
    assert described["resolverRoot"] == "https://id.example"
    assert described["supportedPrimaryKeys"] == list(KEYS)
    assert described["name"] == "Ours"
    schema.validate(describe(Domain("https://id.example"), ["01"]))


def test_a_domain_knows_its_host_and_profile() -> None:
    domain = Domain("https://ID.example:8443", profile=Profile.UNTP)
    assert domain.host == "id.example:8443"
    assert domain.format is Format.UNTP
    assert Domain("https://id.example").format is Format.GS1
