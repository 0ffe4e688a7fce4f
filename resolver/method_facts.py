"""What is told of the methods resolved here: `/1.0/properties` and `/1.0/testIdentifiers`."""

from collections.abc import Mapping
from typing import NamedTuple

from resolver.methods import Method
from resolver.strict_json import Json


class MethodFacts(NamedTuple):
    """What is known of a method without asking it.

    Attributes:
        specification: where it is specified.
        examples: DIDs that resolve without any host.
    """

    specification: str
    examples: tuple[str, ...] = ()


_FACTS: Mapping[str, MethodFacts] = {
    "key": MethodFacts(
        "https://w3c-ccg.github.io/did-key-spec/",
        (
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        ),
    ),
    "jwk": MethodFacts(
        "https://github.com/quartzjer/did-jwk/blob/main/spec.md",
        (
            (
                "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNN"
                "EVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM2"
                "5TRSJ9"
            ),
        ),
    ),
    "peer": MethodFacts(
        "https://identity.foundation/peer-did-method-spec/",
        ("did:peer:0z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",),
    ),
    "pkh": MethodFacts(
        "https://github.com/w3c-ccg/did-pkh/blob/main/did-pkh-method-draft.md",
        ("did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a",),
    ),
    "web": MethodFacts("https://w3c-ccg.github.io/did-method-web/"),
    "webvh": MethodFacts("https://identity.foundation/didwebvh/v1.0/"),
    "scid": MethodFacts("https://identity.foundation/didwebvh/v1.0/"),
}


def properties(methods: Mapping[str, Method]) -> dict[str, Json]:
    """For each method, whether it has versions, and where it is specified."""
    told: dict[str, Json] = {}
    for name, method in methods.items():
        facts = _FACTS.get(name)
        about: dict[str, Json] = {"versions": method.versioned}
        if facts is not None:
            about["specification"] = facts.specification
        told[name] = about
    return told


def known_identifiers(
    methods: Mapping[str, Method], configured: Mapping[str, list[str]]
) -> dict[str, Json]:
    """For each method, DIDs to test with; an empty list where none is known or configured.

    Args:
        methods: those resolved here.
        configured: more DIDs, by method.
    """
    told: dict[str, Json] = {}
    for name in methods:
        facts = _FACTS.get(name)
        told[name] = [*(facts.examples if facts else ()), *configured.get(name, ())]
    return told
