"""What is asked and what is sent, without any HTTP library."""

import re
from typing import NamedTuple
from urllib.parse import quote

from link_resolver import linkset
from resolver.instant import END, Instant

TEMPORARY_REDIRECT = 307
_UNSAFE = re.compile(r"[^!-~]")

Headers = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """What a reply depends on, and nothing else: equal requests get equal replies.

    Attributes:
        target: path and query as they came, before any decoding.
        host: the `Host` header.
        accept: the `Accept` header, empty where there is none.
        accept_language: the `Accept-Language` header.
    """

    target: str
    host: str = ""
    accept: str = ""
    accept_language: str = ""


class Reply(NamedTuple):
    """What to send.

    Attributes:
        status: the HTTP status.
        headers: all but those that the server adds.
        body: may be empty.
        until: the first instant at which it may be wrong.
        counts_for: path of the key and type of the link, where a link was followed.
    """

    status: int
    headers: Headers
    body: bytes = b""
    until: Instant = END
    counts_for: tuple[str, str] | None = None


def to_location(target: str) -> tuple[str, str]:
    """Return the header that leads to a target, which may have been written as an IRI."""
    if _UNSAFE.search(target) is not None:
        target = quote(target, safe="!#$%&'()*+,/:;=?@[]~-._")
    return "Location", target


def to_linkset(uri: str) -> str:
    """Return the `Link` to the linkset of an identifier."""
    return f'<{uri}?linkType=linkset>; rel="linkset"; type="{linkset.MEDIA_TYPE}"'
