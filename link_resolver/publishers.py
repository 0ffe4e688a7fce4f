"""Who may publish: asked here, answered by the host."""

from typing import NamedTuple, Protocol

from link_resolver.identifier import Holder
from resolver.did import Did
from resolver.instant import END, Instant


class Permission(NamedTuple):
    """Whether a publisher may speak for an identifier.

    Attributes:
        granted: whether it may.
        until: when this may change by itself, such as by an expiry.
        reason: why, as a stable code of whoever decided.
    """

    granted: bool
    until: Instant = END
    reason: str = ""


class Standing(NamedTuple):
    """Since when, and until when, nothing touches a publisher's authority.

    Attributes:
        since: what it was entitled to after this instant, it is entitled to still.
        until: when that may change by itself.
    """

    since: Instant
    until: Instant = END


class Publishers(Protocol):
    """Knows whose word counts for which identifiers."""

    @property
    def version(self) -> int:
        """A number that differs whenever an answer may differ, other than by time passing."""
        ...

    def knows(self, publisher: Did) -> bool:
        """Tell whether a DID is known at all; for strangers, nothing is fetched."""
        ...

    def may_publish(
        self, publisher: Did, holder: Holder, at: Instant, key: str | None = None
    ) -> Permission:
        """Say whether a publisher may register links for an identifier.

        Args:
            publisher: who.
            holder: for which identifier.
            at: when.
            key: the RFC 7638 thumbprint of the key that signed, where a signature is judged.
        """
        ...

    def holds_key(
        self, publisher: Did, key: str, recorded_at: Instant, at: Instant | None = None
    ) -> bool:
        """Tell whether a key was its owner's alone when a signature of it was recorded.

        Args:
            publisher: whose key.
            key: its RFC 7638 thumbprint.
            recorded_at: when the signature was there.
            at: by when that was known; None for now.
        """
        ...

    def standing(self, publisher: Did) -> Standing:
        """Say since when nothing has touched a publisher's authority, or its keys.

        A link that was registered with authority after that need not be asked about.
        """
        ...

    def same(self, one: Did, other: Did) -> bool:
        """Tell whether two DIDs belong to one party, which may change what it published itself."""
        ...
