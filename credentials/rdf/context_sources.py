"""Where the texts of admitted contexts come from: a folder, a package, their own addresses."""

import asyncio
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from credentials.rdf.contexts import (
    MAX_CONTEXT_BYTES,
    ContextSource,
    Pins,
    digest_of,
    own_pins,
    read_pins,
)
from resolver.errors import FetchError
from resolver.source import Source

LIST = "contexts.json"
_SUFFIXES = (".json", ".jsonld")
_PYLD = "pyld.documentloader.frozen.bundled"
_OK = 200


class Texts:
    """Texts that are at hand, by their digests."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = dict(texts)

    @classmethod
    def of_folder(cls, folder: Path) -> "Texts":
        """Read the texts of a folder and those below it; their names do not matter."""
        found = {}
        for path in sorted(folder.rglob("*")):
            small = path.is_file() and path.stat().st_size <= MAX_CONTEXT_BYTES
            if small and path.suffix in _SUFFIXES and path.name != LIST:
                raw = path.read_bytes()
                found[digest_of(raw)] = raw
        return cls(found)

    @classmethod
    def of_pyld(cls) -> "Texts":
        """Read the texts that PyLD carries."""
        texts = (
            each.read_bytes() for each in files(_PYLD).iterdir() if each.name.endswith(".jsonld")
        )
        return cls({digest_of(raw): raw for raw in texts})

    async def find(self, url: str, digests: frozenset[str]) -> bytes | None:  # noqa: ARG002 - others ask by it
        """Return a text with one of these digests, or None."""
        return next((self._texts[each] for each in digests if each in self._texts), None)


class Fetched:
    """Fetches a text once, and keeps it in a folder where there is one.

    Args:
        fetcher: fetches with guards; it follows no redirects.
        folder: where texts are kept, or None.
    """

    def __init__(self, fetcher: Source, folder: Path | None) -> None:
        self._fetcher = fetcher
        self._folder = folder

    async def find(self, url: str, digests: frozenset[str]) -> bytes | None:
        """Return the text at an address where its digest is one of these, or None."""
        accept = "application/ld+json, application/json"
        try:
            answer = await self._fetcher.fetch(url, accept=accept, max_bytes=MAX_CONTEXT_BYTES)
        except FetchError:
            return None
        if answer.status != _OK or digest_of(answer.body) not in digests:
            return None
        if self._folder is not None:
            await asyncio.to_thread(_keep, self._folder, answer.body)
        return answer.body


def _keep(folder: Path, raw: bytes) -> None:
    """Write a text under its digest; a folder that cannot be written keeps nothing."""
    target = folder / f"{digest_of(raw)}.jsonld"
    partial = target.with_suffix(".part")
    try:
        partial.write_bytes(raw)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)


def configured(folder: Path | None, fetcher: Source | None) -> tuple[Pins, list[ContextSource]]:
    """Return what is admitted, and where it comes from, as the operator has it.

    Args:
        folder: texts of contexts, and maybe `contexts.json`, a list that goes before our own.
        fetcher: what fetches the others, or None for never.

    Raises:
        InvalidPinsError: `contexts.json` is no such list.
        OSError: the folder cannot be read.
    """
    pins = {**own_pins()}
    sources: list[ContextSource] = []
    if folder is not None:
        listed = folder / LIST
        if listed.is_file():
            pins |= read_pins(listed.read_bytes())
        sources.append(Texts.of_folder(folder))
    sources.append(Texts.of_pyld())
    if fetcher is not None:
        sources.append(Fetched(fetcher, folder))
    return pins, sources
