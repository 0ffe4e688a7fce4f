"""Frameworks: every version of the rules, the one in force last."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from policies.framework import Framework
from resolver.strict_json import Json
from trust_registry.reading.parameters import PAGING, Parameters, only, page_of
from trust_registry.registry import Registry
from trust_registry.views import framework_json, recorded_json


def list_frameworks(registry: Registry, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/frameworks`: every version once, the one in force last.

    A member that was given other keys makes no version: `key_changes` says where it was.
    """
    only(parameters, (*PAGING, "known_at"))
    page = page_of(registry, parameters, "frameworks")
    seen = page.view
    known = (each for each in seen.index.frameworks() if each.recorded.position < seen.known)
    versions = [[*seatings] for _, seatings in groupby(known, key=_version)]
    end = page.after + page.limit
    return {
        "frameworks": [_version_json(each) for each in versions[page.after : end]],
        "next": page.next(end) if end < len(versions) else None,
    }


def _version(framework: Framework) -> int:
    return framework.version


def _version_json(seatings: Sequence[Framework]) -> dict[str, Json]:
    """Write a version with its members' keys as they are now, and with where they changed."""
    return {
        **framework_json(seatings[-1]),
        "key_changes": [
            change for before, after in pairwise(seatings) for change in _key_changes(before, after)
        ],
        "recorded": recorded_json(seatings[0].recorded),
    }


def _key_changes(before: Framework, after: Framework) -> list[Json]:
    return [
        {
            "did": new.did.text,
            "added": [*sorted(new.keys - old.keys)],
            "removed": [*sorted(old.keys - new.keys)],
            "recorded": recorded_json(after.recorded),
        }
        for old, new in zip(before.members, after.members, strict=True)
        if old.keys != new.keys
    ]
