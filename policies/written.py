"""How identifiers and scopes are written in rows: short, and a value always in the same way."""

import json
from collections.abc import Mapping
from typing import Any

from policies.claims import Dimension
from policies.errors import CorruptStateError
from policies.scope import Allowed, Scope

_DIGEST = 32
"""Bytes of a SHA-256 digest, which most identifiers are the hex of."""
_TEXT, _PADDED = b"\0", b"\1\0"
"""What a text begins with; the longer one where it would else be as long as a digest."""


def packed(identifier: str) -> bytes:
    """Write an identifier: its bytes where it is a SHA-256 digest in hex, else its marked text."""
    if len(identifier) == 2 * _DIGEST:
        try:
            digest = bytes.fromhex(identifier)
        except ValueError:
            digest = b""
        if digest.hex() == identifier:
            return digest
    text = identifier.encode()
    return (_PADDED if len(_TEXT + text) == _DIGEST else _TEXT) + text


def unpacked(data: bytes) -> str:
    """Read an identifier.

    Raises:
        CorruptStateError: it is no text.
    """
    if len(data) == _DIGEST:
        return data.hex()
    try:
        return data.removeprefix(_PADDED if data.startswith(_PADDED) else _TEXT).decode()
    except UnicodeDecodeError:
        raise CorruptStateError("an identifier is no text") from None


def scope_bytes(scope: Scope) -> bytes:
    """Write a scope; a dimension that it does not hold is left out."""
    return json_bytes(
        {
            dimension.value: {"except": sorted(allowed.values)}
            if allowed.all_but
            else sorted(allowed.values)
            for dimension, allowed in scope.allowed.items()
        }
    )


def read_scope(data: bytes) -> Scope:
    """Read a scope.

    Raises:
        CorruptStateError: it is none.
    """
    written = read_json(data)
    if not isinstance(written, dict):
        raise CorruptStateError("a scope is no object")
    return Scope({_dimension(name): _allowed(value) for name, value in written.items()})


def _dimension(name: str) -> Dimension:
    try:
        return Dimension(name)
    except ValueError:
        raise CorruptStateError(f"a scope has the unknown dimension {name!r}") from None


def _allowed(written: Any) -> Allowed:
    all_but = isinstance(written, dict) and written.keys() == {"except"}
    values = written["except"] if all_but else written
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise CorruptStateError("a scope's values are no strings")
    return Allowed(frozenset(values), all_but)


def json_bytes(value: Mapping[str, object] | list[object]) -> bytes:
    """Write JSON without any space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def read_json(data: bytes) -> Any:
    """Read JSON that `json_bytes` wrote.

    Raises:
        CorruptStateError: it is no JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise CorruptStateError("a row is no JSON") from None
