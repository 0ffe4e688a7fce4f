"""How documents write what the rules think in: DIDs, instants, scopes, digests."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from policies.errors import InvalidScopeError
from policies.scope import Scope, scope_of
from resolver.did import Did
from resolver.errors import ResolverError
from resolver.instant import Instant, parse_instant

_T = TypeVar("_T")


class Closed(BaseModel):
    """A document with a closed schema: an unknown member is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


def _text(read: Callable[[str], _T]) -> PlainValidator:
    def validate(value: object) -> _T:
        if not isinstance(value, str):
            raise ValueError("must be a string")  # noqa: TRY004 - pydantic reports ValueError
        try:
            return read(value)
        except ResolverError as error:
            raise ValueError(str(error)) from None

    return PlainValidator(validate)


def _scope(value: Any) -> Scope:
    if not isinstance(value, dict):
        raise ValueError("must be an object with every dimension")  # noqa: TRY004 - as above
    try:
        return scope_of(value)
    except InvalidScopeError as error:
        raise ValueError(f"{error.dimension}: {error}") from None


DidField = Annotated[
    Did, _text(Did.parse), WithJsonSchema({"type": "string", "pattern": "^did:[a-z0-9]+:.+$"})
]
InstantField = Annotated[
    Instant, _text(parse_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
ScopeField = Annotated[Scope, PlainValidator(_scope), WithJsonSchema({"type": "object"})]
DigestField = Annotated[str, Field(pattern=re.compile("^[0-9a-f]{64}$").pattern)]
ThumbprintField = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}$")]
NameField = Annotated[str, Field(min_length=1, max_length=200)]
UriField = Annotated[
    str, Field(min_length=3, max_length=2000, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:")
]
GroundField = Annotated[str, Field(min_length=3, max_length=2000)]
