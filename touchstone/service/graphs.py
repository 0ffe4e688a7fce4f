"""Graphs: the contexts that are at hand, and the processes that read credentials by them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from credentials.rdf.context_sources import configured
from credentials.rdf.contexts import Contexts, InvalidPinsError
from credentials.rdf.pool import GraphPool
from resolver.source import Source
from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings


@asynccontextmanager
async def open_graphs(settings: Settings, fetcher: Source) -> AsyncIterator[GraphPool]:
    """Prepare the making of graphs, for as long as the context is open.

    No process is started before the first credential needs one, or `start` is called.

    Args:
        settings: the folder of contexts, and how much of a graph is looked at.
        fetcher: fetches the admitted contexts that are not at hand.

    Raises:
        SettingsError: the folder cannot be read, or its list of admitted contexts is none.
    """
    folder = settings.contexts
    if folder is not None and not await asyncio.to_thread(folder.is_dir):
        raise SettingsError(f"TOUCHSTONE_CONTEXTS: {folder} is no folder")
    try:
        pins, sources = await asyncio.to_thread(configured, folder, fetcher)
    except (InvalidPinsError, OSError) as error:
        raise SettingsError(f"TOUCHSTONE_CONTEXTS: {error}") from None
    pool = GraphPool(Contexts(pins, sources), settings.graph_policy)
    try:
        yield pool
    finally:
        await pool.close()
