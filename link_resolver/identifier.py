"""Identifiers: parsed once, with every level of detail they imply."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

GS1 = "gs1"
"""The name of the one built-in scheme."""


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


@dataclass(frozen=True, slots=True)
class Identifier:
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
        parts = [] if self.scheme == GS1 else [self.scheme]
        for code, value in (self.key, *self.qualifiers):
            parts += (code, value if value.isalnum() else quote(value, safe=""))
        return "/" + "/".join(parts)

    def uri(self, root: str) -> str:
        """Return the canonical URI under a root such as `https://r.example`."""
        return root.rstrip("/") + self.path

    def levels(self) -> tuple["Identifier", ...]:
        """Return this and every less specific level, the most specific first."""
        raise NotImplementedError

    @property
    def holder(self) -> Holder:
        """What decides who may publish links for this identifier."""
        raise NotImplementedError
