"""Requests to replies, without any HTTP library: reads, resolves, and writes what is to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

import orjson

from link_resolver import asking, linkset, page, resolving
from link_resolver.asking import Asked, Shape
from link_resolver.description import Domain
from link_resolver.errors import (
    InvalidIdentifierError,
    InvalidRequestError,
    RoleNotProvedError,
    UnsupportedIdentifierError,
)
from link_resolver.forms import Forms
from link_resolver.identifier import Identifier
from link_resolver.link_types import HANDLED_BY, Namespaces
from link_resolver.links import Link, Written
from link_resolver.parsing import parse_path
from link_resolver.preferences import read_media_types
from link_resolver.reply import (
    TEMPORARY_REDIRECT,
    Headers,
    Reply,
    Request,
    to_linkset,
    to_location,
)
from link_resolver.resolving import (
    Candidates,
    HandedOver,
    Handover,
    Level,
    Linkset,
    NotFound,
    Redirect,
    Resolution,
)
from link_resolver.schemes import Schemes
from link_resolver.store import LinkStore
from resolver.clock import Clock
from resolver.instant import END, Instant
from resolver.strict_json import Json

PROBLEM = "application/problem+json"
_JSON_LD_CONTEXT = (
    f'<{linkset.CONTEXT_URI}>; rel="http://www.w3.org/ns/json-ld#context"; '
    'type="application/ld+json"'
)
_VARY = ("Vary", "Accept, Accept-Language")
_FRESH = ("Cache-Control", "no-cache")
_SHOWN = 300
"""Characters of what was asked that an answer repeats."""


class Problem(StrEnum):
    """The kinds of problem a request can meet, by the last segment of their `type`."""

    INVALID_IDENTIFIER = "invalid-identifier"
    INVALID_VALUE = "invalid-value"
    UNSUPPORTED_IDENTIFIER = "unsupported-identifier"
    LINK_NOT_FOUND = "link-not-found"
    ROLE_NOT_PROVED = "role-not-proved"


_PROBLEMS = {
    Problem.INVALID_IDENTIFIER: (HTTPStatus.BAD_REQUEST, "The address is no valid identifier"),
    Problem.INVALID_VALUE: (HTTPStatus.BAD_REQUEST, "A parameter is invalid"),
    Problem.UNSUPPORTED_IDENTIFIER: (
        HTTPStatus.NOT_IMPLEMENTED,
        "This form of identifier is not supported",
    ),
    Problem.LINK_NOT_FOUND: (HTTPStatus.NOT_FOUND, "There is no such link"),
    Problem.ROLE_NOT_PROVED: (HTTPStatus.UNAUTHORIZED, "The proof of a role does not hold"),
}


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything that a resolver is made of.

    Attributes:
        store: where links are.
        clock: what tells the present.
        schemes: the identifiers that are understood.
        domains: under which it answers; the first also for any other host.
        handovers: secondary resolvers by prefix.
        namespaces: prefixes of link types beside the built-in ones.
        forms: redirects as they were worked out before.
    """

    store: LinkStore
    clock: Clock
    schemes: Schemes
    domains: Sequence[Domain]
    handovers: Sequence[Handover] = ()
    namespaces: Namespaces = ()
    forms: Forms = field(default_factory=Forms)

    def domain(self, host: str) -> Domain:
        """Return the domain that a `Host` header names; a root is never made of what was sent."""
        if len(self.domains) == 1:
            return self.domains[0]
        asked = host.lower()
        return next((each for each in self.domains if each.host == asked), self.domains[0])

    def answer(self, request: Request, roles: frozenset[str] = frozenset()) -> Reply:
        """Answer a request, with one read of the store where the identifier is valid.

        Args:
            request: what came.
            roles: the roles that the caller has proved.
        """
        domain, now = self.domain(request.host), self.clock.now()
        path, _, query = request.target.partition("?")
        try:
            identifier = parse_path(path, query, self.schemes)
            asked = asking.read(
                query, request.accept, request.accept_language, now, self.namespaces
            )
        except InvalidIdentifierError as error:
            extra: dict[str, Json] = {"rule": error.rule, "position": error.position}
            if error.code is not None:
                extra["code"] = error.code
            return _problem(Problem.INVALID_IDENTIFIER, str(error), request, extra)
        except UnsupportedIdentifierError as error:
            return _problem(Problem.UNSUPPORTED_IDENTIFIER, str(error), request)
        except InvalidRequestError as error:
            return _problem(Problem.INVALID_VALUE, str(error), request, {"field": error.field})
        path = identifier.path
        if request.target != path or identifier.qualifiers or roles:
            links = self.store.links(resolving.paths(identifier), asked.at)
            return self._resolve(domain, identifier, asked, request, links, roles, now)
        alone = self.store.alone(path)
        if not isinstance(alone, Written):
            return self._resolve(domain, identifier, asked, request, {path: alone}, roles, now)
        kind = (alone.kind, domain.root, request.accept, request.accept_language)
        reply = self.forms.fill(kind, path, alone, now)
        if reply is None:
            links = {path: (alone.link(),)}
            reply = self._resolve(domain, identifier, asked, request, links, roles, now)
            self.forms.learn(kind, path, alone, reply)
        return reply

    def _resolve(
        self,
        domain: Domain,
        identifier: Identifier,
        asked: Asked,
        request: Request,
        links: Mapping[str, Sequence[Link]],
        roles: frozenset[str],
        now: Instant,
    ) -> Reply:
        resolution = resolving.resolve(
            identifier,
            asked.wanted,
            links,
            now if asked.at is None else asked.at,
            listing=asked.listing,
            roles=roles,
            profile=domain.profile,
            handovers=self.handovers,
        )
        return _Writer(domain, identifier, asked, request, resolution).reply()

    def refuse(self, request: Request, error: RoleNotProvedError) -> Reply:
        """Refuse a proof that does not hold, whatever the request is about (RFC 6750 3)."""
        reply = _problem(Problem.ROLE_NOT_PROVED, str(error), request)
        challenge = ("WWW-Authenticate", 'Bearer error="invalid_token"')
        return reply._replace(headers=(*reply.headers, challenge))

    def link_header(self, request: Request) -> str | None:
        """Return the `Link` to the linkset of what a request is about; None for no identifier."""
        path, _, query = request.target.partition("?")
        try:
            identifier = parse_path(path, query, self.schemes)
        except (InvalidIdentifierError, UnsupportedIdentifierError):
            return None
        return to_linkset(identifier.uri(self.domain(request.host).root))


