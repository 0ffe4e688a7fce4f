import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from link_resolver.errors import InvalidLinkTypeError
from link_resolver.link_types import GS1, canonical
from link_resolver.linkset import Format, write
from link_resolver.resolving import Level
from tests.links import links_of, make_link

ROOT = "https://id.my-host.example"
KEY = "/01/09506000164908"
Validate = Callable[[Any], bool]


@pytest.fixture(scope="session")
def schemas(vectors: Path) -> dict[Format, Draft7Validator]:
    gs1 = vectors / "gs1" / "resolver" / "linkset" / "gs1-linkset-schema.json"
    untp = vectors / "untp" / "schemas" / "v0.7.0" / "LinksetSchema.json"
    return {
        Format.GS1: Draft7Validator(json.loads(gs1.read_text())),
        Format.UNTP: Draft7Validator(json.loads(untp.read_text())),
    }


def written(*links, profile: Format = Format.GS1, **more) -> Any:
    paths = dict.fromkeys(each.path for each in links)
    levels = [Level(path, tuple(e for e in links if e.path == path)) for path in paths]
    return write(levels, ROOT, profile, **more)


def only(*links, **more) -> Any:
    return written(*links, **more).document["linkset"][0]


def test_a_linkset_has_every_level_with_its_anchor() -> None:
    document = written(
        make_link(f"{KEY}/21/S1", "dpp", "https://t.example/dpp", media_type="application/vc+jwt"),
        make_link(KEY, "gs1:pip", "https://t.example/pip", title="Shirt", default=True, item="A"),
    ).document
    assert document == {
        "linkset": [
            {
                "anchor": f"{ROOT}{KEY}/21/S1",
                "itemDescription": "A",
                "dpp": [
                    {
                        "href": "https://t.example/dpp",
                        "title": f"dpp of {KEY}/21/S1",
                        "type": "application/vc+jwt",
                    }
                ],
            },
            {
                "anchor": f"{ROOT}{KEY}",
                "itemDescription": "A",
                f"{GS1}defaultLink": [{"href": "https://t.example/pip", "title": "Shirt"}],
                f"{GS1}pip": [{"href": "https://t.example/pip", "title": "Shirt"}],
            },
        ]
    }


def test_a_default_has_no_attributes_and_is_listed_under_its_own_type() -> None:
    item = only(
        make_link(KEY, "gs1:pip", "https://t.example/en", default=True, hreflang=("en",)),
        make_link(KEY, "gs1:pip", "https://t.example/de", default=True, hreflang=("de",)),
    )
    assert [set(each) for each in item[f"{GS1}defaultLink"]] == [{"href", "title"}]
    assert [each["hreflang"] for each in item[f"{GS1}defaultLinkMulti"]] == [["en"], ["de"]]
    assert len(item[f"{GS1}pip"]) == 2


def test_a_link_that_is_alone_is_the_default() -> None:
    alone = make_link(KEY, "dpp", "https://t.example/dpp")
    assert only(alone)[f"{GS1}defaultLink"] == [{"href": alone.href, "title": alone.title}]
    assert f"{GS1}defaultLink" not in only(alone, whole=False)
    other = make_link(KEY, "dcc", "https://t.example/dcc")
    assert f"{GS1}defaultLink" not in only(alone, other)


def test_what_nobody_described_is_described_by_its_path() -> None:
    assert only(make_link(KEY, "dpp", "https://t.example/"))["itemDescription"] == KEY[1:]


def test_an_ended_authority_is_marked_in_every_profile(schemas) -> None:
    link = make_link(KEY, "dpp", "https://t.example/", authorised=False, context=("AU",))
    for profile in Format:
        item = only(link, profile=profile)
        assert item["dpp"][0]["context"] == ["AU", "authority-ended"]
        assert f"{GS1}defaultLink" not in item
        if profile in schemas:
            assert schemas[profile].is_valid(written(link, profile=profile).document)


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (("en", "en-GB"), ["en", "en-GB"]),
        (("zh-Hant-TW", "es-419", "und", "fil"), ["zh-TW", "es"]),
        (("zh-Hant", "zh-Hans"), ["zh"]),
        (("fil",), None),
    ],
)
def test_languages_are_cut_to_what_the_schemas_take(tags, kept) -> None:
    link = make_link(KEY, "dpp", "https://t.example/", hreflang=tags)
    for profile in (Format.GS1, Format.UNTP):
        result = written(link, profile=profile)
        assert result.document["linkset"][0]["dpp"][0].get("hreflang") == kept
        assert result.complete == (kept == list(tags))
    whole = written(link, profile=Format.FULL)
    assert whole.document["linkset"][0]["dpp"][0]["hreflang"] == list(tags)
    assert whole.complete


def test_untps_members_are_in_its_profile_alone() -> None:
    link = make_link(
        KEY,
        "dte",
        "https://t.example/",
        rel=("edit",),
        method=("POST", "X-API-Key"),
        encryption_method="AES-128",
        access_role=("untp:accessRole#Owner",),
        predecessor="https://t.example/old",
        fwqs=False,
        public=False,
    )
    strict = written(link)
    assert not strict.complete
    assert strict.document["linkset"][0]["dte"] == [
        {"href": link.href, "title": link.title, "fwqs": False, "public": False}
    ]
    full = written(link, profile=Format.UNTP)
    assert full.complete
    new, old = full.document["linkset"][0]["dte"]
    assert new["rel"] == ["edit"]
    assert new["method"] == ["POST", "X-API-Key"]
    assert new["encryptionMethod"] == "AES-128"
    assert new["accessRole"] == ["untp:accessRole#Owner"]
    assert old == {
        "href": "https://t.example/old",
        "title": link.title,
        "rel": ["predecessor-version"],
    }


