"""JSON-LD contexts: which are admitted, and by which bytes."""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from credentials.rdf.errors import InvalidJsonLdError, UnreadableContextError
from resolver.errors import InvalidJsonError, ResolverError
from resolver.strict_json import Json, parse_json

MAX_CONTEXT_BYTES = 1024 * 1024
_MAX_CONTEXTS = 32
_DIGEST = re.compile("[0-9a-f]{64}")
_HOLDING = "verifiableCredential"

Pins = Mapping[str, frozenset[str]]
"""The SHA-256 digests, in hexadecimal, of the texts that are admitted for each URL."""


class InvalidPinsError(ResolverError):
    """A list of admitted contexts is none."""


class ContextSource(Protocol):
    """Where the bytes of admitted contexts come from."""

    async def find(self, url: str, digests: frozenset[str]) -> bytes | None:
        """Return bytes with one of these digests, or None where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """An admitted context.

    Attributes:
        url: its URL.
        raw: its bytes, whose digest is admitted.
        uses: the URLs of the contexts that it uses.
    """

    url: str
    raw: bytes
    uses: tuple[str, ...]


def own_pins() -> Pins:
    """Return the contexts that are admitted from the start."""
    return read_pins(files("credentials.rdf").joinpath("contexts.json").read_bytes())


def read_pins(raw: bytes) -> Pins:
    """Read a list of admitted contexts: a JSON object from URL to SHA-256 digests.

    Raises:
        InvalidPinsError: it is none.
    """
    try:
        value = parse_json(raw)
    except InvalidJsonError as error:
        raise InvalidPinsError(f"the list of admitted contexts: {error}") from None
    if not isinstance(value, dict):
        raise InvalidPinsError("the list of admitted contexts is an object")
    pins = {}
    for url, digests in value.items():
        listed = digests if isinstance(digests, list) else [digests]
        texts = frozenset(each for each in listed if isinstance(each, str))
        if not texts or len(texts) < len(listed) or not all(map(_DIGEST.fullmatch, texts)):
            raise InvalidPinsError(f"{url}: not SHA-256 digests in hexadecimal")
        pins[url] = texts
    return pins


def digest_of(raw: bytes) -> str:
    """Return what a context is admitted by."""
    return hashlib.sha256(raw).hexdigest()


def context_urls(document: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the contexts that a document names.

    Those of credentials within a presentation count too; anywhere else a context of its own could
    change what the names around it mean.

    Raises:
        InvalidJsonLdError: one is written into the document, or stands where none may.
    """
    found = [*_urls(document, "")]
    holding = document.get(_HOLDING, [])
    inner = holding if isinstance(holding, list) else [holding]
    for n, each in enumerate(inner):
        if isinstance(each, dict) and "@context" in each:
            found += _urls(each, f"/{_HOLDING}/{n}")
    for name, value in document.items():
        if name not in ("@context", _HOLDING):
            _refuse_nested(value, f"/{name}")
    for n, each in enumerate(inner):
        if isinstance(each, dict):
            for name, value in each.items():
                if name != "@context":
                    _refuse_nested(value, f"/{_HOLDING}/{n}/{name}")
        else:
            _refuse_nested(each, f"/{_HOLDING}/{n}")
    return tuple(dict.fromkeys(found))


def _urls(document: Mapping[str, Json], pointer: str) -> Iterable[str]:
    value = document.get("@context", [])
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str):
            message = (
                "a context written into the document is not accepted where its graph is signed"
            )
            raise InvalidJsonLdError(message, f"{pointer}/@context")
        yield each


def _refuse_nested(value: Json, pointer: str) -> None:
    if isinstance(value, list):
        for each in value:
            _refuse_nested(each, pointer)
    elif isinstance(value, dict):
        if "@context" in value:
            raise InvalidJsonLdError("a context within the document", f"{pointer}/@context")
        for name, each in value.items():
            _refuse_nested(each, f"{pointer}/{name}")


class Contexts:
    """Gives the contexts that are admitted; each is read once.

    Args:
        pins: which are admitted.
        sources: where their bytes come from, in this order.
    """

    def __init__(self, pins: Pins, sources: Sequence[ContextSource]) -> None:
        self._pins = pins
        self._sources = sources
        self._reading: dict[str, asyncio.Task[Context]] = {}

    async def closure(self, urls: Iterable[str]) -> tuple[Context, ...]:
        """Return these contexts, and all that they use.

        Raises:
            UnreadableContextError: one is not admitted, or cannot be had; it is named.
        """
        found: dict[str, Context] = {}
        waiting = [*urls]
        while waiting:
            url = waiting.pop()
            if url not in found:
                if len(found) >= _MAX_CONTEXTS:
                    raise UnreadableContextError(f"more than {_MAX_CONTEXTS} contexts")
                found[url] = await self._context(url)
                waiting += found[url].uses
        return tuple(found.values())

    async def text(self, url: str) -> bytes | None:
        """Return the text of an admitted context, or None where it is none, or not at hand."""
        try:
            return (await self._context(url)).raw
        except UnreadableContextError:
            return None

    async def _context(self, url: str) -> Context:
        digests = self._pins.get(url)
        if digests is None:
            raise UnreadableContextError(
                f"context {url[:200]} is not admitted; to admit it, name it with the SHA-256 of its"
                " text in contexts.json, in the folder that TOUCHSTONE_CONTEXTS names"
            )
        task = self._reading.get(url)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._reading[url] = asyncio.create_task(self._read(url, digests))
        return await asyncio.shield(task)

    async def _read(self, url: str, digests: frozenset[str]) -> Context:
        for source in self._sources:
            raw = await source.find(url, digests)
            if raw is not None and digest_of(raw) in digests:
                return _parsed(url, raw)
        raise UnreadableContextError(
            f"context {url} is admitted but not at hand; put its text, with the SHA-256"
            f" {' or '.join(sorted(digests))}, into the folder that TOUCHSTONE_CONTEXTS names"
        )


def _parsed(url: str, raw: bytes) -> Context:
    try:  # an admitted text is not hostile: JSON that names a member twice is still in use
        value = json.loads(raw)
    except ValueError:
        raise UnreadableContextError(f"context {url} is no JSON") from None
    return Context(url, raw, tuple(dict.fromkeys(_uses(value))))


def _uses(value: Json) -> Iterable[str]:
    """Find the URLs of the contexts that a context uses, wherever they stand in it."""
    if isinstance(value, list):
        for each in value:
            yield from _uses(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "@import" and isinstance(inner, str):
                yield inner
            if name == "@context":
                listed = inner if isinstance(inner, list) else [inner]
                yield from (each for each in listed if isinstance(each, str))
            yield from _uses(inner)
