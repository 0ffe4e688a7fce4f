"""Registration: what a publisher writes of a link, read so that nothing wrong can be a link."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple
from urllib.parse import quote

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from link_resolver import link_types
from link_resolver.errors import InvalidIdentifierError, InvalidLinkError, LinkError
from link_resolver.identifier import Holder, Identifier
from link_resolver.link_types import Namespaces
from link_resolver.links import Link
from link_resolver.parsing import parse_any
from link_resolver.schemes import Schemes
from resolver.errors import InvalidInstantError
from resolver.instant import BEGINNING, END, Instant, format_instant, parse_instant
from resolver.strict_json import Json

MAX_HREF = 2048
"""Characters of a target; browsers and proxies take no more everywhere."""
MAX_TEXT = 300
"""Characters of a title or description."""
MAX_REMEMBERED = 4096
"""Anchors that are remembered; each takes some 500 bytes."""
MAX_ITEMS = 20
"""The longest list of languages, contexts, roles and the like."""

_TARGET = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?#].*)?", re.DOTALL
)
_URI_TEXT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2}|\{[A-Za-z0-9_-]+\})*")
_OPEN = re.compile(r"\{([A-Za-z0-9_-]+)\}")
_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,6}$"
_MEDIA_TYPE = r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$"
_TOKEN = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"  # noqa: S105 - RFC 9110 calls it a token
_RELATION = r"^([a-z][a-z0-9.-]{0,99}|https?://[!-~]{1,248})$"
_SAMPLES = {"7040": "1ABC"}
"""Qualifiers of which "1" is no value."""


def _plain(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("has control characters, or blanks at its ends")
    return text


def _instant(value: object) -> Instant:
    if not isinstance(value, str):
        raise ValueError("not a string")  # noqa: TRY004 - pydantic reports ValueError
    try:
        return parse_instant(value)
    except InvalidInstantError as error:
        raise ValueError(str(error)) from None


def _target(text: str) -> str:
    """Accept what a browser can be sent to, and nothing that it would run (RFC 3986, RFC 9110)."""
    if _TARGET.fullmatch(text) is None:
        raise ValueError("a target is an http or https URI with a host and without credentials")
    if _URI_TEXT.fullmatch(text) is None:
        raise ValueError("has a character that a URI must escape")
    return text


Plain = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_plain)]
Languages = tuple[Annotated[str, StringConstraints(pattern=_LANGUAGE)], ...]
Tokens = tuple[Annotated[str, StringConstraints(pattern=_TOKEN)], ...]
Relations = tuple[Annotated[str, StringConstraints(pattern=_RELATION)], ...]
InstantMember = Annotated[Instant, PlainValidator(_instant)]
_List = Field(default=(), max_length=MAX_ITEMS)
LinkId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LinkRecord(_Closed):
    """A link as its publisher writes it, by the names of RFC 9264, GS1 and UNTP.

    Attributes:
        anchor: the identifier, in any form that `parse_any` reads; `{21}` leaves a value open.
        href: where it leads; where the anchor leaves a value open, `{21}` stands for it.
        link_type: in any form that `link_types.canonical` reads.
        title: for people.
        id: of the link that this changes; where absent, it follows from the link itself.
    """

    anchor: Annotated[str, StringConstraints(min_length=1, max_length=MAX_HREF)]
    href: Annotated[str, StringConstraints(max_length=MAX_HREF), AfterValidator(_target)]
    link_type: Annotated[str, StringConstraints(max_length=256)] = Field(alias="linkType")
    title: Plain
    id: LinkId | None = None
    item: Plain | Literal[""] = Field(default="", alias="itemDescription")
    hreflang: Languages = _List
    media_type: Annotated[str, StringConstraints(pattern=_MEDIA_TYPE)] | None = Field(
        default=None, alias="type"
    )
    context: tuple[Plain, ...] = _List
    default: bool = False
    rel: Relations = _List
    method: Tokens = _List
    encryption_method: Plain | None = Field(default=None, alias="encryptionMethod")
    access_role: tuple[Plain, ...] = Field(default=(), max_length=MAX_ITEMS, alias="accessRole")
    public: bool | None = None
    fwqs: bool | None = None
    active_from: InstantMember = Field(default=BEGINNING, alias="activeFrom")
    active_until: InstantMember = Field(default=END, alias="activeUntil")


class DeletionRecord(_Closed):
    """What takes a link away; its history stays.

    Attributes:
        anchor: the identifier that it hangs on.
        id: the link.
        deleted: true.
    """

    anchor: Annotated[str, StringConstraints(min_length=1, max_length=MAX_HREF)]
    id: LinkId
    deleted: Literal[True]


_LINK = TypeAdapter(LinkRecord)
_DELETION = TypeAdapter(DeletionRecord)


class Draft(NamedTuple):
    """A link that can be registered, before it is known whether this publisher may.

    Attributes:
        link: as it is to be; a deletion knows the id and the path alone.
        holder: what decides who may publish it.
        named: whether it names a link that must be there, in order to change it.
    """

    link: Link
    holder: Holder
    named: bool


class Anchor(NamedTuple):
    """What links hang on.

    Attributes:
        path: its canonical path; a template where it leaves a value open.
        holder: what decides who may publish there.
        codes: what `{code}` in a target may refer to; none where no value is left open.
    """

    path: str
    holder: Holder
    codes: frozenset[str] = frozenset()


class Anchors:
    """Reads anchors, and remembers those read lately.

    Args:
        schemes: the identifier schemes that are understood.
    """

    def __init__(self, schemes: Schemes) -> None:
        self._schemes = schemes
        self._read: dict[str, Anchor] = {}

    def read(self, text: str) -> Anchor:
        """Read an anchor in any form, or a path that was registered.

        Raises:
            InvalidLinkError: it is no identifier that links can hang on.
        """
        anchor = self._read.get(text)
        if anchor is None:
            anchor = _anchor(text, self._schemes)
            if len(self._read) >= MAX_REMEMBERED:
                self._read.clear()
            self._read[text] = anchor
        return anchor


def parse_link(value: Json, anchors: Anchors, namespaces: Namespaces = ()) -> Draft:
    """Read one link record.

    Raises:
        InvalidLinkError: it is no link that could be registered; the error names the member.
    """
    if not isinstance(value, dict):
        raise InvalidLinkError("malformed", "a link record is an object", "")
    record = _validated(value)
    path, holder, open_codes = anchors.read(record.anchor)
    if isinstance(record, DeletionRecord):
        gone = Link(id=record.id, path=path, link_type="", href="", title="", deleted=True)
        return Draft(gone, holder, named=True)
    link_type = _link_type(record.link_type, namespaces)
    unknown = set(_OPEN.findall(record.href)) - open_codes
    if unknown:
        detail = f"{{{min(unknown)}}} stands for nothing that the anchor leaves open"
        raise InvalidLinkError("open-value", detail, "href")
    if record.active_until <= record.active_from:
        raise InvalidLinkError("active-time", "activeUntil is not after activeFrom", "activeUntil")
    if record.default and record.access_role:
        detail = "a default is for everybody, and this link is for a role"
        raise InvalidLinkError("default-for-a-role", detail, "default")
    members = {name: getattr(record, name) for name in _CARRIED}
    link = Link(id="", path=path, link_type=link_type, **members)
    own = link_id(link)
    id_ = record.id or own
    return Draft(link._replace(id=id_), holder, named=id_ != own)


_CARRIED = tuple(
    name for name in LinkRecord.model_fields if name not in {"id", "anchor", "link_type"}
)


def _validated(value: Mapping[str, Json]) -> LinkRecord | DeletionRecord:
    deletes = "deleted" in value
    adapter: TypeAdapter[LinkRecord | DeletionRecord]
    adapter = _DELETION if deletes else _LINK  # type: ignore[assignment] # each of its own kind
    try:
        return adapter.validate_python(
            {name: tuple(each) if isinstance(each, list) else each for name, each in value.items()}
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        member = ".".join(str(part) for part in first["loc"])
        rule = "unknown-member" if first["type"] == "extra_forbidden" else "malformed"
        detail = first["msg"].removeprefix("Value error, ")
        raise InvalidLinkError(rule, detail, member) from None


def _link_type(text: str, namespaces: Namespaces) -> str:
    try:
        link_type = link_types.canonical(text, namespaces)
    except LinkError as error:
        raise InvalidLinkError("link-type", str(error), "linkType") from None
    if link_type in link_types.RESERVED:
        detail = f"no link is typed {link_types.short(link_type)}: the resolver says it itself"
        raise InvalidLinkError("reserved-link-type", detail, "linkType")
    return link_type


def _anchor(text: str, schemes: Schemes) -> Anchor:
    """Read what a link hangs on; for the levels see GS1-Conformant Resolver 2.5.9."""
    left_open = frozenset(_OPEN.findall(text))
    sample = _OPEN.sub(lambda match: _sample(match[1]), text)
    if "{" in sample or "}" in sample:
        raise InvalidLinkError("open-value", "an open value is written {code}", "anchor")
    try:
        identifier = parse_any(sample, schemes)
    except InvalidIdentifierError as error:
        detail = f"{error.detail} (at {error.position})"
        raise InvalidLinkError(error.rule, detail, "anchor", error.code) from None
    except LinkError as error:
        raise InvalidLinkError("identifier", str(error), "anchor") from None
    if identifier.attributes:
        detail = "links hang on a key and its qualifiers; leave the attributes out"
        raise InvalidLinkError("attributes", detail, "anchor", identifier.attributes[0].code)
    if identifier.anchor.qualifiers != identifier.qualifiers:
        detail = f"a serial number stands without variant and batch: {identifier.anchor.path}"
        raise InvalidLinkError("level", detail, "anchor", identifier.qualifiers[0].code)
    if not left_open:
        return Anchor(identifier.path, identifier.holder)
    codes = frozenset(each.code for each in (identifier.key, *identifier.qualifiers))
    return Anchor(_template(text, identifier, left_open), identifier.holder, codes)


def _sample(code: str) -> str:
    """Return what stands for an open value while the rest of a template is judged."""
    return _SAMPLES.get(code, "1")


def _template(text: str, identifier: Identifier, left_open: frozenset[str]) -> str:
    """Return the path of a template; only a qualifier's own value can be left open."""
    path = Identifier(identifier.scheme, identifier.key).path
    for code, value in identifier.qualifiers:
        is_open = code in left_open
        whole = value == _sample(code) and f"/{code}/{{{code}}}" in text
        if is_open and not whole:
            detail = f"write /{code}/{{{code}}} where the value of {code} is left open"
            raise InvalidLinkError("open-value", detail, "anchor", code)
        path += f"/{code}/{{{code}}}" if is_open else f"/{code}/{quote(value, safe='')}"
    strangers = left_open - {each.code for each in identifier.qualifiers}
    if strangers:
        detail = f"{min(strangers)} is no qualifier of this identifier"
        raise InvalidLinkError("open-value", detail, "anchor", min(strangers))
    return path


