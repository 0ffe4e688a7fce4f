"""JSON that every reader understands alike: one meaning for each accepted text."""

import re
from typing import TypeAlias

import orjson

from resolver.errors import InvalidJsonError

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""What JSON can say, as orjson reads it."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 64

_CONTAINERS = (dict, list)
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*+(:?)')
_LIKE_A_NAME = re.compile(rb'"\s*:')


def parse_json(
    data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> Json:
    """Parse JSON that has one meaning only (RFC 8259; I-JSON, RFC 7493).

    Args:
        data: the text, in UTF-8 where it is bytes; a byte order mark is refused.
        max_bytes: the longest text accepted, in bytes.
        max_depth: how many arrays and objects may be nested in each other.

    Raises:
        InvalidJsonError: too long, too deep, not JSON, a member name twice in one object, NaN or
            an infinity, a lone surrogate.
    """
    try:
        raw = data.encode() if isinstance(data, str) else data
    except UnicodeEncodeError:
        raise InvalidJsonError("a lone surrogate") from None
    if len(raw) > max_bytes:
        raise InvalidJsonError(f"longer than {max_bytes} bytes")
    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(f"not JSON: {error}") from None
    if _is_compact_and_shallow(value, raw, max_depth):
        return value
    kept = _count_members(value, max_depth)
    # orjson keeps the last of two members with one name: names written are then more than kept.
    # What looks like a name may stand in a string too, so the cheap count is never too low.
    if len(_LIKE_A_NAME.findall(raw)) != kept and _STRING.findall(raw).count(b":") != kept:
        raise InvalidJsonError("a member name appears twice in one object")
    return value


def _is_compact_and_shallow(value: Json, raw: bytes, max_depth: int) -> bool:
    """Tell quickly, of most of what programs write, that it is acceptable; False decides nothing.

    What is written just as orjson writes it names no member twice. With indentation, whatever lies
    in an array or object of the greatest depth is on a line that begins with as many spaces.
    """
    try:
        if orjson.dumps(value) != raw:
            return False
        indented = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:  # nested too deep to be written
        return False
    return b"\n" + b"  " * max_depth not in indented


def _count_members(value: Json, max_depth: int) -> int:
    members = depth = 0
    level = [value] if isinstance(value, _CONTAINERS) else []
    while level:
        depth += 1
        if depth > max_depth:
            raise InvalidJsonError(f"nested deeper than {max_depth}")
        inner: list[dict[str, Json] | list[Json]] = []
        for container in level:
            if isinstance(container, dict):
                members += len(container)
                inner += [v for v in container.values() if isinstance(v, _CONTAINERS)]
            else:
                inner += [v for v in container if isinstance(v, _CONTAINERS)]
        level = inner
    return members
