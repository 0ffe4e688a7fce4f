"""The typed members that acts and framework documents are made of."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from policies.claims import DIMENSIONS
from policies.errors import InvalidScopeError
from policies.scope import Scope, scope_of
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import SECOND, Instant, parse_instant

MAX_NAME = 300
"""Characters of a name, a ground or an identifier."""
MAX_ITEMS = 100
"""The longest list of DIDs, keys, evidence and the like in one act."""

_UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND}
_DURATION = re.compile(r"(0|[1-9]\d{0,5})([smhd])", re.ASCII)
_SHARE = re.compile(r"([1-9]\d?)/([1-9]\d?)", re.ASCII)


class Closed(BaseModel):
    """A model that refuses what it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Unique:
    """A list that names nothing twice."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_once, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return {**handler(schema), "uniqueItems": True}


def _once(values: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a value is written twice")
    return values


Unique = _Unique()


def _did(value: object) -> Did:
    try:
        return Did.parse(_text(value))
    except InvalidDidError as error:
        raise ValueError(str(error)) from None


def _instant(value: object) -> Instant:
    try:
        return parse_instant(_text(value))
    except InvalidInstantError as error:
        raise ValueError(str(error)) from None


def _scope(value: object) -> Scope:
    if not isinstance(value, dict):
        raise ValueError("a scope is an object with a member for every dimension")  # noqa: TRY004  # pydantic reports ValueError
    try:
        return scope_of({name: _written(each) for name, each in value.items()})
    except InvalidScopeError as error:
        raise ValueError(f"{error.dimension}: {error}") from None


def _written(value: object) -> str | list[str] | Mapping[str, list[str]]:
    """Read one dimension of a scope; what it says is judged by `scope_of`."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {str(name): _values(each) for name, each in value.items()}
    return _values(value)


def _values(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError("a dimension is 'any', a list of values, or {'except': [values]}")
    if len(set(value)) != len(value):
        raise ValueError("a value is written twice")
    return value


def milliseconds(value: object) -> int:
    """Read a duration, in milliseconds.

    Raises:
        ValueError: it is not a whole number and a unit.
    """
    match = _DURATION.fullmatch(_text(value))
    if match is None:
        raise ValueError("a duration is a whole number and s, m, h or d, such as 7d")
    return int(match[1]) * _UNITS[match[2]]


def _share(value: object) -> Fraction:
    match = _SHARE.fullmatch(_text(value))
    if match is None or int(match[1]) > int(match[2]):
        raise ValueError("a share is a fraction of at most 1, such as 2/3")
    return Fraction(int(match[1]), int(match[2]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")  # noqa: TRY004  # pydantic reports ValueError
    return value


def _plain(value: object) -> str:
    text = _text(value)
    if not text.isprintable() or text != text.strip():
        raise ValueError("has control characters, or blanks at its ends")
    return text


_VALUES = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "minItems": 1,
    "uniqueItems": True,
}
_DIMENSION = {
    "oneOf": [
        {"const": "any"},
        _VALUES,
        {
            "type": "object",
            "properties": {"except": _VALUES},
            "required": ["except"],
            "additionalProperties": False,
        },
    ]
}
_SCOPE = {
    "type": "object",
    "properties": {each.value: _DIMENSION for each in DIMENSIONS},
    "required": [each.value for each in DIMENSIONS],
    "additionalProperties": False,
}

DidMember = Annotated[
    Did, PlainValidator(_did), WithJsonSchema({"type": "string", "pattern": "^did:[a-z0-9]+:.+$"})
]
InstantMember = Annotated[
    Instant, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
ScopeMember = Annotated[Scope, PlainValidator(_scope), WithJsonSchema(_SCOPE)]
Milliseconds = Annotated[
    int,
    PlainValidator(milliseconds),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Share = Annotated[
    Fraction,
    PlainValidator(_share),
    WithJsonSchema({"type": "string", "pattern": f"^{_SHARE.pattern}$"}),
]
Plain = Annotated[
    str, BeforeValidator(_plain), StringConstraints(min_length=1, max_length=MAX_NAME)
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")]
