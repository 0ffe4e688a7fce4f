"""How JSON-LD documents write single values, sets and URLs."""

import re
from collections.abc import Iterator
from typing import TypeGuard

from resolver.strict_json import Json

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f<>\"{}|\\^`]+")


def entries(value: Json) -> Iterator[tuple[str, Json]]:
    """Walk a member that may hold one value or an array of them, with each one's pointer."""
    if isinstance(value, list):
        yield from ((f"/{n}", item) for n, item in enumerate(value))
    else:
        yield "", value


def is_url(value: Json) -> TypeGuard[str]:
    """Whether a value is one URL, such as an identifier must be (VCDM 2.0 section 4.4)."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None
