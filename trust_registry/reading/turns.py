"""Turns: long answers are made bit by bit, and other requests are answered in between.

Whoever may stop before the end closes what is yielded here: `async with aclosing(...)`.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

from policies.statements import PartyId, Statement
from trust_registry.views import View

AT_ONCE = 50
"""Items looked at, or written, before other requests get their turn."""
_SEARCHED = 50_000
"""Journal positions that are searched for an authority's statements at once."""

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncGenerator[T, None]:
    """Yield items; after every `AT_ONCE` of them other requests get their turn."""
    for count, item in enumerate(items, 1):
        yield item
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)


async def stated(
    seen: View, since: int = 0, *, about: PartyId | None = None, by: PartyId | None = None
) -> AsyncGenerator[Statement, None]:
    """Yield the statements that were known by then, in journal order and in turns.

    Args:
        seen: the moment that is looked at.
        since: the journal position to begin at.
        about: whom they are about; anybody, if None.
        by: who makes them; a party or a framework, or anybody, if None.
    """
    searches = by is not None and about is None
    step = _SEARCHED if searches else max(1, seen.known - since)
    for start in range(since, seen.known, step):
        before = min(start + step, seen.known)
        found = seen.index.statements(start, before, about=about, by=by)
        for count, each in enumerate(found, 1):
            yield each
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
