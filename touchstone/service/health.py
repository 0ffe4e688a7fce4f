"""`/health`, `/ready`, `/metrics` and `/v1/registry`: what is asked before any question."""

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from resolver.instant import format_instant
from resolver.strict_json import Json
from touchstone.service.bodies import JSON
from touchstone.service.problems import problem
from touchstone.service.telemetry import Telemetry
from trust_registry.auditing import Audit
from trust_registry.log.publisher import Publisher
from trust_registry.registry import Registry

_NO_STORE = {hdrs.CACHE_CONTROL: "no-store"}


def routes(registry: Registry, telemetry: Telemetry) -> list[web.RouteDef]:
    """Return the routes, for the host to mount; and have the journal's size measured."""
    anchors = _Anchors(registry)
    telemetry.gauges["touchstone_journal_entries"] = (
        "Entries in the journal.",
        lambda: float(registry.journal.size),
    )
    telemetry.gauges["touchstone_signatures_pending"] = (
        "Entries taken up at start whose signatures are still to be checked again.",
        lambda: float(registry.audit.pending),
    )
    telemetry.gauges["touchstone_anchors"] = (
        "Statements that make a trust anchor.",
        lambda: float(anchors.count()),
    )

    async def health(_request: web.Request) -> web.Response:
        return web.Response(body=b'{"status":"ok"}', content_type=JSON, headers=_NO_STORE)

    async def ready(_request: web.Request) -> web.Response:
        checks = {
            "journal": registry.journal.size > 0,
            "framework": bool(registry.index.frameworks()),
            "anchors": anchors.count() > 0,
            "log": registry.publisher is None or registry.publisher.failure is None,
            "signatures": registry.audit.fault is None,
        }
        if not all(checks.values()):
            missing = ", ".join(name for name, good in checks.items() if not good)
            text = f"the registry holds no sound {missing}"
            return problem("not-ready", text, extra={"checks": dict(checks)})
        body = {
            "status": "ready",
            "checks": checks,
            "journal": {"size": registry.journal.size},
            "anchors": anchors.count(),
        }
        return web.json_response(body, headers=_NO_STORE)

    async def metrics(_request: web.Request) -> web.Response:
        headers = {hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST, **_NO_STORE}
        return web.Response(body=telemetry.exposition(), headers=headers)

    async def identity(_request: web.Request) -> web.Response:
        journal, root = registry.journal, registry.journal.root_at(registry.journal.size)
        known = registry.index.frameworks()
        frameworks = [each for each in known if each.recorded.position < journal.size]
        body = {
            "origin": registry.origin,
            "genesis": registry.genesis or None,
            "journal": {"size": journal.size, "root": root.hex() if root else None},
            "framework": frameworks[-1].digest if frameworks else None,
            "log": _log(registry.publisher),
            "signatures": _signatures(registry.audit),
        }
        return web.json_response(body, headers=_NO_STORE)

    return [
        web.get("/health", health),
        web.get("/ready", ready),
        web.get("/metrics", metrics),
        web.get("/v1/registry", identity),
    ]


def _signatures(audit: Audit) -> dict[str, Json]:
    """Say how far the signatures that were stored before this process began are checked again."""
    fault = audit.fault
    return {
        "checked": audit.checked,
        "pending": audit.pending,
        "fault": None if fault is None else str(fault),
    }


def _log(publisher: Publisher | None) -> dict[str, Json] | None:
    if publisher is None:
        return None
    latest = publisher.latest
    return {
        "origin": publisher.origin,
        "keys": [str(key) for key in publisher.vkeys],
        "size": latest.checkpoint.size if latest else 0,
        "cosigned": [
            {"name": each.key.name, "at": each.made_at and format_instant(each.made_at)}
            for each in (latest.cosigned if latest else ())
        ],
    }


class _Anchors:
    """Counts the statements that make trust anchors, again only when the registry changed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._version = -1
        self._count = 0

    def count(self) -> int:
        index = self._registry.index
        if index.version != self._version:
            self._version, self._count = index.version, index.anchors()
        return self._count
