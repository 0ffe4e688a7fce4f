"""DID methods: one module a method, one interface."""

from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument


class Method(Protocol):
    """The Resolve operation of a DID method (DID Core 8.2)."""

    async def resolve(self, did: Did) -> DidDocument:
        """Obtain the document of a DID of this method.

        Raises:
            ResolutionError: INVALID_DID, NOT_FOUND (also where deactivated), INVALID_DID_DOCUMENT,
                or INTERNAL_ERROR where the method's registry cannot be read.
        """
        ...
