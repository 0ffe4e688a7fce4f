"""Every GS1 application identifier and its rules, compiled once from `dictionary.json`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations
from typing import Any, Final

from link_resolver.gs1.flaws import Check
from link_resolver.gs1.values import Part, value_check

_PREFIX_AT: Final = {"gcppos1": 0, "gcppos2": 1}
_DICTIONARY: Final = json.loads(files(__package__).joinpath("dictionary.json").read_bytes())

RELEASE: Final[str] = _DICTIONARY["release"]
"""The release of the GS1 Barcode Syntax Dictionary that the rules come from."""

Alternatives = tuple[tuple[frozenset[str], ...], ...]
"""Of one tuple all sets, and of each set one AI."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the dictionary says of one application identifier.

    Attributes:
        code: the application identifier.
        title: what GS1 calls it.
        fixed: whether its length is predefined, so that no FNC1 need follow it.
        attribute: whether it may stand in the query of a Digital Link URI.
        parts: the components of its value.
        check: tells what is wrong with a value.
        required: of each member, one alternative must be there with all that it names.
        excluded: the AIs that must not be there beside it.
        sequences: for a primary key, the alternative sequences of its qualifiers.
        prefix_at: where in its value a GS1 company prefix begins, or None.
    """

    code: str
    title: str
    fixed: bool
    attribute: bool
    parts: tuple[Part, ...]
    check: Check
    required: tuple[Alternatives, ...]
    excluded: frozenset[str]
    sequences: tuple[tuple[str, ...], ...]
    prefix_at: int | None

    def orders(self) -> Iterator[tuple[str, ...]]:
        """Yield every sequence of qualifiers that may follow this key: some or all, in order."""
        for sequence in self.sequences:
            for count in range(len(sequence) + 1):
                yield from combinations(sequence, count)


def _codes(entry: Mapping[str, Any]) -> list[str]:
    first, last = entry["first"], entry["last"]
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]


_CODES: Final = [code for entry in _DICTIONARY["entries"] for code in _codes(entry)]


def _matching(pattern: str) -> frozenset[str]:
    """Return the AIs of a pattern such as 31nn, where n is any digit."""
    stem = pattern.rstrip("n")
    return frozenset(c for c in _CODES if len(c) == len(pattern) and c.startswith(stem))


def _alternatives(group: Sequence[Sequence[str]]) -> Alternatives:
    return tuple(tuple(_matching(pattern) for pattern in together) for together in group)


def _prefix_at(parts: Sequence[Part]) -> int | None:
    """Return where the company prefix begins, counted from the start of the whole value."""
    place = 0
    for part in parts:
        for linter in part.linters:
            if linter in _PREFIX_AT:
                return place + _PREFIX_AT[linter]
        place += part.most
    return None


def _rules(entry: Mapping[str, Any]) -> Iterator[Rule]:
    parts = tuple(
        Part(kind, least, most, optional, tuple(linters))
        for kind, least, most, optional, linters in entry["parts"]
    )
    check = value_check(parts)
    required = tuple(_alternatives(group) for group in entry["req"])
    excluded = frozenset().union(*(_matching(pattern) for pattern in entry["ex"]))
    sequences = tuple(tuple(sequence) for sequence in entry["key"] or ())
    for code in _codes(entry):
        yield Rule(
            code=code,
            title=entry["title"],
            fixed=entry["fixed"],
            attribute=entry["attribute"],
            parts=parts,
            check=check,
            required=required,
            excluded=excluded - {code},
            sequences=sequences,
            prefix_at=_prefix_at(parts),
        )


RULES: Final[Mapping[str, Rule]] = {
    rule.code: rule for entry in _DICTIONARY["entries"] for rule in _rules(entry)
}
"""The rule of each application identifier."""

KEYS: Final[Mapping[str, Rule]] = {code: rule for code, rule in RULES.items() if rule.sequences}
"""The rules of the primary keys of Digital Link URIs."""


def rule_at(text: str, place: int) -> Rule | None:
    """Return the rule of the AI that begins there; no AI is the beginning of another."""
    for length in (2, 3, 4):
        rule = RULES.get(text[place : place + length])
        if rule is not None:
            return rule
    return None
