"""The methods whose documents lie with hosts, or with other resolvers."""

from collections.abc import Mapping
from typing import Any

from resolver.clock import Clock
from resolver.heads import Heads, SecurityLog
from resolver.methods import Hosted
from resolver.methods.upstream import Upstream, UpstreamMethod
from resolver.methods.web import WebMethod
from resolver.methods.webvh import LogPolicy, WebvhMethod
from resolver.source import Source

_NO_UPSTREAMS: Mapping[str, Upstream] = {}


def hosted_methods(
    source: Source,
    clock: Clock,
    upstreams: Mapping[str, Upstream] = _NO_UPSTREAMS,
    heads: Heads | None = None,
    security: SecurityLog | None = None,
    logs: LogPolicy | None = None,
) -> dict[str, Hosted[Any]]:
    """Each of them by its name; nothing is kept yet.

    Args:
        source: reads the addresses that identifiers spell out.
        clock: tells which entries of a log lie in the future.
        upstreams: by method, whom to ask about what is not verified here; a method that is, stays.
        heads: remembers the verified heads of logs; until the process ends where not given.
        security: is told where a log was rolled back or forked.
        logs: how did:webvh logs are read.
    """
    asked = {name: UpstreamMethod(source, upstream) for name, upstream in upstreams.items()}
    webvh = WebvhMethod(source, clock, logs, heads=heads, security=security)
    return {**asked, "web": WebMethod(source), "webvh": webvh}