def test_a_type_that_no_schema_can_name_is_told_in_full_alone() -> None:
    link = make_link(KEY, "https://your-resolver.example.com/voc/x", "https://t.example/")
    assert link.link_type not in only(link)
    assert not written(link).complete
    assert only(link, profile=Format.FULL)[link.link_type]


def test_json_ld_brings_its_context() -> None:
    result = written(make_link(KEY, "dpp", "https://t.example/"))
    document = json.loads(result.json_ld())
    assert document["@context"]["linkset"] == "@graph"
    assert document["linkset"] == json.loads(result.json())["linkset"]


def test_each_published_case_has_its_verdict_and_what_is_imported_is_valid(
    vectors: Path, schemas
) -> None:
    """The schema says what was recorded; what can be read of a case comes out valid."""
    folder = vectors / "gs1" / "resolver" / "linkset"
    cases = json.loads((folder / "schema-cases.json").read_text())
    for case in cases:
        assert schemas[Format.GS1].is_valid(case["doc"]) == case["valid"], case["case"]
        try:
            links = links_of(case["doc"], "https://r.example")
        except (InvalidLinkTypeError, KeyError, TypeError, AttributeError):
            assert not case["valid"], case["case"]
            continue
        if any(not each.href.startswith("http") or not each.path.startswith("/") for each in links):
            continue  # not to be registered
        for profile, schema in schemas.items():
            if all(re.search(r"\w+/[-+.\w]+", each.media_type or "a/b") for each in links):
                document = written(*links, profile=profile).document
                assert schema.is_valid(document), (case["case"], profile)


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("modelLinkset.json", "https://id.gs1.org"),
        ("ExampleLinkset.json", "https://id.gs1.org"),
        ("valid-gs1-example.json", "https://id.gs1.org"),
        ("valid-basic-example.json", "https://id.gs1.org"),
    ],
)
def test_gs1s_examples_come_out_as_they_went_in(vectors: Path, schemas, file, stem) -> None:
    document = json.loads((vectors / "gs1" / "resolver" / "linkset" / file).read_text())
    result = written(*links_of(document, stem)).document
    assert schemas[Format.GS1].is_valid(result)
    for item in document["linkset"]:
        if "anchor" not in item:
            continue
        [ours] = [e for e in result["linkset"] if e["anchor"].endswith(item["anchor"][18:])]
        for name, targets in item.items():
            if name not in ("anchor", "itemDescription", "_comment"):
                kept = [
                    {k: v for k, v in e.items() if k not in ("title*", "_comment")} for e in targets
                ]
                assert [e["href"] for e in ours[canonical(name)]] == [e["href"] for e in kept]
                if canonical(name) != f"{GS1}defaultLink":
                    assert ours[canonical(name)] == kept


def test_untps_examples_come_out_as_they_went_in(vectors: Path, schemas) -> None:
    examples = json.loads(
        (vectors / "gs1" / "untp" / "identity-resolver-examples.json").read_text()
    )
    files = [
        json.loads(each.read_text()) for each in (vectors / "untp" / "linksets").glob("*.json")
    ]
    documents = [each for each in examples.values() if "linkset" in each] + files
    assert len(documents) > 8
    for document in documents:
        stem = "https://" + document["linkset"][0]["anchor"].split("/")[2]
        result = written(*links_of(document, stem), profile=Format.UNTP).document
        assert schemas[Format.UNTP].is_valid(result)
        for item in document["linkset"]:
            [ours] = [
                e
                for e in result["linkset"]
                if e["anchor"].removeprefix(ROOT) == item["anchor"].removeprefix(stem)
            ]
            for name, targets in item.items():
                if name != "anchor" and not name.startswith("sample:"):
                    assert ours[canonical(name)] == targets


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
LINKS = st.lists(
    st.builds(
        make_link,
        st.sampled_from([KEY, f"{KEY}/10/L1", f"{KEY}/21/S1"]),
        st.sampled_from(
            [
                "dpp",
                "gs1:pip",
                "predecessor-version",
                "p3pv1",
                "https://a-b.example/x",
                "https://x.example/y#z",
            ]
        ),
        st.just("https://t.example/"),
        title=TEXT,
        item=st.just("") | TEXT,
        hreflang=st.lists(
            st.sampled_from(["en", "zh-Hant", "und", "es-419", "x-a", "pt-BR"]), max_size=3
        ).map(tuple),
        media_type=st.sampled_from([None, "text/html", "application/vc+jwt"]),
        context=st.lists(TEXT, max_size=2).map(tuple),
        default=st.booleans(),
        authorised=st.booleans(),
        rel=st.sampled_from([(), ("edit",)]),
        method=st.sampled_from([(), ("POST",)]),
        predecessor=st.sampled_from([None, "https://t.example/old"]),
        fwqs=st.sampled_from([None, True, False]),
    ),
    min_size=1,
    max_size=8,
)


@given(LINKS)
def test_whatever_is_written_is_valid_and_has_one_default_a_level(schemas, links) -> None:
    for profile, schema in schemas.items():
        document = written(*links, profile=profile).document
        assert schema.is_valid(document)
        for item in document["linkset"]:
            assert len(item.get(f"{GS1}defaultLink", ["one"])) == 1
    everything = written(*links, profile=Format.FULL)
    assert everything.complete
