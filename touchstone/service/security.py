"""Security events: what only an attack, or a grave mistake, explains."""

import logging
from collections import deque
from collections.abc import Iterable

import orjson
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from resolver.heads import Head

_SHOWN = 16
"""How many of the latest rollbacks are shown with their heads; labels must stay few."""
_LOG = logging.getLogger("touchstone.security")


class SecurityEvents:
    """Logs each event, counts it, and shows the latest ones among the metrics.

    The heads of a log are what its controller publishes to everybody; they tell nothing of who
    asked.
    """

    def __init__(self) -> None:
        self.rollbacks = 0
        self._latest: deque[tuple[str, str, str]] = deque(maxlen=_SHOWN)

    def rollback(self, known: Head, offered: Head, source: str) -> None:
        """Report a log that lacks the entry of a known head."""
        self.rollbacks += 1
        seen = (known.scid, known.version_id, offered.version_id)
        if seen not in self._latest:
            self._latest.append(seen)
        event = {
            "event": "rollback or fork of a DID log",
            "scid": known.scid,
            "known": known.version_id,
            "offered": offered.version_id,
            "source": source,
        }
        _LOG.error(orjson.dumps(event).decode())

    def metrics(self) -> Iterable[Metric]:
        """Yield the events as Prometheus' families."""
        yield CounterMetricFamily(
            "touchstone_resolver_rollbacks",
            "DID logs refused because they lack an entry that was verified before.",
            value=self.rollbacks,
        )
        latest = GaugeMetricFamily(
            "touchstone_resolver_rollback",
            "The latest of them, by their heads.",
            labels=("scid", "known", "offered"),
        )
        for seen in self._latest:
            latest.add_metric(seen, 1)
        yield latest
