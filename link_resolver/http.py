"""Resolution over HTTP: GET, HEAD and OPTIONS on identifiers, and the description files."""

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple, Protocol

import orjson
from aiohttp import hdrs, web
from multidict import CIMultiDict, istr

from link_resolver.answering import Answering
from link_resolver.description import GS1_PATH, PATH, describe
from link_resolver.doorkeeper import Doorkeeper
from link_resolver.errors import RoleNotProvedError
from link_resolver.gs1.tables import KEYS
from link_resolver.reply import Headers, Reply, Request
from resolver.instant import Instant
from resolver.proofs.http_signatures.messages import Request as Message
from resolver.wire import Dating, WireResponse, head_of, takes_wire

ORIGIN = ("Access-Control-Allow-Origin", "*")
_PREFLIGHT = (
    ORIGIN,
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization"),
    ("Access-Control-Expose-Headers", "Link, Link-Authority, Location"),
    ("Access-Control-Max-Age", "86400"),
    ("Allow", "GET, HEAD, OPTIONS"),
)
_EXPOSED = (ORIGIN, ("Access-Control-Expose-Headers", "Link, Link-Authority, Location"))
_PERSONAL = (("Cache-Control", "private, no-store"),)
_NO_CONTENT = 204
_SIGNATURE = istr("Signature-Input")

