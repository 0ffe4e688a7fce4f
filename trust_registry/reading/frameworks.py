"""Frameworks: every version of the rules, the one in force last."""

from resolver.strict_json import Json
from trust_registry.reading.parameters import PAGING, Parameters, only, page_of
from trust_registry.registry import Registry
from trust_registry.views import framework_json


def list_frameworks(registry: Registry, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/frameworks`: every version, the one in force last."""
    only(parameters, (*PAGING, "known_at"))
    page = page_of(registry, parameters)
    seen = page.view
    known = [each for each in seen.index.frameworks() if each.recorded.position < seen.known]
    end = page.after + page.limit
    return {
        "frameworks": [framework_json(each) for each in known[page.after : end]],
        "next": page.next(end) if end < len(known) else None,
    }
