"""Percent-encoding, read strictly (RFC 3986 section 2)."""

from typing import Final

UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PATH: Final = UNRESERVED | frozenset("!$&'()*+,;=:@%")
"""What a path segment may be written with."""
QUERY: Final = PATH | frozenset("/?")
"""What a query may be written with."""

_HEX: Final = "0123456789abcdefABCDEF"
_CHARACTERS: Final = {high + low: chr(int(high + low, 16)) for high in _HEX for low in _HEX}


class EscapeError(ValueError):
    """A text is not percent-encoded as a URI must be.

    Attributes:
        rule: the broken rule's stable name.
        offset: where in the text, in characters from 0.
    """

    def __init__(self, rule: str, offset: int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.offset = offset


def unescape(raw: str, allowed: frozenset[str]) -> str:
    """Return what a percent-encoded text stands for, each octet as one character.

    Raises:
        EscapeError: a percent sign without two hexadecimal digits, or a character not allowed raw.
    """
    if not allowed.issuperset(raw):
        raise EscapeError("uri-character", next(i for i, c in enumerate(raw) if c not in allowed))
    first, *pieces = raw.split("%")
    if not pieces:
        return first
    decoded = [first]
    for number, piece in enumerate(pieces):
        character = _CHARACTERS.get(piece[:2])
        if character is None:
            raise EscapeError("percent-encoding", len("%".join((first, *pieces[:number]))))
        decoded += (character, piece[2:])
    return "".join(decoded)


def raw_offset(raw: str, offset: int) -> int:
    """Return where in the percent-encoded text the character of that offset was written."""
    place = 0
    for _ in range(offset):
        place += 3 if raw.startswith("%", place) else 1
    return place
