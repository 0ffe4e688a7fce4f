"""Instants: points in time as one comparable number, read and written as RFC 3339."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NewType

from resolver.errors import InvalidInstantError

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z. An integer, so that rules only ever compare numbers."""

BEGINNING = Instant(-62135596800000)
"""The first instant that RFC 3339 can write: 0001-01-01T00:00:00Z."""
END = Instant(253402300799999)
"""The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z."""

SECOND = 1000
DAY = 86_400 * SECOND

_FORM = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(text: str) -> Instant:
    """Read an RFC 3339 date-time; its offset is required, fractions are cut to milliseconds.

    Raises:
        InvalidInstantError: the text is anything else. A time that cannot be read is never "now".
    """
    if _FORM.fullmatch(text) is None:
        raise InvalidInstantError("not an RFC 3339 date-time such as 2026-03-01T00:00:00Z")
    try:
        since = datetime.fromisoformat(text.upper()) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise InvalidInstantError(f"no such time: {error}") from None
    instant = since.days * DAY + since.seconds * SECOND + since.microseconds // 1000
    if not BEGINNING <= instant <= END:
        raise InvalidInstantError("outside the years 0001 to 9999")
    return Instant(instant)


def format_instant(instant: Instant) -> str:
    """Write an instant in UTC, with `Z`, and with milliseconds only where there are any."""
    day, rest = divmod(instant, DAY)
    seconds, thousandths = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    whole = f"{_day(day)}T{hour:02d}:{minute:02d}:{second:02d}"
    return f"{whole}.{thousandths:03d}Z" if thousandths else f"{whole}Z"


@lru_cache(4096)
def _day(number: int) -> str:
    """Write a day, which many instants share."""
    return (_EPOCH + timedelta(days=number)).date().isoformat()
