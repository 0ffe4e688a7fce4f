"""Sources: the bytes of a list with all that is needed to read them, and read once into types."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from resolver.did import Did
from resolver.errors import InvalidJsonError
from resolver.instant import Instant
from resolver.strict_json import Json, parse_json
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.meanings import Meanings
from trust_registry.imports.pointers import first_fault

MAX_SOURCE = 10_000_000
"""Bytes of a list."""
MAX_ROWS = 10_000
"""Acts that one list may give: a person is to review them."""
_MAX_DEPTH = 32

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source:
    """A list, and what is known beside it.

    Attributes:
        data: its bytes.
        uri: where it was found, to be named as evidence.
        now: when it is read.
        meanings: what its words and identifiers mean here.
        registered: DIDs of parties that need not be registered again.
    """

    data: bytes
    uri: str
    now: Instant
    meanings: Meanings = field(default_factory=Meanings)
    registered: frozenset[Did] = frozenset()

    @property
    def evidence(self) -> list[Json]:
        """The evidence that every act drafted from it rests on."""
        return [{"uri": self.uri, "sha256": sha256(self.data).hexdigest()}]


def json_of(source: Source, data: bytes | None = None) -> Json:
    """Parse a source as JSON that has one meaning.

    Args:
        source: the source.
        data: what was found in its wrapper, instead of its own bytes.

    Raises:
        ImportRefusedError: too large, too deep, or not JSON that every reader understands alike.
    """
    try:
        return parse_json(
            source.data if data is None else data, max_bytes=MAX_SOURCE, max_depth=_MAX_DEPTH
        )
    except InvalidJsonError as error:
        raise ImportRefusedError("", str(error)) from None


def read_as(model: type[Model], source: Source, data: bytes | None = None) -> Model:
    """Read a source of one JSON document into a type; see `json_of`.

    Raises:
        ImportRefusedError: it is not what the type says; the error names the place.
    """
    json_of(source, data)
    try:
        return model.model_validate_json(source.data if data is None else data)
    except ValidationError as error:
        raise ImportRefusedError(*first_fault(error)) from None
