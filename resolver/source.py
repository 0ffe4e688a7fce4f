"""What methods read URLs through; `resolver.fetch` is the guarded implementation."""

from collections.abc import Mapping
from typing import Protocol


class Fetched(Protocol):
    """What a `Source` read."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers."""
        ...

    @property
    def body(self) -> bytes:
        """The body, decompressed."""
        ...


class Source(Protocol):
    """Reads URLs, guarded: see `resolver.fetch`."""

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> Fetched:
        """Read a URL.

        Args:
            url: an https URL.
            accept: the media types asked for.
            max_bytes: the most bytes of the body.
            if_none_match: an entity tag; where it still holds, the status is 304.
            start: the first byte wanted (`Range`); where the host has part and parcel, the status
                is 206, where it has nothing from there on, 416.

        Raises:
            FetchError: it could not, or must not, be read.
        """
        ...
