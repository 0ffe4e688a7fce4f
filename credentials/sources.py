"""What checking a credential needs from outside, and how much of it is accepted."""

from dataclasses import dataclass
from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument

MEBIBYTE = 1024 * 1024


class DocumentSource(Protocol):
    """Where DID documents come from; `resolver.resolution.Resolver` is one."""

    async def document(self, did: Did) -> DidDocument:
        """Return the current document of a DID.

        Raises:
            ResolutionError: it could not be had, or the DID is deactivated.
        """
        ...


class Answer(Protocol):
    """What a source returns for an address."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def body(self) -> bytes:
        """The bytes, after any content decoding."""
        ...


class Source(Protocol):
    """Where status lists come from; `resolver.fetch.Fetcher` is one."""

    async def fetch(self, url: str, *, accept: str = ..., max_bytes: int | None = ...) -> Answer:
        """Return what stands at an address.

        Raises:
            FetchError: it could not be had, or may not be asked for.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a hostile credential is looked at.

    Attributes:
        max_bytes: bytes of a credential in its longest form, a `data:` URI included.
        max_depth: levels of nested arrays and objects.
        max_proofs: embedded proofs; each costs a resolution and a signature check.
        max_seconds: seconds for one credential in all, waiting for other hosts included.
        max_status_entries: entries of `credentialStatus`; each costs a fetch.
        max_list_bytes: bytes of a status list credential as fetched.
        max_inflated_bytes: bytes of a status list after decompression; 16 MiB hold 134 million
            entries.
        min_list_entries: the fewest entries a status list may have. 131,072 is the
            specification's own floor, which keeps one holder from being singled out.
    """

    max_bytes: int = MEBIBYTE
    max_depth: int = 64
    max_proofs: int = 8
    max_seconds: float = 20.0
    max_status_entries: int = 8
    max_list_bytes: int = 5 * MEBIBYTE
    max_inflated_bytes: int = 16 * MEBIBYTE
    min_list_entries: int = 131_072


DEFAULT_LIMITS = Limits()
