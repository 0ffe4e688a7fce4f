"""What verifying one credential costs, beside the least that anybody has to do for it."""

from base64 import urlsafe_b64decode
from collections.abc import Callable

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credentials.status.cache import StatusLists
from credentials.status.query import StatusQuery
from credentials.verifier import Verifier
from credentials.verify import verify
from resolver.clock import SystemClock
from resolver.methods.key import KeyMethod
from resolver.proofs.data_integrity import proofs_of, sign_jcs, verify_proof
from resolver.proofs.jose import parse_compact, verify_jws
from resolver.resolution import Resolver
from resolver.strict_json import parse_json
from touchstone.bench.credential_graphs import graph_rows
from touchstone.bench.credential_texts import KEY, METHOD, Texts
from touchstone.bench.rounds import best_of, best_of_async
from touchstone.bench.rows import Row, Tell
from touchstone.client.unreachable import Unreachable

JOSE, JCS = 1.25, 3.0
"""How many times the bare signature JWTs and JCS proofs may cost."""
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
    bare, jose, jcs = best_of(rounds, _bare(texts), _jose(texts), _jcs(texts))
    size = f"{len(orjson.dumps(texts.body)) / 1000:.0f} KB"
    whole = await _whole(texts, rounds // 4)
    rows = [
        Row(f"{_BARE}, {size}", f"{bare:.0f} us"),
        _row(f"JOSE, {size}", jose, bare, JOSE),
        _row(f"eddsa-jcs-2022, {size}", jcs, bare, JCS),
        Row(f"the whole report on the JWT, {size}", f"{whole:.0f} us", whole / bare, _BARE),
    ]
    return [*rows, *await graph_rows(texts.body, tell, max(5, rounds // 20))]


def _row(name: str, cost: float, floor: float, most: float, beside: str = _BARE) -> Row:
    share = cost / floor
    promised = f"<= {most:g} x"
    return Row(name, f"{cost:.0f} us", share, beside, promised, kept=share <= most)


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


async def _whole(texts: Texts, rounds: int) -> float:
    clock = SystemClock()
    resolver = Resolver({"key": KeyMethod()}, clock)
    verifier = Verifier(resolver, StatusQuery(StatusLists(Unreachable())), clock.now())
    if not (await verify(texts.token, verifier)).verified:
        raise RuntimeError("the bench's credential verifies")
    return await best_of_async(rounds, lambda: verify(texts.token, verifier))
