"""Link types: many ways to write one, and one canonical form for each (RFC 8288 2.1).

GS1's are URIs under `https://ref.gs1.org/voc/`, UNTP's and IANA's are bare relations. A CURIE, the
addresses that either vocabulary had before, and a bare name all lead to the same canonical form.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from link_resolver.errors import InvalidLinkTypeError

GS1 = "https://ref.gs1.org/voc/"
UNTP = "https://vocabulary.uncefact.org/untp/linkType#"
"""The namespace that `untp:` last stood for; its types are written bare today."""
DEFAULT_LINK = f"{GS1}defaultLink"
DEFAULT_LINK_MULTI = f"{GS1}defaultLinkMulti"
HANDLED_BY = f"{GS1}handledBy"
IDENTITY_RESOLVER = "idr"

Namespaces = tuple[tuple[str, str], ...]
"""Further prefixes, each without its colon, with the namespace it stands for."""


class LinkType(NamedTuple):
    """What a vocabulary says of a link type.

    Attributes:
        title: its name for people, in English.
        deprecated: whether its vocabulary advises against it.
    """

    title: str
    deprecated: bool = False


def _gs1_types() -> dict[str, LinkType]:
    text = files("link_resolver").joinpath("data/link_types.json").read_text()
    return {name: LinkType(**facts) for name, facts in json.loads(text)["types"].items()}


_GS1_TYPES = _gs1_types()
_UNTP_TYPES = {
    "dpp": LinkType("Digital Product Passport"),
    "dcc": LinkType("Digital Conformity Credential"),
    "dfr": LinkType("Digital Facility Record"),
    "dte": LinkType("Digital Traceability Event"),
    "dia": LinkType("Digital Identity Anchor"),
    IDENTITY_RESOLVER: LinkType("Identity Resolver"),
}
_UNTP_NAMES = {name: name for name in _UNTP_TYPES} | {
    known.title.replace(" ", "").lower(): name for name, known in _UNTP_TYPES.items()
}
_BARE = {name.lower(): f"{GS1}{name}" for name in _GS1_TYPES} | _UNTP_NAMES
KNOWN: Mapping[str, LinkType] = {f"{GS1}{name}": known for name, known in _GS1_TYPES.items()} | (
    _UNTP_TYPES
)
"""What the two vocabularies say, by canonical form."""

RESERVED = frozenset(
    {DEFAULT_LINK, DEFAULT_LINK_MULTI, HANDLED_BY, "linkset", "all", "self"}
    | {"anchor", "itemdescription", "description"}
)
"""What no link may be typed with: the resolver itself says these, or a linkset means others."""

_GS1_SPACES = tuple(
    f"{scheme}://{host}/voc/"
    for scheme in ("https", "http")
    for host in ("ref.gs1.org", "gs1.org", "www.gs1.org")
)
_UNTP_SPACES = tuple(
    f"{scheme}://{place}"
    for scheme in ("https", "http")
    for place in (
        "vocabulary.uncefact.org/untp/linkType#",
        "vocabulary.uncefact.org/untp/",
        "vocabulary.uncefact.org/untp#",
        "test.uncefact.org/vocabulary/linkTypes/",
        "test.uncefact.org/voc/untp/",
    )
)
_PREFIXES = {"gs1": GS1, "untp": UNTP}

_MAX_LENGTH = 256
_URI = re.compile(r"(https?://)([A-Za-z0-9.-]+(?::\d{1,5})?)(/[!-~]*)?", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>"{}|\\^`]')
_CURIE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*):([A-Za-z0-9_][A-Za-z0-9_.#/-]*)")
_RELATION = re.compile(r"[a-z][a-z0-9.-]*", re.IGNORECASE)


@lru_cache(1024)
def canonical(text: str, namespaces: Namespaces = ()) -> str:
    """Return the one form of a link type: a URI, or a bare relation in small letters.

    Args:
        text: a CURIE (`gs1:pip`, `untp:dpp`), a URI, or a bare name (`pip`, `dpp`).
        namespaces: prefixes beside `gs1` and `untp`.

    Raises:
        InvalidLinkTypeError: none of these, or a CURIE whose prefix is not known.
    """
    if len(text) > _MAX_LENGTH:
        raise InvalidLinkTypeError(f"a link type has at most {_MAX_LENGTH} characters")
    if match := _URI.fullmatch(text):
        if _UNSAFE.search(text):
            raise InvalidLinkTypeError("a link type's URI has a character that must be escaped")
        scheme, host, rest = match.groups(default="")
        return _of_uri(f"{scheme.lower()}{host.lower()}{rest}")
    if match := _CURIE.fullmatch(text):
        prefix, name = match.groups()
        space = _PREFIXES.get(prefix.lower()) or dict(namespaces).get(prefix)
        if space is None:
            raise InvalidLinkTypeError(f"no namespace is known for the prefix {prefix!r}")
        return _of_uri(space + name)
    if _RELATION.fullmatch(text):
        return _BARE.get(text.lower(), text.lower())
    raise InvalidLinkTypeError("not a CURIE, a URI, or a link relation")


def _of_uri(uri: str) -> str:
    for space in _GS1_SPACES:
        if uri.startswith(space):
            return GS1 + uri.removeprefix(space)
    for space in _UNTP_SPACES:
        if uri.startswith(space):
            return _UNTP_NAMES.get(uri.removeprefix(space).lower(), uri)
    return uri


def same_as(link_type: str) -> tuple[str, ...]:
    """Return the canonical types that a request for this one asks for, itself first.

    GS1 and UNTP each have a type for the digital product passport; whoever asks for one is
    given the other where only that is published.
    """
    return _TWINS.get(link_type, (link_type,))


_TWINS = {"dpp": ("dpp", f"{GS1}dpp"), f"{GS1}dpp": (f"{GS1}dpp", "dpp")}


def short(link_type: str) -> str:
    """Write a canonical type as people do: GS1's as a CURIE, all others as they are."""
    return f"gs1:{link_type.removeprefix(GS1)}" if link_type.startswith(GS1) else link_type


def title(link_type: str) -> str:
    """Name a canonical type for people; a type of no known vocabulary by itself."""
    known = KNOWN.get(link_type)
    return known.title if known else short(link_type)
