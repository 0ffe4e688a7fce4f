"""DID methods: one module a method, and the two interfaces that they come in.

A method whose documents follow from the identifier alone is a `Method`. One whose documents lie
with a host is a `Hosted`: it loads and verifies a state, and answers from it, so that what is kept
between requests is one concern for all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

from resolver.did import Did
from resolver.document import DidDocument
from resolver.instant import Instant
from resolver.strict_json import Json


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a document is asked for: at most one member is given, or the latest.

    Attributes:
        id: its `versionId`, to be matched in full.
        time: an instant at which it was the current one.
        number: its number, from 1 (did:webvh).
    """

    id: str | None = None
    time: Instant | None = None
    number: int | None = None


LATEST = Version()


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """What is known of a document besides its content (DID Resolution, DID Document Metadata).

    Attributes:
        created: when the DID was made.
        updated: when this version was made.
        deactivated: whether the controller has ended the DID.
        next_update: when the next version was made, where this is not the latest.
        version_id: this version's id.
        next_version_id: the next one's, where this is not the latest.
        equivalent_id: other DIDs that the method guarantees to be the same.
        canonical_id: the one of them to be used.
        others: members that the method defines, by their names.
    """

    created: Instant | None = None
    updated: Instant | None = None
    deactivated: bool = False
    next_update: Instant | None = None
    version_id: str | None = None
    next_version_id: str | None = None
    equivalent_id: tuple[str, ...] = ()
    canonical_id: str | None = None
    others: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document comes from, and how old that is.

    Attributes:
        via: the upstream resolver whose word it is, unverified here; None where it was verified.
        source: the URL that it was read from, or None where it follows from the identifier.
        fetched: when it was read or last confirmed; None where it follows from the identifier.
        cached: whether it was kept from an earlier request.
        stale: whether it is older than its freshness, its host being out of reach.
        fresh_until: until when it is answered from without asking its host again, or None.
    """

    via: str | None = None
    source: str | None = None
    fetched: Instant | None = None
    cached: bool = False
    stale: bool = False
    fresh_until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a method knows of a DID.

    Attributes:
        document: the document; None where the DID is deactivated at this version.
        metadata: what is known besides.
        provenance: where it comes from.
    """

    document: DidDocument | None
    metadata: DocumentMetadata = field(default_factory=DocumentMetadata)
    provenance: Provenance = field(default_factory=Provenance)


class Method(Protocol):
    """The Resolve operation of a DID method (DID Core 8.2)."""

    @property
    def versioned(self) -> bool:
        """Whether earlier versions can be asked for."""
        ...

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """Obtain the document of a DID of this method.

        Args:
            did: a DID of this method.
            version: which version; only the latest where the method is not `versioned`.
            fresh: whether what was kept may not be used (`noCache`).

        Raises:
            ResolutionError: INVALID_DID, NOT_FOUND, INVALID_DID_DOCUMENT, or INTERNAL_ERROR where
                the method's registry cannot be read.
        """
        ...


@runtime_checkable
class Located(Method, Protocol):
    """A method whose identifiers do not say where their documents lie (did:scid)."""

    @property
    def located(self) -> bool:
        """Always true: what tells it from other methods."""
        ...

    async def resolve(
        self,
        did: Did,
        version: Version = LATEST,
        *,
        fresh: bool = False,
        src: str | None = None,
    ) -> Resolved:
        """Obtain the document of a DID, as `Method.resolve` does.

        Args:
            did: a DID of this method.
            version: which version.
            fresh: whether what was kept may not be used.
            src: where it lies, as the DID URL's parameter says; a hint that proves nothing.

        Raises:
            ResolutionError: as for `Method.resolve`, and where there is no such place.
        """
        ...


class State(Protocol):
    """Everything verified that a host publishes about one DID; immutable."""

    @property
    def ttl_s(self) -> int | None:
        """Seconds for which the host says that it stays fresh; 0 for none, None if it is silent."""
        ...

    @property
    def source(self) -> str:
        """The URL that it was read from."""
        ...

    @property
    def size(self) -> int:
        """Bytes that it was read from, as a measure of what keeping it costs."""
        ...


S = TypeVar("S", bound=State)


class Hosted(Protocol[S]):
    """A DID method whose documents lie with a host, in three steps that a cache stands between."""

    @property
    def versioned(self) -> bool:
        """Whether earlier versions can be asked for."""
        ...

    async def load(self, did: Did, previous: S | None) -> S:
        """Read and verify what the host publishes.

        Args:
            did: a DID of this method.
            previous: what was loaded before; where the host confirms it, it is returned itself,
                and where the host only added to it, only the addition is read and verified.

        Raises:
            ResolutionError: as for `Method.resolve`.
        """
        ...

    def answer(self, state: S, did: Did, version: Version) -> Resolved:
        """Answer from a state; a pure function.

        Raises:
            ResolutionError: NOT_FOUND where there is no such version, and as `Method.resolve`.
        """
        ...

    def encode(self, state: S) -> bytes:
        """Write a state down, to be kept outside of this process."""
        ...

    def decode(self, did: Did, raw: bytes) -> S:
        """Read what `encode` wrote.

        Raises:
            ResolutionError: the bytes are no such state, or not of this DID.
        """
        ...
