"""Mappings: what a foreign list's words and identifiers mean here. A person writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import orjson
from pydantic import Field, ValidationError

from resolver.did import Did
from resolver.strict_json import Json
from trust_registry.documents import state_every_dimension
from trust_registry.errors import InvalidYamlError
from trust_registry.fields import Closed, DidMember, Plain
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.pointers import first_fault
from trust_registry.strict_yaml import read_yaml

GRANTS = ("add_anchor", "authorise", "accredit", "recognise")
"""The acts that a word can stand for."""
_MEMBERS = {"type", "action", "scope", "passes_on", "valid_until"}


class _Written(Closed):
    """A mapping as it is written; the grants in it are judged as acts once they are drafted."""

    identifiers: dict[str, DidMember] = Field(default_factory=dict)
    names: dict[str, Plain] = Field(default_factory=dict)
    grants: dict[str, dict[str, object]] = Field(default_factory=dict)
    statuses: dict[str, Literal["active", "ended"]] = Field(default_factory=dict)
    keys: dict[str, tuple[dict[str, object], ...]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the words and identifiers of one list mean here; what is not said has no meaning.

    Attributes:
        identifiers: the DID of whoever the list calls by another identifier, such as a URL.
        names: the name of whoever has a DID, for lists that give none.
        grants: the members of the act that a word of the list stands for.
        statuses: whether a status of the list lets an entry stand: `active` or `ended`.
        keys: public keys (JWK) of those who signed the list, by what the list calls them.
    """

    identifiers: Mapping[str, Did] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, tuple[Mapping[str, Json], ...]] = field(default_factory=dict)


def read_meanings(data: bytes) -> Meanings:
    """Read a mapping from YAML (or JSON).

    Args:
        data: at most `MAX_YAML` bytes.

    Raises:
        ImportRefusedError: it is none; the error names the member.
    """
    try:
        value = read_yaml(data)
        written = _Written.model_validate_json(orjson.dumps(value))
    except ValidationError as error:
        raise ImportRefusedError(*first_fault(error)) from None
    except InvalidYamlError as error:
        raise ImportRefusedError("", f"no mapping: {error}") from None
    raw = value if isinstance(value, dict) else {}
    return Meanings(
        written.identifiers,
        written.names,
        {word: _grant(word, each) for word, each in _object(raw.get("grants")).items()},
        written.statuses,
        {name: _keys(each) for name, each in _object(raw.get("keys")).items()},
    )


def _grant(word: str, value: Json) -> dict[str, Json]:
    where = f"/grants/{word}"
    grant = _object(value)
    unknown = sorted(set(grant) - _MEMBERS)
    if unknown:
        raise ImportRefusedError(where, f"{unknown[0]} is no member of a grant in a mapping")
    if grant.get("type") not in GRANTS:
        raise ImportRefusedError(f"{where}/type", f"is one of {', '.join(GRANTS)}")
    scope = grant.get("scope")
    if not isinstance(scope, dict):
        raise ImportRefusedError(f"{where}/scope", "is a mapping of dimensions")
    return {**grant, "scope": state_every_dimension(scope)}


def _keys(value: Json) -> tuple[Mapping[str, Json], ...]:
    keys = value if isinstance(value, list) else []
    return tuple(each for each in keys if isinstance(each, dict))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
