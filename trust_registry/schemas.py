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
        written: dict[str, Any] = {
            "title": "Act",
            "description": "Change what is trusted: any of the kinds of act.",
            "oneOf": [{"$ref": f"{PATH}{kind}.json"} for kind in ACTS],
        }
    elif name == "framework" or name in ACTS:
        model = FrameworkDocument if name == "framework" else ACTS[name]
        written = TypeAdapter(model).json_schema(mode="validation")
    else:
        return None
    return orjson.dumps({"$schema": _DIALECT, "$id": f"{PATH}{name}.json", **written})


@cache
def index() -> bytes:
    """Return the list of all schemas, as JSON: what each is of, and where it is."""
    return orjson.dumps({"schemas": [_listed(name) for name in names()]})


def _listed(name: str) -> dict[str, str]:
    written = orjson.loads(schema(name) or b"")
    first, _, _ = written["description"].partition("\n\n")
    return {
        "name": name,
        "title": written["title"],
        "description": " ".join(first.split()),
        "$id": written["$id"],
    }


def names() -> tuple[str, ...]:
    """Return the names of all schemas."""
    return ("act", "framework", *ACTS)
