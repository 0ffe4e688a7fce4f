"""The ecosystem: hosts, registry and history, brought up together and taken down in order."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from resolver.clock import Clock, SystemClock
from resolver.fetch import Fetcher, FetchPolicy
from resolver.resolution import Resolver
from touchstone.demo.clock import StoryClock
from touchstone.demo.data import DemoData, instant_on
from touchstone.demo.errors import DemoStoppedError
from touchstone.demo.history import populate
from touchstone.demo.hosts import serve_hosts
from touchstone.service.resolving import Resolving, open_resolving
from touchstone.service.settings import Settings
from trust_registry.errors import StoreError
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.publisher import log_origin
from trust_registry.registry import Registry, open_registry

JOURNAL = "registry.sqlite"


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """A populated registry, and what it needs to answer.

    Attributes:
        data: what it was made from.
        registry: the registry, populated.
        resolving: resolves the demo's DIDs, and keeps what their hosts publish.
        fetcher: reads the demo's hosts.
        policy: how it finds them.
        clock: the present.
        ids: the id of each act that the data names.
    """

    data: DemoData
    registry: Registry
    resolving: Resolving
    fetcher: Fetcher
    policy: FetchPolicy
    clock: Clock
    ids: Mapping[str, str]

    @property
    def resolver(self) -> Resolver:
        """Where DID documents come from."""
        return self.resolving.resolver


@asynccontextmanager
async def ecosystem(
    data: DemoData, folder: Path, settings: Settings, present: Clock | None = None
) -> AsyncIterator[Ecosystem]:
    """Bring the demo's ecosystem up for as long as the context is open.

    Args:
        data: the demo's data.
        folder: an existing folder for the certificates.
        settings: where the journal is made, and the registry's name.
        present: the clock after the history; the system's where not given.

    Raises:
        DemoStoppedError: the journal is there already, or an act was refused.
    """
    present = present or SystemClock()
    clock = StoryClock(instant_on(data.history.founded_on), present)
    async with (
        serve_hosts(data, folder, present.now()) as policy,
        Fetcher(policy) as fetcher,
        open_resolving(settings, fetcher, present) as resolving,
    ):
        registry = await _fresh(settings.data, clock, resolving.resolver, settings.audience)
        try:
            ids = await populate(registry, clock, data)
            if registry.publisher is not None:
                await registry.publisher.settle()
            yield Ecosystem(data, registry, resolving, fetcher, policy, clock, ids)
        finally:
            await registry.close()


async def _fresh(path: Path, clock: Clock, resolver: Resolver, origin: str) -> Registry:
    if await asyncio.to_thread(path.exists):
        raise DemoStoppedError(f"{path} exists already; the demo begins with an empty folder")
    try:
        # The demo's log key is made for the occasion and goes with the process.
        key = SigningKey.generate(log_origin(origin), KeyKind.ED25519)
        return await open_registry(
            path, clock=clock, resolver=resolver, origin=origin, log_keys=[key]
        )
    except StoreError as error:
        raise DemoStoppedError(f"the journal cannot be made: {error}") from error
