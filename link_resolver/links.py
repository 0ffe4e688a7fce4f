"""Links: what a publisher says is to be found about an identifier, one immutable version each."""

from collections.abc import Callable
from typing import NamedTuple

from resolver.instant import BEGINNING, END, Instant


class Link(NamedTuple):
    """One version of one link (RFC 9264 4.2, GS1-Conformant Resolver 2.5, UNTP IDR-06).

    Attributes:
        id: the same over all versions.
        path: the canonical path of the identifier it hangs on, as `Identifier.path`; a template
            has `{code}` where a qualifier's value is left open (see `templates`).
        link_type: canonical, as `link_types.canonical` makes it: a URI, or a bare relation.
        href: where the link leads, http or https.
        title: for people, in the language of the target.
        version: from 1.
        item: describes what the path identifies (GS1 `itemDescription`); may be empty.
        hreflang: BCP 47 tags of the target's languages.
        media_type: the target's, as registered with IANA; None where not stated.
        context: further descriptors, such as the countries it is for.
        default: the one default of its path; or, where it has a language, media type or context,
            one of those that vary by them (GS1 `defaultLink`, `defaultLinkMulti`).
        rel: further relations of UNTP, such as `predecessor-version`.
        method: the HTTP method to use, then the names of the headers it needs (UNTP).
        encryption_method: how the target is encrypted (UNTP); None where it is not.
        access_role: the roles that may know of this link; empty for everybody (UNTP).
        public: whether the link may be shared publicly, in GS1's words; carried only.
        fwqs: whether the query is forwarded to the target; None is the standard's yes.
        active_from: the first instant at which it is offered.
        active_until: the first instant at which it is offered no more.
        deleted: whether this version takes the link away.
        publisher: the DID that signed it.
        recorded_at: when this version came to be known here.
        record: the SHA-256, in hexadecimal, of the signed record that made this version.
        key: the public key that signed that record, as a multikey.
        authorised: False where the publisher's authority over the identifier has ended, or others
            may have signed with its key: it stays readable and is marked, and is never a default.
        predecessor: the target of the version before this one, if any.
    """

    id: str
    path: str
    link_type: str
    href: str
    title: str
    version: int = 1
    item: str = ""
    hreflang: tuple[str, ...] = ()
    media_type: str | None = None
    context: tuple[str, ...] = ()
    default: bool = False
    rel: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    encryption_method: str | None = None
    access_role: tuple[str, ...] = ()
    public: bool | None = None
    fwqs: bool | None = None
    active_from: Instant = BEGINNING
    active_until: Instant = END
    deleted: bool = False
    publisher: str = ""
    recorded_at: Instant = BEGINNING
    record: str = ""
    key: str = ""
    authorised: bool = True
    predecessor: str | None = None

    @property
    def varies(self) -> bool:
        """Whether it is meant for some languages, media types or contexts only."""
        return bool(self.hreflang or self.media_type or self.context)


class Written(NamedTuple):
    """The only link of a path as it is kept, of which no more is read than a redirect needs.

    Attributes:
        kind: all that it says but its texts: requests alike are answered alike by equal kinds.
        href: where it leads.
        publisher: the DID that signed it.
        recorded_at: when this version came to be known here.
        link: reads the rest.
    """

    kind: bytes
    href: str
    publisher: str
    recorded_at: Instant
    link: Callable[[], Link]
