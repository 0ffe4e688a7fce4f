"""Names and descriptions: text, or text with its language (VCDM 2.0 sections 4.6 and 11.1)."""

from collections.abc import Iterator, Mapping

from credentials.checks import CheckId
from credentials.credential import Problem
from credentials.values import entries
from resolver.strict_json import Json

_DIRECTIONS = ("ltr", "rtl")


def naming_problems(holder: Mapping[str, Json], pointer: str) -> Iterator[Problem]:
    """Return what is wrong with the `name` and `description` of an object.

    Args:
        holder: the object.
        pointer: JSON pointer (RFC 6901) to it.
    """
    for member in ("name", "description"):
        for where, value in entries(holder.get(member, "")):
            if not isinstance(value, str) and not _is_language_value(value):
                message = "neither text nor text with a language and a direction"
                yield Problem(CheckId.STRUCTURE, f"{pointer}/{member}{where}", message)


def _is_language_value(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"@value", "@language", "@direction"}
        and isinstance(value.get("@value"), str)
        and isinstance(value.get("@language", ""), str)
        and value.get("@direction", "ltr") in _DIRECTIONS
    )
