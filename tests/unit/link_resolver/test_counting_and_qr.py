"""Counts hold no person and no memory without end; QR codes hold the URI."""

import io
from pathlib import Path

import pytest
import segno

from link_resolver import counting
from link_resolver.counting import Counts
from link_resolver.errors import InvalidRequestError
from link_resolver.qr import Drawing, Picture, draw, read_drawing
from link_resolver.stores import Count, sqlite
from link_resolver.stores.sqlite import SqliteLinks
from resolver.clock import FixedClock
from resolver.instant import DAY, Instant

TODAY = 20_000
URI = "https://id.gs1.org/01/09506000134352/10/ABC"


@pytest.fixture
def counts() -> Counts:
    return Counts(FixedClock(Instant(TODAY * DAY + 5)))


def test_counts_add_up_until_they_are_taken(counts: Counts) -> None:
    for link_type in ("pip", "dpp", "pip"):
        counts.count("/01/1", link_type)
    counted = counts.take()
    assert counted.day == TODAY
    assert counted.times == {("/01/1", "pip"): 2, ("/01/1", "dpp"): 1}
    assert not counts.take()
    counts.count("/01/1", "pip")
    counts.give_back(counted)
    assert counts.take().times == {("/01/1", "pip"): 3, ("/01/1", "dpp"): 1}


def test_a_store_adds_what_it_is_given_to_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "COUNTED_AT_ONCE", 2)
    store = SqliteLinks(tmp_path / "links.sqlite")
    odd = 'https://voc.test/a"b\\c'
    store.add_counts(TODAY, {("/01/2", "pip"): 1, ("/01/1", "pip"): 2, ("/01/1", odd): 5})
    store.add_counts(TODAY, {("/01/1", "pip"): 4, ("/01/2", "dpp"): 1})
    store.add_counts(TODAY + 1, {("/01/1", "pip"): 1})
    found = store.counts("/01/1", TODAY, TODAY + 1)
    assert found == (
        Count(TODAY, "/01/1", odd, 5),
        Count(TODAY, "/01/1", "pip", 6),
        Count(TODAY + 1, "/01/1", "pip", 1),
    )
    assert len(store.counts("/01/2", TODAY, TODAY)) == 2
    store.close()


def test_counting_takes_bounded_memory(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_WAITING", 10)
    for number in range(25):
        counts.count(f"/01/{number}", "pip")
    counts.count("/01/3", "pip")
    assert len(counts.take().times) == 10
    assert counts.left_out == 15


@pytest.mark.parametrize("error", "LMQH")
def test_a_symbol_is_the_uri_with_its_error_level_and_quiet_zone(error: str) -> None:
    drawn = draw(URI, Drawing(Picture.SVG, error, border=5, scale=1))
    symbol = segno.make_qr(URI, error=error, boost_error=False)
    expected = io.BytesIO()
    symbol.save(expected, kind="svg", scale=1, border=5)
    assert drawn == expected.getvalue()
    assert symbol.error == error


def test_a_uri_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="does not fit"):
        draw("https://id.test/" + "x" * 3000, Drawing(error="H"))


def test_the_largest_picture_that_can_be_asked_for_is_bounded() -> None:
    largest = read_drawing({"format": "png", "scale": "20", "border": "40", "error": "L"})
    drawn = draw("https://id.test/" + "x" * 2900, largest)
    assert drawn.startswith(b"\x89PNG")
    assert len(drawn) < 1_000_000
