from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import InvalidInstantError
from resolver.instant import BEGINNING, END, Instant, format_instant, parse_instant

INSTANTS = st.integers(BEGINNING, END).map(Instant)


@given(INSTANTS)
@settings(max_examples=150)
def test_an_instant_reads_as_it_is_written(instant: Instant) -> None:
    assert parse_instant(format_instant(instant)) == instant


@given(INSTANTS)
@settings(max_examples=150)
def test_an_instant_is_written_as_the_standard_library_writes_it(instant: Instant) -> None:
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant // 1000)
    assert format_instant(instant)[:19] == whole.isoformat()[:19]


@given(INSTANTS, INSTANTS)
@settings(max_examples=100)
def test_the_later_instant_is_the_larger_number(one: Instant, other: Instant) -> None:
    first, second = (format_instant(i)[:19] for i in sorted((one, other)))
    assert first <= second


@given(st.integers(0, 2**32), st.integers(-839, 839))
@settings(max_examples=100)
def test_offsets_name_the_same_moment(seconds: int, minutes: int) -> None:
    local = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    assert parse_instant(local.isoformat()) == seconds * 1000


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    try:
        instant = parse_instant(text)
    except InvalidInstantError:
        return
    assert BEGINNING <= instant <= END


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-03-01 00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T00:00:60Z",
        "2026-03-01T00:00:00.Z",
        "2026-03-01T00:00:00+24:00",
        "2026-03-01T00:00:00Z\n",
        "٢٠٢٦-03-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "20260301T000000Z",
        "1772323200",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidInstantError):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2026-03-01t01:00:00z", "2026-03-01T01:00:00Z"),
        ("2026-03-01T01:00:00.5+01:00", "2026-03-01T00:00:00.500Z"),
        ("2026-03-01T00:00:00.123456789Z", "2026-03-01T00:00:00.123Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_known_instants(text: str, written: str) -> None:
    assert format_instant(parse_instant(text)) == written
