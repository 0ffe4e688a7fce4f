"""North American coupons: digit strings whose fields say their own lengths (AI 8110 and 8112)."""

from collections.abc import Callable
from typing import Final

from link_resolver.gs1.dates import yymmdd
from link_resolver.gs1.flaws import Flaw

_DIGITS: Final = frozenset("0123456789")
_NO_PREFIX: Final = "9"


class _FlawedError(Exception):
    """Ends the reading of a coupon at its first flaw."""

    def __init__(self, rule: str, offset: int) -> None:
        super().__init__(rule)
        self.flaw = Flaw(f"coupon-{rule}", offset)


class _Fields:
    """The fields of a coupon, read from left to right."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.place = 0

    def follows(self, indicator: str) -> bool:
        """Take the indicator of an optional field, where it comes next."""
        found = self.value.startswith(indicator, self.place)
        self.place += found
        return found

    def code(self, name: str, allowed: str = "0123456789", unlisted: str = "") -> str:
        """Take one digit out of those allowed; `unlisted` names the rule about the others."""
        digit = self.value[self.place : self.place + 1]
        if not digit:
            raise _FlawedError(f"missing-{name}", self.place)
        if digit not in allowed:
            raise _FlawedError(f"invalid-{unlisted or name}", self.place)
        self.place += 1
        return digit

    def digits(self, length: int, name: str, rule: str = "truncated") -> str:
        """Take so many digits."""
        taken = self.value[self.place : self.place + length]
        if len(taken) < length:
            raise _FlawedError(f"{rule}-{name}", self.place)
        self.place += length
        return taken

    def sized(self, name: str, allowed: str, more: int = 0) -> str:
        """Take a digit, and then as many as it says and `more`."""
        length = self.code(f"{name}-vli", allowed, f"{name}-length")
        return self.digits(int(length) + more, name)

    def prefix(self, name: str) -> None:
        """Take a company prefix, where the digit before it is no nine."""
        if not self.follows(_NO_PREFIX):
            self.sized(name, "0123456", 6)

    def date(self, name: str) -> str:
        """Take a date."""
        place = self.place
        taken = self.digits(6, name, "too-short-for")
        if yymmdd(taken) is not None:
            raise _FlawedError(f"invalid-{name}", place)
        return taken

    def purchase(self, which: str) -> None:
        """Take what must be bought: how much, in which measure, of which family."""
        self.sized(f"{which}-purchase-requirement", "12345")
        self.code(f"{which}-purchase-requirement-code", "012349")
        self.digits(3, f"{which}-purchase-family-code")

    def end(self) -> None:
        """Refuse what is left over."""
        if self.place < len(self.value):
            raise _FlawedError("excess-data", self.place)


def _offer(fields: _Fields) -> None:
    """Read a coupon code (AI 8110)."""
    fields.sized("gcp", "0123456", 6)
    fields.digits(6, "offer-code")
    fields.sized("save-value", "12345")
    fields.purchase("1st")
    if fields.follows("1"):
        fields.code("additional-purchase-rules-code", "0123")
        fields.purchase("2nd")
        fields.prefix("2nd-purchase-gcp")
    if fields.follows("2"):
        fields.purchase("3rd")
        fields.prefix("3rd-purchase-gcp")
    expires = fields.date("expiration-date") if fields.follows("3") else ""
    if fields.follows("4"):
        place = fields.place
        starts = fields.date("start-date")
        if expires and starts > expires:
            raise _FlawedError("expiration-before-start", place)
    if fields.follows("5"):
        fields.sized("serial-number", "0123456789", 6)
    if fields.follows("6"):
        fields.sized("retailer-gcp-or-gln", "1234567", 6)
    if fields.follows("9"):
        fields.code("save-value-code", "01256")
        fields.code("save-value-applies-to-item", "012")
        fields.code("store-coupon-flag")
        fields.code("dont-multiply-flag", "01")


def _positive_offer(fields: _Fields) -> None:
    """Read a positive offer file (AI 8112)."""
    fields.code("format-code", "01")
    fields.sized("funder", "0123456", 6)
    fields.digits(6, "offer-code")
    fields.sized("serial-number", "0123456789", 6)


def _flaw(value: str, read: Callable[[_Fields], None]) -> Flaw | None:
    for place, character in enumerate(value):
        if character not in _DIGITS:
            return Flaw("non-digit-character", place)
    fields = _Fields(value)
    try:
        read(fields)
        fields.end()
    except _FlawedError as error:
        return error.flaw
    return None


def couponcode(value: str) -> Flaw | None:
    """A North American coupon code (GenSpecs 3.9, AI 8110)."""
    return _flaw(value, _offer)


def couponposoffer(value: str) -> Flaw | None:
    """A North American positive offer file coupon (GenSpecs 3.9, AI 8112)."""
    return _flaw(value, _positive_offer)
