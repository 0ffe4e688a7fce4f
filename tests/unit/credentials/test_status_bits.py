import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.problem_types import ProblemType
from credentials.status.bits import GZIP, ZLIB, Bits, inflate
from credentials.status.errors import StatusListError
from resolver.encodings import base64url


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, list[int]]:
    size = draw(st.integers(1, 16))
    values = draw(st.lists(st.integers(0, (1 << size) - 1), max_size=60))
    return size, values


@given(lists())
def test_the_first_entry_lies_highest_where_the_list_says_so(given_: tuple[int, list[int]]) -> None:
    size, values = given_
    text = "".join(f"{value:0{size}b}" for value in values)
    text += "0" * (-len(text) % 8)
    bits = Bits(int(text or "0", 2).to_bytes(len(text) // 8, "big"))
    assert [bits.value(index, size) for index in range(len(values))] == values


@given(lists())
def test_the_first_entry_lies_lowest_in_a_token(given_: tuple[int, list[int]]) -> None:
    size, values = given_
    text = "".join(f"{value:0{size}b}" for value in reversed(values))
    text = "0" * (-len(text) % 8) + text
    bits = Bits(int(text or "0", 2).to_bytes(len(text) // 8, "little"), highest_first=False)
    assert [bits.value(index, size) for index in range(len(values))] == values


@given(st.binary(max_size=40), st.integers(1, 16), st.integers(0, 10**16), st.booleans())
def test_there_is_nothing_past_the_end(raw: bytes, size: int, beyond: int, highest: bool) -> None:
    bits = Bits(raw, highest_first=highest)
    with pytest.raises(StatusListError) as refused:
        bits.value(bits.entries(size) + beyond, size)
    assert refused.value.type is ProblemType.RANGE


@given(st.binary(max_size=5000), st.sampled_from([GZIP, ZLIB]))
def test_what_was_packed_is_opened(raw: bytes, form: int) -> None:
    packed = gzip.compress(raw) if form == GZIP else zlib.compress(raw)
    assert inflate(base64url(packed), form, 5000) == raw


@given(st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=40))
def test_nothing_may_be_cut_off_or_follow(raw: bytes, rest: bytes) -> None:
    packed = gzip.compress(raw)
    for wrong in (packed + rest, packed + packed, packed[:-1], packed[: len(packed) // 2], rest):
        with pytest.raises(StatusListError):
            inflate(base64url(wrong), GZIP, 10_000)


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_it_opens_as_far_as_it_may_and_no_further(most: int, beyond: int) -> None:
    assert inflate(base64url(zlib.compress(bytes(most))), ZLIB, most) == bytes(most)
    with pytest.raises(StatusListError, match="max_inflated_bytes"):
        inflate(base64url(zlib.compress(bytes(most + beyond))), ZLIB, most)


def test_a_form_is_not_taken_for_another() -> None:
    for packed, form in ((gzip.compress(b"x"), ZLIB), (zlib.compress(b"x"), GZIP)):
        with pytest.raises(StatusListError, match="cannot be opened"):
            inflate(base64url(packed), form, 100)
