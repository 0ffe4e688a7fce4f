"""The letter of the Digital Link grammar, where readers are more tolerant (URI Syntax 1.7, 4)."""

from collections.abc import Sequence
from typing import Final

from link_resolver.errors import InvalidIdentifierError
from link_resolver.escapes import UNRESERVED
from link_resolver.gs1.tables import KEYS

_WRITTEN_RAW: Final = (UNRESERVED - {"~"}) | {'"', "%"}
"""What a value is written with: every other symbol of CSET 82 is escaped (4.2)."""


def check_grammar(
    segments: Sequence[str], start: int, query: str | None, fragment: str | None
) -> None:
    """Refuse what `digital_link.read` reads, and the grammar does not generate.

    Args:
        segments: the raw path, split at its slashes.
        start: which segment is the key's AI.
        query: the raw query, or None where there is no question mark.
        fragment: the fragment, or None where there is no hash sign.

    Raises:
        InvalidIdentifierError: the grammar does not generate it.
    """
    position = 0
    for place, segment in enumerate(segments):
        if place >= start and not _WRITTEN_RAW.issuperset(segment):
            offset = next(i for i, c in enumerate(segment) if c not in _WRITTEN_RAW)
            raise _error("grammar-escape", "must be escaped (4.2)", position + offset)
        position += len(segment) + 1
    if start > 2 and segments[start - 2] in KEYS:  # noqa: PLR2004 - a pair before the key
        raise _error("grammar-one-key", "a path has one primary key (4.9)", 0)
    if query is not None:
        for pair in query.replace(";", "&").split("&"):
            if "=" not in pair:
                raise _error("grammar-parameter", "a parameter is key=value (4.11)", position)
            position += len(pair) + 1
    if fragment is not None:
        raise _error("grammar-fragment", "the grammar has no fragment (4.11)", position)


def _error(rule: str, detail: str, position: int) -> InvalidIdentifierError:
    return InvalidIdentifierError(rule, detail, None, position)