class _Writer:
    """Writes the reply to one request."""

    def __init__(
        self,
        domain: Domain,
        identifier: Identifier,
        asked: Asked,
        request: Request,
        resolution: Resolution,
    ) -> None:
        self.domain = domain
        self.identifier = identifier
        self.asked = asked
        self.request = request
        self.resolution = resolution
        self._path = identifier.path
        self._uri = domain.root + self._path
        # A past instant stays past; what is true as of it does not end by itself.
        self._until = resolution.until if asked.at is None else END

    def reply(self) -> Reply:
        match self.resolution.answer:
            case Redirect(link, location):
                return self._redirect(link, location)
            case Candidates(links):
                return self._list(HTTPStatus.MULTIPLE_CHOICES, self._only(links))
            case Linkset():
                return self._list(HTTPStatus.OK, self.resolution.levels)
            case HandedOver(location):
                return self._handed_over(location)
            case NotFound():
                return self._not_found()

    def _links(self) -> str:
        """Return the `Link` header that every reply about a known identifier has."""
        links = to_linkset(self._uri)
        target = self.request.target
        if target.startswith(self._path):
            return links
        first = self._path.split("/", 2)[1]
        if not target.startswith(f"/{first}/"):  # it came compressed
            links += f', <{self._uri}>; rel="owl:sameAs"'
        return links

    def _redirect(self, link: Link, location: str) -> Reply:
        headers: Headers = (to_location(location), ("Link", self._links()), _VARY)
        if not link.authorised:
            headers += (("Link-Authority", "ended"),)
        scheme, key = self.identifier.scheme, self.identifier.key
        path = Identifier(scheme, key).path if self.identifier.qualifiers else self._path
        # A count would tell everybody that a link for a role is there.
        counts_for = None if link.access_role else (path, link.link_type)
        return Reply(TEMPORARY_REDIRECT, headers, b"", self._until, counts_for)

    def _handed_over(self, location: str) -> Reply:
        by = to_location(location.partition("?")[0])[1]
        link = f'<{by}>; rel="{HANDLED_BY}"'
        headers = (to_location(location), ("Link", link), _VARY)
        return Reply(TEMPORARY_REDIRECT, headers, until=self._until)

    def _not_found(self) -> Reply:
        levels, why = self.resolution.levels, self.resolution.why
        if not levels:
            reply = _problem(Problem.LINK_NOT_FOUND, why, self.request)
            return reply._replace(until=self._until)
        extra: dict[str, Json] = {"linkset": f"{self._uri}?linkType=linkset"}
        groups = self._groups(levels)
        reply = _problem(Problem.LINK_NOT_FOUND, why, self.request, extra, groups)
        headers = (*reply.headers, ("Link", self._links()))
        return reply._replace(headers=headers, until=self._until)

    def _only(self, links: Sequence[Link]) -> tuple[Level, ...]:
        """Return the levels with these links alone."""
        kept = (
            Level(level.path, tuple(each for each in level.links if each in links))
            for level in self.resolution.levels
        )
        return tuple(level for level in kept if level.links)

    def _groups(self, levels: Sequence[Level]) -> list[page.Group]:
        root = self.domain.root
        return [
            page.Group(root + level.path, linkset.describe(level, levels), level.links)
            for level in levels
        ]

    def _list(self, status: HTTPStatus, levels: tuple[Level, ...]) -> Reply:
        profile = self.asked.profile or self.domain.format
        whole = status is HTTPStatus.OK
        written = linkset.write(levels, self.domain.root, profile, whole=whole)
        links = [self._links(), f'<{profile.uri}>; rel="profile"']
        shape = self.asked.shape
        if shape in (Shape.LINKSET, Shape.JSON):
            links.append(_JSON_LD_CONTEXT)
        if not written.complete:
            other = f"{self._uri}?linkType=linkset&profile={linkset.Format.FULL}"
            links.append(f'<{other}>; rel="alternate"; type="{linkset.MEDIA_TYPE}"')
        headers: dict[str, str] = {"Content-Type": shape.value}
        match shape:
            case Shape.HTML:
                headers.update(page.HEADERS)
                body = self._page(status, levels)
            case Shape.JSON_LD:
                body = written.json_ld()
            case _:
                body = written.json()
        headers["Link"] = ", ".join(links)
        return Reply(status, (*headers.items(), _VARY, _FRESH), body, self._until)

    def _page(self, status: HTTPStatus, levels: tuple[Level, ...]) -> bytes:
        groups = self._groups(levels)
        whole = status is HTTPStatus.OK
        full = linkset.write(levels, self.domain.root, linkset.Format.FULL, whole=whole)
        detail = "" if whole else "Several links suit."
        return page.render(groups[0].item, self._uri, groups, detail=detail, json_ld=full.json_ld())


def _problem(
    kind: Problem,
    detail: str,
    request: Request,
    extra: dict[str, Json] | None = None,
    groups: Sequence[page.Group] = (),
) -> Reply:
    """Say what is wrong: as a page to whom prefers one, else as RFC 9457 has it."""
    status, heading = _PROBLEMS[kind]
    if read_media_types(request.accept).prefers(Shape.HTML):
        body = page.render(heading, request.target[:_SHOWN], groups, detail=detail)
        return Reply(status, (*page.HEADERS.items(), _VARY, _FRESH), body)
    document: dict[str, Json] = {
        "type": f"/problems/{kind}",
        "title": heading,
        "status": int(status),
        "detail": detail.encode("utf-8", "backslashreplace").decode(),
        **(extra or {}),
    }
    headers = (("Content-Type", PROBLEM), _VARY, _FRESH)
    return Reply(status, headers, orjson.dumps(document))