_KEPT_BYTES = 16_000_000
_KEPT_REPLIES = 4096
_LONGEST_KEPT = 64_000
"""Bytes of a body; longer ones are rare, and made anew."""
_OTHER_LINES = 3
"""Lines of a laid out head beside a reply's own: the status, and two that every one has."""
_OVERHEAD = 1000
"""Bytes that a kept reply takes beside its body, about."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Roles(Protocol):
    """Finds out who is asking."""

    async def of(self, request: Message) -> frozenset[str]:
        """Return the access roles that a request proves; none for no proof.

        Asked for every request that may have one, before anything is looked up.

        Raises:
            RoleNotProvedError: there is a proof, and it does not hold.
        """
        ...


class Counts(Protocol):
    """Counts how often links are followed."""

    def count(self, key: str, link_type: str) -> None:
        """Count one redirect, by the path of the key alone and the canonical link type."""
        ...


class _Kept(NamedTuple):
    """A reply, ready to be sent again as long as nothing has changed."""

    generation: int
    until: Instant
    status: int
    headers: Headers
    body: bytes
    counts_for: tuple[str, str] | None
    head: bytes


_Key = tuple[str, str, str, str]
"""The members of a `Request`, which is only made where its reply is not at hand."""


class Replies:
    """Replies given lately, in two halves: when one is full, the older is dropped."""

    def __init__(self) -> None:
        self._young: dict[_Key, _Kept] = {}
        self._old: dict[_Key, _Kept] = {}
        self._size = 0

    def get(self, key: _Key) -> _Kept | None:
        """Return the reply to a request, whether or not it still holds."""
        kept = self._young.get(key)
        if kept is None and (kept := self._old.get(key)) is not None:
            self.put(key, kept)
        return kept

    def put(self, key: _Key, kept: _Kept) -> None:
        """Keep a reply, where it is not too long."""
        size = _OVERHEAD + len(kept.head) + len(kept.body)
        if size > _LONGEST_KEPT or max(map(len, key)) > _OVERHEAD:
            return
        if len(self._young) >= _KEPT_REPLIES or self._size + size > _KEPT_BYTES:
            self._old, self._young, self._size = self._young, {}, 0
        self._young[key] = kept
        self._size += size


AT_HAND = tuple(f"/{key}/" for key in KEYS)
"""How the paths begin that are answered without routing."""


def at_hand(
    answering: Answering,
    replies: Replies,
    counts: Counts | None = None,
    added: Iterable[tuple[str, str]] = (),
) -> Callable[[web.BaseRequest], web.StreamResponse | None]:
    """Return what answers a GET or HEAD on a GS1 identifier, without routing.

    Who may prove roles is routed, so that they can be asked about.

    Args:
        answering: store, clock, schemes and domains. The store is read on the event loop.
        replies: where replies are kept, the same as for `routes`.
        counts: is told of every redirect.
        added: headers that the host adds to every answer.
    """
    reply, clock, dating = _replying(answering, replies, counts), answering.clock, Dating()
    own = {ORIGIN[0]}
    sealed = "".join(f"{name}: {value}\r\n" for name, value in added if name not in own).encode()

    def answer_at_hand(request: web.BaseRequest) -> web.StreamResponse | None:
        if hdrs.AUTHORIZATION in request.headers or _SIGNATURE in request.headers:
            return None
        kept = reply(request)
        if takes_wire(request):
            wire = b"".join((kept.head, sealed, dating.line(clock.now()), kept.body))
            return WireResponse(wire, kept.status)
        return _response(kept)

    return answer_at_hand


def _replying(
    answering: Answering, replies: Replies, counts: Counts | None
) -> Callable[[web.BaseRequest], _Kept]:
    """Return what replies to who has proved no role: from what is kept, while it holds."""
    store, clock, door = answering.store, answering.clock, Doorkeeper()

    def reply(request: web.BaseRequest) -> _Kept:
        key = _key(request)
        kept, generation = replies.get(key), store.generation
        if kept is None or kept.generation != generation or clock.now() >= kept.until:
            kept = _keep(generation, answering.answer(Request(*key)))
            if door.admits(key):
                replies.put(key, kept)
        _count(counts, kept.counts_for)
        return kept

    return reply


def _count(counts: Counts | None, counts_for: tuple[str, str] | None) -> None:
    if counts is not None and counts_for is not None:
        counts.count(*counts_for)


def routes(
    answering: Answering,
    roles: Roles | None = None,
    counts: Counts | None = None,
    replies: Replies | None = None,
) -> list[web.RouteDef]:
    """Make the resolver's routes, for a host to mount at its root.

    Paths that begin with two to four digits, with the name of a configured scheme or with what a
    compressed or binary GS1 identifier looks like are identifiers; every other path is the
    host's. Every reply allows every origin: a host that adds that header too must replace it, for
    browsers refuse it twice. Errors are answered here, as problem documents whose `type` is
    `/problems/` and a member of `answering.Problem`.

    Args:
        answering: store, clock, schemes and domains. The store is read on the event loop.
        roles: proves access roles; where absent, nobody has any.
        counts: is told of every redirect.
        replies: where replies are kept.
    """
    reply = _replying(answering, Replies() if replies is None else replies, counts)

    async def follow(request: web.Request) -> web.Response:
        headers = request.headers
        if roles is None or not (hdrs.AUTHORIZATION in headers or _SIGNATURE in headers):
            return _response(reply(request))
        asked = Request(*_key(request))
        target = answering.domain(asked.host).root + asked.target
        try:
            held = await roles.of(Message(request.method, target, (*headers.items(),)))
            if not held:
                return _response(reply(request))
            made = answering.answer(asked, held)
        except RoleNotProvedError as error:
            made = answering.refuse(asked, error)
        _count(counts, made.counts_for)
        response = _response(_keep(0, made))
        response.headers.update(_PERSONAL)
        return response

    async def options(request: web.Request) -> web.Response:
        headers = CIMultiDict(_PREFLIGHT)
        link = answering.link_header(Request(*_key(request)))
        if link is not None:
            headers["Link"] = link
        return web.Response(status=_NO_CONTENT, headers=headers)

    defined = [web.options(path, options) for path in (GS1_PATH, PATH)]
    defined += _descriptions(answering)
    for path in _identifiers(answering):
        defined += [web.get(path, follow), web.options(path, options)]
    return defined


def _response(kept: _Kept) -> web.Response:
    body = kept.body or None  # aiohttp sends an empty one the long way
    return web.Response(status=kept.status, headers=CIMultiDict(kept.headers), body=body)


def _identifiers(answering: Answering) -> list[str]:
    """Return the patterns of the paths that are identifiers.

    Those with a first segment of their own are found without trying any other pattern.
    """
    own = (*KEYS, *answering.schemes.names)
    return [
        *(f"/{name}/{{rest:[\\s\\S]*}}" for name in own),
        r"/{code:\d{2,4}}/{rest:[\s\S]*}",
        r"/{code:\d{2,4}}",
        r"/{compressed:e[hx][A-Za-z0-9_-]+|[A-Za-z0-9_-]{12,}}",
    ]


def _key(request: web.BaseRequest) -> _Key:
    """Return everything in a request that its reply depends on."""
    get = request.headers.get
    target = request.raw_path
    if target[:1] != "/":  # absolute-form (RFC 9112 3.2.2)
        target = str(request.rel_url)
    return target, get(hdrs.HOST, ""), get(hdrs.ACCEPT, ""), get(hdrs.ACCEPT_LANGUAGE, "")


def _keep(generation: int, reply: Reply) -> _Kept:
    # A script that follows a redirect never sees its headers.
    redirects = reply.headers[0][0] == hdrs.LOCATION
    headers = (*reply.headers, ORIGIN) if redirects else (*reply.headers, *_EXPOSED)
    head = head_of(headers, reply.body, reply.status)
    if head.count(b"\n") != len(headers) + _OTHER_LINES:
        raise ValueError("a header holds the end of a line")
    return _Kept(generation, reply.until, reply.status, headers, reply.body, reply.counts_for, head)


def _descriptions(answering: Answering) -> list[web.RouteDef]:
    bodies = {
        domain.root: orjson.dumps(
            describe(domain, tuple(KEYS), answering.schemes.names, answering.namespaces)
        )
        for domain in answering.domains
    }

    async def description(request: web.Request) -> web.Response:
        body = bodies[answering.domain(request.headers.get(hdrs.HOST, "")).root]
        return web.Response(body=body, content_type="application/json", headers=dict(_EXPOSED))

    return [web.get(path, description) for path in (GS1_PATH, PATH)]
