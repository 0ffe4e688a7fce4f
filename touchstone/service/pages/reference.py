"""The API reference: the OpenAPI file, arranged for a reader."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""What YAML gives for the OpenAPI file; our own tests hold its shape."""

_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a member: its name, type in words, and what it means."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Example:
    """An example with its title, written as it travels."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation answers with."""

    status: str
    description: str
    schema: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    Attributes:
        anchor: its id on the page.
        try_it: an address that can be followed, or empty.
        curl: the same on a command line.
    """

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_schema: str
    bodies: tuple[Example, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A named schema: what it is, and its members."""

    name: str
    description: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole file."""

    title: str
    version: str
    description: str
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]


def read_reference(document: Document) -> Reference:
    """Arrange an OpenAPI 3.1 document by its tags."""
    info = document["info"]
    operations = list(_operations(document))
    groups = tuple(
        Group(
            tag["name"],
            tag.get("description", ""),
            tuple(operation for name, operation in operations if name == tag["name"]),
        )
        for tag in document["tags"]
    )
    schemas = tuple(
        _schema(name, schema, document)
        for name, schema in document["components"]["schemas"].items()
    )
    return Reference(info["title"], info["version"], info["description"], groups, schemas)


def _operations(document: Document) -> Iterator[tuple[str, Operation]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                given = (*item.get("parameters", ()), *operation.get("parameters", ()))
                yield operation["tags"][0], _operation(path, method, operation, given, document)


def _operation(
    path: str, method: str, operation: Document, given: tuple[Document, ...], document: Document
) -> Operation:
    parameters = tuple(
        Field(
            parameter["name"],
            _type(parameter["schema"]),
            parameter.get("required", False),
            parameter.get("description", ""),
        )
        for parameter in (_resolved(each, document) for each in given)
    )
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _resolved(media.get("schema", {}), document)
    return Operation(
        f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '') or 'home'}",
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        parameters,
        _fields(body, document),
        _reference_name(media.get("schema", {})),
        _examples(media),
        tuple(
            _answer(str(status), _resolved(answer, document))
            for status, answer in operation["responses"].items()
        ),
    )


def _answer(status: str, answer: Document) -> Answer:
    media: Document = next(iter(answer.get("content", {}).values()), {})
    return Answer(
        status,
        answer["description"],
        _reference_name(media.get("schema", {})),
        _examples(media),
    )


def _examples(media: Document) -> tuple[Example, ...]:
    return tuple(
        Example(example.get("summary", name), _pretty(example["value"]))
        for name, example in media.get("examples", {}).items()
    )


def _pretty(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _schema(name: str, schema: Document, document: Document) -> Schema:
    return Schema(
        name,
        schema.get("description", ""),
        _fields(schema, document),
        tuple(str(value) for value in schema.get("enum", ())),
    )


def _fields(schema: Document, document: Document) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        Field(name, _type(member), name in required, _described(member, document))
        for name, member in schema.get("properties", {}).items()
    )


def _described(member: Document, document: Document) -> str:
    text = member.get("description") or _resolved(member, document).get("description", "")
    return str(text)


def _type(schema: Document) -> str:
    if "$ref" in schema:
        return _reference_name(schema)
    for many in ("oneOf", "anyOf"):
        if many in schema:
            return " or ".join(_type(each) for each in schema[many])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format", kind))


def _reference_name(schema: Document) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _resolved(node: Document, document: Document) -> Document:
    if "$ref" not in node:
        return node
    found: Document = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found
