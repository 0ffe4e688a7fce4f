"""Status entries: where a credential says that its status is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from credentials.status.errors import MalformedEntryError
from credentials.values import entries, is_url
from resolver.strict_json import Json

_DIGITS = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_HEX = re.compile(r"0x[0-9a-fA-F]{1,4}", re.ASCII)
_MOST = 10**16 - 1
_MAX_SIZE = 16
"""Bits of an entry: each value has its message, and 65,536 of them are more than anyone writes."""


class ListKind(StrEnum):
    """The kinds of status lists that are understood, by the type of an entry that names one.

    A Token Status List is named by a claim instead; the claim's name stands for the type.
    """

    BITSTRING = "BitstringStatusListEntry"
    STATUS_LIST_2021 = "StatusList2021Entry"
    CLAIM = "status_list"

    __hash__ = str.__hash__  # lists are found by it: an enumeration's own is ten times as slow

    @property
    def list_type(self) -> str:
        """The type of the list itself, as a scope of authority names it."""
        return _LIST_TYPES[self]


_LIST_TYPES = {
    ListKind.BITSTRING: "BitstringStatusListCredential",
    ListKind.STATUS_LIST_2021: "StatusList2021Credential",
    ListKind.CLAIM: "statuslist+jwt",
}


_KINDS = {kind.value: kind for kind in (ListKind.BITSTRING, ListKind.STATUS_LIST_2021)}


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """One entry of `credentialStatus`, or a token's `status` claim.

    Attributes:
        pointer: where it stands in the credential.
        type: its type, as written.
        purpose: `revocation`, `suspension`, `refresh` or `message`; empty in a token.
        list_url: the address of the status list.
        index: the position in the list, counted in entries.
        size: bits an entry; for a token its list says it, and here is 0.
        messages: what each value means, in the issuer's words, where it says so.
        kind: the kind of list that it names, or None where that is not understood.
    """

    pointer: str
    type: str
    purpose: str
    list_url: str
    index: int
    size: int = 1
    messages: Mapping[int, str] = field(default_factory=dict)
    kind: ListKind | None = None


def read_entry(pointer: str, value: Json) -> StatusEntry:
    """Read one entry of `credentialStatus` (Bitstring Status List 1.0 section 2.1).

    Args:
        pointer: where it stands.
        value: the entry.

    Raises:
        MalformedEntryError: it is none; one of a type that is not understood is an entry.
    """
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise MalformedEntryError("not an object with one type")
    written, purpose, address = (
        _text(value.get(member)) for member in ("type", "statusPurpose", "statusListCredential")
    )
    kind = _KINDS.get(written)
    if kind is None:
        return StatusEntry(pointer, written, purpose, address, 0)
    index = whole_number(value.get("statusListIndex"))
    if not purpose or not is_url(address) or index is None:
        raise MalformedEntryError(
            "needs statusPurpose, the URL of a list as statusListCredential, and a whole number as"
            " statusListIndex"
        )
    if not all(is_url(each) for _, each in entries(value.get("statusReference", address))):
        raise MalformedEntryError("its statusReference is no URL, nor an array of them")
    if value.get("id") == address:
        raise MalformedEntryError("its id is that of the list, which must be another")
    size, messages = (1, {}) if kind is ListKind.STATUS_LIST_2021 else _values(value)
    return StatusEntry(pointer, written, purpose, address, index, size, messages, kind)


def read_claim(pointer: str, value: Json) -> StatusEntry | None:
    """Read a token's `status` claim (Token Status List, "Referenced Token").

    Args:
        pointer: where it stands.
        value: the claim.

    Returns:
        The entry, or None where the claim names no status list.

    Raises:
        MalformedEntryError: it names one, but not as it has to.
    """
    if not isinstance(value, dict) or ListKind.CLAIM not in value:
        return None
    match value[ListKind.CLAIM]:
        case {"idx": int() as index, "uri": str() as uri} if is_url(uri) and _is_index(index):
            where = f"{pointer}/{ListKind.CLAIM}"
            return StatusEntry(where, ListKind.CLAIM, "", uri, index, 0, {}, ListKind.CLAIM)
    raise MalformedEntryError("its status_list needs a whole number as idx, and a uri")


def whole_number(value: Json) -> int | None:
    """Read a count written as an integer or, as the specification has it, as its digits.

    UNTP's schema and its reference implementation write `statusListIndex` as an integer.
    """
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    if isinstance(value, int) and _is_index(value):
        return value
    return None


def _is_index(value: int) -> bool:
    return not isinstance(value, bool) and 0 <= value <= _MOST


def _values(entry: Mapping[str, Json]) -> tuple[int, dict[int, str]]:
    """Read `statusSize`, and the messages that are due for each value of several bits."""
    size = whole_number(entry.get("statusSize", 1))
    if not size or size > _MAX_SIZE:
        raise MalformedEntryError(f"its statusSize is no whole number from 1 to {_MAX_SIZE}")
    if "statusMessage" not in entry and size == 1:
        return size, {}
    given, found = entry.get("statusMessage"), {}
    for each in given if isinstance(given, list) else ():
        match each:
            case {"status": str() as status, "message": str() as message} if _HEX.fullmatch(status):
                found[int(status, 16)] = message
    values = range(1 << size)
    if not isinstance(given, list) or len(given) != len(values) or set(found) != {*values}:
        raise MalformedEntryError(
            f"needs a statusMessage for each of the {len(values)} values that {size} bits have"
        )
    return size, found


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
