"""The tests of the GS1 Barcode Syntax Dictionary that a component of a value may name.

Each takes a value and returns the first flaw. Rules have the names of the dictionary's reference
linters ("GS1_LINTER_ILLEGAL_MONTH" is "illegal-month"): reports can be compared with any engine's.
"""

from collections.abc import Mapping
from typing import Final

from link_resolver.checks import (
    CSET82,
    MAX_CHECK_PAIR_LENGTH,
    gs1_check_digit_holds,
    gs1_check_pair,
    mod97_10_holds,
)
from link_resolver.gs1.code_lists import COUNTRIES, COUNTRIES_ALPHA2, CURRENCIES, MEDIA, PACKAGES
from link_resolver.gs1.coupons import couponcode, couponposoffer
from link_resolver.gs1.dates import hh, hhmi, mi, ss, yymmd0, yymmdd, yyyymmd0, yyyymmdd
from link_resolver.gs1.flaws import Check, Flaw

_DIGITS: Final = frozenset("0123456789")
_CAPITALS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CSET82: Final = frozenset(CSET82)
_CSET39: Final = _DIGITS | _CAPITALS | frozenset("#-/")
_CSET64: Final = frozenset(c for c in CSET82 if c.isalnum()) | frozenset("-_")
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_GCP_LEAST: Final = 4
_IBAN: Final = range(11, 35)
_COORDINATE: Final = 10
_LATITUDES: Final = 180_0000000
_LONGITUDES: Final = 360_0000000
_CSET64_GROUP: Final = 3
_CSET64_PADS: Final = 2


def _first_outside(value: str, allowed: frozenset[str]) -> int:
    return next(place for place, character in enumerate(value) if character not in allowed)


def csetnumeric(value: str) -> Flaw | None:
    """Digits only."""
    if (value.isascii() and value.isdigit()) or not value:
        return None
    return Flaw("non-digit-character", _first_outside(value, _DIGITS))


def cset82(value: str) -> Flaw | None:
    """Characters of CSET 82 only."""
    if (value.isascii() and value.isalnum()) or _CSET82.issuperset(value):
        return None
    return Flaw("invalid-cset82-character", _first_outside(value, _CSET82))


def cset39(value: str) -> Flaw | None:
    """Characters of CSET 39 only."""
    if _CSET39.issuperset(value):
        return None
    return Flaw("invalid-cset39-character", _first_outside(value, _CSET39))


def cset64(value: str) -> Flaw | None:
    """File-safe base64, padded where it is padded at all."""
    body = value.rstrip("=")
    pads = len(value) - len(body)
    if pads > _CSET64_PADS or (pads and len(value) % _CSET64_GROUP):
        return Flaw("invalid-cset64-padding", len(body))
    if _CSET64.issuperset(body):
        return None
    return Flaw("invalid-cset64-character", _first_outside(body, _CSET64))


def csum(value: str) -> Flaw | None:
    """A check digit at the end."""
    if not (value.isascii() and value.isdigit()):
        return csetnumeric(value)
    if gs1_check_digit_holds(value):
        return None
    return Flaw("incorrect-check-digit", len(value) - 1)


def csumalpha(value: str) -> Flaw | None:
    """A pair of check characters at the end."""
    body = value[:-2]
    if len(value) < 2:  # noqa: PLR2004 - a pair
        return Flaw("too-short-for-check-pair")
    if len(value) > MAX_CHECK_PAIR_LENGTH:
        return Flaw("too-long-for-check-pair-implementation")
    flaw = cset82(body)
    if flaw is None and gs1_check_pair(body) != value[-2:]:
        return Flaw("incorrect-check-pair", len(body))
    return flaw


def gcppos1(value: str) -> Flaw | None:
    """A GS1 company prefix, four digits at least, from the first character on."""
    if len(value) < _GCP_LEAST:
        return Flaw("too-short-for-gcp")
    flaw = csetnumeric(value[:_GCP_LEAST])
    return flaw and Flaw("invalid-gcp-prefix", flaw.offset)


def gcppos2(value: str) -> Flaw | None:
    """A GS1 company prefix from the second character on."""
    if not value[1:]:
        return Flaw("too-short-for-gcp")
    flaw = gcppos1(value[1:])
    return flaw and Flaw(flaw.rule, flaw.offset + 1)


def hasnondigit(value: str) -> Flaw | None:
    """Something else than digits."""
    return Flaw("requires-non-digit-character") if csetnumeric(value) is None else None


def nonzero(value: str) -> Flaw | None:
    """A number that is not zero."""
    flaw = csetnumeric(value)
    return Flaw("illegal-zero-value") if flaw is None and not value.strip("0") else flaw


def nozeroprefix(value: str) -> Flaw | None:
    """A number that does not begin with a zero."""
    flaw = csetnumeric(value)
    return Flaw("illegal-zero-prefix") if flaw is None and value.startswith("0") else flaw


def zero(value: str) -> Flaw | None:
    """Zeros only."""
    return Flaw("not-zero") if not value or value.strip("0") else None


def hyphen(value: str) -> Flaw | None:
    """Hyphens only: the sign of a temperature."""
    return Flaw("not-hyphen") if not value or value.strip("-") else None


