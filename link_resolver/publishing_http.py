"""Publishing over HTTP: records in; histories, exports, counts and QR codes out."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import quote

import orjson
from aiohttp import hdrs, web

from link_resolver.cache import LinkCache
from link_resolver.errors import InvalidRequestError, LinkNotFoundError, PublicationRefusedError
from link_resolver.link_types import short
from link_resolver.links import Link
from link_resolver.parsing import parse_any, parse_path
from link_resolver.publishing import Publishing, Receipt, line_json
from link_resolver.qr import draw, read_drawing
from link_resolver.registration import written
from link_resolver.schemes import Schemes
from link_resolver.stores import Kept, RecordStore
from resolver.clock import Clock
from resolver.errors import InvalidJsonError
from resolver.instant import DAY, format_instant
from resolver.strict_json import Json, parse_json

PATH = "/v1/links"
MAX_BODY = 1_000_000
"""Bytes: a record's payload in base64url, its header and its signature, with room to spare."""
MAX_PAGE = 1000
"""Paths of one page of an export."""
MAX_DAYS = 400
"""Days of one answer about counts."""

_JSON = "application/json"
_JSON_LINES = "application/jsonl"
_COMPACT = "application/jose"
_TAKEN = (_JSON, "application/jose+json", _COMPACT)
_FRESH = {hdrs.CACHE_CONTROL: "no-cache"}
_DRAWN = {hdrs.CACHE_CONTROL: "public, max-age=86400"}
_OK, _CREATED = 200, 201
_HEX = frozenset("0123456789abcdef")
_ID, _RECORD = 32, 64
_PATHS_AT_ONCE = 20
_MAX_DIGITS = 6
_DRAWN_AT_ONCE = 2
_DRAWING = frozenset({"format", "error", "border", "scale"})
_FIRST_DAY = date(1970, 1, 1)


