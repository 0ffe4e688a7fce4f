import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7
from yarl import URL

from policies.claims import DIMENSIONS
from resolver.errors import InvalidInstantError
from resolver.instant import DAY, format_instant, parse_instant
from tests.unit.trust_registry.imports.test_lists import NOW, acts, drafts
from tests.unit.trust_registry.imports.test_trust_lists import key, statement
from trust_registry.acts import Authorise, RegisterParty, parse_act
from trust_registry.exports import (
    WRITERS,
    Export,
    InvalidListingError,
    Publisher,
    holdings_of,
    listing_of,
)
from trust_registry.imports import Draft, draft_payload, read_meanings

BOARD = Publisher("The board")
FROM, UNTIL = "2026-07-01T00:00:00Z", "2028-01-01T00:00:00Z"
SCHEME = "https://irma.example/standard"


def scope(**stated: object) -> dict[str, object]:
    return {**{each.value: "any" for each in DIMENSIONS}, **stated}


def did(name: str) -> str:
    return f"did:web:{name}.example"


def party(name: str, **changed: object) -> dict[str, object]:
    return {"id": name, "name": name.title(), "dids": [did(name)], **changed}


POWERS = {"actions": ["issue"], "depth": 0}


def said(
    by: str | None, entity: str, action: str = "issue", **changed: object
) -> dict[str, object]:
    return {
        "id": f"{by}-{entity}-{action}",
        "kind": "authorisation",
        "authority": {"id": by or "framework", "did": by and did(by)},
        "entity": {"id": entity, "did": did(entity)},
        "action": action,
        "scope": scope(scheme=[SCHEME]),
        "passes_on": POWERS if action == "accredit" else None,
        "valid_from": FROM,
        "valid_until": None,
        "state": "active",
        **changed,
    }


PARTIES = [
    party("irma", kinds=["scheme-owner"], identifiers=["https://irma.example"]),
    party("auditor", trading_names=["Aud, Itor & Co", 'The "A"'], jurisdiction="CL"),
]
ANCHOR = said(None, "irma", "accredit")
GRANT = said("irma", "auditor", scope=scope(scheme=[SCHEME], country={"except": ["CD", "PE"]}))
WORDS = {
    "Scheme owner": {"type": "add_anchor", "action": "accredit", "passes_on": POWERS},
    "Audits": {"type": "authorise"},
}


def mapping(words: dict[str, str] | None = None, **more: object) -> dict[str, object]:
    """The mapping with the words of one format for the anchor and the grant."""
    names = words or {"Scheme owner": "Scheme owner", "Audits": "Audits"}
    scopes = {"Scheme owner": ANCHOR["scope"], "Audits": GRANT["scope"]}
    grants = {name: {**WORDS[word], "scope": scopes[word]} for word, name in names.items()}
    return {"grants": grants, **more}


def export(
    format_: str,
    statements: list[dict[str, object]],
    meaning: object = None,
    *,
    parties: list[dict[str, object]] | None = None,
    excluded: frozenset[str] = frozenset(),
    publisher: Publisher = BOARD,
) -> Export:
    held = holdings_of("https://r.example", NOW, parties or PARTIES, statements, excluded)
    meanings = read_meanings(json.dumps(meaning or {}).encode())
    return WRITERS[format_](listing_of(held, publisher, meanings))


def lost(made: Export) -> dict[str, str]:
    return {each.of: each.text for each in made.losses if each.of}


def grants(found: object) -> list[dict[str, object]]:
    return [
        {k: v for k, v in each.members.items() if k != "evidence"}
        for each in found.acts
        if each.members["type"] != "register_party"
    ]


def test_csv_goes_round() -> None:
    made = export("csv", [ANCHOR, said("irma", "auditor", valid_until=UNTIL, scope=GRANT["scope"])])
    assert lost(made) == {}
    found = drafts("csv", made.data)
    registered = [each for each in acts(found) if isinstance(each, RegisterParty)]
    assert [each.trading_names for each in registered] == [(), ("Aud, Itor & Co", 'The "A"')]
    assert [each.jurisdiction for each in registered] == ["", "CL"]
    assert grants(found) == [
        {
            "type": "add_anchor",
            "entity": did("irma"),
            "scope": ANCHOR["scope"],
            "action": "accredit",
            "valid_from": FROM,
            "passes_on": POWERS,
        },
        {
            "type": "authorise",
            "entity": did("auditor"),
            "scope": GRANT["scope"],
            "action": "issue",
            "valid_from": FROM,
            "valid_until": UNTIL,
        },
    ]
    assert [each.by and each.by.text for each in found.acts[2:]] == [None, did("irma")]