def importeridx(value: str) -> Flaw | None:
    """One character of the importer index."""
    if len(value) != 1:
        return Flaw("importer-idx-must-be-one-character")
    return None if value in _CSET64 else Flaw("invalid-import-idx-character")


def iban(value: str) -> Flaw | None:
    """An International Bank Account Number (ISO 13616)."""
    if len(value) < _GCP_LEAST:
        return Flaw("iban-too-short")
    if value[:2] not in COUNTRIES_ALPHA2:
        return Flaw("illegal-iban-country-code")
    if len(value) not in _IBAN:
        return Flaw("iban-too-short" if len(value) < _IBAN.start else "iban-too-long")
    outside = [c for c in value if c not in _DIGITS and c not in _CAPITALS]
    if outside:
        return Flaw("invalid-iban-character", value.index(outside[0]))
    return None if mod97_10_holds(value[4:] + value[:4]) else Flaw("incorrect-iban-checksum", 2)


def _coordinate(value: str, most: int, name: str) -> Flaw | None:
    if len(value) != _COORDINATE:
        return Flaw(f"{name}-invalid-length")
    flaw = csetnumeric(value)
    return Flaw(f"invalid-{name}") if flaw is None and int(value) > most else flaw


def latitude(value: str) -> Flaw | None:
    """Ten-millionths of a degree north of the south pole."""
    return _coordinate(value, _LATITUDES, "latitude")


def longitude(value: str) -> Flaw | None:
    """Ten-millionths of a degree east of the zero meridian."""
    return _coordinate(value, _LONGITUDES, "longitude")


def pcenc(value: str) -> Flaw | None:
    """Percent signs only where two hexadecimal digits follow."""
    place = value.find("%")
    while place >= 0:
        pair = value[place + 1 : place + 3]
        if len(pair) < 2 or not _HEX.issuperset(pair):  # noqa: PLR2004 - a pair
            return Flaw("invalid-percent-sequence", place)
        place = value.find("%", place + 3)
    return None


def pieceoftotal(value: str) -> Flaw | None:
    """The number of a piece and the number of all pieces, equally long."""
    half, odd = divmod(len(value), 2)
    if odd or not half:
        return Flaw("invalid-length-for-piece-of-total")
    flaw = csetnumeric(value)
    if flaw is not None:
        return flaw
    piece, total = int(value[:half]), int(value[half:])
    if not piece:
        return Flaw("zero-piece-number")
    if not total:
        return Flaw("zero-total-pieces", half)
    return Flaw("piece-number-exceeds-total") if piece > total else None


def posinseqslash(value: str) -> Flaw | None:
    """A position, a slash, and the last position, neither with leading zeros."""
    position, slash, end = value.partition("/")
    numeric = value.isascii() and position.isdigit() and end.isdigit()
    if not slash or not numeric:
        return Flaw("position-in-sequence-malformed")
    if position.startswith("0"):
        return Flaw("illegal-zero-prefix")
    if end.startswith("0"):
        return Flaw("illegal-zero-prefix", len(position) + 1)
    return Flaw("position-exceeds-end") if int(position) > int(end) else None


def _listed(rule: str, allowed: frozenset[str]) -> Check:
    def check(value: str) -> Flaw | None:
        return None if value in allowed else Flaw(rule)

    return check


LINTERS: Final[Mapping[str, Check]] = {
    "couponcode": couponcode,
    "couponposoffer": couponposoffer,
    "cset39": cset39,
    "cset64": cset64,
    "cset82": cset82,
    "csetnumeric": csetnumeric,
    "csum": csum,
    "csumalpha": csumalpha,
    "gcppos1": gcppos1,
    "gcppos2": gcppos2,
    "hasnondigit": hasnondigit,
    "hh": hh,
    "hhmi": hhmi,
    "hyphen": hyphen,
    "iban": iban,
    "importeridx": importeridx,
    "iso3166": _listed("not-iso3166", COUNTRIES),
    "iso3166999": _listed("not-iso3166-or-999", COUNTRIES | {"999"}),
    "iso3166alpha2": _listed("not-iso3166-alpha2", COUNTRIES_ALPHA2),
    "iso4217": _listed("not-iso4217", CURRENCIES),
    "iso5218": _listed("invalid-biological-sex-code", frozenset("0129")),
    "latitude": latitude,
    "longitude": longitude,
    "mediatype": _listed("invalid-media-type", MEDIA),
    "mi": mi,
    "nonzero": nonzero,
    "nozeroprefix": nozeroprefix,
    "packagetype": _listed("invalid-package-type", PACKAGES),
    "pcenc": pcenc,
    "pieceoftotal": pieceoftotal,
    "posinseqslash": posinseqslash,
    "ss": ss,
    "winding": _listed("invalid-winding-direction", frozenset("019")),
    "yesno": _listed("not-zero-or-one", frozenset("01")),
    "yymmd0": yymmd0,
    "yymmdd": yymmdd,
    "yyyymmd0": yyyymmd0,
    "yyyymmdd": yyyymmdd,
    "zero": zero,
}
"""The linters by the name that the dictionary gives them."""

CHARACTER_SETS: Final[Mapping[str, Check]] = {
    "N": csetnumeric,
    "X": cset82,
    "Y": cset39,
    "Z": cset64,
}
"""The character sets by the letter of a component's type."""
