"""Identifiers: parsed once, with every level of detail they imply."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple
from urllib.parse import quote

from link_resolver.gs1.tables import KEYS

GS1: Final = "gs1"
"""The name of the one built-in scheme."""

_TRADE_ITEMS: Final = frozenset({"01", "8006"})
_SERIAL: Final = "21"
_PREFIX_LENGTHS: Final = range(4, 13)
_INCOMPLETE: Final = frozenset(code for code, rule in KEYS.items() if rule.required)
"""Keys that are no identifier without their qualifier: (415) without (8020)."""


class Element(NamedTuple):
    """One code with its value, decoded and validated.

    Attributes:
        code: a GS1 application identifier ("01"), or a configured scheme's own code.
        value: the value, without any escaping.
    """

    code: str
    value: str


class Holder(NamedTuple):
    """What decides who may speak for an identifier.

    Attributes:
        scheme: the identifier's scheme.
        key_code: the code of its key.
        value: the value of its key.
        prefixes: every GS1 company prefix (4 to 12 digits) that the key may begin with, shortest
            first; their real length is not written in a key, so rules compare and never guess.
    """

    scheme: str
    key_code: str
    value: str
    prefixes: tuple[str, ...] = ()


class Identifier(NamedTuple):
    """A key of a scheme, with the qualifiers and attributes that came with it.

    Attributes:
        scheme: "gs1", or a configured scheme's name.
        key: what is identified.
        qualifiers: the finer levels, in the scheme's order.
        attributes: GS1 data attributes from the query, in the order they came.
        query: the raw query as it came, without its question mark.
    """

    scheme: str
    key: Element
    qualifiers: tuple[Element, ...] = ()
    attributes: tuple[Element, ...] = ()
    query: str = ""

    @property
    def path(self) -> str:
        """The canonical path: key and qualifiers, escaped, without stem or query."""
        code, value = self.key
        if not self.qualifiers and self.scheme == GS1 and value.isalnum():
            return f"/{code}/{value}"
        parts = [] if self.scheme == GS1 else [self.scheme]
        for code, value in (self.key, *self.qualifiers):
            parts += (code, value if value.isalnum() else quote(value, safe=""))
        return "/" + "/".join(parts)

    def uri(self, root: str) -> str:
        """Return the canonical URI under a root such as `https://r.example`."""
        return root.rstrip("/") + self.path

    @property
    def canonical(self) -> str:
        """The canonical URI of a GS1 identifier, attributes included (URI Syntax 4.12)."""
        query = "&".join(
            f"{code}={quote(value, safe='')}" for code, value in sorted(self.attributes)
        )
        return self.uri("https://id.gs1.org") + (query and f"?{query}")

    @property
    def anchor(self) -> "Identifier":
        """The level that links for this are published on.

        A serial number of a trade item stands without its variant and batch (GS1-Conformant
        Resolver 2.5.9); every other identifier stands for itself.
        """
        serial = self._serial
        qualifiers = self.qualifiers if serial is None else (serial,)
        return Identifier(self.scheme, self.key, qualifiers)

    def levels(self) -> tuple["Identifier", ...]:
        """Return this and every less specific level, the most specific first.

        Of a trade item, a serial number comes before a batch, and a batch before a variant: the
        union of the sets in GS1-Conformant Resolver 2.5.9. Levels below this one carry no query.
        """
        if not self.qualifiers:
            return (self,)
        if len(self.qualifiers) == 1 and self.key.code not in _INCOMPLETE:
            return (self, Identifier(self.scheme, self.key))
        sets = self._trade_item_levels if self._is_trade_item else self._shorter
        coarser = (Identifier(self.scheme, self.key, qualifiers) for qualifiers in sets())
        return (self, *coarser)

    @property
    def holder(self) -> Holder:
        """What decides who may publish links for this identifier."""
        code, value = self.key
        start = KEYS[code].prefix_at if self.scheme == GS1 else None
        if start is None:
            return Holder(self.scheme, code, value)
        digits = value[start : start + _PREFIX_LENGTHS.stop - 1]
        leading = len(digits) - len(digits.lstrip("0123456789"))
        lengths = [length for length in _PREFIX_LENGTHS if length <= leading]
        return Holder(self.scheme, code, value, tuple(digits[:length] for length in lengths))

    @property
    def _is_trade_item(self) -> bool:
        return self.scheme == GS1 and self.key.code in _TRADE_ITEMS

    @property
    def _serial(self) -> Element | None:
        if not self._is_trade_item:
            return None
        return next((element for element in self.qualifiers if element.code == _SERIAL), None)

    def _trade_item_levels(self) -> Iterator[tuple[Element, ...]]:
        serial = self._serial
        if serial is not None and len(self.qualifiers) > 1:
            yield (serial,)
        others = [element for element in self.qualifiers if element is not serial]
        for count in range(len(others), -1, -1):
            for chosen in reversed(list(combinations(others, count))):
                if chosen != self.qualifiers:
                    yield chosen

    def _shorter(self) -> Iterator[tuple[Element, ...]]:
        needed = int(self.scheme == GS1 and self.key.code in _INCOMPLETE)
        for count in range(len(self.qualifiers) - 1, needed - 1, -1):
            yield self.qualifiers[:count]
