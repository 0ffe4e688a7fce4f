"""Hosted methods as methods: each request reads the host anew."""

from typing import Generic

from resolver.did import Did
from resolver.methods import LATEST, Hosted, Resolved, S, Version


class Uncached(Generic[S]):
    """A hosted method of which nothing is kept.

    Args:
        hosted: how states are loaded and answered from.
    """

    def __init__(self, hosted: Hosted[S]) -> None:
        self._hosted = hosted
        self.versioned = hosted.versioned

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """Read, verify and answer.

        Raises:
            ResolutionError: as for `Method.resolve`.
        """
        del fresh  # it always is
        return self._hosted.answer(await self._hosted.load(did, None), did, version)
