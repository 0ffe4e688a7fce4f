"""What a request asks: its query and headers, read once into values."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from link_resolver import linkset
from link_resolver.errors import InvalidLinkTypeError, InvalidRequestError
from link_resolver.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, Namespaces, canonical
from link_resolver.linkset import Format
from link_resolver.matching import Wanted
from link_resolver.preferences import (
    MAX_LENGTH,
    Languages,
    MediaTypes,
    read_languages,
    read_media_types,
)
from resolver.errors import InvalidInstantError
from resolver.instant import Instant, parse_instant

_OWN = ("linkType", "language", "context", "profile", "asOf")
_ONCE = frozenset({"linkType", "language", "profile", "asOf"})
_MAX_CONTEXTS = 16
_ALL = frozenset({"linkset", "all"})
_DEFAULTS = frozenset({DEFAULT_LINK, DEFAULT_LINK_MULTI})
_ACCEPTED_PROFILE = re.compile(r';\s*profile\s*=\s*"?([^\s",;]+)', re.IGNORECASE)
_PROFILES = {each.value: each for each in Format} | {each.uri: each for each in Format}


class Shape(StrEnum):
    """How a linkset is given, by media type."""

    LINKSET = linkset.MEDIA_TYPE
    JSON_LD = "application/ld+json"
    JSON = "application/json"
    HTML = "text/html"


class Asked(NamedTuple):
    """A request, understood.

    Attributes:
        wanted: what decides which link suits.
        listing: whether all links are asked for.
        shape: how to give a list of links.
        profile: whose schema to write a linkset for; None for the resolver's own choice.
        at: the instant "as of" which to answer; None for now.
    """

    wanted: Wanted
    listing: bool = False
    shape: Shape = Shape.LINKSET
    profile: Format | None = None
    at: Instant | None = None


def read(
    query: str,
    accept: str,
    accept_language: str,
    now: Instant,
    namespaces: Namespaces = (),
) -> Asked:
    """Read a request.

    Args:
        query: as it came, without its question mark.
        accept: the `Accept` header; empty where there is none.
        accept_language: the `Accept-Language` header.
        now: the present, which `asOf` may not exceed.
        namespaces: prefixes of link types beside the built-in ones.

    Raises:
        InvalidRequestError: a parameter that is ours is malformed, or there twice.
    """
    accept, accept_language = accept[:MAX_LENGTH], accept_language[:MAX_LENGTH]
    if not query:
        return _by_headers(accept, accept_language)
    given = _parameters(query)
    media_types = read_media_types(accept)
    languages = _languages(given, accept_language)
    link_type = _link_type(given.get("linkType"), namespaces)
    listing = link_type in _ALL or _lists(media_types, typed="linkType" in given)
    return Asked(
        Wanted(
            None if listing else link_type,
            languages,
            media_types,
            tuple(given.get("context", ())),
        ),
        listing,
        _shape(media_types),
        _profile(given, accept) if listing else None,
        _instant(given, now),
    )


@lru_cache(1024)
def _by_headers(accept: str, accept_language: str) -> Asked:
    """Read a request without a query, as most are."""
    media_types = read_media_types(accept)
    listing = _lists(media_types, typed=False)
    wanted = Wanted(None, read_languages(accept_language), media_types)
    profile = _profile({}, accept) if listing else None
    return Asked(wanted, listing, _shape(media_types), profile)


def _parameters(query: str) -> dict[str, list[str]]:
    """Return the parameters that are ours; all others are for the target."""
    given: dict[str, list[str]] = {}
    for part in query.replace(";", "&").split("&"):
        name, _, value = part.partition("=")
        if name not in _OWN:
            continue
        values = given.setdefault(name, [])
        values.append(_decoded(name, value))
        if len(values) > (1 if name in _ONCE else _MAX_CONTEXTS):
            raise InvalidRequestError(name, f"{name} is given too often")
    return given


def _decoded(name: str, value: str) -> str:
    try:
        text = unquote_to_bytes(value.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise InvalidRequestError(name, f"{name} is not UTF-8") from None
    if len(text) > MAX_LENGTH:
        raise InvalidRequestError(name, f"{name} has at most {MAX_LENGTH} characters")
    return text


def _link_type(given: list[str] | None, namespaces: Namespaces) -> str | None:
    """Return the canonical type, or None for the default.

    What is no type stays as it is, for no link is of it.
    """
    if not given or not given[0]:
        return None
    if given[0] in _ALL:
        return given[0]
    try:
        link_type = canonical(given[0], namespaces)
    except InvalidLinkTypeError:
        return given[0]
    return None if link_type in _DEFAULTS else link_type


def _languages(given: dict[str, list[str]], header: str) -> Languages:
    """Return the languages that are wanted: `language` overrides the header (UNTP IDR-08)."""
    if "language" not in given:
        return read_languages(header)
    languages = read_languages(given["language"][0])
    if not languages.wanted:
        raise InvalidRequestError("language", "language is a BCP 47 tag such as de or pt-BR")
    return languages


def _lists(media_types: MediaTypes, *, typed: bool) -> bool:
    """Tell whether `Accept` alone asks for all links.

    `application/linkset+json` always does. Plain JSON and JSON-LD do where no type is named;
    where one is, they tell which link of it suits.
    """
    if media_types.indifferent:
        return False
    shapes = (Shape.LINKSET,) if typed else (Shape.LINKSET, Shape.JSON_LD, Shape.JSON)
    asked = any(media_types.prefers(each) for each in shapes)
    return asked and not media_types.prefers(Shape.HTML)


def _shape(media_types: MediaTypes) -> Shape:
    """Choose among the shapes of a list by quality, and among equals by our order."""
    if media_types.indifferent:
        return Shape.LINKSET
    return max(Shape, key=lambda each: (media_types.quality(each), media_types.names(each)))


def _profile(given: dict[str, list[str]], accept: str) -> Format | None:
    """Return the profile from the query, or from `Accept` (RFC 9264 4.2, RFC 6906)."""
    if "profile" not in given:
        match = _ACCEPTED_PROFILE.search(accept)
        return _PROFILES.get(match[1]) if match else None
    profile = _PROFILES.get(given["profile"][0])
    if profile is None:
        raise InvalidRequestError("profile", f"profile is one of {', '.join(Format)}")
    return profile


def _instant(given: dict[str, list[str]], now: Instant) -> Instant | None:
    if "asOf" not in given:
        return None
    text = given["asOf"][0]
    try:
        # A plus is a space in a query; no offset is written with one.
        instant = parse_instant(text.replace(" ", "+"))
    except InvalidInstantError as error:
        raise InvalidRequestError("asOf", f"asOf: {error}") from None
    if instant > now:
        raise InvalidRequestError("asOf", "asOf is later than now; nobody knows yet")
    return instant