@pytest.mark.parametrize("value", ["any", "except CL", "a|b"])
def test_a_value_that_a_cell_would_say_otherwise_is_left_out(value: str) -> None:
    made = export("csv", [ANCHOR, said("irma", "auditor", scope=scope(scheme=[value]))])
    assert GRANT["id"] in lost(made)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@A"])
def test_what_a_spreadsheet_would_compute_is_left_out(name: str) -> None:
    made = export("csv", [ANCHOR, GRANT], parties=[PARTIES[0], {**PARTIES[1], "name": name}])
    assert name not in made.data.decode()
    assert GRANT["id"] in lost(made)


def test_the_issuer_list_goes_round() -> None:
    made = export("bc-issuers", [ANCHOR, GRANT], mapping())
    assert json.loads(made.data) == {
        "issuers": [{"id": did("auditor"), "name": "Auditor", "scope": "Audits"}]
    }
    assert list(lost(made)) == [ANCHOR["id"]]
    found = acts(drafts("bc-issuers", made.data, mapping()))
    assert [type(each) for each in found] == [RegisterParty, Authorise]


def test_what_the_mapping_has_no_word_for_is_lost_and_never_approximated() -> None:
    narrower = said("irma", "auditor", scope=scope(scheme=[SCHEME], country=["CL"]))
    made = export("bc-issuers", [ANCHOR, narrower], mapping())
    assert json.loads(made.data) == {"issuers": []}
    assert "no word" in lost(made)[narrower["id"]]


FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return URL(str(value)).scheme != ""


@FORMATS.checks("date-time", raises=InvalidInstantError)
def _is_time(value: object) -> bool:
    return parse_instant(str(value)) is not None


def test_trusted_entities_validate_and_go_round(vectors: Path) -> None:
    words = {"Scheme owner": "https://w.example/owner", "Audits": "https://w.example/audits"}
    meaning = mapping(words, statuses={"stands": "active", "https://w.example/stands": "active"})
    made = export("trusted-entities", [ANCHOR, GRANT], meaning)
    document = json.loads(made.data)
    folder = vectors / "trust/etsi-lote"
    schema = json.loads((folder / "1960201_json_schema.json").read_bytes())
    jwk = json.loads((folder / "webuild/schemas/rfcs/rfc7517.json").read_bytes())
    text = json.dumps(schema).replace("rfcs/rfc7517.json", "urn:jwk")
    held = Registry().with_resource("urn:jwk", Resource.from_contents(jwk, DRAFT7))
    jsonschema.Draft7Validator(json.loads(text), registry=held, format_checker=FORMATS).validate(
        document
    )
    assert made.says_so
    extensions = document["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"]
    assert len(extensions[0]["notCarriedOver"]) == len(made.losses)
    found = drafts("trusted-entities", made.data, meaning)
    assert [each["entity"] for each in grants(found)] == [did("irma"), did("auditor")]
    assert [each["valid_from"] for each in grants(found)] == [FROM, FROM]
    assert [each["scope"] for each in grants(found)] == [ANCHOR["scope"], GRANT["scope"]]


@pytest.mark.parametrize("root", ["RootTAO", "RootTAO https://s.example/1"])
def test_ebsi_goes_round(root: str) -> None:
    words = {"Scheme owner": root, "Audits": "TI https://s.example/1 FIN"}
    meaning = mapping(words, names={did("irma"): "Irma", did("auditor"): "Auditor"})
    ended = {**GRANT, "valid_until": UNTIL}
    made = export("ebsi", [ANCHOR, ended], meaning)
    found = drafts("ebsi", made.data, meaning)
    assert [each["type"] for each in grants(found)] == ["add_anchor", "authorise"]
    assert grants(found)[1]["valid_until"] == UNTIL
    assert grants(found)[1]["scope"] == GRANT["scope"]
    assert [each.by and each.by.text for each in found.acts[2:]] == [None, did("irma")]
    assert any("not signed" in each.text for each in found.remarks)


