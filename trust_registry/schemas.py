"""JSON Schemas of acts and frameworks, made from the very types that read them."""

from functools import cache
from typing import Any, get_args

import orjson
from pydantic import BaseModel, TypeAdapter

from trust_registry.acts import Act
from trust_registry.documents import FrameworkDocument

PATH = "/schemas/"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _kind(model: type[BaseModel]) -> str:
    """Return the `type` of an act, which names its schema."""
    (kind,) = get_args(model.model_fields["type"].annotation)
    return str(kind)


ACTS: dict[str, type[BaseModel]] = {_kind(model): model for model in get_args(Act)}
"""Every kind of act, by its `type`."""


@cache
def schema(name: str) -> bytes | None:
    """Return a schema by its name, or None where there is none.

    Args:
        name: the `type` of an act; `act` for any of them; `framework` for a framework's document.
    """
    if name == "act":
        written: dict[str, Any] = {"oneOf": [{"$ref": f"{PATH}{kind}.json"} for kind in ACTS]}
    elif name == "framework" or name in ACTS:
        model = FrameworkDocument if name == "framework" else ACTS[name]
        written = TypeAdapter(model).json_schema(mode="validation")
    else:
        return None
    return orjson.dumps({"$schema": _DIALECT, "$id": f"{PATH}{name}.json", **written})


def names() -> tuple[str, ...]:
    """Return the names of all schemas."""
    return ("act", "framework", *ACTS)
