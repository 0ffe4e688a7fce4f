"""Signed requests to give up what is kept of some DIDs."""

from collections.abc import Collection

from resolver.clock import Clock
from resolver.did import Did, DidUrl
from resolver.errors import InvalidInstantError, PurgeError, ResolverError
from resolver.instant import SECOND, parse_instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, parse_flattened, verify_jws
from resolver.strict_json import Json, parse_json

MAX_DIDS = 100
"""DIDs of one request."""
WINDOW_S = 300
"""Seconds around its time of issue in which a request is taken; repeated, it costs hits alone."""
_MAX_BYTES = 512 * 1024


def parse_dids(value: Json) -> tuple[Did, ...]:
    """Read the DIDs to be purged: an object whose one member, `purge`, is a list of them.

    Raises:
        PurgeError: it is something else.
        InvalidDidError: one of them is no DID.
    """
    match value:
        case {"purge": [*texts], **others} if not others and 0 < len(texts) <= MAX_DIDS:
            named = [text for text in texts if isinstance(text, str)]
            if len(named) == len(texts):
                return tuple(Did.parse(text) for text in named)
    raise PurgeError(f"purge is a list of at most {MAX_DIDS} DIDs, and there is nothing beside it")


def verify_purge(
    signed: Json, purgers: Collection[Did], audience: str, clock: Clock
) -> tuple[Did, ...]:
    """Read a request signed by one of those who may purge.

    Args:
        signed: a flattened JWS, whose `kid` is the key of one of them; its payload has `purge`,
            `audience` and `issued`.
        purgers: who may, each a did:key.
        audience: this service's origin, which the request must name.
        clock: tells the present.

    Raises:
        PurgeError: it is no such request, not for this service, not of now, or not by one of them.
    """
    try:
        jws = parse_flattened(signed)
        verify_jws(jws, _key(jws, purgers))
        payload = parse_json(jws.payload, max_bytes=_MAX_BYTES, max_depth=4)
        match payload:
            case {
                "purge": dids,
                "audience": str() as named,
                "issued": str() as issued,
                **others,
            } if not others:
                _check(named, audience, issued, clock)
                return parse_dids({"purge": dids})
    except PurgeError:
        raise
    except ResolverError as error:
        raise PurgeError(str(error)) from None
    raise PurgeError("the payload is an object of purge, audience and issued")


def _key(jws: Jws, purgers: Collection[Did]) -> PublicKey:
    kid = DidUrl.parse(jws.kid or "")
    if kid.did not in purgers or kid.fragment != kid.did.specific_id:
        raise PurgeError("not signed by one who may purge")
    return PublicKey.from_multikey(kid.did.specific_id)


def _check(named: str, audience: str, issued: str, clock: Clock) -> None:
    if named != audience:
        raise PurgeError(f"the audience is {audience}")
    try:
        age = clock.now() - parse_instant(issued)
    except InvalidInstantError as error:
        raise PurgeError(f"issued is {error}") from None
    if abs(age) > WINDOW_S * SECOND:
        raise PurgeError(f"issued more than {WINDOW_S} seconds from now")
