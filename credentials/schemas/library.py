"""The schemas at hand: read and compiled once, from a folder."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs

from credentials.schemas.pins import (
    InvalidSchemaListError,
    Pin,
    digest_of,
    merged,
    own_pins,
    read_pins,
)
from resolver.errors import ResolverError
from resolver.strict_json import Json, parse_json

LIST = "schemas.json"
"""The file of a folder that admits further schemas."""
_MAX_SCHEMA_BYTES = 1024 * 1024
_MAX_NODES = 5_000
"""Values of a document up to which all its problems are looked for. One problem costs 12 us, and a
hostile document may have as many as it has values; of a larger one only the first is told."""
_MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where a document does not fit a schema.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the document.
        message: what is wrong there; values of the document are not repeated.
    """

    pointer: str
    message: str


class Schema:
    """One schema, compiled; nothing outside it is ever read, and patterns take linear time.

    Args:
        value: the schema.
        raw: its bytes, as they lay in the folder.

    Raises:
        InvalidSchemaListError: it is no schema, or refers to what it does not contain.
    """

    def __init__(self, value: Mapping[str, Json], raw: bytes) -> None:
        self.raw = raw
        try:
            self._validator = jsonschema_rs.validator_for(
                dict(value),
                mask="the value",
                pattern_options=jsonschema_rs.RegexOptions(),
                offline=True,
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise InvalidSchemaListError(f"a schema cannot be used: {str(error)[:200]}") from None

    def misfits(self, document: Mapping[str, Json]) -> tuple[Misfit, ...]:
        """Return where a document does not fit: nowhere, or at most 20 places."""
        value = dict(document)
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as first:
            if not _is_small(value):
                return (_misfit(first),)
        else:
            return ()
        found = (_misfit(each) for each in self._validator.iter_errors(value))
        return tuple(dict.fromkeys(found))[:_MAX_PROBLEMS]


class Schemas:
    """The admitted schemas, and those of them that are at hand.

    Args:
        pins: which are admitted.
        texts: schemas at hand, by their digests.

    Raises:
        InvalidSchemaListError: one of them cannot be used.
    """

    def __init__(self, pins: Iterable[Pin], texts: Mapping[str, bytes]) -> None:
        self._by_url = {pin.url: pin for pin in pins}
        self._by_type = {
            (pin.type, pin.version): pin for pin in self._by_url.values() if pin.type is not None
        }
        self._at_hand = {digest: _compiled(raw) for digest, raw in texts.items()}

    @classmethod
    def of_folder(cls, folder: Path) -> "Schemas":
        """Read a folder and those below it; a file is known by its digest, and not by its name.

        Raises:
            InvalidSchemaListError: its `schemas.json` is no list of admitted schemas, or one of
                those cannot be used.
            OSError: it cannot be read.
        """
        pins = own_pins()
        if (listed := folder / LIST).is_file():
            pins = merged(pins, read_pins(listed.read_bytes()))
        admitted = {digest for pin in pins for digest in pin.digests}
        return cls(pins, dict(_texts(folder, admitted)))

    def of_url(self, url: str) -> Pin | None:
        """Return the admitted schema at a URL, or None."""
        return self._by_url.get(url)

    def of_type(self, type_: str, version: str) -> Pin | None:
        """Return the admitted schema of a type of UNTP credential, or None."""
        return self._by_type.get((type_, version))

    def at_hand(self, pin: Pin) -> tuple[Schema, ...]:
        """Return the texts at hand of an admitted schema, in the order of their digests."""
        return tuple(self._at_hand[each] for each in pin.digests if each in self._at_hand)


def _compiled(raw: bytes) -> Schema:
    value = parse_json(raw, max_bytes=_MAX_SCHEMA_BYTES)
    if not isinstance(value, dict):
        raise InvalidSchemaListError("a schema is no object")
    return Schema(value, raw)


def _texts(folder: Path, admitted: set[str]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.json")):
        if not path.is_file() or path.stat().st_size > _MAX_SCHEMA_BYTES or path.name == LIST:
            continue
        raw = path.read_bytes()
        try:
            digest = digest_of(parse_json(raw, max_bytes=_MAX_SCHEMA_BYTES))
        except ResolverError:  # not one of ours
            continue
        if digest in admitted:
            yield digest, raw


def _misfit(error: jsonschema_rs.ValidationError) -> Misfit:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error.instance_path)
    return Misfit("".join(f"/{part}" for part in parts), error.message)


def _is_small(document: Json) -> bool:
    """Tell whether a document has few enough values for all its problems to be looked for."""
    left, todo = _MAX_NODES, [document]
    while todo and left > 0:
        value = todo.pop()
        left -= 1
        if isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value[:left])
            left -= max(0, len(value) - left)
    return left > 0
