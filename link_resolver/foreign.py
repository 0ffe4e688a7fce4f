"""Links as others write them: linksets, and what other resolvers register, as link records.

Nothing is judged here: what comes out is read by `registration`, which refuses what is no link.
"""

import re
from collections.abc import Iterator, Mapping

from link_resolver import link_types
from link_resolver.errors import InvalidLinkError, InvalidLinkTypeError
from resolver.strict_json import Json

_TARGET = frozenset(
    {
        "href",
        "title",
        "type",
        "hreflang",
        "context",
        "rel",
        "method",
        "encryptionMethod",
        "accessRole",
        "public",
        "fwqs",
    }
)
_ABOUT = frozenset({"anchor", "itemDescription", "description"})
_VARIABLE = re.compile(r"\{([A-Za-z0-9_]+)\}")
_REST_OF_KEY = frozenset({"0", "1"})
"""Variables of the community edition for what follows a key; of the key itself, nothing does."""

_Object = dict[str, Json]


def records(value: Json) -> list[_Object]:
    """Turn a JSON document into link records.

    Args:
        value: a link record or a list of them; a linkset (RFC 9264 4.2); registrations of the GS1
            community edition (version 2 or 3); or registrations of pyx-identity-resolver.

    Raises:
        InvalidLinkError: it is none of these.
    """
    if isinstance(value, dict) and "linkset" in value:
        return [*_of_linkset(value["linkset"])]
    items: list[Json] = value if isinstance(value, list) else [value]
    names = _short_codes(items)
    found: list[_Object] = []
    for item in items:
        if not isinstance(item, dict):
            raise InvalidLinkError("malformed", "a link record is an object", "")
        if "links" in item:
            found += _of_community_edition(item)
        elif "responses" in item:
            found += _of_responses(item, names)
        elif "applicationIdentifiers" not in item:
            found.append(item)
    return found


# Linksets.


def _of_linkset(linkset: Json) -> Iterator[_Object]:
    for about in _objects(linkset):
        if "anchor" not in about:
            continue  # it speaks of the linkset itself
        defaults = {
            (str(target.get("href")), _varied(target) if relation != "one" else ())
            for relation, targets in _defaults(about)
            for target in _objects(targets)
        }
        for relation, targets in about.items():
            if relation in _ABOUT or relation.startswith("_") or _is_default(relation):
                continue
            for target in _objects(targets):
                record = _record(about, relation, target)
                href = str(target.get("href"))
                if (href, ()) in defaults:
                    defaults -= {(href, ())}
                    record["default"] = True
                elif (href, _varied(target)) in defaults:
                    record["default"] = True
                yield record


def _defaults(about: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for relation, targets in about.items():
        if _is_default(relation):
            one = _canonical(relation) == link_types.DEFAULT_LINK
            yield "one" if one else "several", targets


def _is_default(relation: str) -> bool:
    return _canonical(relation) in {link_types.DEFAULT_LINK, link_types.DEFAULT_LINK_MULTI}


def _canonical(relation: str) -> str:
    try:
        return link_types.canonical(relation)
    except InvalidLinkTypeError:
        return relation


def _varied(target: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(str(target.get(name)) for name in ("hreflang", "type", "context"))


def _record(about: Mapping[str, Json], relation: str, target: Mapping[str, Json]) -> _Object:
    record: _Object = {"anchor": about["anchor"], "linkType": relation}
    item = about.get("itemDescription", about.get("description"))
    if item:
        record["itemDescription"] = item
    record.update({name: each for name, each in target.items() if name in _TARGET})
    return record


# The GS1 community edition, version 3.


def _of_community_edition(item: Mapping[str, Json]) -> Iterator[_Object]:
    anchor, names = str(item.get("anchor", "")), dict[str, str]()
    for qualifier in _objects(item.get("qualifiers")):
        for code, value in qualifier.items():
            variable = _VARIABLE.fullmatch(str(value))
            if variable:
                names[variable[1]] = code
            anchor += f"/{code}/{{{code}}}" if variable else f"/{code}/{value}"
    about: _Object = {"anchor": anchor, "itemDescription": item.get("itemDescription")}
    default, taken = item.get("defaultLinktype"), set[tuple[str, ...]]()
    for link in _objects(item.get("links")):
        record = _record(about, str(link.get("linktype")), link)
        record["href"] = _with_codes(str(link.get("href")), names)
        if link.get("linktype") == default and _varied(link) not in taken:
            taken.add(_varied(link))
            record["default"] = True
        yield record


def _with_codes(href: str, names: Mapping[str, str]) -> str:
    """Name variables by their codes, as templates here do."""

    def named(match: re.Match[str]) -> str:
        if match[1] in _REST_OF_KEY:
            return ""
        return f"{{{names.get(match[1], match[1])}}}"

    return _VARIABLE.sub(named, href)


# The community edition, version 2, and pyx-identity-resolver.


def _short_codes(items: list[Json]) -> dict[str, str]:
    """Return the scheme that pyx gives each kind of key, by its short name."""
    return {
        str(each.get("shortcode")): str(item["namespace"])
        for item in items
        if isinstance(item, dict) and "namespace" in item
        for each in _objects(item.get("applicationIdentifiers"))
    }


def _of_responses(item: Mapping[str, Json], names: Mapping[str, str]) -> Iterator[_Object]:
    kind, key = str(item.get("identificationKeyType")), str(item.get("identificationKey"))
    scheme = str(item.get("namespace") or names.get(kind, "gs1"))
    path = str(item.get("qualifierPath") or "/").rstrip("/")
    anchor = f"/{kind}/{key}{path}" if scheme == "gs1" else f"/{scheme}/{kind}/{key}{path}"
    item_description = item.get("itemDescription", item.get("description"))
    about: _Object = {"anchor": anchor, "itemDescription": item_description}
    taken: set[tuple[str, ...]] = set()
    for response in _objects(item.get("responses")):
        if response.get("active") is False:
            continue
        language, context = response.get("ianaLanguage"), response.get("context")
        target: _Object = {
            "href": response.get("targetUrl"),
            "title": response.get("title", response.get("linkTitle")),
            "type": response.get("mimeType"),
            "hreflang": response.get("hreflang") or ([language] if language else None),
            "context": [context] if isinstance(context, str) else context,
            "fwqs": response.get("fwqs"),
        }
        record = _record(
            about,
            str(response.get("linkType")),
            {name: each for name, each in target.items() if each is not None},
        )
        if response.get("defaultLinkType") is True and _varied(target) not in taken:
            taken.add(_varied(target))
            record["default"] = True
        yield record


def _objects(value: Json) -> Iterator[_Object]:
    items = value if isinstance(value, list) else [value]
    return (each for each in items if isinstance(each, dict))
