"""What the service says of itself: one line a request, and counters.

Verifiers' questions are private. Lines and labels carry the route's template, never a path, a
query, a DID or an identifier.
"""

import logging
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

import orjson
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from policies.decision import Decision, Outcome, Reason
from touchstone.service.front import ROUTE

BOUNDS_S = (0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Upper bounds of the duration buckets, in seconds."""
MAX_LINES = 100_000
"""Lines that wait to be written; past this many, where nobody takes them, they are dropped."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_NO_ROUTE = "none"


class Counts:
    """Requests of one route, method and status."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.buckets = [0] * (len(BOUNDS_S) + 1)


class Telemetry:
    """Counters and the access log of one service.

    Args:
        write: takes finished lines of the access log, or None where none are kept.
    """

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self.log = logging.getLogger("touchstone.requests")
        self._write = write
        self._lines: list[str] = []
        self._requests: dict[tuple[str, str, int], Counts] = {}
        self.decisions: dict[tuple[Outcome, Reason], int] = {}
        self.prepared_answers = 0
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self.families: list[Callable[[], Iterable[Metric]]] = []
        self._registry = CollectorRegistry()
        self._registry.register(_Collected(self))

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        counts = self._requests.get((route, method, status))
        if counts is None:
            counts = self._requests[route, method, status] = Counts()
        counts.seconds += seconds
        counts.buckets[bisect_left(BOUNDS_S, seconds)] += 1

    def decided(self, decision: Decision) -> None:
        """Count one decision that was worked out, not repeated."""
        key = (decision.outcome, decision.reason)
        self.decisions[key] = self.decisions.get(key, 0) + 1

    def line(self, route: str, method: str, status: int, size: int, seconds: float) -> None:
        """Add one line to the access log; `flush` writes it."""
        if self._write is None or len(self._lines) >= MAX_LINES:
            return
        self._lines.append(
            f'{{"time":{time.time():.3f},"method":"{method}","route":"{route}","status":{status},'
            f'"bytes":{size},"seconds":{seconds:.6f}}}'
        )

    def flush(self) -> None:
        """Write the lines that are waiting; it may block, so call it off the event loop."""
        lines, self._lines = self._lines, []
        if lines and self._write is not None:
            self._write("\n".join(lines) + "\n")

    def exposition(self) -> bytes:
        """Return the counters in the text format of Prometheus."""
        return generate_latest(self._registry)

    def requests(self) -> Iterator[tuple[tuple[str, str, int], Counts]]:
        """Yield what was counted, by route, method and status."""
        yield from self._requests.items()

    def access_logger(self) -> Callable[[logging.Logger, str], AbstractAccessLogger]:
        """Return what aiohttp calls once a connection for its logger: always the same one."""
        logger = RequestLogger(self)
        return lambda _logger, _format: logger


class RequestLogger(AbstractAccessLogger):
    """Counts and logs each request as aiohttp finishes it."""

    __slots__ = ("_telemetry",)

    def __init__(self, telemetry: Telemetry) -> None:
        super().__init__(telemetry.log, "")
        self._telemetry = telemetry

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Take down one request; `time` is how long it took, in seconds."""
        route, method, status = _NO_ROUTE, request.method, response.status
        if method in _METHODS:
            route = _route(request)
        else:
            method = "other"  # also what was no HTTP at all, which never reached the router
        self._telemetry.count(route, method, status, time)
        self._telemetry.line(route, method, status, response.body_length, time)


def _route(request: BaseRequest) -> str:
    """Return the template of the route that answered; it holds nothing that was asked."""
    if not isinstance(request, Request):
        return _NO_ROUTE
    named: str | None = request.get(ROUTE)
    if named is not None:  # answered before it was routed
        return named
    resource = request.match_info.route.resource
    return _NO_ROUTE if resource is None else resource.canonical


class _Collected(Collector):
    """Turns the counters into Prometheus' families when they are asked for."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def collect(self) -> Iterable[Metric]:
        yield self._durations()
        decisions = CounterMetricFamily(
            "touchstone_decisions",
            "Decisions worked out, by outcome and reason.",
            labels=("outcome", "reason"),
        )
        for (outcome, reason), count in self._telemetry.decisions.items():
            decisions.add_metric((outcome.code, reason.value), count)
        yield decisions
        yield CounterMetricFamily(
            "touchstone_prepared_answers",
            "Answers given again from those prepared before.",
            value=self._telemetry.prepared_answers,
        )
        for name, (documentation, read) in self._telemetry.gauges.items():
            yield GaugeMetricFamily(name, documentation, value=read())
        for read_families in self._telemetry.families:
            yield from read_families()

    def _durations(self) -> HistogramMetricFamily:
        family = HistogramMetricFamily(
            "touchstone_http_request_duration_seconds",
            "Seconds from a request's headers to the end of its answer.",
            labels=("route", "method", "status"),
        )
        for (route, method, status), counts in self._telemetry.requests():
            running, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), counts.buckets, strict=True):
                running += count
                buckets.append((bound, float(running)))
            family.add_metric((route, method, str(status)), buckets, counts.seconds)
        return family


def write_to_stdout(text: str) -> None:
    """Write lines to standard output."""
    sys.stdout.write(text)
    sys.stdout.flush()


def explain_failure(method: str, route: str, error: BaseException) -> None:
    """Log an error that nobody expected, with its traceback, for whoever runs the service."""
    record = orjson.dumps({"event": "unexpected error", "method": method, "route": route}).decode()
    logging.getLogger("touchstone").error(record, exc_info=error)
