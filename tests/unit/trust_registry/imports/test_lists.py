import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.did import Did
from resolver.instant import parse_instant
from trust_registry.acts import Accredit, Authorise, RegisterParty, parse_act
from trust_registry.imports import (
    MAX_SOURCE,
    READERS,
    Draft,
    Drafts,
    ImportRefusedError,
    Source,
    draft_payload,
    read_meanings,
)

NOW = parse_instant("2026-06-01T00:00:00Z")
MINES = "Mines Act"
AUTHORISE = {
    "type": "authorise",
    "scope": {"credential_type": ["DigitalConformityCredential"], "rest": "any"},
}


def drafts(
    format_: str,
    data: bytes,
    mapping: object = None,
    *,
    now: int = NOW,
    registered: frozenset[Did] = frozenset(),
) -> Drafts:
    meanings = read_meanings(json.dumps(mapping or {}).encode())
    return READERS[format_](Source(data, "https://lists.example/1", now, meanings, registered))


def acts(found: Drafts, now: int = NOW) -> list[object]:
    return [parse_act(draft_payload(each, now)) for each in found.acts]


def issuers(*rows: tuple[str, str, str]) -> bytes:
    return json.dumps({"issuers": [{"id": i, "name": n, "scope": s} for i, n, s in rows]}).encode()


ONE = ("did:web:a.example", "A", MINES)


def test_the_real_list_of_british_columbia(vectors: Path) -> None:
    for name in ("dev", "test", "prod"):
        data = (vectors / f"untp/registers/bcgov-issuers-{name}.json").read_bytes()
        found = drafts("bc-issuers", data, {"grants": {MINES: AUTHORISE}})
        *parties, grant = acts(found)
        assert all(isinstance(each, RegisterParty) for each in parties)
        assert len(parties) == len(json.loads(data)["issuers"])
        assert isinstance(grant, Authorise)
        assert grant.entity.text.endswith(":mines-act:chief-permitting-officer")
        assert grant.evidence[0].sha256 == sha256(data).hexdigest()
        unmapped = [each for each in found.remarks if "Petroleum" in each.text]
        assert len(unmapped) == len(parties) - 1


def test_a_word_without_meaning_grants_nothing() -> None:
    found = drafts("bc-issuers", issuers(ONE))
    assert [type(each) for each in acts(found)] == [RegisterParty]
    assert found.remarks[0].where == "/issuers/0"


def test_one_party_with_two_words_is_registered_once() -> None:
    mapping = {"grants": {MINES: AUTHORISE, "Oil": {**AUTHORISE, "scope": {"rest": "any"}}}}
    found = drafts("bc-issuers", issuers(ONE, (ONE[0], "A", "Oil")), mapping)
    assert [type(each) for each in acts(found)] == [RegisterParty, Authorise, Authorise]


