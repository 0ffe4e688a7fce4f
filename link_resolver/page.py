"""Pages for people: what is known of an identifier, readable without JavaScript."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from link_resolver.link_types import title
from link_resolver.links import Link

MEDIA_TYPE = "text/html; charset=utf-8"
_STYLE = files("link_resolver").joinpath("pages/style.css").read_text()
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Type": MEDIA_TYPE,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

_ENVIRONMENT = Environment(
    loader=PackageLoader("link_resolver", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["type_title"] = title
_TEMPLATE = _ENVIRONMENT.get_template("links.html")


class Group(NamedTuple):
    """The links of one level.

    Attributes:
        anchor: the level's URI.
        item: what it identifies.
        links: at least one.
    """

    anchor: str
    item: str
    links: Sequence[Link]


def render(
    heading: str,
    uri: str,
    groups: Sequence[Group] = (),
    *,
    detail: str = "",
    json_ld: bytes = b"",
) -> bytes:
    """Render a page.

    Args:
        heading: what it is about.
        uri: the identifier's, or the address that was asked.
        groups: links by level.
        detail: a sentence on what happened.
        json_ld: the same as data, to be embedded.
    """
    return _TEMPLATE.render(
        heading=heading,
        uri=uri,
        groups=groups,
        detail=detail,
        # The template takes this as it is: with no "<" in it, nothing can end the element.
        json_ld=json_ld.decode().replace("<", "\\u003c"),
        style=_STYLE,
    ).encode()
