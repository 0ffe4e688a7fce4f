"""The old compression, bit by bit: what is decoded, and where a guess is refused."""

import math

import pytest

from link_resolver.compression import decompress
from link_resolver.errors import InvalidIdentifierError
from link_resolver.parsing import parse_any
from link_resolver.schemes import default_schemes

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(bits: str) -> str:
    """Write bits as a path segment, padded with zeros."""
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def code(digits: str) -> str:
    return "".join(f"{int(digit, 16):04b}" for digit in digits)


def number(value: int, digits: int) -> str:
    return f"{value:0{math.ceil(digits * math.log2(10) + 0.01)}b}"


GTIN = code("01") + number(9506000134352, 14)
LOT = code("10")


def lot(encoding: int, length: int, body: str) -> str:
    return f"{LOT}{encoding:03b}{length:05b}{body}"


@pytest.mark.parametrize(
    ("bits", "value"),
    [
        (lot(0, 4, number(1234, 4)), "1234"),
        (lot(1, 3, code("abc")), "abc"),
        (lot(2, 3, code("ABC")), "ABC"),
        (lot(3, 2, "000000" + "111110"), "A-"),
        (lot(4, 2, f"{ord('a'):07b}{ord('/'):07b}"), "a/"),
    ],
)
def test_every_encoding(bits: str, value: str) -> None:
    gtin, batch = decompress(packed(GTIN + bits))
    assert gtin == ("01", "09506000134352")
    assert batch == ("10", value)


def test_several_ais_under_one_code() -> None:
    bits = code("1A") + GTIN[8:] + lot(0, 1, number(7, 1))[8:] + lot(0, 1, number(8, 1))[8:]
    found = decompress(packed(bits + number(261231, 6)))
    assert [element.code for element in found] == ["01", "10", "21", "17"]
    uri = parse_any("https://x.example/" + packed(bits + number(261231, 6)), default_schemes())
    assert uri.canonical == "https://id.gs1.org/01/09506000134352/10/7/21/8?17=261231"


@pytest.mark.parametrize(
    ("bits", "rule"),
    [
        (GTIN + lot(0, 4, number(12, 4)), "compression-ambiguous"),
        (GTIN + lot(0, 18, number(2**53, 18)), "compression-ambiguous"),
        (code("00") + number(106141411234567897, 18), "compression-ambiguous"),
        (code("417") + number(4226350800008, 13), "compression-ambiguous"),
        (code("253") + number(4012345678901, 13), "compression-ambiguous"),
        (GTIN + lot(5, 1, "0000000"), "not-compressed"),
        (GTIN + lot(4, 9, ""), "not-compressed"),
        (GTIN + "00001", "not-compressed"),
        (code("9D") + "0" * 60, "not-compressed"),
        (code("F1") + "0" * 60, "not-compressed"),
        (code("25F") + "0" * 60, "not-compressed"),
        (code("04") + "0" * 60, "not-compressed"),
        (GTIN + GTIN, "ai-repeated"),
        (code("01") + number(9506000134353, 14), "incorrect-check-digit"),
        (GTIN + lot(4, 1, f"{ord('~'):07b}"), "invalid-cset82-character"),
    ],
)
def test_refusals(bits: str, rule: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        decompress(packed(bits))
    assert refusal.value.rule == rule


@pytest.mark.parametrize("segment", ["", "A+A", "A=", "é", "A" * 513])
def test_what_is_no_base64url(segment: str) -> None:
    with pytest.raises(InvalidIdentifierError, match="not-compressed"):
        decompress(segment)
