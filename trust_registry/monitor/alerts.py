"""Alerts: what a monitor tells that is no act, and what it remembers of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from resolver.instant import Instant, format_instant
from resolver.strict_json import Json


class AlertKind(StrEnum):
    """What has happened: two alarms, and the end of one of them."""

    MISBEHAVED = "misbehaviour"
    SILENT = "silent"
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alarm, or the all-clear after it.

    Attributes:
        at: when the monitor saw it.
        kind: what it is.
        text: what has happened, for people.
    """

    at: Instant
    kind: AlertKind
    text: str

    @property
    def is_alarm(self) -> bool:
        """Whether somebody has to look."""
        return self.kind is not AlertKind.HEARD

    def __str__(self) -> str:
        """One line."""
        return f"{'ALARM' if self.is_alarm else 'ALL CLEAR'}: {self.text}"

    def json(self) -> dict[str, Json]:
        """The same as JSON."""
        word = "alarm" if self.is_alarm else "all_clear"
        return {word: self.text, "kind": self.kind.value, "at": format_instant(self.at)}


class Diary(Protocol):
    """What a monitor remembers besides its copy of the log. Every method blocks.

    Each of them raises StoreError where that cannot be read or written.
    """

    def begin(self, at: Instant) -> Instant:
        """Remember when the log was first watched, unless that is known, and return it."""
        ...

    def heard_at(self) -> Instant | None:
        """Return when the log gave its last sign of life, or None."""
        ...

    def hear(self, at: Instant) -> None:
        """Remember a sign of life in place of the last one."""
        ...

    def silent(self) -> bool:
        """Tell whether it was told that the log fell silent, and nothing since of its end."""
        ...

    def alerts(self, most: int) -> list[Alert]:
        """Return the last alerts, oldest first."""
        ...

    def write(self, alert: Alert) -> None:
        """Remember an alert, unless the last one said the same; durable when this returns."""
        ...
