"""did:webvh logs: what verifying one costs, beside its bare hashes and signature checks."""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resolver.encodings import from_base58btc
from resolver.instant import parse_instant
from resolver.jcs import canonicalise
from resolver.methods.webvh.entries import read_entry
from resolver.methods.webvh.log import Rules, verify_log
from resolver.methods.webvh.writing import Written, long_log
from resolver.signing import PrivateKey

SIZES = (1, 100, 1000)
COLD = 1.5
"""How often the floor a cold log may cost."""
TAIL = 1 / 50
"""What share of a cold log of 1,000 entries one new entry may cost."""

_KEY = PrivateKey.from_seed(bytes(range(32)))
_NOW = parse_instant("2026-01-01T00:00:00Z")
_PEER_ROUNDS = 3


class Peer(NamedTuple):
    """Another implementation.

    Attributes:
        resolve: resolves a DID from the file of its log.
        hashing: its hash function, which it looks up among weak references: unless one lives, a
            collection of garbage at the wrong moment ends it with a KeyError.
    """

    resolve: Callable[..., Awaitable[Any]]
    hashing: object


@dataclass(frozen=True, slots=True)
class LogCost:
    """What one log costs, in microseconds of processor time; the best of some rounds.

    Attributes:
        entries: how many it has.
        floor_us: its hashes and signature checks alone, of bytes prepared before.
        cold_us: verifying it from its bytes.
        tail_us: verifying its last entry, the others being verified.
        peer_us: resolving it with did-webvh of PyPI; None where that is not installed.
    """

    entries: int
    floor_us: float
    cold_us: float
    tail_us: float
    peer_us: float | None

    @property
    def share(self) -> float:
        """How often the floor it costs."""
        return self.cold_us / self.floor_us

    @property
    def kept(self) -> bool:
        """Whether what is promised was kept."""
        return self.share <= COLD and (
            self.entries < SIZES[-1] or self.tail_us <= TAIL * self.cold_us
        )

    def json(self) -> dict[str, object]:
        """As figures."""
        return {
            "entries": self.entries,
            "floor_us": round(self.floor_us, 1),
            "cold_us": round(self.cold_us, 1),
            "cold_over_floor": round(self.share, 2),
            "tail_us": round(self.tail_us, 1),
            "tail_share_of_cold": round(self.tail_us / self.cold_us, 4),
            "pypi_did_webvh_us": None if self.peer_us is None else round(self.peer_us),
            "kept": self.kept,
        }


def measure(*, quick: bool = False) -> list[LogCost]:
    """Measure logs of one, a hundred and a thousand entries."""
    peer = _peer()
    return [cost_of(entries, peer, quick=quick) for entries in SIZES]


def cost_of(entries: int, peer: Peer | None = None, *, quick: bool = False) -> LogCost:
    """Measure one log.

    Args:
        entries: how many it has.
        peer: another implementation, measured too.
        quick: whether to take fewer rounds.
    """
    log = long_log("example.com:issuer", _KEY, entries)
    rounds = max(12, (1000 if quick else 4000) // entries)
    floor_us, cold_us, tail_us = asyncio.run(_costs(log, rounds))
    peer_us = None if peer is None else _cost_at_peer(peer, log)
    return LogCost(entries, floor_us, cold_us, tail_us, peer_us)


async def _costs(log: Sequence[Written], rounds: int) -> tuple[float, float, float]:
    """Return what floor, whole log and tail cost; they take turns, on the same machine's whims."""
    raw = b"".join(each.line for each in log)
    scid = str(log[0].state["id"]).split(":")[2]
    rules, floor = Rules(scid, _NOW), _floor(log, scid)
    before = (await verify_log(raw[: -len(log[-1].line)], rules))[0] if len(log) > 1 else None

    async def cold() -> None:
        await verify_log(raw, rules)

    async def tail() -> None:
        await verify_log(raw, rules, before)

    best = [float("inf")] * 3
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for at, work in enumerate((floor, cold, tail)):
            best[at] = min(best[at], await _timed(work))
    gc.unfreeze()
    return best[0], best[1], best[2]


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.process_time()
    await work()
    return (time.process_time() - began) * 1e6


def _floor(log: Sequence[Written], scid: str) -> Callable[[], Awaitable[None]]:
    """Prepare what is hashed and signed, and give what hashes and checks it, and does no more."""
    key = Ed25519PublicKey.from_public_bytes(_KEY.public.raw)
    prepared, before = [], scid
    for each in log:
        entry = read_entry(each.line[:-1])
        proof: dict[str, Any] = {**entry.proofs[0]}  # type: ignore[dict-item]  # we wrote it
        signature = from_base58btc(proof.pop("proofValue")[1:])
        hashed, signed = entry.canonical(before), entry.canonical(entry.version_id)
        prepared.append((hashed, canonicalise(proof), signed, signature))
        before = entry.version_id
    genesis = prepared[0][0]

    async def work() -> None:
        sha256(genesis).digest()  # the SCID
        for hashed, options, signed, signature in prepared:
            sha256(hashed).digest()
            key.verify(signature, sha256(options).digest() + sha256(signed).digest())

    return work


def _peer() -> Peer | None:
    """Return did-webvh of PyPI, where it is installed."""
    try:
        resolve = import_module("did_webvh.resolver").resolve_did
        return Peer(resolve, import_module("multiformats.multihash").get("sha2-256"))
    except ImportError:
        return None


def _cost_at_peer(peer: Peer, log: Sequence[Written]) -> float:
    """Measure another implementation on the same log."""
    did = str(log[-1].state["id"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "did.jsonl"
        file.write_bytes(b"".join(each.line for each in log))

        async def work() -> None:
            result = await peer.resolve(did, local_history=file)
            if result.document is None:
                raise RuntimeError("the other implementation does not resolve the bench's log")

        async def best() -> float:
            return min([await _timed(work) for _ in range(_PEER_ROUNDS)])

        return asyncio.run(best())
