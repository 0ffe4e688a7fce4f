"""Texts are numbered in the order they came in, and found again, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from policies.texts import Texts
from tests.unit.policies.registries import OFTEN


@OFTEN
@given(st.lists(st.binary(max_size=3), max_size=300))
def test_texts_are_numbered_once_and_found_again(given: list[bytes]) -> None:
    texts = Texts()
    numbers = [texts.number(text) for text in given]
    distinct = list(dict.fromkeys(given))
    assert [texts[number] for number in range(len(texts))] == distinct
    assert numbers == [distinct.index(text) for text in given]
    assert [texts.find(text) for text in distinct] == list(range(len(distinct)))


def test_a_text_that_never_came_is_not_found() -> None:
    texts = Texts()
    for number in range(1000):
        texts.number(b"%d" % number)
    assert texts.find(b"1000") is None


def test_links_lead_to_earlier_texts_only_and_places_hold_four_on_average() -> None:
    texts = Texts()
    for number in range(5000):
        texts.number(b"text %d" % number)
    assert all(link <= number for number, link in enumerate(texts._older))
    lengths = []
    for head in texts._heads:
        length, link = 0, head
        while link:
            length, link = length + 1, texts._older[link - 1]
        lengths.append(length)
    assert sum(lengths) == 5000
    assert len(lengths) == 1250
    assert max(lengths) < 24


@OFTEN
@given(st.lists(st.binary(max_size=5), max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_texts_taken_at_once_are_as_those_that_came_one_by_one(
    given: list[bytes], start: int, end: int
) -> None:
    grown, filled = Texts(), Texts()
    for text in given:
        grown.number(text)
    for text in given[:start]:
        filled.number(text)
    with filled.filling():
        half = (start + end) // 2
        for text in given[start:half]:
            filled.number(text)
        assert filled.numbers(given[half:end]) == [grown.find(each) for each in given[half:end]]
        for text in (*given, b"never there"):
            known = text in given[: max(start, end)]
            assert (filled.find(text) is not None) is known
    filled.check()
    filled.numbers(given[max(start, end) :])
    filled.check()
    assert filled.columns() == grown.columns()
    assert all(filled.find(text) == grown.find(text) for text in given)
