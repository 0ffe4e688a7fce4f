"""YAML that people write: what has two meanings, or grows when it is read, is refused."""

from itertools import pairwise

import pytest

from trust_registry.documents import read_document
from trust_registry.errors import InvalidFrameworkError, InvalidYamlError
from trust_registry.strict_yaml import MAX_YAML, read_yaml

NAMES = "abcdefghijklmnopqrst"
BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in pairwise(NAMES)
)


def test_a_time_is_written_as_acts_write_it() -> None:
    read = read_yaml("{at: 2026-03-01T00:00:00Z, text: '2026-03-01T00:00:00Z', n: 1, deep: [{}]}")
    assert read == {
        "at": "2026-03-01T00:00:00+00:00",
        "text": "2026-03-01T00:00:00Z",
        "n": 1,
        "deep": [{}],
    }


def test_an_alias_stands_for_what_it_names() -> None:
    text = "rules: {renew: &most {share: 2/3}, narrow: *most, correct: {<<: *most, waiting: 7d}}"
    most = {"share": "2/3"}
    assert read_yaml(text) == {
        "rules": {"renew": most, "narrow": most, "correct": {**most, "waiting": "7d"}}
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "alias"),
        ("&a [*a]", "alias"),
        ("&a {b: {c: *a}}", "alias"),
        ("- &long " + "x" * 1000 + "\n" + "- *long\n" * 1000, "alias"),
        ("type: authorise\ntype: withdraw", "type is there twice"),
        ("{1: a, '1': b}", "twice"),
        ("[" * 5000, "deeper"),
        ("[" * 17 + "]" * 17, "deeper"),
        ("type: [open", "expected"),
        ("type: \x01", "unacceptable"),
        (b"\xff\xfe\x00", "unacceptable"),
        ("valid_until: 2026-03-01", "offset"),
        ("valid_until: 2026-03-01T00:00:00", "offset"),
        ("data: !!binary aGk=", "JSON"),
        ("set: !!set {a, b}", "JSON"),
        ("n: .nan", "JSON"),
        ("!!python/object/apply:os.system ['true']", "constructor"),
        ("[a]: b", "unhashable"),
        ("--- a\n--- b", "single document"),
        ("#" * (MAX_YAML + 1), "bytes"),
    ],
)
def test_what_is_not_understood_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidYamlError, match=reason):
        read_yaml(text)


def test_so_are_frameworks() -> None:
    with pytest.raises(InvalidFrameworkError, match="alias"):
        read_document(BOMB)
