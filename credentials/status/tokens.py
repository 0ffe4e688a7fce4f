"""Status list tokens: a list as a JWT of its own kind (Token Status List)."""

import hashlib
from collections.abc import Mapping
from typing import NoReturn

from credentials.credential import Credential
from credentials.envelope import Envelope, Form
from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.status.bits import ZLIB, Bits, inflate
from credentials.status.entries import ListKind
from credentials.status.errors import StatusListError
from credentials.status.lists import StatusList
from resolver.errors import ResolverError
from resolver.instant import BEGINNING, END, SECOND, Instant
from resolver.proofs.jose import parse_compact
from resolver.strict_json import Json, parse_json

MEDIA_TYPE = "application/statuslist+jwt"
_TYPES = frozenset({MEDIA_TYPE, MEDIA_TYPE.removeprefix("application/")})
_SIZES = frozenset({1, 2, 4, 8})


def open_token(url: str, body: bytes, limits: Limits) -> StatusList:
    """Open a Status List Token in JWT format ("Status List Token in JWT Format").

    Its issuer is `iss`, or else the DID whose key its `kid` names.

    Args:
        url: the address by which the referenced token names it, which has to be its `sub`.
        body: what stands there.
        limits: how much of it is looked at.

    Raises:
        StatusListError: it is no such token, or another one, or cannot be opened within the limits.
    """
    try:
        jws = parse_compact(body.decode("ascii").strip(), max_bytes=limits.max_list_bytes)
        claims = parse_json(
            jws.payload, max_bytes=limits.max_list_bytes, max_depth=limits.max_depth
        )
    except (UnicodeDecodeError, ResolverError) as error:
        raise _malformed(f"is no acceptable JWT: {error}") from None
    if str(jws.header.get("typ")).lower() not in _TYPES or not isinstance(claims, dict):
        raise _malformed("is no JWT of the type statuslist+jwt")
    if claims.get("sub") != url:
        raise StatusListError("is another list: its sub is not the address asked for")
    size, bits = _bits(claims.get("status_list"), limits)
    issued, expires = _date(claims, "iat"), _date(claims, "exp")
    if issued is None:
        _refuse("iat")
    issuer = claims.get("iss", (jws.kid or "").partition("#")[0])
    return StatusList(
        ListKind.CLAIM,
        Envelope(
            Form.JWT,
            Credential(claims, issuer=issuer if isinstance(issuer, str) else ""),
            jws,
            not_before=_date(claims, "nbf"),
            expires=expires,
        ),
        bits,
        frozenset(),
        hashlib.sha256(body).hexdigest(),
        size,
        _ttl_ms(claims),
        issued,
        expires,
    )


def _bits(value: Json, limits: Limits) -> tuple[int, Bits]:
    match value:
        case {"bits": int() as size, "lst": str() as packed} if size in _SIZES and size is not True:
            return size, Bits(inflate(packed, ZLIB, limits.max_inflated_bytes), highest_first=False)
    raise _malformed("its status_list has no lst, or no bits of 1, 2, 4 or 8")


def _date(claims: Mapping[str, Json], name: str) -> Instant | None:
    """Read a NumericDate (RFC 7519 section 2), or None where the claim is absent."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(name)
    if not BEGINNING <= value * SECOND <= END:
        _refuse(name)
    return Instant(int(value * SECOND))


def _ttl_ms(claims: Mapping[str, Json]) -> int | None:
    if "ttl" not in claims:
        return None
    seconds = claims["ttl"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        _refuse("ttl")
    return int(min(seconds, END // SECOND) * SECOND)


def _refuse(name: str) -> NoReturn:
    raise _malformed(f"its {name} is absent, or not as it has to be")


def _malformed(message: str) -> StatusListError:
    return StatusListError(message, ProblemType.MALFORMED_VALUE)