def test_subordinate_statements_join_a_chain() -> None:
    irma, auditor = "https://irma.example", "https://auditor.example"
    public = {**key(auditor).public.jwk(), "kid": auditor}
    meaning = mapping(
        {"Scheme owner": "trust_anchor", "Audits": "credential_issuer"},
        identifiers={irma: did("irma"), auditor: did("auditor")},
        names={did("irma"): "Irma"},
        keys={auditor: [public], irma: [{**key(irma).public.jwk(), "kid": irma}]},
    )
    who = Publisher("Irma", DAY, irma, key(irma), irma)
    made = export("openid-federation", [ANCHOR, GRANT], meaning, publisher=who)
    (signed,) = json.loads(made.data)["statements"]
    metadata = {
        "credential_issuer": {},
        "federation_entity": {"organization_name": "Auditor"},
    }
    leaf = statement(auditor, auditor, authority_hints=[irma], metadata=metadata)
    found = drafts("openid-federation", json.dumps([leaf, signed]).encode(), meaning)
    assert [each["type"] for each in grants(found)] == ["add_anchor", "authorise"]
    assert grants(found)[1]["scope"] == GRANT["scope"]

    plain = export("openid-federation", [ANCHOR, GRANT], meaning)
    (claims,) = json.loads(plain.data)["statements"]
    assert (claims["iss"], claims["sub"], claims["metadata"]) == (
        irma,
        auditor,
        {"credential_issuer": {}},
    )
    other = Publisher("Other", DAY, "https://other.example", key("x"), "x")
    made = export("openid-federation", [ANCHOR, GRANT], meaning, publisher=other)
    assert json.loads(made.data)["statements"] == []


def test_a_statement_never_outlives_its_grant() -> None:
    irma, auditor = "https://irma.example", "https://auditor.example"
    meaning = mapping(
        {"Scheme owner": "trust_anchor", "Audits": "credential_issuer"},
        identifiers={irma: did("irma"), auditor: did("auditor")},
        keys={auditor: [key("a").public.jwk()]},
    )
    soon = format_instant(NOW + 1000)
    made = export("openid-federation", [ANCHOR, {**GRANT, "valid_until": soon}], meaning)
    assert json.loads(made.data)["statements"][0]["exp"] == NOW // 1000 + 1


@pytest.mark.parametrize(
    ("statements", "excluded", "gone"),
    [
        ([ANCHOR, {**GRANT, "state": "suspended"}], (), None),
        ([ANCHOR, {**GRANT, "state": "partly_suspended"}], (), GRANT["id"]),
        ([{**ANCHOR, "state": "withdrawn"}, GRANT], (), GRANT["id"]),
        ([said(None, "irma", "issue"), GRANT], (), GRANT["id"]),
        ([GRANT], (), GRANT["id"]),
        ([ANCHOR, GRANT], ("auditor",), GRANT["id"]),
        ([ANCHOR, GRANT], ("irma",), GRANT["id"]),
    ],
)
def test_what_does_not_stand_is_in_no_list(
    statements: list[dict[str, object]], excluded: tuple[str, ...], gone: str | None
) -> None:
    made = export("csv", statements, excluded=frozenset(excluded))
    assert did("auditor") not in made.data.decode()
    assert gone is None or gone in lost(made)


@pytest.mark.parametrize("broken", [{"state": 1}, {"scope": {}}, {"action": "rule"}, {"entity": 1}])
def test_an_answer_that_is_no_listing_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InvalidListingError):
        export("csv", [{**GRANT, **broken}])


_NAMES = st.text(min_size=1, max_size=20).filter(lambda t: t.isprintable() and t == t.strip())


@given(
    _NAMES,
    st.lists(_NAMES, max_size=3, unique=True),
    st.lists(_NAMES, min_size=1, max_size=3, unique=True),
)
def test_any_csv_goes_round_or_is_a_loss(name: str, names: list[str], values: list[str]) -> None:
    grant = said("irma", "auditor", scope=scope(scheme=values))
    body = {**PARTIES[1], "name": name, "trading_names": names}
    made = export("csv", [ANCHOR, grant], parties=[PARTIES[0], body])
    found = drafts("csv", made.data)
    if grant["id"] in lost(made):
        assert len(found.acts) == 2
        return
    registered = parse(found.acts[1])
    assert (registered.name, registered.trading_names) == (name, tuple(names))
    assert grants(found)[1]["scope"]["scheme"] == sorted(values)


def parse(draft: Draft) -> RegisterParty:
    act = parse_act(draft_payload(draft, NOW))
    assert isinstance(act, RegisterParty)
    return act
