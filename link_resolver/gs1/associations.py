"""What application identifiers demand of each other (GenSpecs 4.13 and 4.14)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from link_resolver.gs1.tables import KEYS, RULES, Alternatives
from link_resolver.identifier import Element

_SIGNATURE: Final = "8030"
_SERIALISED: Final = {"253": 13, "255": 13, "8003": 14}
"""Keys that a digital signature needs a serial component of, and their length without one."""


class Violation(NamedTuple):
    """A broken rule between application identifiers.

    Attributes:
        rule: the rule's stable name.
        code: the AI whose rule it is.
        detail: what it wants, for a person.
    """

    rule: str
    code: str
    detail: str


@lru_cache(maxsize=4096)
def violation(codes: tuple[str, ...], key: str | None = None) -> Violation | None:
    """Return the first broken rule between these AIs.

    The qualifiers that a Digital Link key takes need nothing else than that key: the dictionary
    wants (01) beside (22), yet lets (22) follow (8006), as URI Syntax 4.9 does.

    Args:
        codes: the AIs that are there.
        key: the primary key, where they are those of a Digital Link URI.
    """
    present = frozenset(codes)
    content = (
        frozenset(code for sequence in KEYS[key].sequences for code in sequence) if key else ()
    )
    for code in codes:
        rule = RULES[code]
        clashing = rule.excluded & present
        if clashing:
            return Violation("ai-excluded", code, f"must not stand beside ({min(clashing)})")
        if code in content:
            continue
        for alternatives in rule.required:
            if not any(_there(together, present) for together in alternatives):
                return Violation("ai-required", code, f"needs {_spelt(alternatives)}")
    return None


def _there(together: tuple[frozenset[str], ...], present: frozenset[str]) -> bool:
    return all(not codes.isdisjoint(present) for codes in together)


def _spelt(alternatives: Alternatives) -> str:
    return " or ".join(
        "".join(f"({_pattern(codes)})" for codes in together) for together in alternatives
    )


def _pattern(codes: frozenset[str]) -> str:
    """Return what several AIs have in common, as the dictionary writes it: 31nn."""
    columns = zip(*codes, strict=True)
    return "".join(digits[0] if len(set(digits)) == 1 else "n" for digits in columns)


def repeated(elements: Sequence[Element]) -> str | None:
    """Return the AI that is there twice with different values (GenSpecs 4.14.1)."""
    seen: dict[str, str] = {}
    for code, value in elements:
        if seen.setdefault(code, value) != value:
            return code
    return None


def unserialised(elements: Sequence[Element]) -> str | None:
    """Return the key that a digital signature is there for, and that has no serial component."""
    if _SIGNATURE not in [code for code, _ in elements]:
        return None
    return next((c for c, value in elements if len(value) == _SERIALISED.get(c)), None)
