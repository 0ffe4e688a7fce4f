"""Changes: the acts that the journal took down since a size, for replicas and caches."""

from resolver.instant import format_instant
from resolver.strict_json import Json, parse_json
from trust_registry.entries import Entry
from trust_registry.opening import open_entry
from trust_registry.reading.parameters import Parameters, number_of, only
from trust_registry.registry import Registry

MOST = 100
"""Acts of one answer; each has up to some 48 kB."""


async def list_changes(registry: Registry, parameters: Parameters) -> dict[str, Json]:
    """Answer `GET /v1/changes`: acts from the journal size `since` on, in order.

    `next` is the `since` to go on with; it equals `since` where nothing came.

    Raises:
        InvalidQueryError: `since` is no size that the journal has had, or `limit` is none.
    """
    only(parameters, ("since", "limit"))
    size = registry.journal.size
    since = number_of(parameters, "since", 0, 0, size)
    end = min(size, since + number_of(parameters, "limit", MOST, 1, MOST))
    stored = await registry.journal.stored(since, end) if end > since else []
    changes: list[Json] = [
        _change_json(registry, Entry.from_bytes(data, index), index)
        for index, data in enumerate(stored, since)
    ]
    return {"changes": changes, "next": end, "more": end < size}


def _change_json(registry: Registry, entry: Entry, index: int) -> dict[str, Json]:
    signed = open_entry(entry, index)
    status = registry.state.status(signed.id)
    return {
        "index": index,
        "id": signed.id,
        "recorded_at": format_instant(entry.recorded_at),
        "signer": str(entry.signer.method),
        "cosigners": [str(each.method) for each in entry.cosigners],
        "status": status.value if status else None,
        "act": parse_json(signed.payload),
    }
