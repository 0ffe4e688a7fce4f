"""Places in documents, named so that a person finds them (RFC 6901)."""

from collections.abc import Iterable

from pydantic import ValidationError


def pointer(parts: Iterable[str | int]) -> str:
    """Write a JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Return where the first fault of a document is, and what it is."""
    first = error.errors(include_url=False, include_input=False)[0]
    return pointer(first["loc"]), first["msg"]
