"""Which JSON Schemas are admitted: by URL and digest, from a list that is data."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from credentials.errors import CredentialError
from resolver.errors import ResolverError
from resolver.jcs import canonicalise
from resolver.strict_json import Json, parse_json

_DIGEST = re.compile("[0-9a-f]{64}")
_MAX_LIST_BYTES = 1024 * 1024


class InvalidSchemaListError(CredentialError):
    """A list of admitted schemas is none, or a schema cannot be used."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One admitted schema.

    Attributes:
        url: its URL, by which credentials name it.
        digests: SHA-256 of its canonical JSON (RFC 8785), hexadecimal, of each admitted text;
            white space and the order of members do not matter.
        type: the credential type that it is the schema of, or None.
        version: the version of UNTP that has it, as contexts name it, or None.
    """

    url: str
    digests: tuple[str, ...]
    type: str | None = None
    version: str | None = None


def own_pins() -> tuple[Pin, ...]:
    """Return the schemas that are admitted from the start."""
    return read_pins(files("credentials.schemas").joinpath("schemas.json").read_bytes())


def read_pins(raw: bytes) -> tuple[Pin, ...]:
    """Read a list of admitted schemas.

    Raises:
        InvalidSchemaListError: it is none.
    """
    try:
        value = parse_json(raw, max_bytes=_MAX_LIST_BYTES)
    except ResolverError as error:
        raise InvalidSchemaListError(f"the list of schemas is not acceptable: {error}") from None
    if not isinstance(value, list):
        raise InvalidSchemaListError("the list of schemas is no array")
    return tuple(_pin(each) for each in value)


def _pin(value: Json) -> Pin:
    match value:
        case {"url": str() as url, "sha256": [*digests], **rest} if digests and _known(rest):
            texts = tuple(each for each in digests if isinstance(each, str))
            if len(texts) == len(digests) and all(map(_DIGEST.fullmatch, texts)):
                type_, version = rest.get("type"), rest.get("version")
                return Pin(
                    url,
                    texts,
                    type_ if isinstance(type_, str) else None,
                    version if isinstance(version, str) else None,
                )
    raise InvalidSchemaListError(
        "a schema has a url and sha256 digests, and for a type of UNTP credential its type and"
        f" version: {str(value)[:200]}"
    )


def _known(rest: Mapping[object, object]) -> bool:
    named = rest.keys() <= {"type", "version"} and len(rest) in {0, 2}
    return named and all(isinstance(each, str) and each for each in rest.values())


def digest_of(schema: Json) -> str:
    """Return what a schema is admitted by.

    Raises:
        NotCanonicalisableError: it has no canonical form.
    """
    return hashlib.sha256(canonicalise(schema)).hexdigest()


def merged(own: Iterable[Pin], more: Iterable[Pin]) -> tuple[Pin, ...]:
    """Return both lists; a later pin takes the place of those with its URL."""
    return tuple({pin.url: pin for pin in (*own, *more)}.values())
