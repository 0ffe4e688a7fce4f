"""The repository of snapshots over HTTP: its files, as clients of TUF ask for them.

A publication needs no lock. Each file appears whole, under a name that no later one takes, and
`timestamp.json`, which alone is replaced, comes last: who begins with it finds all that it names.
"""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from aiohttp import hdrs, web

from trust_registry.errors import NotFoundError, StoreError
from trust_registry.reading.parameters import only
from trust_registry.snapshot.published import TARGET

PATH = "/snapshots"
"""Where the repository is served; clients add `/metadata/…` and `/targets/…`."""
MAX_METADATA = 5_000_000
"""Bytes of a metadata file; clients read no longer ones."""
_CHUNK = 256 * 1024
"""Bytes of a snapshot in memory for one client."""
_VERSIONED = re.compile(r"[1-9][0-9]{0,8}\.(?:root|targets|snapshot)\.json", re.ASCII)
_LATEST = "timestamp.json"
_IMMUTABLE = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_PARTIAL = 206
_NOT_MODIFIED = 304
_ABSENT = (FileNotFoundError, NotADirectoryError)


def routes(folder: Path | None) -> list[web.RouteDef]:
    """The repository's routes, for a host to mount; it maps the errors that they raise.

    Args:
        folder: the repository, or None where none is served.
    """
    above, name = TARGET.split("/")
    hashed = re.compile(rf"([0-9a-f]{{64}})\.{name}", re.ASCII)

    async def metadata(request: web.Request) -> web.Response:
        only(request.query, ())
        name = request.match_info["name"]
        if folder is None or not (name == _LATEST or _VERSIONED.fullmatch(name)):
            raise NotFoundError("the repository has no such metadata")
        data = await asyncio.to_thread(_whole, folder, f"metadata/{name}")
        caching = _ASK_AGAIN if name == _LATEST else _IMMUTABLE
        headers = {hdrs.ETAG: f'"{sha256(data).hexdigest()}"', hdrs.CACHE_CONTROL: caching}
        if _is_at_hand(request, headers[hdrs.ETAG]):
            return web.Response(status=_NOT_MODIFIED, headers=headers)
        return web.Response(body=data, content_type="application/json", headers=headers)

    async def target(request: web.Request) -> web.Response:
        only(request.query, ())
        found = hashed.fullmatch(request.match_info["name"])
        if folder is None or found is None:
            raise NotFoundError("the repository has no such target")
        below = f"targets/{above}/{found[0]}"
        size = await asyncio.to_thread(_size, folder, below)
        headers = {
            hdrs.ETAG: f'"{found[1]}"',
            hdrs.CACHE_CONTROL: _IMMUTABLE,
            hdrs.ACCEPT_RANGES: "bytes",
        }
        if _is_at_hand(request, headers[hdrs.ETAG]):
            return web.Response(status=_NOT_MODIFIED, headers=headers)
        part = _asked(request, size, headers[hdrs.ETAG])
        wanted = range(size) if part is None else part
        headers |= {hdrs.CONTENT_TYPE: "application/octet-stream"}
        headers |= {hdrs.CONTENT_LENGTH: str(len(wanted))}
        body = _chunks(folder, below, wanted)
        if part is None:
            return web.Response(body=body, headers=headers)
        headers |= {hdrs.CONTENT_RANGE: f"bytes {part.start}-{part.stop - 1}/{size}"}
        return web.Response(status=_PARTIAL, body=body, headers=headers)

    return [
        web.get(f"{PATH}/metadata/{{name}}", metadata),
        web.get(f"{PATH}/targets/{above}/{{name}}", target),
    ]


def _is_at_hand(request: web.Request, etag: str) -> bool:
    """Compare weakly, as If-None-Match does (RFC 9110 13.1.2)."""
    return any(each.value in {etag.strip('"'), "*"} for each in request.if_none_match or ())


def _asked(request: web.Request, size: int, etag: str) -> range | None:
    """Return the one range asked for; None for everything, also where it is not understood.

    Raises:
        HTTPRequestRangeNotSatisfiable: nothing lies in it (RFC 9110 14.4).
    """
    given = request.method == hdrs.METH_GET and hdrs.RANGE in request.headers
    if not given or request.headers.get(hdrs.IF_RANGE, etag) != etag:
        return None
    try:
        part = range(size)[request.http_range]
    except ValueError:
        return None
    if not part:
        headers = {hdrs.CONTENT_RANGE: f"bytes */{size}"}
        raise web.HTTPRequestRangeNotSatisfiable(headers=headers)
    return part


async def _chunks(folder: Path, below: str, part: range) -> AsyncIterator[bytes]:
    """Yield a part of a file; no client, however slow, keeps the file open meanwhile."""
    for start in range(part.start, part.stop, _CHUNK):
        length = min(_CHUNK, part.stop - start)
        chunk = await asyncio.to_thread(_piece, folder, below, start, length)
        if len(chunk) < length:
            raise StoreError(f"{below} became shorter while it was sent")
        yield chunk


def _piece(folder: Path, below: str, start: int, length: int) -> bytes:
    with _opened(folder, below) as file:
        file.seek(start)
        return file.read(length)


def _whole(folder: Path, below: str) -> bytes:
    with _opened(folder, below) as file:
        data = file.read(MAX_METADATA + 1)
    if len(data) > MAX_METADATA:
        raise StoreError(f"{below} is longer than {MAX_METADATA} bytes")
    return data


def _size(folder: Path, below: str) -> int:
    with _opened(folder, below) as file:
        return os.fstat(file.fileno()).st_size


@contextmanager
def _opened(folder: Path, below: str) -> Iterator[BinaryIO]:
    """Open a file of a folder; links may lead from place to place within it, and never outside.

    Raises:
        NotFoundError: there is none, or it is no file, or lies outside.
        StoreError: it cannot be read.
    """
    try:
        root = os.path.realpath(folder, strict=True)
        path = os.path.realpath(Path(root, below), strict=True)
        if not Path(path).is_relative_to(root):
            raise NotFoundError(f"{below} is not in the repository")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(path, flags)
    except _ABSENT:
        raise NotFoundError(f"the repository has no {below}") from None
    except OSError as error:
        raise StoreError(f"{below}: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotFoundError(f"{below} is no file")
    with os.fdopen(handle, "rb") as file:
        yield file
