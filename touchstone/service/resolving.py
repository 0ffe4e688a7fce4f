"""The DID resolver within the product: its caches, its memory of heads, and how to purge."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from resolver.caches import Caches, cached_resolver
from resolver.clock import Clock
from resolver.did import Did
from resolver.errors import InvalidJsonError, ResolverError
from resolver.methods.hosted import hosted_methods
from resolver.prebuilt import Prebuilt
from resolver.purging import parse_dids, verify_purge
from resolver.resolution import Resolver
from resolver.sealing import MIN_SECRET, Seal
from resolver.source import Source
from resolver.stores.heads_sqlite import SqliteHeads
from resolver.strict_json import Json
from touchstone.service.bodies import BodyLimits, parse_body, read_body
from touchstone.service.errors import SettingsError
from touchstone.service.problems import problem
from touchstone.service.security import SecurityEvents
from touchstone.service.settings import Settings

if TYPE_CHECKING:
    from resolver.stores.redis import RedisShared

PURGE_PATH = "/1.0/purge"
_LIMITS = BodyLimits(1024 * 1024, 6)


@dataclass(frozen=True, slots=True)
class Resolving:
    """The parts of the DID resolver, open.

    Attributes:
        resolver: resolves.
        caches: what it keeps.
        prebuilt: what the HTTP binding keeps of its answers.
        events: what it noticed of attacks.
        shared: the second level, or None.
        purgers: who may purge by a signed request.
        audience: the origin that such a request must name.
        clock: tells the present.
    """

    resolver: Resolver
    caches: Caches
    prebuilt: Prebuilt
    events: SecurityEvents
    shared: "RedisShared | None"
    purgers: frozenset[Did]
    audience: str
    clock: Clock

    async def purge(self, dids: Iterable[Did]) -> web.Response:
        """Give up what is kept of some DIDs, and say of how many methods keep anything."""
        purged = [did.text for did in dids if await self.caches.purge(did)]
        self.prebuilt.clear()
        return web.json_response({"purged": purged})

    def routes(self) -> list[web.RouteDef]:
        """Return the route of purging by a signed request."""

        def read(value: Json) -> tuple[Did, ...]:
            return verify_purge(value, self.purgers, self.audience, self.clock)

        return [web.post(PURGE_PATH, self._purging(read))]

    def local_app(self) -> web.Application:
        """Return what is served on the local socket: purging without a signature."""
        app = web.Application(client_max_size=_LIMITS.max_bytes)
        app.add_routes([web.post(PURGE_PATH, self._purging(parse_dids))])
        return app

    def _purging(
        self, read: Callable[[Json], tuple[Did, ...]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def purge(request: web.Request) -> web.Response:
            try:
                dids = read(await parse_body(await read_body(request, _LIMITS), _LIMITS))
            except InvalidJsonError as error:
                return problem("malformed-json", str(error))
            except ResolverError as error:
                return problem("invalid-value", str(error), field="purge")
            return await self.purge(dids)

        return purge

    def metrics(self) -> Iterable[Metric]:
        """Yield what the caches counted, and what was noticed of attacks."""
        questions = CounterMetricFamily(
            "touchstone_resolver_cache",
            "What became of questions to the cache of DID documents.",
            labels=("method", "event"),
        )
        kept = GaugeMetricFamily(
            "touchstone_resolver_kept", "DID documents in memory.", labels=("method",)
        )
        size = GaugeMetricFamily(
            "touchstone_resolver_kept_bytes", "Bytes they take, roughly.", labels=("method",)
        )
        for method, cache in self.caches.by_method.items():
            for event, count in cache.counts.items():
                questions.add_metric((method, event), count)
            kept.add_metric((method,), len(cache.shelf))
            size.add_metric((method,), cache.shelf.size)
        yield from (questions, kept, size)
        if self.shared is not None:
            yield GaugeMetricFamily(
                "touchstone_resolver_shared_up",
                "Whether the shared cache answers.",
                value=float(self.shared.up),
            )
        yield from self.events.metrics()


@asynccontextmanager
async def open_resolving(
    settings: Settings, source: Source, clock: Clock
) -> AsyncIterator[Resolving]:
    """Open the DID resolver, for as long as the context is open.

    Args:
        settings: how long what is kept, and where.
        source: reads the addresses that identifiers spell out.
        clock: tells the present.

    Raises:
        SettingsError: the secret of the shared cache cannot be used.
        HeadsError: the file of the heads cannot be used.
    """
    events, prebuilt = SecurityEvents(), Prebuilt()
    caches: Caches | None = None

    def hear(message: bytes) -> None:
        prebuilt.clear()
        if caches is not None:
            caches.hear(message)

    def missed() -> None:
        prebuilt.clear()
        if caches is not None:
            caches.missed()

    async with AsyncExitStack() as stack:
        file = settings.resolver_heads_file
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
        heads = await stack.enter_async_context(SqliteHeads(file))
        shared = None
        if settings.resolver_redis is not None:
            from resolver.stores.redis import RedisShared  # noqa: PLC0415 - most do without

            seal = await asyncio.to_thread(_seal, settings.resolver_redis_secret_file)
            shared = RedisShared(settings.resolver_redis.get_secret_value(), seal, hear, missed)
            await stack.enter_async_context(shared)
        hosted = hosted_methods(source, clock, settings.upstreams, heads, events, settings.did_logs)
        resolver, caches = cached_resolver(hosted, clock, settings.cache_policy, shared)
        stack.push_async_callback(caches.close)
        yield Resolving(
            resolver,
            caches,
            prebuilt,
            events,
            shared,
            frozenset(Did.parse(text) for text in settings.resolver_purgers),
            settings.audience,
            clock,
        )


def _seal(file: Path | None) -> Seal:
    if file is None:
        raise SettingsError(
            "TOUCHSTONE_RESOLVER_REDIS needs TOUCHSTONE_RESOLVER_REDIS_SECRET_FILE: what is read "
            "from Redis must be known to be ours"
        )
    try:
        return Seal(file.read_bytes().strip())
    except OSError as error:
        raise SettingsError(f"TOUCHSTONE_RESOLVER_REDIS_SECRET_FILE: {error}") from None
    except ValueError:
        raise SettingsError(
            f"TOUCHSTONE_RESOLVER_REDIS_SECRET_FILE: {file} has fewer than {MIN_SECRET} bytes"
        ) from None


@asynccontextmanager
async def local_socket(
    resolving: Resolving, path: Path | None, routes: Sequence[web.RouteDef] = ()
) -> AsyncIterator[None]:
    """Serve purging on a local socket that its owner alone can open, where one is named.

    Args:
        resolving: what keeps DID documents.
        path: of the socket, or None.
        routes: what else is purged there.
    """
    if path is None:
        yield
        return
    app = resolving.local_app()
    app.add_routes(routes)
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, path).start()
    finally:
        os.umask(before)
    made = await asyncio.to_thread(path.stat)
    try:
        yield
    finally:
        await runner.cleanup()
        await asyncio.to_thread(_take_away, path, made)


def _take_away(path: Path, made: os.stat_result) -> None:
    """Take a socket away, unless a process that started meanwhile put its own there. It blocks."""
    with suppress(FileNotFoundError):
        if os.path.samestat(path.stat(), made):
            path.unlink()
