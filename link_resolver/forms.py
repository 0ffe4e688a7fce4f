"""Redirects to links of one kind, worked out once: then only target and identifier differ.

Most links differ in their texts alone. The first redirect to one of a kind is worked out by the
rules; the next one to another of that kind, asked for alike, is the same but for what it names.
"""

from typing import NamedTuple

from link_resolver.links import Written
from link_resolver.preferences import MAX_LENGTH
from link_resolver.reply import TEMPORARY_REDIRECT, Headers, Reply, to_linkset, to_location
from resolver.instant import Instant

MAX_FORMS = 1024
"""Kinds of links and of requests for them that are remembered."""

Kind = tuple[bytes, str, str, str]
"""The kind of a link, the root it is asked under, and the headers that it is asked with."""


class _Form(NamedTuple):
    """What the redirects of one kind have in common.

    Attributes:
        headers: those behind the two that name target and identifier.
        link_type: what is counted.
        until: the first instant at which they may be wrong.
    """

    headers: Headers
    link_type: str
    until: Instant


class Forms:
    """The forms of redirects to the only link of a path, asked for without a query."""

    def __init__(self) -> None:
        self._forms: dict[Kind, _Form] = {}

    def fill(self, kind: Kind, path: str, link: Written, now: Instant) -> Reply | None:
        """Return the redirect from a path, where those of its kind are known."""
        form = self._forms.get(kind)
        if form is None or now >= form.until:
            return None
        headers = (*_named(kind, path, link), *form.headers)
        return Reply(TEMPORARY_REDIRECT, headers, b"", form.until, (path, form.link_type))

    def learn(self, kind: Kind, path: str, link: Written, reply: Reply) -> None:
        """Remember what a reply has in common with others of its kind, if it is a redirect."""
        names = _named(kind, path, link)
        if reply.headers[: len(names)] != names or reply.counts_for is None:
            return
        if max(map(len, kind)) > MAX_LENGTH:
            return
        if len(self._forms) >= MAX_FORMS:
            self._forms.clear()
        self._forms[kind] = _Form(reply.headers[len(names) :], reply.counts_for[1], reply.until)


def _named(kind: Kind, path: str, link: Written) -> Headers:
    return to_location(link.href), ("Link", to_linkset(kind[1] + path))
