"""Files of links: read line by line, hostile ones among them, and written back."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.bulk import (
    COLUMNS,
    MAX_LINE,
    Entry,
    Format,
    batches,
    read_entries,
    write_entries,
)
from link_resolver.records import MAX_LINKS, MAX_PAYLOAD
from resolver.strict_json import Json
from tests.unit.link_resolver.shelf import RICE, link


def entries(text: str, form: Format) -> list[Entry]:
    return list(read_entries(text.splitlines(keepends=True), form))


def good(text: str, form: Format) -> list[dict[str, Json]]:
    found = entries(text, form)
    assert not [each.error for each in found if each.error]
    return [each.record for each in found if each.record is not None]


def test_csv_has_lists_flags_and_quotes() -> None:
    text = (
        "\ufeffanchor,href,title,hreflang,default,public,fwqs\n"
        f'{RICE},https://a.test/,"Rice, ""fine""",en|de,TRUE,false,\n'
        "\n"
        f"{RICE},https://b.test/,Rice,,false,,true\n"
    )
    assert good(text, Format.CSV) == [
        {
            "anchor": RICE,
            "href": "https://a.test/",
            "title": 'Rice, "fine"',
            "hreflang": ["en", "de"],
            "default": True,
            "public": False,
        },
        {"anchor": RICE, "href": "https://b.test/", "title": "Rice", "fwqs": True},
    ]


@pytest.mark.parametrize(
    ("text", "line", "detail"),
    [
        ("anchor,bogus\n1,2\n", 1, "'bogus' is no column"),
        ("anchor,anchor\n1,2\n", 1, "twice"),
        ("anchor,href\n1\n", 2, "1 cells where the header has 2"),
        ("anchor,href\n1,2,3\n", 2, "3 cells"),
        ("anchor,default\n1,maybe\n", 2, "true or false"),
        ('anchor,href\n"1,2\n', 2, "not CSV"),
        ('anchor,href\n"1"x,2\n', 2, "not CSV"),
        (f"anchor,href\n1,{'x' * MAX_LINE}\n", 1, "at most"),
        ("\x00\n", 1, "no column"),
    ],
)
def test_hostile_csv_is_told_by_line_and_nothing_is_read_from_it(
    text: str, line: int, detail: str
) -> None:
    (found,) = entries(text, Format.CSV)
    assert found.record is None
    assert found.line == line
    assert detail in str(found.error)


def test_a_bad_line_of_json_lines_does_not_stop_the_next() -> None:
    text = f'{{"a":1,"a":2}}\n[]\n{json.dumps(link())}\n\nnonsense\n'
    found = entries(text, Format.JSON_LINES)
    assert [(each.line, each.record is not None) for each in found] == [
        (1, False),
        (2, False),
        (3, True),
        (5, False),
    ]


@pytest.mark.parametrize("text", ["", "{", "7", "[1]", '{"a":1,"a":2}', "[" * 100])
def test_a_document_that_is_none_is_one_error(text: str) -> None:
    (found,) = entries(text, Format.JSON)
    assert found.error is not None


def test_a_formula_becomes_text_and_comes_back() -> None:
    record: dict[str, Json] = {"anchor": RICE, "title": '=cmd|"/c calc"!A1', "href": "@x"}
    written = "".join(write_entries([record], Format.CSV))
    assert "'=cmd" in written
    assert "'@x" in written
    assert good(written, Format.CSV) == [record]


TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="|\x85"),
    min_size=1,
    max_size=30,
).filter(lambda text: not text.startswith("'"))
RECORD = st.fixed_dictionaries(
    {"anchor": TEXT, "href": TEXT},
    optional={
        "title": TEXT,
        "hreflang": st.lists(TEXT, min_size=1, max_size=3),
        "default": st.just(value=True),
        "public": st.booleans(),
        "fwqs": st.booleans(),
    },
)


@given(st.lists(RECORD, max_size=5), st.sampled_from(Format))
def test_what_is_written_is_read_back(records: list[dict[str, Json]], form: Format) -> None:
    assert good("".join(write_entries(records, form)), form) == records


def test_batches_fit_into_records_and_keep_roles_apart() -> None:
    many = [
        Entry(number, link(title="x" * 250, accessRole=["auditor"] if number % 3 == 0 else None))
        for number in range(3500)
    ]
    found = list(batches(many))
    assert sum(map(len, found)) == len(many)
    for batch in found:
        assert len(batch) <= MAX_LINKS
        assert len(json.dumps([entry.record for entry in batch])) < MAX_PAYLOAD
        assert len({bool(entry.record and entry.record.get("accessRole")) for entry in batch}) == 1
    assert [each.line for each in itertools.chain(*found)] != []


def test_every_member_of_a_link_record_is_a_column() -> None:
    assert set(link(itemDescription="x", accessRole=["x"])) <= set(COLUMNS)
