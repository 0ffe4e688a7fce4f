"""Compressed forms of GS1 Digital Link URIs.

The old algorithm (Digital Link 1.1, section on compression) writes AIs and values as bits, in
base64url. Its published decoders disagree where a number passes 2**53, where digits begin with
zeros, and on AIs with several components. There we refuse: a guess could name another product.
EPC binary strings are another form, and only recognised.
"""

import math
import re
from collections.abc import Callable
from typing import Final

from link_resolver.errors import InvalidIdentifierError, UnsupportedIdentifierError
from link_resolver.gs1.digital_link import explain
from link_resolver.gs1.tables import RULES, Rule
from link_resolver.gs1.values import Part
from link_resolver.identifier import Element

MAX_COMPRESSED: Final = 512
"""Characters of a compressed segment: all that GS1 lets a path and query say fits into it."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SEXTETS: Final = {character: f"{index:06b}" for index, character in enumerate(_ALPHABET)}
_SAFE_INTEGER: Final = 2**53
_DIGIT_BITS: Final = math.log2(10)
_EPC: Final = re.compile(r"eh[0-9A-Fa-f]{20,}|ex[A-Za-z0-9_-]{14,}={0,2}")
"""In hexadecimal or base64url; a key and its header need some 80 bits."""

_TOGETHER: Final = {
    "0A": ("01", "22"),
    "0B": ("01", "10"),
    "0C": ("01", "21"),
    "0D": ("01", "17"),
    "0E": ("01", "7003"),
    "0F": ("01", "30"),
    "1A": ("01", "10", "21", "17"),
    "1B": ("01", "15"),
    "1C": ("01", "11"),
    "1D": ("01", "16"),
    "1E": ("01", "91"),
    "1F": ("01", "10", "15"),
    **{f"2{letter}": ("01", f"310{n}") for n, letter in enumerate("ABCDEF")},
    **{f"3{letter}": ("01", f"320{n}") for n, letter in enumerate("ABCDEF")},
    "9A": ("8010", "8011"),
    "9B": ("8017", "8019"),
    "9C": ("8018", "8019"),
    **{f"A{n}": ("01", f"392{n}") for n in range(10)},
}
"""Codes that stand for several AIs; those that the decoders read differently are not here."""

_REFORMATTED: Final = {
    "7003": Part("N", 10, 10, optional=False, linters=()),
    "8006": Part("N", 18, 18, optional=False, linters=()),
}
"""AIs whose components the old format writes as one number."""

_LATER: Final = frozenset(
    {"03", "235", "417", "715", "716", "717", "7041", "7242", "7250"}
    | {"7252", "7253", "7254", "7255", "7256", "7257", "7258", "7259"}
    | {"8007", "8013", "8014", "8030", "8040", "8041", "8042"}
)
"""AIs that a published decoder does not know, or gave another length."""


def refuse_epc_binary(segment: str) -> None:
    """Refuse a path segment that is an EPC binary string, by name.

    Raises:
        UnsupportedIdentifierError: it is one.
    """
    if _EPC.fullmatch(segment):
        raise UnsupportedIdentifierError(
            "EPC binary strings (/eh and /ex) are not decoded: there are no test vectors for them"
        )


def decompress(segment: str) -> tuple[Element, ...]:
    """Return the elements of a compressed path segment, each found good by its rule.

    Raises:
        InvalidIdentifierError: it is no compressed segment, or one that decoders disagree on.
    """
    if not segment or len(segment) > MAX_COMPRESSED or any(c not in _SEXTETS for c in segment):
        raise _malformed(0)
    bits = _Bits("".join(map(_SEXTETS.__getitem__, segment)))
    elements: list[Element] = []
    while bits.left > 8:  # noqa: PLR2004 - what remains of the last sextets is padding
        for rule in bits.rules():
            value = bits.value(rule)
            flaw = rule.check(value)
            if flaw is not None:
                raise InvalidIdentifierError(
                    flaw.rule, explain(flaw.rule, rule.title), rule.code, bits.position
                )
            elements.append(Element(rule.code, value))
    if bits.left and bits.number(bits.left):
        raise _malformed(bits.position)
    if len({code for code, _ in elements}) < len(elements):
        raise InvalidIdentifierError("ai-repeated", "is there twice", elements[-1].code)
    return tuple(elements)


class _Bits:
    """A string of bits, read from left to right."""

    def __init__(self, bits: str) -> None:
        self._bits = bits
        self._place = 0

    @property
    def left(self) -> int:
        """How many bits are not read yet."""
        return len(self._bits) - self._place

    @property
    def position(self) -> int:
        """Which character of the segment is being read."""
        return self._place // 6

    def number(self, length: int) -> int:
        """Read so many bits as a number."""
        if length > self.left:
            raise _malformed(self.position)
        taken = self._bits[self._place : self._place + length]
        self._place += length
        return int(taken, 2) if taken else 0

    def rules(self) -> list[Rule]:
        """Read what comes next: an AI in decimal digits, or a code for several of them."""
        code = f"{self.number(8):02X}"
        if code in _TOGETHER:
            return [RULES[ai] for ai in _TOGETHER[code]]
        if not code.isdigit():
            raise _malformed(self.position)
        while code not in RULES:
            digit = self.number(4)
            code += str(digit)
            if digit > 9 or len(code) > 4:  # noqa: PLR2004 - a digit, and the longest AI
                raise _malformed(self.position)
        return [RULES[code]]

    def value(self, rule: Rule) -> str:
        """Read the value of an AI."""
        part = _REFORMATTED.get(rule.code) or rule.parts[0]
        several = len(rule.parts) > 1 and rule.code not in _REFORMATTED
        if several or rule.code in _LATER:
            raise _ambiguous(rule, self.position)
        if part.kind != "N":
            return self._characters(rule, part)
        length = part.most if part.least == part.most else self.number(_length_bits(part.most))
        digits = self._digits(rule, length)
        return (
            digits.zfill(length)
            if part.least == part.most
            else self._unpadded(rule, digits, length)
        )

    def _characters(self, rule: Rule, part: Part) -> str:
        encoding, length = self.number(3), self.number(_length_bits(part.most))
        if encoding == 0:
            return self._unpadded(rule, self._digits(rule, length), length)
        if encoding not in _ENCODINGS:
            raise _malformed(self.position)
        width, character = _ENCODINGS[encoding]
        return "".join(character(self.number(width)) for _ in range(length))

    def _digits(self, rule: Rule, length: int) -> str:
        number = self.number(math.ceil(length * _DIGIT_BITS + 0.01))
        if number >= _SAFE_INTEGER:
            raise _ambiguous(rule, self.position)
        return str(number)

    def _unpadded(self, rule: Rule, digits: str, length: int) -> str:
        if len(digits) != length:
            raise _ambiguous(rule, self.position)
        return digits


_ENCODINGS: Final[dict[int, tuple[int, Callable[[int], str]]]] = {
    1: (4, "0123456789abcdef".__getitem__),
    2: (4, "0123456789ABCDEF".__getitem__),
    3: (6, _ALPHABET.__getitem__),
    4: (7, chr),
}
"""Bits of a character, and what they say; 0 is digits as one number."""


def _length_bits(most: int) -> int:
    return math.ceil(math.log2(most) + 0.01)


def _malformed(position: int) -> InvalidIdentifierError:
    return InvalidIdentifierError(
        "not-compressed", "not a compressed GS1 Digital Link URI", None, position
    )


def _ambiguous(rule: Rule, position: int) -> InvalidIdentifierError:
    return InvalidIdentifierError(
        "compression-ambiguous",
        "published decoders of the old compression disagree on this value; write it out",
        rule.code,
        position,
    )
