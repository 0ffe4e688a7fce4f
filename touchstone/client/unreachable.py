"""What stands in for the network offline: what would have to be asked of it is not verified."""

from typing import NoReturn

from resolver.did import Did
from resolver.errors import ErrorCode, FetchError, ResolutionError
from resolver.methods import Resolved
from resolver.methods.generative import generative_methods

_NOT_VERIFIED = "not verified: offline"


class SelfContained:
    """The documents that follow from a DID alone; see `ResolvedSource`."""

    def __init__(self) -> None:
        self._methods = generative_methods()

    async def resolved(self, did: Did) -> Resolved:
        """Return what is known of a DID.

        Raises:
            ResolutionError: what its controller says of it is on the network.
        """
        method = self._methods.get(did.method)
        if method is None:
            detail = f"{_NOT_VERIFIED}; the document of a did:{did.method} is on the network"
            raise ResolutionError(ErrorCode.INTERNAL_ERROR, detail)
        return await method.resolve(did)


class Unreachable:
    """A source that reads nothing; see `resolver.source.Source`."""

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> NoReturn:
        """Refuse.

        Raises:
            FetchError: always.
        """
        del accept, max_bytes, if_none_match, start
        raise FetchError(f"{_NOT_VERIFIED}; {url} is on the network")
