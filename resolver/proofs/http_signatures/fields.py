"""The fields of message signatures, read within limits (RFC 9421 4 and 5, RFC 9651)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

import http_sf

from resolver.errors import MessageSignatureError
from resolver.proofs.http_signatures.messages import Component, Headers, lines_of

MAX_FIELD = 8192
"""Characters of one field, all its lines together."""
MAX_SEPARATORS = 256
"""Spaces, commas and semicolons of one field; what stands between two takes a microsecond."""
MAX_MEMBERS = 8
"""Signatures of one message."""
MAX_COMPONENTS = 32
"""Components that one signature covers."""

INPUT, SIGNATURE = "Signature-Input", "Signature"

Parameter = str | int | bool
_Bare = object
_Params = dict[str, _Bare]


@dataclass(frozen=True)
class Coverage:
    """What a signature covers, and what it says of itself (RFC 9421 2.3).

    Attributes:
        components: what is covered, in order; nothing twice.
        parameters: such as `created` and `keyid`, in order.
    """

    components: tuple[Component, ...]
    parameters: Mapping[str, Parameter]

    @cached_property
    def text(self) -> str:
        """The same as an inner list (RFC 9651 4.1.1.1)."""
        items = [(each.name, {"req": True} if each.of_request else {}) for each in self.components]
        inner: Any = [(items, dict(self.parameters))]  # one member of a list is written alike
        return http_sf.ser(inner)


class Signature(NamedTuple):
    """One signature of a message; nothing in it is believed yet.

    Attributes:
        label: what it is called; nothing depends on it (RFC 9421 4).
        coverage: what it is said to cover.
        value: its bytes.
    """

    label: str
    coverage: Coverage
    value: bytes

    def headers(self) -> Headers:
        """Return the fields that carry it."""
        value = http_sf.ser(self.value)
        return (INPUT, f"{self.label}={self.coverage.text}"), (SIGNATURE, f"{self.label}={value}")


def signatures_of(headers: Headers) -> tuple[Signature, ...]:
    """Read the signatures of a message; there are none where it has neither field.

    Raises:
        MessageSignatureError: the fields are malformed, too long, or do not belong together.
    """
    inputs = coverages(lines_of(headers, INPUT.lower()), INPUT)
    values = dictionary(lines_of(headers, SIGNATURE.lower()), SIGNATURE)
    if inputs.keys() != values.keys():
        raise MessageSignatureError(f"{INPUT} and {SIGNATURE} name other signatures")
    found = []
    for label, coverage in inputs.items():
        value, parameters = values[label]
        if not isinstance(value, bytes) or parameters:
            raise MessageSignatureError(f"{SIGNATURE}: {label} is no byte sequence")
        found.append(Signature(label, coverage, value))
    return tuple(found)


def coverages(lines: Sequence[str], field: str) -> dict[str, Coverage]:
    """Read a dictionary of what signatures cover: `Signature-Input` or `Accept-Signature`.

    Args:
        lines: the field's values.
        field: its name.

    Raises:
        MessageSignatureError: it is malformed or too long, or asks for what is not understood.
    """
    found = {}
    for label, (items, parameters) in dictionary(lines, field).items():
        if not isinstance(items, list):
            raise MessageSignatureError(f"{field}: {label} is no inner list")
        if len(items) > MAX_COMPONENTS:
            raise MessageSignatureError(f"{field}: more than {MAX_COMPONENTS} components")
        components = tuple(_component(name, of, field) for name, of in items)
        if len(set(components)) < len(components):
            raise MessageSignatureError(f"{field}: {label} covers something twice")
        read = {name: _parameter(value, field) for name, value in parameters.items()}
        found[label] = Coverage(components, read)
    return found


def dictionary(lines: Sequence[str], field: str) -> dict[str, tuple[_Bare, _Params]]:
    """Parse a dictionary, in which no key may be repeated (RFC 9651 4.2.2).

    Args:
        lines: the field's values.
        field: its name.

    Raises:
        MessageSignatureError: it is malformed, too long, or has too many members.
    """
    text = ", ".join(lines)
    if len(text) > MAX_FIELD:
        raise MessageSignatureError(f"{field}: longer than {MAX_FIELD} characters")
    if sum(map(text.count, " ,;")) > MAX_SEPARATORS:
        raise MessageSignatureError(
            f"{field}: more than {MAX_SEPARATORS} spaces, commas, semicolons"
        )

    def repeated(key: str, _context: str) -> NoReturn:
        raise MessageSignatureError(f"{field}: {key} is there twice")

    try:
        parsed: Any = http_sf.parse(text.encode(), tltype="dictionary", on_duplicate_key=repeated)
    except ValueError as error:
        raise MessageSignatureError(f"{field}: {error}") from None
    if len(parsed) > MAX_MEMBERS:
        raise MessageSignatureError(f"{field}: more than {MAX_MEMBERS} members")
    members: dict[str, tuple[_Bare, _Params]] = parsed
    return members


def _component(name: _Bare, parameters: _Params, field: str) -> Component:
    """Read a component; of its parameters only `req` is understood (RFC 9421 2.1)."""
    if not isinstance(name, str) or parameters not in ({}, {"req": True}):
        raise MessageSignatureError(f"{field}: a component is a string, at most with ;req")
    return Component(name, bool(parameters))


def _parameter(value: _Bare, field: str) -> Parameter:
    if isinstance(value, str | int):
        return value
    raise MessageSignatureError(f"{field}: a parameter is a string, an integer, or alone")
