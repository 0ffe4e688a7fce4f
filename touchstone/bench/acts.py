"""A registry of one member, and acts that it signed: what the journal is measured with."""

from collections.abc import Sequence
from pathlib import Path

from resolver.clock import SystemClock
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from trust_registry.registry import Registry, open_registry
from trust_registry.writing import found, sign_act, write_for

_ORIGIN = "https://bench.example"
_KEY = PrivateKey.generate()
_DID = f"did:key:{_KEY.public.multikey}"
_FRAMEWORK: dict[str, Json] = {
    "id": "urn:bench:framework",
    "name": "Bench",
    "version": 1,
    "members": [{"did": _DID, "name": "One", "class": "any", "keys": [_KEY.public.thumbprint]}],
    "rules": {act: {"share": "1/2"} for act in ("register_party", "adopt_framework")},
    "limits": {"register_party": 1_000_000},
}


async def open_bench(path: Path) -> Registry:
    """Open a registry whose one member decides alone."""
    clock = SystemClock()

    def genesis() -> Json:
        return _signed(found(_FRAMEWORK, by=_DID, origin=_ORIGIN, issued=clock.now()))

    return await open_registry(
        path,
        clock=clock,
        resolver=Resolver({"key": KeyMethod()}, clock),
        origin=_ORIGIN,
        genesis=genesis,
    )


def registrations(registry: Registry, count: int) -> Sequence[Json]:
    """Sign acts that each register another party."""
    return [_registration(registry, number) for number in range(count)]


def _registration(registry: Registry, number: int) -> Json:
    party: dict[str, Json] = {
        "type": "register_party",
        "name": f"Party {number}",
        "dids": [f"did:web:party-{number}.example"],
        "evidence": [{"uri": f"{_ORIGIN}/parties/{number}", "sha256": "0" * 64}],
    }
    return _signed(write_for(registry, party, by=_DID, issued=registry.clock.now()))


def _signed(payload: bytes) -> dict[str, Json]:
    return {**sign_act(payload, f"{_DID}#{_KEY.public.multikey}", _KEY)}
