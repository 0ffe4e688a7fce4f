"""DIDs and DID URLs: parsed once, never a bare string afterwards (DID Core 3)."""

import re
from dataclasses import dataclass
from typing import Self

from resolver.errors import InvalidDidError, InvalidDidUrlError

MAX_DID_BYTES = 4096
"""A did:peer:4 in its long form passes 1 kB; nothing legitimate passes 4 kB."""

# As the grammar has it: characters and colons, the last of them no colon; nothing is tried twice.
_DID = re.compile(r"did:([a-z0-9]+):((?:[A-Za-z0-9._:-]++|%[0-9A-Fa-f]{2})++)(?<!:)")
_PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|%[0-9A-Fa-f]{2})*+"
_QUERY = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|%[0-9A-Fa-f]{2})*+"
_REST = re.compile(rf"(/{_PATH})?(?:\?({_QUERY}))?(?:#({_QUERY}))?")


@dataclass(frozen=True, slots=True)
class Did:
    """A decentralised identifier.

    Attributes:
        text: the whole DID, as given.
        method: the method name, lower case.
        specific_id: what follows the method name.
    """

    text: str
    method: str
    specific_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a DID (DID Core 3.1).

        Raises:
            InvalidDidError: the text is no DID, or longer than `MAX_DID_BYTES`.
        """
        if len(text) > MAX_DID_BYTES:
            raise InvalidDidError(f"longer than {MAX_DID_BYTES} bytes")
        match = _DID.fullmatch(text)
        if match is None:
            raise InvalidDidError("not of the form did:method:identifier")
        return cls(text, match[1], match[2])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class DidUrl:
    """A DID with an optional path, query and fragment.

    Attributes:
        did: the DID it starts with.
        path: with its leading slash, or empty.
        query: without the question mark, or None where there is none.
        fragment: without the hash sign, or None where there is none.
    """

    did: Did
    path: str = ""
    query: str | None = None
    fragment: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a DID URL (DID Core 3.2).

        Raises:
            InvalidDidUrlError: the text is no DID URL.
        """
        match = _DID.match(text) if len(text) <= MAX_DID_BYTES else None
        rest = _REST.fullmatch(text, match.end()) if match else None
        if match is None or rest is None:
            raise InvalidDidUrlError("not a DID followed by an optional path, query and fragment")
        return cls(Did(match[0], match[1], match[2]), rest[1] or "", rest[2], rest[3])

    def __str__(self) -> str:
        query = "" if self.query is None else f"?{self.query}"
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        return f"{self.did.text}{self.path}{query}{fragment}"
