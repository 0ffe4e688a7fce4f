"""Serving: everything opened in order, one application on one address, closed in reverse."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from resolver.clock import Clock, SystemClock
from resolver.fetch import Fetcher
from resolver.resolution import Resolver
from touchstone.service.app import build_app
from touchstone.service.checking import Checking, open_checking
from touchstone.service.connections import Runner
from touchstone.service.cosigning import compare
from touchstone.service.errors import SettingsError
from touchstone.service.front import put_in_front
from touchstone.service.links import Links, open_links
from touchstone.service.list_purging import purging
from touchstone.service.log_keys import log_keys, log_policy
from touchstone.service.resolving import Resolving, local_socket, open_resolving
from touchstone.service.settings import Settings
from touchstone.service.signed import answer_signer
from trust_registry.errors import StoreUncertainError
from trust_registry.journal import Journal
from trust_registry.registry import Registry, open_registry

_SHUTDOWN_SECONDS = 10.0
"""How long requests under way may take to finish once the service is asked to stop."""
_YOUNG_OBJECTS = 50_000
"""How many new objects there are before a collection: requests leave no cycles behind."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of, open."""

    registry: Registry
    resolving: Resolving
    fetcher: Fetcher
    clock: Clock
    links: Links
    checks: Checking

    @property
    def resolver(self) -> Resolver:
        """Where DID documents come from."""
        return self.resolving.resolver


@asynccontextmanager
async def open_parts(
    settings: Settings, clock: Clock | None = None, *, signs: bool = False
) -> AsyncIterator[Parts]:
    """Open the journal and the fetcher, for as long as the context is open.

    Args:
        settings: where the journal is, and what may be fetched.
        clock: what tells the present; the system's where not given.
        signs: whether the log's checkpoints are signed, with the key that the settings name.

    Raises:
        CorruptJournalError: the journal is damaged, or another registry's.
        StoreError: its file cannot be used.
        LinkStoreError: the file of the links cannot be used.
        HeadsError: the file of the heads of DID logs cannot be used.
        SettingsError: the file of identifier schemes, the folder of schemas or of contexts, or a
            secret cannot be used.
    """
    clock = clock or SystemClock()
    async with (
        Fetcher(settings.fetch_policy) as fetcher,
        open_resolving(settings, fetcher, clock) as resolving,
        open_checking(settings, fetcher) as checks,
    ):
        resolver = resolving.resolver
        await asyncio.to_thread(settings.data.parent.mkdir, parents=True, exist_ok=True)
        registry = await open_registry(
            settings.data,
            clock=clock,
            resolver=resolver,
            origin=settings.audience,
            framework=settings.framework,
            log_keys=await asyncio.to_thread(log_keys, settings) if signs else (),
            witnesses=await asyncio.to_thread(log_policy, settings) if signs else None,
        )
        try:
            async with open_links(settings, registry, resolver, clock) as links:
                yield Parts(registry, resolving, fetcher, clock, links, checks)
        finally:
            await registry.close()


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application, for as long as the context is open.

    Yields:
        Its address, such as `http://127.0.0.1:8080`, with the port that was really taken.
    """
    runner = Runner(app, handle_signals=False, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    put_in_front(runner)
    try:
        await web.TCPSite(runner, host, port).start()
        taken = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{taken}"
    finally:
        await runner.cleanup()


async def serve(settings: Settings, tell: Callable[[str], object]) -> None:
    """Serve until asked to stop (SIGINT, SIGTERM).

    Args:
        settings: everything that can be set.
        tell: takes the address once requests are answered.

    Raises:
        SettingsError: the journal is empty, and no framework is named that may begin it; or the
            folder of snapshots is none.
        CorruptJournalError: the journal is damaged, another registry's, or restored from a backup
            and shorter than what a witness has seen.
        StoreError: its file cannot be used, or it is not known any more what it holds.
        LinkStoreError: the file of the links cannot be used.
        OSError: the address cannot be listened on.
    """
    folder = settings.snapshots
    if folder is not None and not await asyncio.to_thread(folder.is_dir):
        raise SettingsError(f"TOUCHSTONE_SNAPSHOTS: {folder} is no folder")
    async with open_parts(settings, signs=True) as parts:
        if parts.registry.publisher is not None:
            await compare(parts.registry.publisher)
        if not parts.registry.journal.size and settings.framework is None:
            raise SettingsError(
                f"{settings.data} is empty: set TOUCHSTONE_FRAMEWORK to the digest of the "
                "framework that may begin it; touchstone act found prints it"
            )
        app = build_app(
            parts.registry,
            parts.resolver,
            parts.fetcher,
            parts.clock,
            settings,
            parts.links,
            parts.resolving,
            await asyncio.to_thread(answer_signer, settings, parts.clock),
            parts.checks,
        )
        if parts.checks.graphs is not None:
            await parts.checks.graphs.start()
        async with (
            listening(app, settings.host, settings.port) as address,
            local_socket(parts.resolving, settings.resolver_socket, (purging(parts.checks.lists),)),
        ):
            keep_what_is_loaded()
            parts.registry.audit.begin()
            asked = asked_to_stop()
            tell(address)
            await _stopped(asked, parts.registry.journal)


async def _stopped(asked: asyncio.Event, journal: Journal) -> None:
    """Wait until asked to stop.

    Raises:
        StoreUncertainError: the outcome of a commit is unknown; a new start reads it back.
    """
    told, uncertain = map(asyncio.ensure_future, (asked.wait(), journal.uncertain()))
    await asyncio.wait((told, uncertain), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not uncertain.cancel():
        raise StoreUncertainError("a commit failed, and only a restart can tell what was written")


def keep_what_is_loaded() -> None:
    """Take what was loaded out of the garbage collector's rounds; it stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)


def asked_to_stop() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set from now on: before anybody knows where to send them."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
