"""What the host gives to every check of a credential: limits, status lists, schemas."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from credentials.rdf.pool import GraphPool
from credentials.schemas.checking import SchemaRules
from credentials.schemas.library import Schemas
from credentials.schemas.pins import InvalidSchemaListError
from credentials.sources import DEFAULT_LIMITS, DocumentSource, Limits
from credentials.status.cache import StatusLists
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from resolver.instant import Instant
from resolver.source import Source
from touchstone.service.desk import Desk, Frame
from touchstone.service.errors import SettingsError
from touchstone.service.graphs import open_graphs
from touchstone.service.list_issuers import RegistryListIssuers
from touchstone.service.settings import Settings


@dataclass(frozen=True, slots=True)
class Checking:
    """What credentials are checked with.

    Attributes:
        limits: how much of a credential, and of what it names, is looked at.
        lists: the status lists.
        schemas: the schemas, where there are any.
        graphs: what makes the graphs that some proofs sign; without it those are undetermined.
    """

    limits: Limits
    lists: StatusLists
    schemas: Schemas | None = None
    graphs: GraphPool | None = None

    def verifier(
        self,
        documents: DocumentSource,
        status: StatusQuery,
        now: Instant,
        *,
        schemas_required: bool = False,
    ) -> Verifier:
        """Say by what credentials are judged.

        Args:
            documents: where DID documents come from.
            status: how the status is asked for.
            now: the present.
            schemas_required: whether a credential that does not fit its schema fails.
        """
        schemas = None if self.schemas is None else SchemaRules(self.schemas, schemas_required)
        used = None if self.graphs is None else self.graphs.contexts
        return Verifier(documents, status, now, self.limits, schemas, self.graphs, used)

    def verifier_by(
        self,
        desk: Desk,
        frame: Frame,
        documents: DocumentSource,
        at: Instant | None = None,
        *,
        fresh: bool = False,
    ) -> Verifier:
        """Say by what credentials are judged in one request, as a registry has it.

        Args:
            desk: knows who may issue a list for whose credentials, and the framework in force.
            frame: as of which knowledge, and the present.
            documents: where DID documents come from.
            at: the past time asked about, or None.
            fresh: whether the hosts of status lists must be asked.
        """
        issuers = RegistryListIssuers(desk.index, frame)
        status = StatusQuery(self.lists, issuers, at, fresh)
        required = desk.framework(frame.known).require_schemas
        return self.verifier(documents, status, frame.now, schemas_required=required)

    def metrics(self) -> Iterable[Metric]:
        """Yield what became of questions for status lists, and the room that they take."""
        lists = self.lists
        questions = CounterMetricFamily(
            "touchstone_status_lists",
            "What became of questions for status lists.",
            labels=("event",),
        )
        counts = {"hits": lists.hits, "loads": lists.loads, "failures": lists.failures}
        for event, count in counts.items():
            questions.add_metric((event,), count)
        yield questions
        yield GaugeMetricFamily(
            "touchstone_status_lists_kept", "Status lists in memory.", len(lists)
        )
        yield GaugeMetricFamily(
            "touchstone_status_lists_kept_bytes", "Bytes they take, roughly.", lists.size
        )

    async def closing(self, _app: web.Application) -> AsyncIterator[None]:
        """Give up fetches under way when the service ends."""
        yield
        await self.lists.close()


@asynccontextmanager
async def open_checking(settings: Settings, fetcher: Source) -> AsyncIterator[Checking]:
    """Open what credentials are checked with, for as long as the context is open.

    Args:
        settings: folders, limits and room.
        fetcher: reads status lists, and the admitted contexts that are not at hand.

    Raises:
        SettingsError: the folder of schemas or of contexts cannot be used.
    """
    schemas = await asyncio.to_thread(open_schemas, settings)
    async with open_graphs(settings, fetcher) as graphs:
        yield checking(fetcher, settings, schemas, graphs)


def open_schemas(settings: Settings) -> Schemas | None:
    """Read the folder of schemas, where the settings name one.

    Raises:
        SettingsError: it cannot be read, or its list of admitted schemas is none.
    """
    folder = settings.schemas
    if folder is None:
        return None
    if not folder.is_dir():
        raise SettingsError(f"TOUCHSTONE_SCHEMAS: {folder} is no folder")
    try:
        return Schemas.of_folder(folder)
    except (InvalidSchemaListError, OSError) as error:
        raise SettingsError(f"TOUCHSTONE_SCHEMAS: {error}") from None


def checking(
    source: Source,
    settings: Settings | None = None,
    schemas: Schemas | None = None,
    graphs: GraphPool | None = None,
) -> Checking:
    """Prepare what credentials are checked with.

    Args:
        source: reads the addresses of status lists.
        settings: limits and room; the packages' own where not given.
        schemas: the schemas at hand, where there are any.
        graphs: what makes graphs, where they are made.
    """
    if settings is None:
        return Checking(DEFAULT_LIMITS, StatusLists(source), schemas, graphs)
    limits = settings.credential_limits
    return Checking(limits, StatusLists(source, settings.list_policy, limits), schemas, graphs)
