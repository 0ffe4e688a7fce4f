"""YAML that people write and that has one meaning: bounded, with its aliases, no member twice."""

import json
from collections import Counter
from collections.abc import Hashable
from datetime import date, datetime
from itertools import chain
from typing import Any

import yaml

from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json
from trust_registry.errors import InvalidYamlError

MAX_YAML = 1_000_000
"""Bytes; and characters, once what an alias stands for is written in its place."""
MAX_DEPTH = 16


class _Loader(yaml.SafeLoader):
    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None:
            _weigh(node, {})
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = next((name for name, count in names.items() if count > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _weigh(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many characters a node has, with all that its aliases stand for."""
    weight = known.get(id(node), 0)
    if weight < 0:
        raise yaml.YAMLError("an alias stands for what it is in")
    if weight == 0:
        known[id(node)] = -1
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        inner = chain.from_iterable(parts) if isinstance(node, yaml.MappingNode) else parts
        weight = sum(_weigh(each, known) for each in inner) + (len(node.value) or 1)
        if weight > MAX_YAML:
            raise yaml.YAMLError(f"its aliases stand for more than {MAX_YAML} characters")
        known[id(node)] = weight
    return weight


def read_yaml(data: bytes | str) -> Json:
    """Read YAML (or JSON) as JSON; a time that YAML knows as one is written as RFC 3339 has it.

    Args:
        data: at most `MAX_YAML` bytes, nested at most `MAX_DEPTH` deep.

    Raises:
        InvalidYamlError: it is none, or JSON cannot say it.
    """
    if len(data) > MAX_YAML:
        raise InvalidYamlError(f"more than {MAX_YAML} bytes")
    try:
        text = json.dumps(yaml.load(data, _Loader), default=_written)  # noqa: S506 - a safe loader
        return parse_json(text, max_bytes=2 * MAX_YAML, max_depth=MAX_DEPTH)
    except RecursionError:
        raise InvalidYamlError(f"nested deeper than {MAX_DEPTH}") from None
    except (yaml.YAMLError, InvalidJsonError, TypeError, ValueError) as error:
        raise InvalidYamlError(str(error)) from None


def _written(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    if isinstance(value, date):
        raise TypeError(f"{value}: write a time with its offset, such as 2026-03-01T00:00:00Z")
    raise TypeError(f"{value!r} cannot be written as JSON")
