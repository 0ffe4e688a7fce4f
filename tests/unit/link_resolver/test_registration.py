"""It is impossible to register what is no good link, and every refusal names the member."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.errors import InvalidLinkError
from link_resolver.registration import MAX_REMEMBERED, Anchors, link_id, parse_link, written
from link_resolver.schemes import default_schemes
from resolver.strict_json import Json
from tests.unit.link_resolver.shelf import PILLS, RICE, link

ANCHORS = Anchors(default_schemes())


def refusal(value: Json) -> InvalidLinkError:
    with pytest.raises(InvalidLinkError) as caught:
        parse_link(value, ANCHORS)
    return caught.value


def test_a_full_record_is_read_and_written_back() -> None:
    record = link(
        itemDescription="Risotto rice with mushrooms 411 g",
        type="text/html",
        hreflang=["en", "zh-Hant"],
        context=["CL"],
        default=True,
        rel=["edit", "https://rel.test/x"],
        method=["POST", "X-API-Key"],
        encryptionMethod="AES-128",
        public=False,
        fwqs=False,
        activeFrom="2026-01-01T00:00:00Z",
        activeUntil="2027-01-01T00:00:00Z",
    )
    draft = parse_link(record, ANCHORS)
    assert written(draft.link) == record
    assert draft.link.link_type == "https://ref.gs1.org/voc/pip"
    assert draft.holder.value == "09506000134352"
    assert not draft.named


@pytest.mark.parametrize(
    "anchor",
    [
        RICE,
        "https://id.gs1.org/01/09506000134352",
        "https://brand.example/some/stem/01/09506000134352",
        "(01)09506000134352",
        "0109506000134352",
    ],
)
def test_an_anchor_is_one_path_however_it_is_written(anchor: str) -> None:
    assert parse_link(link(anchor=anchor), ANCHORS).link.path == RICE


@pytest.mark.parametrize(
    ("changed", "rule", "field"),
    [
        ({"anchor": "/01/09506000134353"}, "incorrect-check-digit", "anchor"),
        ({"anchor": "/nonsense"}, None, "anchor"),
        ({"anchor": ""}, "malformed", "anchor"),
        ({"anchor": 7}, "malformed", "anchor"),
        ({"anchor": None}, "malformed", "anchor"),
        ({"anchor": f"{RICE}?17=261231"}, "attributes", "anchor"),
        ({"anchor": f"{RICE}/10/A/21/1"}, "level", "anchor"),
        ({"href": "javascript:alert(1)"}, "malformed", "href"),
        ({"href": "data:text/html,x"}, "malformed", "href"),
        ({"href": "ftp://a.test/"}, "malformed", "href"),
        ({"href": "//a.test/"}, "malformed", "href"),
        ({"href": "https://user:secret@a.test/"}, "malformed", "href"),
        ({"href": "https://a.test/\r\nSet-Cookie: x=1"}, "malformed", "href"),
        ({"href": "https://a.test/ü"}, "malformed", "href"),
        ({"href": "https://a.test/%zz"}, "malformed", "href"),
        ({"href": "https://"}, "malformed", "href"),
        ({"href": "https://a.test/" + "x" * 2048}, "malformed", "href"),
        ({"href": "https://a.test/{21}"}, "open-value", "href"),
        ({"linkType": "gs1:defaultLink"}, "reserved-link-type", "linkType"),
        ({"linkType": "linkset"}, "reserved-link-type", "linkType"),
        ({"linkType": "nobody:knows"}, "link-type", "linkType"),
        ({"title": ""}, "malformed", "title"),
        ({"title": "a\nb"}, "malformed", "title"),
        ({"title": None}, "malformed", "title"),
        ({"title": "\u202egpj.exe"}, "malformed", "title"),
        ({"hreflang": "en"}, "malformed", "hreflang"),
        ({"hreflang": ["not a tag"]}, "malformed", "hreflang.0"),
        ({"hreflang": ["en"] * 21}, "malformed", "hreflang"),
        ({"type": "html"}, "malformed", "type"),
        ({"default": "yes"}, "malformed", "default"),
        ({"default": True, "accessRole": ["auditor"]}, "default-for-a-role", "default"),
        ({"activeFrom": "yesterday"}, "malformed", "activeFrom"),
        (
            {"activeFrom": "2026-01-02T00:00:00Z", "activeUntil": "2026-01-02T00:00:00Z"},
            "active-time",
            "activeUntil",
        ),
        ({"id": "x"}, "malformed", "id"),
        ({"isDefault": True}, "unknown-member", "isDefault"),
        ({"deleted": True}, "malformed", "id"),
        ({"deleted": False}, None, None),
        ({"method": ["GET /"]}, "malformed", "method.0"),
        ({"rel": ["Not A Relation"]}, "malformed", "rel.0"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    changed: dict[str, Json], rule: str | None, field: str | None
) -> None:
    error = refusal(link(**changed))
    assert rule is None or error.rule == rule
    assert field is None or error.field == field


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_only_an_object_is_a_link(value: Json) -> None:
    assert refusal(value).rule == "malformed"


def test_a_template_leaves_the_value_of_a_qualifier_open() -> None:
    draft = parse_link(
        link(anchor=f"{PILLS}/22/{{22}}/10/{{10}}", href="https://t.test/{01}?v={22}&l={10}"),
        ANCHORS,
    )
    assert draft.link.path == f"{PILLS}/22/{{22}}/10/{{10}}"
    half = parse_link(link(anchor=f"{PILLS}/22/A%2FB/10/{{10}}"), ANCHORS)
    assert half.link.path == f"{PILLS}/22/A%2FB/10/{{10}}"
    assert ANCHORS.read(half.link.path).path == half.link.path


@pytest.mark.parametrize(
    "anchor",
    [
        "/01/{01}",
        f"{RICE}/21/{{10}}",
        f"{RICE}/21/x{{21}}",
        f"{RICE}/21/{{21}}{{21}}",
        f"{RICE}/21/{{",
        f"{RICE}/21/{{}}",
        f"{RICE}/99/{{99}}",
    ],
)
def test_nothing_else_can_be_left_open(anchor: str) -> None:
    assert refusal(link(anchor=anchor)).field == "anchor"


def test_an_id_follows_from_what_tells_a_link_from_its_neighbours() -> None:
    first = parse_link(link(), ANCHORS).link
    assert first.id == link_id(first)
    assert parse_link(link(title="Another title"), ANCHORS).link.id == first.id
    for changed in ({"href": "https://other.test/"}, {"hreflang": ["de"]}, {"linkType": "dpp"}):
        assert parse_link(link(**changed), ANCHORS).link.id != first.id
    assert not parse_link(link(id=first.id), ANCHORS).named
    assert parse_link(link(id="0" * 32), ANCHORS).named


def test_a_deletion_says_nothing_but_what_goes() -> None:
    draft = parse_link({"anchor": RICE, "id": "0" * 32, "deleted": True}, ANCHORS)
    assert draft.link.deleted
    assert draft.named


def test_anchors_that_are_remembered_do_not_pile_up() -> None:
    anchors = Anchors(default_schemes())
    for number in range(MAX_REMEMBERED + 10):
        anchors.read(f"{RICE}/21/{number}")
    assert len(anchors._read) <= MAX_REMEMBERED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
MEMBERS = ["anchor", "href", "linkType", "title", "hreflang", "type", "id", "rel", "activeFrom"]


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4))
def test_no_value_of_a_member_does_anything_but_be_read_or_refused(
    changed: dict[str, Json],
) -> None:
    try:
        draft = parse_link({**link(), **changed}, ANCHORS)
    except InvalidLinkError:
        return
    assert parse_link(written(draft.link), ANCHORS) == draft