class Shelf:
    """What readers may ask about links, beside resolving them.

    Args:
        publishing: takes records.
        cache: gives links with their publishers' standing.
        store: gives records and counts.
        schemes: the identifier schemes that are understood.
        clock: what tells the day.
        root: gives the resolver's root for a request's host, such as `https://id.example`.
    """

    def __init__(
        self,
        publishing: Publishing,
        cache: LinkCache,
        store: RecordStore,
        schemes: Schemes,
        clock: Clock,
        root: Callable[[str], str],
    ) -> None:
        self._publishing = publishing
        self._cache = cache
        self._store = store
        self._schemes = schemes
        self._clock = clock
        self._root = root
        self._drawing = asyncio.Semaphore(_DRAWN_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for a host to mount; it maps the errors that they raise."""
        return [
            web.post(PATH, self.publish),
            web.get(PATH, self.export),
            web.get(f"{PATH}/counts", self.counts),
            web.get(f"{PATH}/records/{{id}}", self.record),
            web.get(f"{PATH}/{{id}}/history", self.history),
            web.get(r"/qr/{identifier:[\s\S]+}", self.qr),
        ]

    async def publish(self, request: web.Request) -> web.Response:
        """Take a record."""
        check = _only(request.query, ("check",)).get("check", "false")
        if check not in {"true", "false"}:
            raise InvalidRequestError("check", "check is true or false")
        value = _read(request, await _body(request))
        receipt = await self._publishing.publish(value, only_check=check == "true")
        new = receipt.position is not None and not receipt.repeated
        headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
        if receipt.position is not None:
            headers[hdrs.LOCATION] = f"{PATH}/records/{receipt.record}"
        return _answer(receipt_json(receipt), _CREATED if new else _OK, headers)

    async def history(self, request: web.Request) -> web.Response:
        """Show every version of a link."""
        _only(request.query, ())
        id_ = request.match_info["id"]
        versions = self._cache.history(id_) if _is_hex(id_, _ID) else ()
        # Whether a link for a role exists is told to nobody; the store is asked just the same.
        if not versions or any(each.access_role for each in versions):
            raise LinkNotFoundError("no link has this id")
        return _answer(
            {
                "id": id_,
                "anchor": versions[0].path,
                "versions": [version_json(each) for each in versions],
            }
        )

    async def record(self, request: web.Request) -> web.Response:
        """Show a record as its publisher signed it."""
        _only(request.query, ())
        id_ = request.match_info["id"]
        kept = self._store.record(id_) if _is_hex(id_, _RECORD) else None
        if kept is None or kept.for_roles:
            raise LinkNotFoundError("no record has this id")
        return _answer(record_json(kept))

    async def export(self, request: web.Request) -> web.Response:
        """Give a page of all links that are for everybody, as records that can be imported."""
        given = _only(request.query, ("after", "limit"))
        limit = _limit(given)
        paths = self._store.paths_after(given.get("after", ""), limit)
        lines = []
        for start in range(0, len(paths), _PATHS_AT_ONCE):
            some = paths[start : start + _PATHS_AT_ONCE]
            lines += [orjson.dumps(each) for each in exported(self._cache, some)]
            await asyncio.sleep(0)
        headers = {hdrs.CONTENT_TYPE: _JSON_LINES, **_FRESH}
        if len(paths) == limit:
            after = quote(paths[-1], safe="")
            headers[hdrs.LINK] = f'<{PATH}?after={after}&limit={limit}>; rel="next"'
        return web.Response(body=b"".join(line + b"\n" for line in lines), headers=headers)

    async def counts(self, request: web.Request) -> web.Response:
        """Show how often the link types of a key were resolved, by day."""
        given = _only(request.query, ("key", "from", "to"))
        key = given.get("key")
        if key is None:
            raise InvalidRequestError("key", "which key? such as /01/09506000134352")
        identifier = parse_any(key, self._schemes)
        path = identifier.levels()[-1].path
        last = _day(given, "to", _FIRST_DAY + timedelta(days=self._clock.now() // DAY))
        first = _day(given, "from", last - timedelta(days=30))
        if not 0 <= (last - first).days < MAX_DAYS:
            raise InvalidRequestError("from", f"lies less than {MAX_DAYS} days before `to`")
        counts = self._store.counts(path, (first - _FIRST_DAY).days, (last - _FIRST_DAY).days)
        days: dict[str, dict[str, Json]] = {}
        for day, _, link_type, times in counts:
            on = (_FIRST_DAY + timedelta(days=day)).isoformat()
            days.setdefault(on, {})[short(link_type)] = times
        return _answer({"key": path, "from": str(first), "to": str(last), "days": dict(days)})

    async def qr(self, request: web.Request) -> web.Response:
        """Draw an identifier as a QR code."""
        path, _, query = request.raw_path.removeprefix("/qr").partition("?")
        own, attributes = _split(query)
        drawing = read_drawing(own)
        identifier = parse_path(path, attributes, self._schemes)
        uri = identifier.uri(self._root(request.host)) + (f"?{attributes}" if attributes else "")
        async with self._drawing:
            drawn = await asyncio.to_thread(draw, uri, drawing)
        headers = {hdrs.CONTENT_TYPE: drawing.picture.media_type, **_DRAWN}
        return web.Response(body=drawn, headers=headers)


async def _body(request: web.Request) -> bytes:
    """Read a body of bounded length; how long that may take is the host's to say."""
    if request.content_type not in _TAKEN:
        detail = f"a record is sent as {', '.join(_TAKEN)}"
        raise PublicationRefusedError("media-type", detail, "Content-Type")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise PublicationRefusedError("too-large", f"a body has at most {MAX_BODY:,} bytes")
    return bytes(body)


def _read(request: web.Request, body: bytes) -> Json:
    try:
        if request.content_type == _COMPACT:
            return body.decode("ascii").strip()
        return parse_json(body, max_bytes=MAX_BODY, max_depth=4)
    except UnicodeDecodeError:
        raise PublicationRefusedError("malformed", "a compact JWS is ASCII") from None
    except InvalidJsonError as error:
        raise PublicationRefusedError("malformed", str(error)) from None


def receipt_json(receipt: Receipt) -> dict[str, Json]:
    """Write a receipt as it is answered."""
    return {
        "record": receipt.record,
        "position": receipt.position,
        "recorded_at": format_instant(receipt.recorded_at),
        "head": receipt.head,
        "repeated": receipt.repeated,
        "links": [line_json(each) for each in receipt.lines],
    }


def version_json(link: Link) -> dict[str, Json]:
    """Write a version of a link: what its publisher wrote, and what is known of it here."""
    return {
        "version": link.version,
        "publisher": link.publisher,
        "authorised": link.authorised,
        "recorded_at": format_instant(link.recorded_at),
        "record": link.record,
        "link": written(link),
    }


def record_json(kept: Kept) -> dict[str, Json]:
    """Write a record with all that is needed to verify it."""
    return {
        "id": kept.id,
        "publisher": kept.publisher,
        "position": kept.position,
        "recorded_at": format_instant(kept.recorded_at),
        "head": kept.head.hex(),
        "verification_method": str(kept.method),
        "public_key_multibase": kept.key.multikey,
        "jws": {**kept.jws.flattened()},
    }


def exported(cache: LinkCache, paths: Sequence[str]) -> Iterator[dict[str, Json]]:
    """Yield the links on some paths that are for everybody, as records that can be imported."""
    for links in cache.links(paths).values():
        for link in links:
            if not link.access_role:
                yield {**written(link), "id": link.id}


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and _HEX.issuperset(text)


def _only(query: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """Read a query; a parameter that is given twice, or not known, has no one meaning."""
    given: dict[str, str] = {}
    for name, value in query.items():
        if name not in known:
            raise InvalidRequestError(name, f"{name!r} is no parameter here")
        if name in given:
            raise InvalidRequestError(name, f"{name} is given twice")
        given[name] = value
    return given


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", str(MAX_PAGE))
    short_enough = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    if not short_enough or not 1 <= int(text) <= MAX_PAGE:
        raise InvalidRequestError("limit", f"limit is a whole number from 1 to {MAX_PAGE:,}")
    return int(text)


def _day(given: Mapping[str, str], name: str, unsaid: date) -> date:
    text = given.get(name)
    if text is None:
        return unsaid
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidRequestError(name, f"{name} is a day such as 2026-03-01") from None
    if day < _FIRST_DAY:
        raise InvalidRequestError(name, f"{name} lies before {_FIRST_DAY}")
    return day


def _split(query: str) -> tuple[dict[str, str], str]:
    """Split a query in what says how to draw, and the identifier's attributes as they came."""
    own: dict[str, str] = {}
    attributes = []
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        if name in _DRAWING:
            if name in own:
                raise InvalidRequestError(name, f"{name} is given twice")
            own[name] = value
        elif name.isascii() and name.isdigit():
            attributes.append(part)
        else:
            raise InvalidRequestError(name, f"{name!r} is no parameter here")
    return own, "&".join(attributes)


def _answer(
    body: Mapping[str, Json], status: int = _OK, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        content_type=_JSON,
        headers=_FRESH if headers is None else headers,
    )
