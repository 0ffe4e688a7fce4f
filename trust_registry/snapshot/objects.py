"""What a snapshot holds as objects, not rows: frameworks, terms and adverse acts, as JSON."""

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from policies.framework import Framework
from policies.index import Index
from policies.statements import (
    Action,
    Exclusion,
    KeyCompromise,
    Kind,
    PassesOn,
    Retirement,
    StatusChange,
)
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidJsonError
from resolver.strict_json import Json, parse_json
from trust_registry.snapshot.errors import CorruptSnapshotError

MAX_OBJECTS = 512 * 1024 * 1024
"""Bytes of JSON: a million adverse acts."""
_MAX_DEPTH = 24


@dataclass(frozen=True, slots=True)
class Objects:
    """What an index holds beside its ledger's columns.

    Attributes:
        frameworks: every framework version, oldest first.
        terms: kind, action and powers of statements, by number.
        changes: every status change, in journal order.
        retirements: the end of every party that has retired.
        exclusions: every exclusion.
        compromises: every key's compromise.
    """

    frameworks: tuple[Framework, ...]
    terms: tuple[tuple[Kind, Action, PassesOn | None], ...]
    changes: tuple[StatusChange, ...]
    retirements: tuple[Retirement, ...]
    exclusions: tuple[Exclusion, ...]
    compromises: tuple[KeyCompromise, ...]

    @classmethod
    def of(cls, index: Index) -> "Objects":
        """Take them from an index."""
        return cls(
            index.frameworks(),
            tuple(each[:3] for each in index.ledger.statements.terms),
            index.all_changes(),
            index.all_retirements(),
            index.all_exclusions(),
            index.all_compromises(),
        )

    def to_bytes(self) -> bytes:
        """Write them; the same objects always give the same bytes, mappings in their own order."""
        return orjson.dumps(_plain(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Objects":
        """Read them.

        Raises:
            CorruptSnapshotError: they are not what `to_bytes` wrote, to the byte.
        """
        try:
            parse_json(data, max_bytes=MAX_OBJECTS, max_depth=_MAX_DEPTH)
            objects = _ADAPTER.validate_json(data)
            if objects.to_bytes() != data:
                raise CorruptSnapshotError("its objects hold what is not understood")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CorruptSnapshotError(f"{where}: {first['msg']}") from None
        except (InvalidJsonError, InvalidDidError) as error:
            raise CorruptSnapshotError(f"its objects: {error}") from None
        return objects


_ADAPTER = TypeAdapter(Objects)


def _plain(value: Any) -> Json:
    """Write values of the rules' own types: sets in order, a DID checked to be one."""
    match value:
        case Did():
            if Did.parse(value.text) != value:
                raise CorruptSnapshotError(f"{value.text!r} is taken apart wrongly")
            return {"text": value.text, "method": value.method, "specific_id": value.specific_id}
        case Enum():
            return value.value  # type: ignore[no-any-return] # text or a number
        case None | bool() | int() | str():
            return value
        case Fraction():
            return str(value)
        case frozenset():
            return sorted(map(_plain, value), key=repr)
        case tuple():
            return [_plain(each) for each in value]
        case dict():
            return {_plain(name): _plain(each) for name, each in value.items()}  # type: ignore[misc]  # any key
        case _ if is_dataclass(value):
            named = (each.name for each in fields(value) if each.init)
            return {name: _plain(getattr(value, name)) for name in named}
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")
