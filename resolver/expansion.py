"""Relative DID URLs in a document, made absolute (DID Core 3.2.2; DID Resolution, step 5.3)."""

from resolver.did import Did
from resolver.document import Relationship
from resolver.strict_json import Json

_RELATIVE = ("#", "?", "/")
_RELATIONSHIPS = frozenset(relationship.value for relationship in Relationship)


def absolute(url: str, base: Did) -> str:
    """Write a DID URL in full."""
    return base.text + url if url.startswith(_RELATIVE) else url


def expand_relative_urls(raw: dict[str, Json], base: Did) -> dict[str, Json]:
    """Copy a document with every id, and every member of a relationship, written in full.

    Args:
        raw: the document; it is left as it is.
        base: the DID that the document is about.
    """
    return {name: _member(value, base, name in _RELATIONSHIPS) for name, value in raw.items()}


def _member(value: Json, base: Did, references: bool) -> Json:
    if isinstance(value, list):
        return [_item(item, base, references) for item in value]
    return _item(value, base, references=False)


def _item(item: Json, base: Did, references: bool) -> Json:
    if references and isinstance(item, str):
        return absolute(item, base)
    if isinstance(item, dict) and isinstance(name := item.get("id"), str):
        return {**item, "id": absolute(name, base)}
    return item
