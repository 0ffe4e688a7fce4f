"""How long status lists are kept; apart from the rest, since settings are read by every command."""

from dataclasses import dataclass

from credentials.sources import MEBIBYTE


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """How long status lists are kept, and within what room.

    Attributes:
        default_s: seconds that a list stays fresh where neither it nor its host says.
        most_s: the most seconds, whatever they say; so late may a revocation be seen.
        recheck_s: seconds after a failure in which its host is not asked again.
        bytes: the most bytes that all of them may take, roughly.
    """

    default_s: float = 300
    most_s: float = 3_600
    recheck_s: float = 30
    bytes: int = 64 * MEBIBYTE
