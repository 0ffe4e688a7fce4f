"""Check digits and check characters: is this value one that its scheme could have issued?"""

import re
from collections.abc import Callable, Mapping
from operator import mul
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from resolver.did import Did
from resolver.errors import InvalidDidError

CSET82: Final = "!\"%&'()*+,-./0123456789:;<=>?" + ascii_uppercase + "_" + ascii_lowercase
"""The GS1 AI encodable character set 82, in the order of its values (GenSpecs 7.11)."""

_CSET32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CSET82_VALUES: Final = {character: value for value, character in enumerate(CSET82)}
_PRIMES: Final = tuple(
    n for n in range(2, 510) if all(n % divisor for divisor in range(2, int(n**0.5) + 1))
)
_BASE36: Final = {c: str(value) for value, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_ABN_WEIGHTS: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ZERO: Final = ord("0")

MAX_CHECK_PAIR_LENGTH: Final = len(_PRIMES) + 2
"""The check pair is defined by the first 97 primes: one for each character before it."""


def gs1_check_digit_holds(digits: str) -> bool:
    """Return whether the last of these digits checks the others (GenSpecs 7.9)."""
    codes = digits.encode()
    odd, even = codes[::-2], codes[-2::-2]
    total = sum(odd) + 3 * sum(even) - _ZERO * (len(odd) + 3 * len(even))
    return total % 10 == 0


def gs1_check_digit(digits: str) -> str:
    """Return the check digit that belongs behind these digits (GenSpecs 7.9)."""
    codes = digits.encode()
    odd, even = codes[-2::-2], codes[::-2]
    return str(-(sum(odd) + 3 * sum(even) - _ZERO * (len(odd) + 3 * len(even))) % 10)


def gs1_check_pair(characters: str) -> str:
    """Return the two check characters that belong behind these (GenSpecs 7.9.5).

    Raises:
        KeyError: a character is outside CSET 82.
    """
    values = [_CSET82_VALUES[character] for character in reversed(characters)]
    total = sum(map(mul, values, _PRIMES)) % 1021
    return _CSET32[total >> 5] + _CSET32[total & 31]


def mod97_10_holds(characters: str) -> bool:
    """Return whether digits and capitals satisfy ISO/IEC 7064 MOD 97-10."""
    if not characters or any(character not in _BASE36 for character in characters):
        return False
    return int("".join(map(_BASE36.__getitem__, characters))) % 97 == 1


def mod97_10_check_digits(characters: str) -> str:
    """Return the two digits that belong behind these under ISO/IEC 7064 MOD 97-10."""
    number = int("".join(map(_BASE36.__getitem__, characters)) + "00")
    return f"{98 - number % 97:02}"


def abn_holds(digits: str) -> bool:
    """Return whether these are the eleven digits of an Australian Business Number.

    One is taken from the first digit; the weighted sum is a multiple of 89.
    """
    if len(digits) != len(_ABN_WEIGHTS) or not (digits.isascii() and digits.isdigit()):
        return False
    total: int = sum(map(mul, map(int, digits), _ABN_WEIGHTS))
    return (total - _ABN_WEIGHTS[0]) % 89 == 0


def luhn_holds(digits: str) -> bool:
    """Return whether the last of these digits checks the others (ISO/IEC 7812-1 annex B)."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + doubled) % 10 == 0


def is_did(text: str) -> bool:
    """Return whether this is a DID (DID Core 3.1)."""
    try:
        Did.parse(text)
    except InvalidDidError:
        return False
    return True


def is_uuid(text: str) -> bool:
    """Return whether this is a UUID in lower case (RFC 9562 section 4)."""
    return _UUID.fullmatch(text) is not None


def _gs1_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and gs1_check_digit_holds(text)


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "abn": abn_holds,
    "did": is_did,
    "gs1-check-digit": _gs1_digits,
    "iso7064-mod97-10": mod97_10_holds,
    "luhn": luhn_holds,
    "uuid": is_uuid,
}
"""The check functions that a configured scheme may name."""
