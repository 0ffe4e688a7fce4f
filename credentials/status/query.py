"""How the status of credentials is asked for, and who may say what it is."""

from dataclasses import dataclass, field
from typing import Protocol

from credentials.status.cache import StatusLists
from credentials.status.entries import ListKind
from credentials.status.keeping import Vouched
from resolver.did import Did
from resolver.instant import Instant


class ListIssuers(Protocol):
    """Who may say what has become of whose credentials; the host asks its registry."""

    def refusal(self, issuer: Did, kind: ListKind, vouched: Vouched) -> str | None:
        """Say why a list may not speak of a credential; None where it may.

        Args:
            issuer: who issued the credential.
            kind: what kind of list the credential names.
            vouched: whose word the list is.
        """
        ...


class EachItsOwn:
    """An issuer speaks of its own credentials, and nobody of another's."""

    def refusal(self, issuer: Did, kind: ListKind, vouched: Vouched) -> str | None:  # noqa: ARG002 - of every kind
        """Refuse any other issuer."""
        if issuer == vouched.issuer:
            return None
        return (
            f"{vouched.issuer} issued it, not the credential's issuer: whether that issuer may"
            " speak of the credential must be accepted first"
        )


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """How the status is asked for.

    Attributes:
        lists: where status lists come from.
        issuers: who may issue a list for whose credentials.
        at: the past time asked about; None where nobody asks about one.
        fresh: whether the hosts of the lists must be asked.
    """

    lists: StatusLists
    issuers: ListIssuers = field(default_factory=EachItsOwn)
    at: Instant | None = None
    fresh: bool = False