def link_id(link: Link) -> str:
    """The id of a new link: 128 bits of the SHA-256 over what tells it from its neighbours."""
    told_apart = (
        link.path,
        link.link_type,
        link.href,
        link.hreflang,
        link.media_type,
        link.context,
    )
    return sha256(orjson.dumps(told_apart)).hexdigest()[:32]


def written(link: Link) -> dict[str, Json]:
    """Write a link as a record that `parse_link` reads back to the same link."""
    if link.deleted:
        return {"anchor": link.path, "id": link.id, "deleted": True}
    starts, ends = link.active_from, link.active_until
    record: dict[str, Json] = {
        "anchor": link.path,
        "linkType": link_types.short(link.link_type),
        "href": link.href,
        "title": link.title,
        "itemDescription": link.item or None,
        "type": link.media_type,
        "hreflang": [*link.hreflang] or None,
        "context": [*link.context] or None,
        "default": link.default or None,
        "rel": [*link.rel] or None,
        "method": [*link.method] or None,
        "encryptionMethod": link.encryption_method,
        "accessRole": [*link.access_role] or None,
        "public": link.public,
        "fwqs": link.fwqs,
        "activeFrom": None if starts == BEGINNING else format_instant(starts),
        "activeUntil": None if ends == END else format_instant(ends),
        "id": None if link.id == link_id(link) else link.id,
    }
    return {member: value for member, value in record.items() if value is not None}
