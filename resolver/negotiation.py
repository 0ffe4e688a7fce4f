"""Choosing a media type by an `Accept` header (RFC 9110 12.5.1)."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)
NONE = "none"
"""Stands for a media type that nobody offers."""
_ANY = "*/*"
_MAX_LENGTH = 4096


@lru_cache(256)
def negotiated(accept: str, offered: Collection[str], wildcards: Collection[str]) -> str | None:
    """Return the media type to answer with.

    Args:
        accept: the header's value.
        offered: the media types that there are, in lower case.
        wildcards: the ranges that any of them satisfies.

    Returns:
        One that is offered; None where a range leaves the choice open; `NONE` where none suits.
    """
    if len(accept) > _MAX_LENGTH:
        return NONE
    ranges = sorted(_ranges(accept), key=lambda r: (-r[1], r[0] in wildcards))
    for media_type, quality in ranges:
        if media_type in offered and quality > 0:
            return media_type
        if media_type in wildcards and quality > 0:
            return None
    return NONE


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for item in accept.split(","):
        media_type, *parameters = item.split(";")
        qualities = [float(match[1]) for p in parameters if (match := _QUALITY.fullmatch(p))]
        yield media_type.strip().lower(), qualities[0] if qualities else 1.0