def test_who_is_registered_already_is_not_registered_again() -> None:
    known = frozenset({Did.parse(ONE[0])})
    found = drafts("bc-issuers", issuers(ONE), {"grants": {MINES: AUTHORISE}}, registered=known)
    assert [type(each) for each in acts(found)] == [Authorise]
    assert any("registered already" in each.text for each in found.remarks)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (issuers(ONE, ONE), "/issuers/1"),
        (issuers(ONE, (ONE[0], "B", "Oil")), "/issuers/1"),
        (issuers(("did:web:", "A", MINES)), "/issuers/0/id"),
        (issuers((ONE[0], "A" * 301, MINES)), "/issuers/0"),
        (issuers((ONE[0], "A\nB", MINES)), "/issuers/0"),
        (issuers((ONE[0], "", MINES)), "/issuers/0"),
        (b'{"issuers": [{"id": "did:web:a.example", "name": 1, "scope": ""}]}', "/issuers/0/name"),
        (b'{"issuers": [{"id": "did:web:a.example", "name": "A"}]}', "/issuers/0/scope"),
        (b'{"issuers": [], "revoked": []}', "/revoked"),
        (b'{"issuers": [], "issuers": []}', ""),
        (b"[" * 100 + b"]" * 100, ""),
        (b"{", ""),
        (b" " * (MAX_SOURCE + 1), ""),
        (b"null", ""),
    ],
)
def test_what_is_no_list_is_refused_by_its_place(data: bytes, where: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        drafts("bc-issuers", data, {"grants": {MINES: AUTHORISE}})
    assert caught.value.where == where


def test_a_list_with_too_many_rows_is_refused() -> None:
    rows = [(f"did:web:a{n}.example", "A", "") for n in range(30)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trust_registry.imports.drafts.MAX_ROWS", 20)
        with pytest.raises(ImportRefusedError, match="at most 20") as caught:
            drafts("bc-issuers", issuers(*rows))
    assert caught.value.where == "/issuers/20"


@pytest.mark.parametrize(
    "mapping",
    [
        b"grants: {A: {type: withdraw, scope: {rest: any}}}",
        b"grants: {A: {type: authorise}}",
        b"grants: {A: {type: authorise, scope: {rest: any}, entity: did:web:a.example}}",
        b"grants: [A]",
        b"identifiers: {A: nobody}",
        b"guess: true",
        b"- A",
        b"a: &a [*a]",
        b"names: {did:web:a.example: A, did:web:a.example: B}",
        b"\xff",
        b"[" * 5000,
    ],
)
def test_what_is_no_mapping_is_refused(mapping: bytes) -> None:
    with pytest.raises(ImportRefusedError):
        read_meanings(mapping)


def test_a_meaning_that_is_no_act_is_refused() -> None:
    wrong = {"type": "authorise", "scope": {"country": ["CA"]}}
    with pytest.raises(ImportRefusedError, match="scope"):
        drafts("bc-issuers", issuers(ONE), {"grants": {MINES: wrong}})


def test_the_untp_registers_as_published(vectors: Path) -> None:
    folder = vectors / "untp/registers"
    gs1 = {"identifiers": {"https://www.gs1.org": "did:web:gs1.example"}}
    anchor = {"type": "authorise", "action": "anchor"}
    meaning = {**anchor, "scope": {"id_scheme": ["https://id.gs1.org/gtin"], "rest": "any"}}
    mapping = {**gs1, "grants": {"https://id.gs1.org/gtin": meaning}}
    found = drafts("untp-idr", (folder / "untp-idr-register.json").read_bytes(), mapping)
    registered, granted = acts(found)
    assert registered.identifiers == ("https://www.gs1.org",)
    assert granted.action.value == "anchor"
    assert any("'https://id.gs1.org/gln'" in each.text for each in found.remarks)

    owner = {"identifiers": {"https://coppermark.org": "did:web:coppermark.example"}}
    powers = {"passes_on": {"actions": ["issue"], "depth": 0}}
    scheme = {"scope": {"scheme": ["https://coppermark.org"], "rest": "any"}}
    mapping = {
        **owner,
        "grants": {"https://coppermark.org": {"type": "accredit", **scheme, **powers}},
    }
    found = drafts("untp-cvc", (folder / "untp-cvc-register.json").read_bytes(), mapping)
    assert [type(each) for each in acts(found)] == [RegisterParty, Accredit]
    assert sum("no DID" in each.text for each in found.remarks) == 3

    data = (folder / "untp-swi-register.json").read_bytes()
    entries = json.loads(data)["entries"]
    dids = {each["id"]: f"did:web:s{n}.example" for n, each in enumerate(entries)}
    found = drafts("untp-swi", data, {"identifiers": dids})
    assert len(acts(found)) == len(entries)


def test_a_register_with_another_form_is_refused(vectors: Path) -> None:
    data = json.loads((vectors / "untp/registers/untp-idr-register.json").read_bytes())
    data["entries"][1]["status"] = "retired"
    with pytest.raises(ImportRefusedError) as caught:
        drafts("untp-idr", json.dumps(data).encode())
    assert caught.value.where == "/entries/1/status"


HEAD = "did,name,type,scheme,country,rest,valid_until,passes_on,depth,by\n"
GRANT = "did:web:a.example,A,{},https://irma.example/standard,except CL|PE,any,{},{},{},{}\n"


def test_a_row_becomes_a_registration_and_a_grant() -> None:
    row = GRANT.format("accredit", "2028-01-01T00:00:00Z", "issue|accredit", 1, "did:web:b.example")
    found = drafts("csv", ("\ufeff" + HEAD + row).encode())
    party, grant = acts(found)
    assert (party.name, grant.type) == ("A", "accredit")
    assert found.acts[1].by == Did.parse("did:web:b.example")
    assert grant.passes_on.depth == 1
    assert found.acts[1].members["scope"]["country"] == {"except": ["CL", "PE"]}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("did,name,nom\n", "line 1"),
        ("did,did,name\n", "line 1"),
        ("name\n", "line 1"),
        ("", "line 1"),
        ("did,name\ndid:web:a.example\n", "line 2"),
        ("did,name\nnobody,A\n", "line 2, did"),
        ('did,name\ndid:web:a.example,"A\n', "line 2"),
        ("did,name\n\ndid:web:a.example,\n", "line 3"),
        ("did,name,rest\ndid:web:a.example,A,any\n", "line 2, rest"),
        (HEAD + GRANT.format("withdraw", "", "", "", ""), "line 2, type"),
        (HEAD + GRANT.format("authorise", "soon", "", "", ""), "line 2"),
        (HEAD + GRANT.format("accredit", "", "issue", "x", ""), "line 2, depth"),
        (HEAD + 2 * GRANT.format("authorise", "", "", "", ""), "line 3"),
        (HEAD + GRANT.format("authorise", "", "", "", "me"), "line 2, by"),
    ],
)
def test_a_row_that_is_not_understood_is_refused_by_its_line(text: str, where: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        drafts("csv", text.encode())
    assert caught.value.where == where


def test_a_scope_that_leaves_a_dimension_out_is_refused() -> None:
    text = "did,name,type,country\ndid:web:a.example,A,authorise,CA\n"
    with pytest.raises(ImportRefusedError, match="scope"):
        drafts("csv", text.encode())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["issuers", "entries", "id", "name", "scope", "LoTE", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(
    st.sampled_from([*READERS]),
    st.binary(max_size=200) | _JSON.map(lambda v: json.dumps(v).encode()),
)
def test_any_bytes_are_read_or_refused(format_: str, data: bytes) -> None:
    try:
        found = drafts(format_, data)
    except ImportRefusedError:
        return
    assert all(isinstance(each, Draft) for each in found.acts)
    acts(found)


@given(st.lists(st.text(max_size=12), min_size=2, max_size=8))
def test_any_cells_are_read_or_refused(cells: list[str]) -> None:
    text = "did,name,type,rest,country,by,depth,passes_on"
    where = "line "
    try:
        acts(drafts("csv", f"{text}\ndid:web:a.example,{','.join(cells)}\n".encode()))
    except ImportRefusedError as error:
        where = error.where
    assert where.startswith("line ")


_MAPPINGS = st.dictionaries(
    st.sampled_from(["identifiers", "names", "grants", "statuses", "keys"]),
    st.dictionaries(
        st.sampled_from([MINES, ONE[0], "x"]),
        _JSON
        | st.dictionaries(
            st.sampled_from(["type", "scope", "action", "passes_on", "valid_until"]),
            _JSON | st.sampled_from(["authorise", "accredit", "issue"]) | st.just({"rest": "any"}),
        ),
        max_size=2,
    ),
)


@given(_MAPPINGS)
def test_any_mapping_is_read_or_refused(mapping: object) -> None:
    try:
        acts(drafts("bc-issuers", issuers(ONE), mapping))
    except ImportRefusedError as error:
        assert str(error)  # noqa: PT017 - both ways out are right
