"""Linksets: everything a caller may know about an identifier, as RFC 9264 JSON.

Three profiles: `gs1` is valid against GS1's normative schema, `untp` against UNTP's, and `rfc9264`
says everything. What a profile's schema cannot say is left out of it, and `complete` tells.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import orjson

from link_resolver import matching
from link_resolver.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, GS1
from link_resolver.links import Link
from link_resolver.matching import Defaults
from link_resolver.resolving import Level
from resolver.strict_json import Json

MEDIA_TYPE = "application/linkset+json"
AUTHORITY_ENDED = "authority-ended"
"""The context that marks a link whose publisher has no authority over the key any more."""


class Format(StrEnum):
    """Whose schema a linkset is written for."""

    GS1 = "gs1"
    UNTP = "untp"
    FULL = "rfc9264"

    @property
    def uri(self) -> str:
        """The profile's identifier (RFC 6906)."""
        return _PROFILES[self]


_PROFILES = {
    Format.GS1: "https://ref.gs1.org/standards/resolver/linkset-schema",
    Format.UNTP: "https://untp.unece.org/schema/idr/linkset-schema",
    Format.FULL: "https://www.rfc-editor.org/info/rfc9264",
}
_RELATION = re.compile(r"[a-z-]+|https?://[A-Za-z0-9./]+")
"""What both schemas allow as the name of a relation: no hyphen in a host, no fragment, no colon."""
_LANGUAGE = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z]{2})?")
_PREDECESSOR = "predecessor-version"

CONTEXT_URI = "https://ref.gs1.org/standards/resolver/linkset-context"
_JSON_LD_CONTEXT: dict[str, Json] = {
    "@vocab": "http://www.iana.org/assignments/relation/",
    "anchor": "@id",
    "href": "@id",
    "linkset": "@graph",
    "title": "http://purl.org/dc/terms/title",
    "type": "http://purl.org/dc/terms/format",
    "hreflang": {"@id": "http://purl.org/dc/terms/language", "@container": "@set"},
    "itemDescription": "http://www.w3.org/2000/01/rdf-schema#comment",
    "gs1": GS1,
    "context": f"{GS1}context",
    "fwqs": f"{GS1}fwqs",
    "public": f"{GS1}public",
    "untp": "https://vocabulary.uncefact.org/untp/",
    "rel": "untp:rel",
    "method": {"@id": "untp:method", "@container": "@list"},
    "encryptionMethod": "untp:encryptionMethod",
    "accessRole": "untp:accessRole",
}


class Written(NamedTuple):
    """A linkset as a JSON object.

    Attributes:
        document: the object.
        complete: whether the profile could say everything.
    """

    document: dict[str, Json]
    complete: bool

    def json(self) -> bytes:
        """Return it as `application/linkset+json`."""
        return orjson.dumps(self.document)

    def json_ld(self) -> bytes:
        """Return it as `application/ld+json`, with its context inside."""
        return orjson.dumps({"@context": _JSON_LD_CONTEXT, **self.document})


def write(
    levels: Sequence[Level], root: str, profile: Format = Format.GS1, *, whole: bool = True
) -> Written:
    """Write the links of all levels, the most specific first (GS1-Conformant Resolver 2.10).

    Args:
        levels: what a caller may see.
        root: the resolver's own root, without a slash at its end.
        profile: whose schema it must be valid against.
        whole: whether these are all links, or a choice of them that has no default.
    """
    writer = _Writer(profile)
    found = [link for level in levels for link in level.links]
    # A link that is alone is where everybody is sent, marked or not.
    alone = found[0] if len(found) == 1 and found[0].authorised else None
    items = {level.path: describe(level, levels) for level in levels}
    anchors: dict[str, dict[str, Json]] = {}
    for path, links in _by_path(levels):
        object_: dict[str, Json] = {"anchor": root + path, "itemDescription": items[path]}
        defaults = matching.defaults(links) if whole else Defaults()
        if whole and defaults.one is None:
            defaults = defaults._replace(one=alone)
        object_.update(writer.defaults(defaults))
        object_.update(writer.relations(links))
        anchors[path] = object_
    return Written({"linkset": list(anchors.values())}, complete=writer.complete)


