"""Dates and times inside GS1 values."""

from calendar import monthrange
from typing import Final

from link_resolver.gs1.flaws import Flaw

_MONTHS: Final = range(1, 13)
_IN_EVERY_MONTH: Final = 28
_PIVOT: Final = 71
_DIGITS: Final = frozenset("0123456789")


def _misshapen(value: str, length: int, name: str) -> Flaw | None:
    if len(value) != length:
        return Flaw(f"{name}-too-short" if len(value) < length else f"{name}-too-long")
    if value.isascii() and value.isdigit():
        return None
    outside = next(place for place, character in enumerate(value) if character not in _DIGITS)
    return Flaw("non-digit-character", outside)


def _date(value: str, year: int, first_day: int) -> Flaw | None:
    """Judge the last four digits of a date: a month, and a day that it has in that year."""
    place = len(value) - 4
    month, day = int(value[-4:-2]), int(value[-2:])
    if month not in _MONTHS:
        return Flaw("illegal-month", place)
    in_month = first_day <= day <= _IN_EVERY_MONTH or first_day <= day <= monthrange(year, month)[1]
    return None if in_month else Flaw("illegal-day", place + 2)


def _century(two_digits: str) -> int:
    """Return the year that is meant; 29 February needs it, and only 2000 decides anything."""
    year = int(two_digits)
    return 1900 + year if year > _PIVOT else 2000 + year


def yymmdd(value: str) -> Flaw | None:
    """A date as YYMMDD."""
    return _misshapen(value, 6, "date") or _date(value, _century(value[:2]), 1)


def yymmd0(value: str) -> Flaw | None:
    """A date as YYMMDD, or a month as YYMM00."""
    return _misshapen(value, 6, "date") or _date(value, _century(value[:2]), 0)


def yyyymmdd(value: str) -> Flaw | None:
    """A date as YYYYMMDD."""
    return _misshapen(value, 8, "date") or _date(value, int(value[:4]) or 400, 1)


def yyyymmd0(value: str) -> Flaw | None:
    """A date as YYYYMMDD, or a month as YYYYMM00."""
    return _misshapen(value, 8, "date") or _date(value, int(value[:4]) or 400, 0)


def hh(value: str) -> Flaw | None:
    """An hour of 24."""
    return _within(value, 24, "hour")


def mi(value: str) -> Flaw | None:
    """A minute."""
    return _within(value, 60, "minute")


def ss(value: str) -> Flaw | None:
    """A second."""
    return _within(value, 60, "second")


def hhmi(value: str) -> Flaw | None:
    """An hour of 24 with its minute."""
    flaw = _misshapen(value, 4, "hour-with-minute") or hh(value[:2])
    if flaw is not None:
        return flaw
    flaw = mi(value[2:])
    return flaw and Flaw(flaw.rule, 2)


def _within(value: str, end: int, name: str) -> Flaw | None:
    flaw = _misshapen(value, 2, name)
    return Flaw(f"illegal-{name}") if flaw is None and int(value) >= end else flaw
