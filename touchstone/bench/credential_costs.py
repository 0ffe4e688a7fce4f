"""What verifying one credential costs, beside the least that anybody has to do for it."""

import asyncio
import gc
import os
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS
from credentials.rdf.context_sources import configured
from credentials.rdf.contexts import Contexts, context_urls
from credentials.rdf.errors import UnreadableContextError
from credentials.rdf.pool import GraphPool
from credentials.rdf.signed import Job
from credentials.rdf.transform import Transformer
from credentials.verify import verify
from resolver.clock import SystemClock
from resolver.encodings import base58btc
from resolver.errors import RefusedAddressError
from resolver.methods.key import KeyMethod
from resolver.proofs.data_integrity import proofs_of, sign_jcs, verify_digests, verify_proof
from resolver.proofs.jose import parse_compact, verify_jws
from resolver.resolution import Resolver
from resolver.strict_json import Json, parse_json
from touchstone.bench.credential_texts import KEY, METHOD, Texts, options
from touchstone.bench.rows import Row, Tell

JOSE, JCS, PYLD = 1.25, 3.0, 0.2
"""How many times the bare signature JWTs and JCS proofs may cost; the share of PyLD of graphs."""
_SUITE = "eddsa-rdfc-2022"
_BARE = "bare base64, JSON and Ed25519"


