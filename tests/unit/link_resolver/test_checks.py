"""Check digits and check characters, against published examples and each other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from link_resolver.checks import (
    CHECKS,
    CSET82,
    abn_holds,
    gs1_check_digit,
    gs1_check_digit_holds,
    gs1_check_pair,
    luhn_holds,
    mod97_10_check_digits,
    mod97_10_holds,
)

DIGITS = st.text("0123456789", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("check", "good"),
    [
        ("gs1-check-digit", "09506000134352"),
        ("gs1-check-digit", "4226350800008"),
        ("iso7064-mod97-10", "5493001KJTIIGC8Y1R12"),
        ("iso7064-mod97-10", "213800WAVVOPS85N2205"),
        ("abn", "51824753556"),
        ("abn", "53004085616"),
        ("luhn", "79927398713"),
        ("did", "did:web:ministry.example"),
        ("uuid", "0190d5a2-7c3e-7b1a-9d4e-3f5a6b7c8d9e"),
    ],
)
def test_published_examples_hold_and_no_neighbour_does(check: str, good: str) -> None:
    assert CHECKS[check](good)
    if check in {"did", "uuid"}:
        return
    last = good[-1]
    for other in set("0123456789") - {last}:
        assert not CHECKS[check](good[:-1] + other)


@pytest.mark.parametrize("check", sorted(CHECKS))
@pytest.mark.parametrize("bad", ["", "٣", "x" * 1000, "-", "\x00", "1 2", "é"])
def test_nothing_else_passes_or_breaks_a_check(check: str, bad: str) -> None:
    assert not CHECKS[check](bad)


@settings(max_examples=100, deadline=None)
@given(DIGITS)
def test_a_check_digit_holds_and_finds_every_single_error(digits: str) -> None:
    whole = digits + gs1_check_digit(digits)
    assert gs1_check_digit_holds(whole)
    wrong = str((int(whole[0]) + 1) % 10) + whole[1:]
    assert not gs1_check_digit_holds(wrong)


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=30))
def test_mod_97_10_holds_behind_anything(characters: str) -> None:
    assert mod97_10_holds(characters + mod97_10_check_digits(characters))


@settings(max_examples=100, deadline=None)
@given(st.text(CSET82, min_size=1, max_size=23), st.data())
def test_a_check_pair_finds_every_single_error(characters: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(characters) - 1))
    other = data.draw(st.sampled_from(CSET82).filter(lambda c: c != characters[place]))
    changed = characters[:place] + other + characters[place + 1 :]
    assert gs1_check_pair(changed) != gs1_check_pair(characters)


def test_a_check_pair_takes_no_other_characters() -> None:
    with pytest.raises(KeyError):
        gs1_check_pair("A#")


def test_lengths_are_part_of_the_abn() -> None:
    assert not abn_holds("0" * 11)
    assert not abn_holds("518247535560")
    assert not luhn_holds("79927398710")
