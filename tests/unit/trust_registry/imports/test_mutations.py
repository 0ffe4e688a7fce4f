"""Lists of every format with one value changed: read, or refused by its place, and nothing else."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from resolver.strict_json import Json
from tests.unit.trust_registry.imports.test_lists import ONE, acts, drafts, issuers
from tests.unit.trust_registry.imports.test_trust_lists import (
    EBSI,
    ETSI,
    FEDERATION,
    accreditation,
    chain,
    issuer,
    listed,
)
from trust_registry.imports import ImportRefusedError

REGISTER = {
    "id": "https://r.example",
    "name": "R",
    "lastUpdated": "2026-01-01",
    "registrar": {"id": "https://r.example", "name": "R"},
    "entries": [
        {
            "id": "https://r.example/1",
            "name": "One",
            "owner": {"id": "did:web:a.example", "name": "A"},
            "endorsementLevel": "endorsed_self",
            "documentation": "https://r.example/doc",
        }
    ],
}
UNSIGNED = {"@type": "x", "credentialSubject": {"id": "did:ebsi:zTi", "accreditedFor": []}}
SAMPLES: list[tuple[str, Json, object]] = [
    ("bc-issuers", json.loads(issuers(ONE)), {}),
    ("untp-cvc", REGISTER, {}),
    ("trusted-entities", listed(), ETSI),
    ("ebsi", json.loads(issuer(accreditation())), EBSI),
    ("ebsi", json.loads(issuer(UNSIGNED)), EBSI),
    ("openid-federation", chain(), FEDERATION),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(["did:", "did:web:", "https://", "https://[", "\u202e", "a" * 400, "\x00"]),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([{}]),
    st.just({"": None}),
)


def places(value: Json) -> list[tuple[object, object]]:
    """Every place of a document: what holds it, and its name there."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [place for name, each in pairs for place in ((value, name), *places(each))]


@given(st.sampled_from(SAMPLES), st.data())
def test_one_value_changed(sample: tuple[str, Json, object], data: st.DataObject) -> None:
    format_, document, mapping = sample
    document = copy.deepcopy(document)
    holder, name = data.draw(st.sampled_from(places(document)))
    holder[name] = data.draw(VALUES)
    try:
        found = drafts(format_, json.dumps(document).encode(), mapping)
    except ImportRefusedError as error:
        assert str(error)  # noqa: PT017 - both ways out are right
        return
    acts(found)
