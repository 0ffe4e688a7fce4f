"""A decision sees that a document is stale, and rests on none that has been so for too long.

What changes trust rests on no stale document at all.
"""

from pathlib import Path

import orjson
import pytest
from aiohttp import web

from link_resolver.errors import SignatureRefusedError
from link_resolver.signers import find_signer
from resolver.caches import cached_resolver
from resolver.clock import FixedClock
from resolver.did import DidUrl
from resolver.document import Relationship
from resolver.fetch import Fetcher
from resolver.instant import SECOND, Instant
from resolver.keeping import CachePolicy
from resolver.methods.hosted import hosted_methods
from resolver.proofs.jose import Jws, sign_jws
from resolver.strict_json import Json
from tests.loopback import TestCa, serve_tls
from tests.unit.credentials.issuing import Issuer, Shelf, credential
from tests.unit.trust_registry.board import framework_document, open_board
from touchstone.service.checking import checking
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.telemetry import Telemetry

HOST = "issuer.example"
ISSUER = Issuer.on(Shelf(), f"did:web:{HOST}")


def binding(answer: dict[str, Json]) -> dict[str, Json]:
    (found,) = [each for each in answer["checks"] if each["id"] == "key_binding"]
    return found


@pytest.mark.parametrize(
    ("stale_s", "outcome"), [(-1, "passed"), (1, "passed"), (300, "passed"), (301, "undetermined")]
)
async def test_a_decision_on_a_stale_document(
    ca: TestCa, tmp_path: Path, stale_s: int, outcome: str
) -> None:
    up = True

    async def site(request: web.Request) -> web.Response:
        if not up:
            return web.Response(status=503)
        headers = {"Cache-Control": "max-age=60"}
        return web.json_response(ISSUER.document(), headers=headers)

    board = await open_board(tmp_path / "journal.sqlite", framework_document())
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        clock = board.clock
        resolver, caches = cached_resolver(hosted_methods(fetcher, clock), clock, CachePolicy())
        desk = Desk(board.registry, Telemetry())
        examiner = Examiner(desk, resolver, clock, checking(fetcher))
        body = {"credential": ISSUER.enveloped(credential(ISSUER.did))}
        first = orjson.loads(await examiner.examine(body))
        assert binding(first)["outcome"] == "passed"
        assert "stale" not in binding(first)["inputs"]
        up = False
        clock.instant = Instant(clock.instant + (60 + stale_s) * SECOND)
        answer = orjson.loads(await examiner.examine(body))
        await caches.close()
    await board.registry.close()
    found = binding(answer)
    assert found["outcome"] == outcome
    if stale_s < 0:
        assert "stale" not in found["inputs"]
    elif outcome == "passed":
        assert f"did:web:{HOST} as of" in str(found["inputs"]["stale"])
        assert "out of reach" in str(found["message"])
    else:
        assert "stale for 301 s; the framework takes 300 s" in str(found["message"])


@pytest.mark.parametrize("stale", [False, True])
async def test_what_changes_trust_is_not_signed_with_a_stale_key(
    ca: TestCa, tmp_path: Path, stale: bool
) -> None:
    up = True

    async def site(request: web.Request) -> web.Response:
        return web.json_response(ISSUER.document()) if up else web.Response(status=503)

    def signed(payload: bytes) -> Jws:
        return sign_jws(payload, {"alg": ISSUER.key.algorithm.value}, ISSUER.key)

    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        clock = FixedClock(Instant(1_790_000_000_000))
        resolver, caches = cached_resolver(hosted_methods(fetcher, clock), clock)
        method = DidUrl.parse(ISSUER.kid)
        await resolver.document(method.did)
        up = False
        clock.instant = Instant(clock.instant + (301 if stale else 299) * SECOND)
        link = find_signer(
            signed(b"a link"), method, Relationship.ASSERTION_METHOD, resolver, clock.now()
        )
        if stale:
            with pytest.raises(SignatureRefusedError, match="out of reach") as refused:
                await link
            assert refused.value.retryable
            assert (await resolver.resolved(method.did)).provenance.stale
        else:
            assert (await link).method == method
        await caches.close()
