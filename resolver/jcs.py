"""The JSON Canonicalization Scheme (RFC 8785)."""

import orjson
import rfc8785

from resolver.errors import NotCanonicalisableError
from resolver.strict_json import Json

_MAX_SAFE = 2**53 - 1
_LEAST, _MOST = 1e-4, 1e15
"""Between them, floats are written without exponent by everybody, and by their shortest digits."""


def canonicalise(value: Json) -> bytes:
    """The one canonical byte form of a JSON value (RFC 8785).

    Raises:
        NotCanonicalisableError: NaN or an infinity, an integer beyond 2^53 - 1, a lone surrogate,
            something that is not JSON, or nesting too deep to walk.
    """
    try:
        if _is_plain(value):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotCanonicalisableError(str(error)) from None


def _is_plain(value: Json) -> bool:
    """Whether orjson, with keys sorted, writes this value exactly as RFC 8785 does.

    It does where no float is whole, large or small, so that none is written with an exponent, and
    where code point order is UTF-16 order: keys in ASCII.
    """
    level: list[Json] = [value]
    while level:
        inner: list[Json] = []
        for item in level:
            kind = type(item)
            if kind is str or kind is bool or item is None:
                continue
            if isinstance(item, dict):
                if not "".join(item).isascii():
                    return False
                inner += item.values()
            elif isinstance(item, list):
                inner += item
            elif type(item) is int:
                if not -_MAX_SAFE <= item <= _MAX_SAFE:
                    return False
            elif type(item) is not float or not _LEAST <= abs(item) <= _MOST or item.is_integer():
                return False
        level = inner
    return True
