"""Status list tokens: a list as a JWT of its own kind (Token Status List)."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from credentials.credential import Credential
from credentials.envelope import Envelope, Form
from credentials.errors import MalformedCredentialError
from credentials.jwt import Kind, header_problems, numeric_date, read_jwt, window_of
from credentials.problem_types import ProblemType
from credentials.sources import Limits
from credentials.status.bits import ZLIB, Bits, inflate
from credentials.status.entries import ListKind
from credentials.status.errors import StatusListError
from credentials.status.lists import StatusList
from resolver.instant import END, SECOND
from resolver.strict_json import Json

MEDIA_TYPE = "application/statuslist+jwt"
_KIND = Kind("a status list (statuslist+jwt)", frozenset({"statuslist+jwt"}), typed=True)
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
        token = body.decode("ascii").strip()
        jws, claims = read_jwt(token, replace(limits, max_bytes=limits.max_list_bytes))
    except (UnicodeDecodeError, MalformedCredentialError) as error:
        raise _malformed(f"is no acceptable JWT: {error}") from None
    window = window_of(claims)
    for problem in (*header_problems(jws, _KIND), *window.problems):
        raise _malformed(f"cannot be read: {problem.pointer} is {problem.message}")
    if claims.get("sub") != url:
        raise StatusListError("is another list: its sub is not the address asked for")
    if (issued := numeric_date(claims.get("iat"))) is None:
        _refuse("iat")
    size, bits = _bits(claims.get("status_list"), limits)
    issuer = claims.get("iss", (jws.kid or "").partition("#")[0])
    credential = Credential(claims, issuer=issuer if isinstance(issuer, str) else "")
    return StatusList(
        ListKind.CLAIM,
        Envelope(Form.JWT, credential, jws, not_before=window.not_before, expires=window.expires),
        bits,
        frozenset(),
        hashlib.sha256(body).hexdigest(),
        size,
        _ttl_ms(claims),
        issued,
        window.expires,
    )


def _bits(value: Json, limits: Limits) -> tuple[int, Bits]:
    match value:
        case {"bits": int() as size, "lst": str() as packed} if size in _SIZES and size is not True:
            return size, Bits(inflate(packed, ZLIB, limits.max_inflated_bytes), highest_first=False)
    raise _malformed("its status_list has no lst, or no bits of 1, 2, 4 or 8")


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
