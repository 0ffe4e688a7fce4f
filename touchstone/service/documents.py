"""DID documents as a governance framework lets decisions rest on them."""

from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument
from resolver.errors import ErrorCode, ResolutionError, UnverifiedDocumentError
from resolver.instant import SECOND, Instant
from resolver.methods import Provenance, Resolved


class ResolvedSource(Protocol):
    """Where documents come from, with whose word they are; `Resolver` is one."""

    async def resolved(self, did: Did) -> Resolved:
        """Return what is known of a DID.

        Raises:
            ResolutionError: nothing is.
        """
        ...


class AcceptedDocuments:
    """The documents that one decision may rest on.

    Args:
        resolver: where they come from.
        upstream: whether those that are another resolver's word are among them.
        now: the time of the decision.
        most_stale_ms: milliseconds past its freshness up to which a document is among them while
            its host is out of reach.

    Attributes:
        heard_from: the other resolvers whose word was taken.
        stale: the DIDs whose hosts are out of reach, and when each was last asked.
        fresh_until: until when the documents may be relied on, or None where nothing limits it.
    """

    def __init__(
        self, resolver: ResolvedSource, *, upstream: bool, now: Instant, most_stale_ms: int
    ) -> None:
        self._resolver = resolver
        self._upstream = upstream
        self._now = now
        self._most_stale_ms = most_stale_ms
        self.heard_from: set[str] = set()
        self.stale: dict[Did, Instant] = {}
        self.fresh_until: Instant | None = None

    async def document(self, did: Did) -> DidDocument:
        """The present document of a DID.

        Raises:
            UnverifiedDocumentError: it is another resolver's word, and those are refused.
            ResolutionError: there is none, or only one that has been stale for too long;
                `deactivated` says whether its controller ended it.
        """
        resolved = await self._resolver.resolved(did)
        via = resolved.provenance.via
        if via is not None and not self._upstream:
            raise UnverifiedDocumentError(via)
        if via is not None:
            self.heard_from.add(via)
        self._weigh(did, resolved.provenance)
        if resolved.document is None:
            raise ResolutionError(ErrorCode.NOT_FOUND, "the DID is deactivated", deactivated=True)
        return resolved.document

    def _weigh(self, did: Did, provenance: Provenance) -> None:
        """Note how fresh a document is; refuse one that has been stale for too long."""
        until = provenance.fresh_until
        if until is None:
            return
        if provenance.stale:
            stale_ms, most_ms = self._now - until, self._most_stale_ms
            if stale_ms > most_ms:
                raise ResolutionError(
                    ErrorCode.INTERNAL_ERROR,
                    "its host is out of reach, and the document kept has been stale for "
                    f"{stale_ms // SECOND} s; the framework takes {most_ms // SECOND} s",
                )
            self.stale[did] = until if provenance.fetched is None else provenance.fetched
            until = self._now
        self.fresh_until = until if self.fresh_until is None else min(self.fresh_until, until)