async def cost_rows(texts: Texts, tell: Tell, *, quick: bool = False) -> list[Row]:
    """Measure one credential under JOSE, JCS and RDFC, and the hop to another process.

    Args:
        texts: the credential.
        tell: takes what is measured now.
        quick: whether to take fewer rounds.
    """
    rounds = 60 if quick else 400
    tell("a JWT and a JCS proof")
    bare, jose, jcs = _best(rounds, _bare(texts), _jose(texts), _jcs(texts))
    size = f"{len(orjson.dumps(texts.body)) / 1000:.0f} KB"
    whole = await _whole(texts, rounds // 4)
    rows = [
        Row(f"{_BARE}, {size}", f"{bare:.0f} us"),
        _row(f"JOSE, {size}", jose, bare, JOSE),
        _row(f"eddsa-jcs-2022, {size}", jcs, bare, JCS),
        Row(f"the whole report on the JWT, {size}", f"{whole:.0f} us", whole / bare, _BARE),
    ]
    return [*rows, *await _graph_rows(texts, tell, max(5, rounds // 20))]


def _row(name: str, cost: float, floor: float, most: float, beside: str = _BARE) -> Row:
    share = cost / floor
    promised = f"<= {most:g} x"
    return Row(name, f"{cost:.0f} us", share, beside, promised, kept=share <= most)


def _best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the best of some rounds, in microseconds; the works take turns."""
    best = [float("inf")] * len(works)
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for at, work in enumerate(works):
            began = time.perf_counter()
            work()
            best[at] = min(best[at], (time.perf_counter() - began) * 1e6)
    gc.unfreeze()
    return best


def _bare(texts: Texts) -> Callable[[], object]:
    key = Ed25519PublicKey.from_public_bytes(KEY.public.raw)

    def work() -> object:
        protected, payload, signature = texts.token.split(".")
        orjson.loads(_unpadded(protected))
        key.verify(_unpadded(signature), f"{protected}.{payload}".encode())
        return orjson.loads(_unpadded(payload))

    return work


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _jose(texts: Texts) -> Callable[[], object]:
    def work() -> object:
        jws = parse_compact(texts.token)
        verify_jws(jws, KEY.public)
        return parse_json(jws.payload)

    return work


def _jcs(texts: Texts) -> Callable[[], object]:
    raw, now = orjson.dumps(sign_jcs(texts.body, METHOD, KEY, created=None)), SystemClock().now()

    def work() -> None:
        body = parse_json(raw)
        if not isinstance(body, dict):
            raise TypeError("a credential is an object")
        (proof,) = proofs_of(body)
        verify_proof(body, proof, KEY.public, now=now)

    return work


class _Nowhere:
    """A source of nothing."""

    async def fetch(self, url: str, **_asked: object) -> Any:
        """Refuse."""
        raise RefusedAddressError(f"the bench fetches nothing, not even {url}")


async def _whole(texts: Texts, rounds: int) -> float:
    clock, best = SystemClock(), float("inf")
    resolver = Resolver({"key": KeyMethod()}, clock)
    for _ in range(rounds):
        began = time.perf_counter()
        report = await verify(texts.token, resolver=resolver, fetcher=_Nowhere(), now=clock.now())
        best = min(best, (time.perf_counter() - began) * 1e6)
        if not report.verified:
            raise RuntimeError("the bench's credential verifies")
    return best


async def _graph_rows(texts: Texts, tell: Tell, rounds: int) -> list[Row]:
    tell("a graph, as PyLD makes it and as it is made here")
    folder = os.environ.get("TOUCHSTONE_CONTEXTS")
    contexts = Contexts(
        *await asyncio.to_thread(configured, Path(folder) if folder else None, None)
    )
    name = f"{_SUITE} of a UNTP 0.7.0 credential"
    try:
        found = await contexts.closure(context_urls(texts.body))
    except UnreadableContextError as error:
        return [Row(name, "not measured", beside=str(error), promised=f"<= {PYLD:g} x", kept=False)]
    transformer = Transformer()
    for each in found:
        transformer.expander.add(each.url, each.raw)
    job = _job(texts.body)
    ours = _ours(transformer, job)
    theirs = _pyld(texts.body, {each.url: orjson.loads(each.raw) for each in found})
    here, there = await asyncio.to_thread(_best, rounds, ours, theirs)
    pool = GraphPool(contexts)
    try:
        hop = await _timed(lambda: pool.transform(job.document, options(_SUITE), "sha256"), rounds)
    finally:
        await pool.close()
    made = _best(rounds, lambda: transformer.transform(job))[0]
    return [
        _row(name, here, there, PYLD, "PyLD's own"),
        Row("the hop to another process and back", f"{max(0.0, hop - made):.0f} us"),
    ]


def _job(body: Mapping[str, Json]) -> Job:
    read_by = {**options(_SUITE), "@context": body["@context"]}
    return Job(body, read_by, "sha256", None, DEFAULT_GRAPH_LIMITS)


def _ours(transformer: Transformer, job: Job) -> Callable[[], object]:
    made = transformer.transform(job)
    value = f"z{base58btc(KEY.sign(made.options + made.document))}"
    (proof,) = proofs_of({"proof": {**options(_SUITE), "proofValue": value}})

    def work() -> None:
        found = transformer.transform(job)
        verify_digests(proof, KEY.public, found.options + found.document)

    return work


def _pyld(body: Mapping[str, Json], contexts: Mapping[str, Any]) -> Callable[[], object]:
    """Return PyLD's own way: both normal forms, by contexts that are at hand."""
    # It has no types; and it is loaded where it is measured, not by every bench.
    from pyld import jsonld  # type: ignore[import-untyped]  # noqa: PLC0415

    key = Ed25519PublicKey.from_public_bytes(KEY.public.raw)
    signature = KEY.sign(b"")

    def load(url: str, _options: object) -> dict[str, Any]:
        # A copy, since PyLD writes into it; static, so that it is asked for only once.
        document = orjson.loads(orjson.dumps(contexts[url]))
        return {"contextUrl": None, "documentUrl": url, "document": document, "tag": "static"}

    how = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "base": None,
        "documentLoader": load,
    }
    proof = {**options(_SUITE), "@context": body["@context"]}

    def work() -> None:
        for each in (proof, body):
            jsonld.normalize(each, how).encode()
        key.verify(signature, b"")

    return work


async def _timed(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        best = min(best, (time.perf_counter() - began) * 1e6)
    return best
