"""Typed reading of a credential's JSON: what is not of the right type is refused by its pointer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from credentials.untp.errors import InvalidUntpError
from policies.claims import MAX_CLAIMS
from resolver.strict_json import Json

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f<>\"{}|\\^`]+")
MAX_URI = 2048
"""Characters of an identifier; longer ones are refused."""


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object inside a credential.

    A member that is null or an empty string says nothing (JSON-LD 1.1 section 4.1.1 drops null);
    it is read as absent.

    Attributes:
        members: the object's members.
        pointer: JSON pointer (RFC 6901) to the object.
    """

    members: Mapping[str, Json]
    pointer: str

    def at(self, member: str) -> str:
        """Return the pointer to a member."""
        return f"{self.pointer}/{member.replace('~', '~0').replace('/', '~1')}"

    def wrong(self, member: str, message: str) -> InvalidUntpError:
        """Return the error that refuses a member."""
        return InvalidUntpError(self.at(member), message)

    def missing(self, member: str) -> InvalidUntpError:
        """Return the error that refuses the object for a member that it lacks."""
        return self.wrong(member, "is missing")

    def states(self, member: str) -> bool:
        """Whether a member says anything."""
        return self.members.get(member) not in (None, "")

    def text(self, member: str) -> str | None:
        """Read a string, or None where the member says nothing."""
        value = self.members.get(member)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.wrong(member, f"must be a string, is {kind_of(value)}")
        return value

    def needed_text(self, member: str) -> str:
        """Read a string that must be there."""
        value = self.text(member)
        if value is None:
            raise self.missing(member)
        return value

    def uri(self, member: str = "id") -> str | None:
        """Read an identifier, or None where the member says nothing."""
        value = self.text(member)
        return None if value is None else uri_of(value, self.at(member))

    def needed_uri(self, member: str = "id") -> str:
        """Read an identifier that must be there."""
        value = self.uri(member)
        if value is None:
            raise self.missing(member)
        return value

    def flag(self, member: str) -> bool | None:
        """Read a boolean, or None where the member says nothing."""
        if not self.states(member):
            return None
        value = self.members[member]
        if not isinstance(value, bool):
            raise self.wrong(member, f"must be true or false, is {kind_of(value)}")
        return value

    def child(self, member: str) -> "Node | None":
        """Read an object, or None where the member says nothing."""
        if not self.states(member):
            return None
        value = self.members[member]
        if not isinstance(value, dict):
            raise self.wrong(member, f"must be an object, is {kind_of(value)}")
        return Node(value, self.at(member))

    def needed_child(self, member: str) -> "Node":
        """Read an object that must be there."""
        found = self.child(member)
        if found is None:
            raise self.missing(member)
        return found

    def items(self, member: str) -> tuple[tuple[str, Json], ...]:
        """Read a member that holds one value or an array of them, each with its pointer.

        More entries than there may be claims are refused before any is looked at.
        """
        if not self.states(member):
            return ()
        value = self.members[member]
        if not isinstance(value, list):
            return ((self.at(member), value),)
        if len(value) > MAX_CLAIMS:
            raise self.wrong(member, f"more than {MAX_CLAIMS} entries")
        return tuple((f"{self.at(member)}/{n}", item) for n, item in enumerate(value))

    def children(self, member: str) -> tuple["Node", ...]:
        """Read one object or an array of objects."""
        return tuple(object_at(item, pointer) for pointer, item in self.items(member))

    def uris(self, member: str) -> tuple[str, ...]:
        """Read one identifier or an array of them."""
        found = []
        for pointer, item in self.items(member):
            if not isinstance(item, str):
                raise InvalidUntpError(pointer, f"must be a string, is {kind_of(item)}")
            found.append(uri_of(item, pointer))
        return tuple(found)


def object_at(value: Json, pointer: str) -> Node:
    """Read a value that must be an object."""
    if not isinstance(value, dict):
        raise InvalidUntpError(pointer, f"must be an object, is {kind_of(value)}")
    return Node(value, pointer)


def uri_of(value: str, pointer: str) -> str:
    """Check that a string is an absolute URI of bounded length (RFC 3986 section 4.3)."""
    if len(value) > MAX_URI:
        raise InvalidUntpError(pointer, f"longer than {MAX_URI} characters")
    if not _URI.fullmatch(value):
        raise InvalidUntpError(pointer, "not a URI")
    return value


def kind_of(value: Json) -> str:
    """Name a JSON type for a reader."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
