"""The tables: how a line of the dictionary is read, and that the committed file is what it gives."""

import hashlib
import json
from pathlib import Path

import pytest

from link_resolver.gs1 import generate
from link_resolver.gs1.linters import LINTERS
from link_resolver.gs1.tables import KEYS, RELEASE, RULES

SMALL = """# Release: 2026-01-27
01         *?  N14,csum,gcppos2   ex=255,37 dlpkey=22,10,21|235   # GTIN
8008        ?  N6,yymmdd N2,hh [N2],mi [N2],ss   req=01,02        # PROD TIME
3920-3929   ?  N..15   req=01 req=30,31nn ex=392n                 # PRICE
"""


def test_a_small_dictionary() -> None:
    made = json.loads(generate.generate(SMALL.encode()))
    assert made["release"] == "2026-01-27"
    assert made["sha256"] == hashlib.sha256(SMALL.encode()).hexdigest()
    gtin, produced, price = made["entries"]
    assert gtin["key"] == [["22", "10", "21"], ["235"]]
    assert gtin["fixed"]
    assert produced["parts"][2:] == [["N", 2, 2, True, ["mi"]], ["N", 2, 2, True, ["ss"]]]
    assert (price["first"], price["last"]) == ("3920", "3929")
    assert price["req"] == [[["01"]], [["30"], ["31nn"]]]


@pytest.mark.parametrize(
    "line",
    ["A1  N14  # BAD", "01  Q14  # BAD", "01  N14  dlpkay=22  # BAD", "01  !  N14  # BAD"],
)
def test_what_is_not_understood_stops_the_generator(line: str) -> None:
    with pytest.raises(ValueError, match="not"):
        generate.generate(f"# Release: 1\n{line}".encode())
    with pytest.raises(ValueError, match="release"):
        generate.generate(line.encode())


def test_the_committed_file_is_what_the_dictionary_gives(vectors: Path) -> None:
    source = (vectors / f"gs1/gs1-syntax-dictionary-{RELEASE}.txt").read_bytes()
    assert generate.generate(source) == generate.OUTPUT.read_text(encoding="utf-8")


def test_every_rule_is_complete() -> None:
    assert len(RULES) == 541
    assert len(KEYS) == 16
    for code, rule in RULES.items():
        assert code not in rule.excluded
        assert rule.parts
        assert {name for part in rule.parts for name in part.linters} <= LINTERS.keys()
        for sequence in rule.sequences:
            assert set(sequence) <= RULES.keys()
        for alternatives in rule.required:
            assert all(codes for together in alternatives for codes in together)


def test_no_application_identifier_is_the_beginning_of_another() -> None:
    beginnings = {code[:length] for code in RULES for length in range(1, len(code))}
    assert not beginnings & RULES.keys()
