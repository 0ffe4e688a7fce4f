"""Allowances: how many acts of one kind a party may have recorded in a day.

The day is that of the journal's own times, in UTC. Whoever folds the same entries counts the same,
a restart forgets nothing, and no operator has a say in it. Each kind is counted by itself, so that
no flood of one kind keeps a party from its votes, or from replacing a stolen key.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from policies.framework import Framework
from resolver.instant import DAY, SECOND, Instant, format_instant
from resolver.strict_json import Json
from trust_registry.errors import ActRefusedError, Refusal

USUAL = 100
"""Acts of a kind by one party in a day, where the framework says nothing else."""
IN_BULK = 10_000
"""The same for the daily work of authorities and boards, which comes in bulk."""
_DAILY_WORK = frozenset(
    {
        "register_party",
        "authorise",
        "accredit",
        "recognise",
        "renew",
        "narrow",
        "correct",
        "suspend",
        "withdraw",
        "reinstate",
        "approve",
        "reject",
        "take_back",
        "execute",
        "object",
    }
)


def allowance(framework: Framework, kind: str) -> int:
    """Return how many acts of a kind one party may have recorded in a day."""
    return framework.limits.get(kind, IN_BULK if kind in _DAILY_WORK else USUAL)


class Allowances:
    """What was recorded today, by who and of which kind."""

    def __init__(self) -> None:
        self._day = 0
        self._recorded: Counter[tuple[str, str]] = Counter()

    def refuse_more(self, who: str, kind: str, most: int, at: Instant) -> None:
        """Refuse an act of whoever has used up its allowance.

        Args:
            who: the party that acts.
            kind: the act's name.
            most: the allowance.
            at: when the journal would record the act.

        Raises:
            ActRefusedError: as many were recorded today.
        """
        today = at // DAY
        if today != self._day or self._recorded.get((who, kind), 0) < most:
            return
        tomorrow = Instant((today + 1) * DAY)
        message = (
            f"{most} acts {kind} of this party were recorded today, and no more are in a day; "
            f"send the same act again from {format_instant(tomorrow)} on"
        )
        seconds = -((at - tomorrow) // SECOND)
        raise ActRefusedError(Refusal.TOO_MANY_ACTS, message, "type", retry_after_s=seconds)

    def take(self, who: str, kind: str, at: Instant) -> None:
        """Count an act that is recorded; times never run backwards."""
        self.take_all([(who, kind)], [at])

    def take_all(self, acts: Sequence[tuple[str, str]], times: Sequence[Instant]) -> None:
        """Count acts that are recorded: by who and of which kind, and when each."""
        today = times[-1] // DAY
        if today != self._day:
            self._day, self._recorded = today, Counter()
        self._recorded.update(acts[bisect_left(times, today * DAY) :])

    def written(self) -> dict[str, Json]:
        """Write out what was counted, and for which day since 1970."""
        counts = {f"{who} {kind}": count for (who, kind), count in self._recorded.items()}
        return {"day": self._day, "recorded": {**counts}}
