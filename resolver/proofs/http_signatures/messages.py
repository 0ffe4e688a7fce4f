"""HTTP messages as signatures see them: requests, responses and what can be covered of each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from resolver.errors import MessageSignatureError

Headers = tuple[tuple[str, str], ...]
"""Names and values, a pair a line, in the order of the message."""

_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_FIELD_VALUE = re.compile(r"[\t -~]*")
_URI = re.compile(r"https?://[!\"$-.0->A-~]+([/?][!\"$-~]*)?")
"""No user before the host, and no fragment: neither is part of a request."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_OF_URI = frozenset({"@target-uri", "@authority", "@scheme", "@path", "@query"})
_CIRCULAR = frozenset({"signature", "signature-input"})


class Component(NamedTuple):
    """What a signature may cover (RFC 9421 2).

    Attributes:
        name: a field's name in lower case, or a derived component's, such as `@status`.
        of_request: whether it is the request's that a response answers (RFC 9421 2.4).
    """

    name: str
    of_request: bool = False

    def __str__(self) -> str:
        return f'"{self.name}";req' if self.of_request else f'"{self.name}"'


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes:
        method: its method.
        target_uri: the whole URI that it is for (RFC 9110 7.1).
        headers: its fields.
        body: its content.
    """

    method: str
    target_uri: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A response, with the request that it answers.

    Attributes:
        status: its status code.
        headers: its fields.
        body: its content.
        request: what it answers.
    """

    status: int
    headers: Headers
    body: bytes
    request: Request


Message = Request | Response


def whose(message: Message, component: Component) -> Message:
    """Return the message that a component is of (RFC 9421 2.4).

    Raises:
        MessageSignatureError: a request answers no request.
    """
    if not component.of_request:
        return message
    if isinstance(message, Request):
        raise MessageSignatureError(f"{component}: a request answers no other")
    return message.request


def value_of(message: Message, component: Component) -> str:
    """Return the value of a component, as it is signed (RFC 9421 2.1, 2.2).

    Raises:
        MessageSignatureError: it is not understood, the message has no such component, or one that
            cannot be signed.
    """
    of, name = whose(message, component), component.name
    if not name.startswith("@"):
        return _field(of.headers, name)
    if isinstance(of, Response):
        if name == "@status":
            return str(of.status)
    elif name == "@method":
        return of.method
    elif name in _OF_URI:
        return _of_uri(of.target_uri, name)
    raise MessageSignatureError(f"{component}: no such component of this message")


def lines_of(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Return the values of all lines of a field, without the white space around them.

    Args:
        headers: a message's fields.
        name: a field's name, in lower case.

    Raises:
        MessageSignatureError: one is folded, or has characters that no value should.
    """
    values = [value.strip(" \t") for each, value in headers if each.lower() == name]
    if not all(map(_FIELD_VALUE.fullmatch, values)):
        raise MessageSignatureError(f"{name}: folded, or not of printable ASCII")
    return values


def _field(headers: Headers, name: str) -> str:
    if not _FIELD_NAME.fullmatch(name) or name in _CIRCULAR:
        raise MessageSignatureError("a field that cannot be covered here")
    lines = lines_of(headers, name)
    if not lines:
        raise MessageSignatureError(f"{name}: the message has no such field")
    return ", ".join(lines)


def _of_uri(uri: str, name: str) -> str:
    if not _URI.fullmatch(uri):
        raise MessageSignatureError("the target is no absolute http or https URI")
    if name == "@target-uri":
        return uri
    try:
        scheme, authority, path, query, _ = urlsplit(uri)
    except ValueError:
        raise MessageSignatureError("the target has no host that can be read") from None
    match name:
        case "@authority":
            return authority.lower().removesuffix(_DEFAULT_PORTS[scheme])
        case "@path":
            return path or "/"
        case "@query":
            return f"?{query}"
        case _:
            return scheme
