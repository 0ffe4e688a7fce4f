"""The errors of status lists."""

from credentials.errors import CredentialError
from credentials.problem_types import ProblemType


class StatusListError(CredentialError):
    """A status list could not be had or not be relied on: nothing is known of the status.

    Attributes:
        type: what the specification calls it (Bitstring Status List 1.0 section 3.5).
    """

    def __init__(self, message: str, type_: ProblemType = ProblemType.STATUS_VERIFICATION) -> None:
        super().__init__(message)
        self.type = type_


class MalformedEntryError(CredentialError):
    """An entry that should name a status list is not as it has to be."""
