"""The link resolver within the product: its store, who may publish, and its routes."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from link_resolver import http as resolving_http
from link_resolver.answering import Answering
from link_resolver.cache import LinkCache
from link_resolver.counting import Counts
from link_resolver.description import Domain
from link_resolver.errors import InvalidSchemesError, LinkStoreError
from link_resolver.http import Replies
from link_resolver.publishing import Publishing
from link_resolver.publishing_http import Shelf
from link_resolver.registration import Anchors
from link_resolver.resolving import Handover
from link_resolver.roles import ProvedRoles
from link_resolver.schemes import Schemes, default_schemes, load_schemes
from link_resolver.signers import DocumentSource
from link_resolver.stores import RecordStore
from link_resolver.stores.sqlite import SqliteLinks
from resolver.clock import Clock
from touchstone.service.errors import SettingsError
from touchstone.service.front import AtHand
from touchstone.service.publishers import Registry, RegistryPublishers
from touchstone.service.settings import Settings

_WRITE_COUNTS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Links:
    """The parts of the link resolver, open.

    Attributes:
        store: records, links and counts.
        cache: what resolving sees.
        publishing: takes records.
        answering: resolves.
        counts: how often links were followed, until it is written.
        roles: finds out what a caller may know of.
        replies: what resolving answered lately.
    """

    store: RecordStore
    cache: LinkCache
    publishing: Publishing
    answering: Answering
    counts: Counts
    roles: ProvedRoles
    replies: Replies = field(default_factory=Replies)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of publishing and resolving, for the host to mount."""
        schemes, clock = self.answering.schemes, self.answering.clock

        def root(host: str) -> str:
            return self.answering.domain(host).root

        shelf = Shelf(self.publishing, self.cache, self.store, schemes, clock, root)
        resolving = resolving_http.routes(self.answering, self.roles, self.counts, self.replies)
        return [*shelf.routes(), *resolving]

    def at_hand(self, added: Iterable[tuple[str, str]] = ()) -> tuple[AtHand, ...]:
        """Return what the front may answer, with headers that the host adds to every answer."""
        answer = resolving_http.at_hand(self.answering, self.replies, self.counts, added)
        return (AtHand(resolving_http.AT_HAND, "/{code}/{rest}", answer),)

    async def write_counts(self) -> None:
        """Write what was counted; what cannot be written now is kept for the next time."""
        counted = self.counts.take()
        if not counted:
            return
        try:
            await self.publishing.add_counts(counted)
        except LinkStoreError:
            self.counts.give_back(counted)

    async def counting(self, _app: web.Application) -> AsyncIterator[None]:
        """Write the counts every few seconds for as long as an application runs."""

        async def write() -> None:
            while True:
                await asyncio.sleep(_WRITE_COUNTS_SECONDS)
                await self.write_counts()

        task = asyncio.create_task(write(), name="link counts")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await self.write_counts()


@asynccontextmanager
async def open_links(
    settings: Settings, registry: Registry, documents: DocumentSource, clock: Clock
) -> AsyncIterator[Links]:
    """Open the link resolver, for as long as the context is open.

    Args:
        settings: where links are kept, and under which domains they resolve.
        registry: says who may publish.
        documents: where publishers' DID documents come from.
        clock: what tells the present.

    Raises:
        SettingsError: the file of identifier schemes cannot be used.
        LinkStoreError: the store cannot be used.
    """
    schemes = await asyncio.to_thread(read_schemes, settings.links_schemes)
    publishers = RegistryPublishers(registry, schemes, clock)
    store = await asyncio.to_thread(_open_store, settings.links_file)
    links = assemble(settings, store, publishers, documents, schemes, clock, registry.origin)
    try:
        yield links
    finally:
        await links.publishing.close()


def assemble(
    settings: Settings,
    store: RecordStore,
    publishers: RegistryPublishers,
    documents: DocumentSource,
    schemes: Schemes,
    clock: Clock,
    origin: str,
) -> Links:
    """Put the link resolver together over an open store; records name `origin` as its name."""
    anchors = Anchors(schemes)
    namespaces = tuple(settings.links_namespaces.items())
    cache = LinkCache(store, publishers, anchors, clock)
    publishing = Publishing(store, cache, publishers, documents, anchors, clock, origin, namespaces)
    roots = settings.links_roots or (origin,)
    answering = Answering(
        store=cache,
        clock=clock,
        schemes=schemes,
        domains=tuple(Domain(root, profile=settings.links_profile) for root in roots),
        handovers=tuple(_handover(*each) for each in settings.links_handovers.items()),
        namespaces=namespaces,
    )
    roles = ProvedRoles(publishers, documents, clock, origin)
    return Links(store, cache, publishing, answering, Counts(clock), roles)


def read_schemes(file: Path | None) -> Schemes:
    """Read the identifier schemes; those of the package where no file is named. It blocks.

    Raises:
        SettingsError: the file cannot be used.
    """
    if file is None:
        return default_schemes()
    try:
        return load_schemes(file.read_bytes())
    except (OSError, InvalidSchemesError) as error:
        raise SettingsError(f"TOUCHSTONE_LINKS_SCHEMES: {file}: {error}") from None


def _open_store(file: Path) -> SqliteLinks:
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteLinks(file)


def _handover(prefix: str, root: str) -> Handover:
    scheme, _, key = prefix.partition(":")
    return Handover(scheme, key, root)
