"""Lifetimes: until how long after its issue an act may be recorded, and voted on.

Whoever holds a signed act back can bring it to the journal for as long as it lasts. What the
framework says of that is part of the rules, so that everybody who replays the journal holds it to
that. Where it says nothing, only the registry refuses what is beyond the usual: a journal that was
begun before there was a bound is still the journal that it was.
"""

from resolver.instant import DAY, Instant, format_instant
from trust_registry.acts import Act
from trust_registry.errors import ActRefusedError, Refusal

USUAL_MS = 366 * DAY
"""Milliseconds between issue and expiry, at most, where the framework says nothing else."""


def refuse_longer(act: Act, most_ms: int) -> None:
    """Refuse an act that would be good for too long.

    Args:
        act: it.
        most_ms: milliseconds that may lie between its issue and its expiry.

    Raises:
        ActRefusedError: more do.
    """
    if act.expires - act.issued > most_ms:
        latest = format_instant(Instant(act.issued + most_ms))
        message = f"issued then, it must expire by {latest}: sign one that does"
        raise ActRefusedError(Refusal.EXPIRES_TOO_LATE, message, "expires")
