"""DID documents as a governance framework lets decisions rest on them."""

from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument
from resolver.errors import ErrorCode, ResolutionError, UnverifiedDocumentError
from resolver.methods import Resolved


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

    Attributes:
        heard_from: the other resolvers whose word was taken.
    """

    def __init__(self, resolver: ResolvedSource, *, upstream: bool) -> None:
        self._resolver = resolver
        self._upstream = upstream
        self.heard_from: set[str] = set()

    async def document(self, did: Did) -> DidDocument:
        """The present document of a DID.

        Raises:
            UnverifiedDocumentError: it is another resolver's word, and those are refused.
            ResolutionError: there is none; `deactivated` says whether its controller ended it.
        """
        resolved = await self._resolver.resolved(did)
        via = resolved.provenance.via
        if via is not None and not self._upstream:
            raise UnverifiedDocumentError(via)
        if via is not None:
            self.heard_from.add(via)
        if resolved.document is None:
            raise ResolutionError(ErrorCode.NOT_FOUND, "the DID is deactivated", deactivated=True)
        return resolved.document
