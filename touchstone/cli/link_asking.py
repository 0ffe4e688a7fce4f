"""What `touchstone link` asks: a server, or the files of this machine."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp

from link_resolver import resolving
from link_resolver.asking import read as read_request
from link_resolver.errors import InvalidLinkError, InvalidRequestError, LinkStoreError
from link_resolver.identifier import Identifier
from link_resolver.link_types import short
from link_resolver.links import Link
from link_resolver.matching import Ranked
from link_resolver.registration import Anchors, parse_link, written
from link_resolver.resolving import Candidates, HandedOver, Linkset, Redirect
from resolver.errors import InvalidJsonError, ResolverError
from resolver.keys import PublicKey
from resolver.proofs.jose import parse_flattened, verify_jws
from resolver.strict_json import Json, parse_json
from touchstone.cli.asking import ask_server
from touchstone.cli.configuring import settings
from touchstone.cli.printing import give_up
from touchstone.service.errors import SettingsError
from trust_registry.errors import TrustRegistryError

if TYPE_CHECKING:
    from touchstone.service.settings import Settings

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_MAX_ANSWER = 32 * 1024 * 1024
_AGAINST = (
    "unauthorised",
    "aside",
    "other_type",
    "wrong_context",
    "wrong_media_type",
    "wrong_language",
)
_REDIRECT, _SEVERAL, _OK = 307, 300, 200


async def explain_here(
    loaded: "Settings", identifier: Identifier, query: str, accept: str
) -> dict[str, Json]:
    """Resolve from the files of this machine, and say why. Ends the process where it cannot."""
    from touchstone.service.serving import open_parts

    try:
        async with open_parts(loaded) as parts:
            answering, now = parts.links.answering, parts.clock.now()
            asked = read_request(query, accept, "", now, answering.namespaces)
            resolution = resolving.resolve(
                identifier._replace(query=query),
                asked.wanted,
                answering.store.links(resolving.paths(identifier), asked.at),
                now if asked.at is None else asked.at,
                listing=asked.listing,
                profile=answering.domains[0].profile,
                handovers=answering.handovers,
            )
    except (InvalidRequestError, LinkStoreError, SettingsError, TrustRegistryError) as error:
        give_up(str(error))
    return _told(resolution)


def _told(resolution: resolving.Resolution) -> dict[str, Json]:
    told: dict[str, Json] = {"answer": "not-found", "why": resolution.why}
    match resolution.answer:
        case Redirect(_, location):
            told |= {"answer": "redirect", "location": location}
        case HandedOver(location):
            told |= {"answer": "handed-over", "location": location}
        case Candidates(links):
            told |= {"answer": "several", "candidates": [_shown(each) for each in links]}
        case Linkset():
            shown = [_shown(each) for level in resolution.levels for each in level.links]
            told |= {"answer": "linkset", "candidates": [*shown]}
    told["compared"] = [_judged(each) for each in resolution.ranked]
    return told


def _shown(link: Link) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "id": link.id,
        "anchor": link.path,
        "linkType": short(link.link_type),
        "href": link.href,
        "title": link.title,
        "publisher": link.publisher,
        "authorised": link.authorised,
    }
    return shown


def _judged(ranked: Ranked) -> dict[str, Json]:
    fit = ranked.fit
    against: list[Json] = [name.replace("_", " ") for name in _AGAINST if getattr(fit, name)]
    ranks: dict[str, Json] = {
        "context": fit.context,
        "language": fit.language,
        "media_type": fit.media_type,
    }
    return {**_shown(ranked.link), "against": against, "ranks": ranks}


async def follow(server: str, target: str, accept: str) -> dict[str, Json]:
    """Resolve at a server, without following where it leads. Ends the process without a reply."""
    headers = {"Accept": accept} if accept else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(
                server.rstrip("/") + target, allow_redirects=False, headers=headers
            ) as response,
        ):
            body = await response.content.read(_MAX_ANSWER)
            location = response.headers.get("Location")
            if response.status == _REDIRECT and location:
                return {"answer": "redirect", "location": location}
            told = _document(body)
            if response.status in {_OK, _SEVERAL}:
                answer = "several" if response.status == _SEVERAL else "linkset"
                return {"answer": answer, "linkset": told.get("linkset")}
            return {"answer": "not-found", "why": told.get("detail"), "status": response.status}
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        give_up(f"{server} does not answer: {str(error) or type(error).__name__}")


def _document(body: bytes) -> dict[str, Json]:
    try:
        value = parse_json(body, max_bytes=_MAX_ANSWER)
    except InvalidJsonError:
        return {}
    return value if isinstance(value, dict) else {}


def pages_of(server: str) -> Iterator[dict[str, Json]]:
    """Yield the links of all pages of an export. Ends the process without a reply."""
    after = ""
    while True:
        lines, more = asyncio.run(_page(server, f"/v1/links?after={quote(after, safe='')}"))
        yield from lines
        if not more or not lines:
            return
        after = str(lines[-1]["anchor"])


async def _page(server: str, path: str) -> tuple[list[dict[str, Json]], bool]:
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(server.rstrip("/") + path) as response,
        ):
            body = await response.read()
            if response.status != _OK:
                give_up(f"{server}: {_document(body).get('detail')}")
            lines = [_document(line) for line in body.splitlines()]
            return lines, "Link" in response.headers
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        give_up(f"{server} does not answer: {str(error) or type(error).__name__}")


async def verified_history(server: str, link: str) -> list[dict[str, Json]]:
    """Return every version of a link, each held against the record that its publisher signed.

    Ends the process where there is no reply, or no such link.
    """
    from touchstone.service.links import read_schemes

    reply = await ask_server(server, f"/v1/links/{link}/history", method="GET")
    versions = reply.document.get("versions")
    if not reply.good or not isinstance(versions, list):
        give_up(reply.complaint)
    loaded = settings()
    anchors = Anchors(await asyncio.to_thread(read_schemes, loaded.links_schemes))
    namespaces = tuple(loaded.links_namespaces.items())
    proved = []
    for version in versions:
        if not isinstance(version, dict):
            give_up("the reply is no history")
        record = await ask_server(server, f"/v1/links/records/{version['record']}", method="GET")
        try:
            signed = _signed(dict(record.document), version)
            ids = _links(signed, anchors, namespaces)
            why = "" if version["link"] in ids else "its publisher signed something else"
        except (InvalidJsonError, ResolverError, KeyError, TypeError) as error:
            why = f"its record proves nothing: {error}"
        proved.append({**version, "proved": not why, "why": why})
    return proved


def _signed(record: dict[str, Json], version: dict[str, Json]) -> list[Json]:
    """Return the links of a record, once its signature is verified."""
    jws = parse_flattened(record["jws"])
    key = PublicKey.from_multikey(str(record["public_key_multibase"]))
    verify_jws(jws, key)
    payload = parse_json(jws.payload)
    if not isinstance(payload, dict) or sha256(jws.payload).hexdigest() != version["record"]:
        raise TypeError("another record")
    if payload["by"] != version["publisher"] or not (jws.kid or "").startswith(f"{payload['by']}#"):
        raise TypeError("another publisher")
    links = payload["links"]
    return links if isinstance(links, list) else []


def _links(
    signed: list[Json], anchors: Anchors, namespaces: tuple[tuple[str, str], ...]
) -> list[dict[str, Json]]:
    found = []
    for value in signed:
        try:
            found.append(written(parse_link(value, anchors, namespaces).link))
        except InvalidLinkError:
            continue  # one of several links, and not among those that were registered
    return found
