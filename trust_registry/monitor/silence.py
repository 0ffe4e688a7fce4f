"""Silence: a log that is frozen, withheld or gone shows nothing false; only its age tells.

A checkpoint carries no time. A witness's cosignature does, and the log asks for new ones while
nothing changes: they are its heartbeat. Of a log without witnesses only its growth is seen.
"""

from collections.abc import Sequence

from resolver.clock import Clock
from resolver.instant import DAY, SECOND, Instant, format_instant
from trust_registry.log.keys import Verified
from trust_registry.log.policies import Policy
from trust_registry.monitor.alerts import Alert, AlertKind, Diary

WITNESSED_MS = 3600 * SECOND
"""How old the last sign of life may be, where witnesses cosign every few minutes."""
UNWITNESSED_MS = 7 * DAY
"""The same where the policy names no witnesses, and weeks without an act may be right."""

_FROZEN = "its witnesses have cosigned nothing newer that is shown here"
_STILL = "it has not grown, and the policy names no witness to say that there is nothing new"


def attested_at(cosigned: Sequence[Verified], policy: Policy, latest: Instant) -> Instant | None:
    """Return until when the policy's witnesses say that a checkpoint was the log's newest.

    Args:
        cosigned: their cosignatures on it, verified.
        policy: how many of them must say so; one, where it asks for none.
        latest: a cosignature that is dated later says nothing.

    Returns:
        None where too few say so, or none says when.
    """
    dated = [(each.made_at, each.key) for each in cosigned if each.made_at is not None]
    keys = []
    for made_at, key in sorted(dated, key=lambda each: each[0], reverse=True):
        if made_at <= latest:
            keys.append(key)
            if policy.met(keys):
                return made_at
    return None


class Watch:
    """Judges whether a log has been silent for too long: once when it falls silent, once after.

    Args:
        diary: what is remembered over restarts; reading it blocks.
        policy: whether there are witnesses to hear the log by.
        clock: the monitor's own.
        stale_after_ms: milliseconds that the last sign of life may be old; by the policy, where
            not said.

    Attributes:
        silent: whether an alarm stands.
    """

    def __init__(
        self, diary: Diary, policy: Policy, clock: Clock, stale_after_ms: int | None = None
    ) -> None:
        self._diary = diary
        self._witnessed = bool(policy.witnesses)
        self._stale_after_ms = stale_after_ms or (
            WITNESSED_MS if self._witnessed else UNWITNESSED_MS
        )
        self._clock = clock
        self._began = diary.begin(clock.now())
        self._heard = diary.heard_at()
        self.silent = diary.silent()

    @property
    def last_sign(self) -> Instant:
        """When the log was last heard; when it was first watched, before that."""
        return self._began if self._heard is None else self._heard

    def looked(self, attested: Instant | None, *, grew: bool) -> None:
        """Take up a look that found nothing wrong. It blocks.

        Args:
            attested: what `attested_at` says of the checkpoint.
            grew: whether the copy did.
        """
        seen = self._clock.now() if grew or self._heard is None else None
        sign = attested if self._witnessed else seen
        if sign is not None and (self._heard is None or sign > self._heard):
            self._diary.hear(sign)
            self._heard = sign

    def judge(self, hindrance: str = "") -> Alert | None:
        """Return what is to be told now: the beginning of a silence, its end, or nothing.

        Args:
            hindrance: why the log could not be read just now, if it could not.
        """
        now = self._clock.now()
        silent = now - self.last_sign > self._stale_after_ms
        if silent is self.silent:
            return None
        when = format_instant(self.last_sign)
        if not silent:
            return Alert(now, AlertKind.HEARD, f"heard again, last at {when}")
        why = hindrance or (_FROZEN if self._witnessed else _STILL)
        return Alert(now, AlertKind.SILENT, f"silent since {when}: {why}")

    def told(self, alert: Alert) -> None:
        """Remember that an alert was told, so that it is not told again. It blocks."""
        self._diary.write(alert)
        self.silent = self._diary.silent()