def _by_path(levels: Sequence[Level]) -> Iterable[tuple[str, tuple[Link, ...]]]:
    """Yield each anchor once, with its own links before those of its templates."""
    paths: dict[str, tuple[Link, ...]] = {}
    for level in levels:
        paths[level.path] = paths.get(level.path, ()) + level.links
    return paths.items()


def describe(level: Level, levels: Sequence[Level]) -> str:
    """Say what a level identifies: as its links do, else as the nearest coarser level, or by path.

    Args:
        level: the level.
        levels: all that are known, the most specific first.
    """
    start = levels.index(level)
    described = (link.item for each in levels[start:] for link in each.links if link.item)
    return next(described, level.path.removeprefix("/"))


class _Writer:
    """Writes links for one profile, and remembers whether anything had to be left out."""

    def __init__(self, profile: Format) -> None:
        self.complete = True
        self._profile = profile

    def defaults(self, defaults: Defaults) -> dict[str, Json]:
        """Return the defaults under GS1's types for them; the one has no further attribute."""
        relations: dict[str, Json] = {}
        if defaults.one is not None:
            relations[DEFAULT_LINK] = [{"href": defaults.one.href, "title": defaults.one.title}]
        if defaults.varying:
            relations[DEFAULT_LINK_MULTI] = [self._target(each) for each in defaults.varying]
        return relations

    def relations(self, links: Sequence[Link]) -> dict[str, Json]:
        """Return every link under its descriptive type."""
        relations: dict[str, list[Json]] = {}
        for link in links:
            if self._profile is not Format.FULL and not _RELATION.fullmatch(link.link_type):
                self.complete = False
                continue
            relations.setdefault(link.link_type, []).extend(self._versions(link))
        return dict(relations)

    def _versions(self, link: Link) -> Iterable[Json]:
        """Yield a link, and the target that it had before (UNTP IDR-10)."""
        yield self._target(link)
        if link.predecessor is None or link.predecessor == link.href:
            return
        if self._profile is Format.GS1:
            self.complete = False
            return
        yield {"href": link.predecessor, "title": link.title, "rel": [_PREDECESSOR]}

    def _target(self, link: Link) -> Json:
        context = link.context if link.authorised else (*link.context, AUTHORITY_ENDED)
        target: dict[str, Json] = {"href": link.href, "title": link.title}
        if link.media_type is not None:
            target["type"] = link.media_type
        if languages := self._languages(link.hreflang):
            target["hreflang"] = languages
        if context:
            target["context"] = list(context)
        if link.fwqs is not None:
            target["fwqs"] = link.fwqs
        if link.public is not None:
            target["public"] = link.public
        extensions = _extensions(link)
        if self._profile is not Format.GS1:
            target.update(extensions)
        elif extensions:
            self.complete = False
        return target

    def _languages(self, tags: Sequence[str]) -> list[Json]:
        """Return language tags as the schemas want them: two letters, and a country at most."""
        if self._profile is Format.FULL:
            return list(tags)
        shortened = dict.fromkeys(short for tag in tags if (short := _shortened(tag)))
        self.complete = self.complete and tuple(shortened) == tuple(tags)
        return list(shortened)


def _extensions(link: Link) -> dict[str, Json]:
    """Return what UNTP adds to a target."""
    extensions: dict[str, Json] = {}
    if link.rel:
        extensions["rel"] = list(link.rel)
    if link.method:
        extensions["method"] = list(link.method)
    if link.encryption_method is not None:
        extensions["encryptionMethod"] = link.encryption_method
    if link.access_role:
        extensions["accessRole"] = list(link.access_role)
    return extensions


def _shortened(tag: str) -> str | None:
    """Cut a tag to language and country: `zh-Hant-TW` to `zh-TW`; None where that is no tag."""
    if _LANGUAGE.fullmatch(tag):
        return tag
    language, *others = tag.split("-")
    country = next((each for each in others if len(each) == 2 and each.isalpha()), None)  # noqa: PLR2004 - ISO 3166
    short = f"{language}-{country}" if country else language
    return short if _LANGUAGE.fullmatch(short) else None
