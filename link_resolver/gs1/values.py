"""Values of application identifiers: what their components demand, compiled to one function."""

from collections.abc import Sequence
from typing import NamedTuple

from link_resolver.gs1.flaws import Check, Flaw
from link_resolver.gs1.linters import CHARACTER_SETS, LINTERS

TOO_SHORT, TOO_LONG = "value-too-short", "value-too-long"
_PREFIX_IN_DIGITS = 5
"""A fixed number of so many digits at least holds a company prefix wherever it may begin."""


class Part(NamedTuple):
    """A component of a value.

    Attributes:
        kind: its character set: N, X, Y or Z.
        least: its shortest length.
        most: its longest length.
        optional: whether the value may end before it.
        linters: the names of its further tests.
    """

    kind: str
    least: int
    most: int
    optional: bool
    linters: tuple[str, ...]


def value_check(parts: Sequence[Part]) -> Check:
    """Compile the test of a value with these components."""
    if len(parts) > 1:
        return _several([(part.least, part.most, part.optional, _tests(part)) for part in parts])
    (part,) = parts
    tests = _tests(part)
    return _alone(part, tests[0]) if len(tests) == 1 else _all(_alone(part, tests[0]), tests[1:])


def _tests(part: Part) -> tuple[Check, ...]:
    """Return what a component needs, without tests that another one implies."""
    names = list(part.linters)
    if part.kind == "N" and part.least >= _PREFIX_IN_DIGITS:
        names = [name for name in names if not name.startswith("gcppos")]
    tests = [LINTERS[name] for name in names]
    return tuple(tests) if "csum" in names else (CHARACTER_SETS[part.kind], *tests)


def _alone(part: Part, test: Check) -> Check:
    least, most = part.least, part.most

    def check(value: str) -> Flaw | None:
        length = len(value)
        if least <= length <= most:
            return test(value)
        return Flaw(TOO_SHORT, length) if length < least else Flaw(TOO_LONG, most)

    return check


def _all(first: Check, others: tuple[Check, ...]) -> Check:
    def check(value: str) -> Flaw | None:
        flaw = first(value)
        for test in others:
            flaw = flaw or test(value)
        return flaw

    return check


def _several(parts: list[tuple[int, int, bool, tuple[Check, ...]]]) -> Check:
    def check(value: str) -> Flaw | None:
        place = 0
        for least, most, optional, tests in parts:
            piece = value[place : place + most]
            if optional and not piece:
                break
            if len(piece) < least:
                return Flaw(TOO_SHORT, len(value))
            for test in tests:
                flaw = test(piece)
                if flaw is not None:
                    return Flaw(flaw.rule, flaw.offset + place)
            place += len(piece)
        return Flaw(TOO_LONG, place) if place < len(value) else None

    return check
