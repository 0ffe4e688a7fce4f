"""What a proof over a graph costs, beside PyLD, which does the same work."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credentials.envelope import types_of
from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS
from credentials.rdf.context_sources import Texts as ContextTexts
from credentials.rdf.context_sources import configured
from credentials.rdf.contexts import Contexts, context_urls, digest_of
from credentials.rdf.errors import UnreadableContextError
from credentials.rdf.pool import GraphPool
from credentials.rdf.signed import Job
from credentials.rdf.transform import Transformer
from resolver.encodings import base58btc
from resolver.proofs.data_integrity import proofs_of, verify_digests
from resolver.strict_json import Json
from touchstone.bench.credential_texts import KEY, VCDM, options
from touchstone.bench.rounds import best_of, best_of_async
from touchstone.bench.rows import Row, Tell

PYLD = 0.2
"""The share of PyLD's time that a graph of a UNTP credential may take: PyLD makes sense of a large
context anew at every node. A small one takes both about as long."""
_SUITE = "eddsa-rdfc-2022"
_OWN = "https://bench.example/conformity/"
_UNTP = f"{_SUITE} of a UNTP 0.7.0 credential"


async def graph_rows(body: Mapping[str, Json], tell: Tell, rounds: int) -> list[Row]:
    """Measure a conformity credential by a context of the bench's own, and by UNTP's if at hand.

    Args:
        body: the credential, unsigned.
        tell: takes what is measured now.
        rounds: how often each is done.
    """
    tell("a graph, as PyLD makes it and as it is made here")
    folder = os.environ.get("TOUCHSTONE_CONTEXTS")
    pins, sources = await asyncio.to_thread(configured, Path(folder) if folder else None, None)
    own = await _own_context(body, Contexts(pins, sources))
    digest = digest_of(own)
    sources.append(ContextTexts({digest: own}))
    contexts = Contexts({**pins, _OWN: frozenset({digest})}, sources)
    small: dict[str, Json] = {**body, "@context": [VCDM, _OWN]}
    name = f"{_SUITE} by a small context of the bench's own"
    rows = [await _row(name, small, contexts, rounds)]
    try:
        rows.append(await _row(_UNTP, body, contexts, rounds, PYLD))
    except UnreadableContextError as error:
        rows.append(Row(_UNTP, "not measured", beside=str(error)))
    return [*rows, await _hop(small, contexts, rounds)]


async def _own_context(body: Mapping[str, Json], contexts: Contexts) -> bytes:
    """Make the text of a context that has every name in a credential that the W3C's lacks."""
    (base,) = await contexts.closure([VCDM])
    known = {"@context", *orjson.loads(base.raw)["@context"]}
    return orjson.dumps(
        {"@context": {name: f"{_OWN}#{name}" for name in sorted(_names({**body}) - known)}}
    )


def _names(value: Json) -> set[str]:
    """Return the names of types and members within a value."""
    if isinstance(value, list):
        return {name for each in value for name in _names(each)}
    if not isinstance(value, dict):
        return set()
    inside = (name for each in value.values() for name in _names(each))
    return {*value, *types_of(value), *inside}


async def _row(
    name: str,
    body: Mapping[str, Json],
    contexts: Contexts,
    rounds: int,
    most: float | None = None,
) -> Row:
    transformer, job = await _prepared(body, contexts), _job(body)
    texts = {each.url: each.raw for each in await contexts.closure(context_urls(body))}
    theirs = _pyld(body, {url: orjson.loads(raw) for url, raw in texts.items()})
    here, there = await asyncio.to_thread(best_of, rounds, _ours(transformer, job), theirs)
    share, promised = here / there, "" if most is None else f"<= {most:g} x"
    kept = most is None or share <= most
    return Row(name, f"{here:.0f} us", share, "PyLD's own", promised, kept)


async def _hop(body: Mapping[str, Json], contexts: Contexts, rounds: int) -> Row:
    job, pool, how = _job(body), GraphPool(contexts), options(_SUITE)
    try:
        there = await best_of_async(rounds, lambda: pool.transform(job.document, how, "sha256"))
    finally:
        await pool.close()
    transformer = await _prepared(body, contexts)
    (here,) = await asyncio.to_thread(best_of, rounds, lambda: transformer.transform(job))
    return Row("the hop to another process and back", f"{max(0.0, there - here):.0f} us")


async def _prepared(body: Mapping[str, Json], contexts: Contexts) -> Transformer:
    transformer = Transformer()
    for each in await contexts.closure(context_urls(body)):
        transformer.expander.add(each.url, each.raw)
    return transformer


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
