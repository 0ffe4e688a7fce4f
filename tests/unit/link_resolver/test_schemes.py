"""Configured schemes: what a configuration may say, and what its identifiers are."""

import pytest

from link_resolver.configured import register_url, write_urn
from link_resolver.errors import InvalidIdentifierError, InvalidSchemesError
from link_resolver.parsing import parse_any, parse_path
from link_resolver.schemes import MAX_CONFIGURATION_BYTES, default_schemes, load_schemes

MINE = """
schemes:
  - name: mines
    title: Mines
    keys:
      - code: mine
        title: Mine
        pattern: "[A-Z]{2}[0-9]{4}"
        case: upper
        ignore: "- "
        example: AB1234
        domain: mines.example
        templates: ["https://mines.example/show?id={id}&lang=en"]
        prefixes: ["mine:"]
        qualifiers:
          - {code: pit, title: Pit, pattern: "[0-9]+", example: "7"}
          - {code: bench, title: Bench, pattern: "[0-9]{4}", check: luhn, example: "0018"}
"""
SCHEMES = load_schemes(MINE)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/mines/mine/AB1234", "/mines/mine/AB1234"),
        ("/mines/mine/ab-1234/", "/mines/mine/AB1234"),
        ("/mines/mine/AB%31234/pit/7", "/mines/mine/AB1234/pit/7"),
        ("/mines/mine/AB1234/pit/7/bench/0018", "/mines/mine/AB1234/pit/7/bench/0018"),
        ("/mines/mine/AB1234/bench/0018", "/mines/mine/AB1234/bench/0018"),
        ("https://any.example/stem/mines/mine/AB1234?x=1", "/mines/mine/AB1234"),
        ("urn:gtr:mines.example:ab%201234", "/mines/mine/AB1234"),
        ("https://mines.example/show?id=AB1234&lang=en", "/mines/mine/AB1234"),
        ("mine:AB 1234", "/mines/mine/AB1234"),
    ],
)
def test_every_way_to_write_one(text: str, path: str) -> None:
    assert parse_any(text, SCHEMES).path == path


@pytest.mark.parametrize(
    ("path", "rule", "code", "position"),
    [
        ("/mines/mine/AB12345", "pattern", "mine", 12),
        ("/mines/mine/AB123%GG", "percent-encoding", "mine", 17),
        ("/mines/mine/AB1234/bench/0018/pit/7", "qualifier-order", "pit", 30),
        ("/mines/mine/AB1234/pit/7/pit/7", "qualifier-order", "pit", 25),
        ("/mines/mine/AB1234/shaft/7", "qualifier-not-allowed", "shaft", 19),
        ("/mines/mine/AB1234/bench/0019", "check", "bench", 25),
        ("/mines/mine/AB1234/pit", "value-missing", "mine", 7),
        ("/mines/mine/" + "A" * 600, "value-too-long", "mine", 12),
        ("/mines/mine/%C3%A91234", "pattern", "mine", 12),
        ("/mines/mine/AB1234%0A", "pattern", "mine", 12),
        ("/mines/mine/AB١٢٣٤", "uri-character", "mine", 14),
    ],
)
def test_refusals_name_code_position_and_rule(
    path: str, rule: str, code: str, position: int
) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        parse_path(path, "", SCHEMES)
    found = refusal.value
    assert (found.rule, found.code, found.position) == (rule, code, position)


def test_levels_go_up_one_qualifier_at_a_time() -> None:
    found = parse_path("/mines/mine/AB1234/pit/7/bench/0018", "", SCHEMES)
    assert [level.path for level in found.levels()] == [
        "/mines/mine/AB1234/pit/7/bench/0018",
        "/mines/mine/AB1234/pit/7",
        "/mines/mine/AB1234",
    ]
    assert found.anchor == found


def test_urn_and_register_come_back() -> None:
    found = parse_path("/mines/mine/AB1234", "", SCHEMES)
    urn, url = write_urn(found, SCHEMES), register_url(found, SCHEMES)
    assert urn == "urn:gtr:mines.example:AB1234"
    assert url == "https://mines.example/show?id=AB1234&lang=en"
    assert parse_any(urn, SCHEMES) == parse_any(url, SCHEMES) == found
    gtin = parse_path("/01/09506000134352", "", SCHEMES)
    assert write_urn(gtin, SCHEMES) is register_url(gtin, SCHEMES) is None


def test_the_example_of_every_shipped_key_is_read_in_each_of_its_forms() -> None:
    schemes = default_schemes()
    for scheme, key in schemes.every_key():
        found = parse_path(f"/{scheme.name}/{key.code}/{key.example}", "", schemes)
        again = [text for text in (write_urn(found, schemes), register_url(found, schemes)) if text]
        if key.bare:
            again.append(key.example)
        assert {parse_any(text, schemes) for text in again} <= {found}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("name: mines", "name: Mines", "schemes.0.name"),
        ("name: mines", "name: gs1", "gs1 is built in"),
        ("name: mines", 'name: "01"', "schemes.0.name"),
        ("title: Mines", "title: Mines\n    colour: red", "schemes.0.colour"),
        ("example: AB1234", "example: nothing", "the example is refused"),
        ('pattern: "[0-9]+"', 'pattern: "[0-9"', "not a regular expression"),
        ("check: luhn", "check: magic", "no such check"),
        ("?id={id}&lang=en", "?lang=en", "has one {id}"),
        ("https://mines.example/show", "http://mines.example/show", "has one {id}"),
        ("schemes:", "schemes: [", "not YAML"),
        ("title: Mines", "title: Mines\n    title: Pits", "title is there twice"),
        ("schemes:", "? [1]\n: 2\nschemes:", "not YAML"),
        ("code: bench", "code: bench/x", "qualifiers.1.code"),
        ("schemes:", "short_gtins: perhaps\nschemes:", "short_gtins"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_place(old: str, new: str, place: str) -> None:
    assert old in MINE
    with pytest.raises(InvalidSchemesError) as refusal:
        load_schemes(MINE.replace(old, new))
    assert place in str(refusal.value)


def test_nothing_is_configured_twice_or_without_end() -> None:
    with pytest.raises(InvalidSchemesError, match="mines is there twice"):
        load_schemes(MINE + MINE.split("schemes:\n")[1])
    with pytest.raises(InvalidSchemesError, match="bytes"):
        load_schemes("#" * (MAX_CONFIGURATION_BYTES + 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "schemes: &a [*a]",
        "[" * 5000,
        "schemes: {a: b}",
        "!!python/object:os.system x",
    ],
)
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchemesError):
        load_schemes(text)
