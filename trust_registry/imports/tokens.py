"""Signed parts of lists: read as what they say, and verified with keys that came by another way."""

from collections.abc import Mapping, Sequence

from resolver.errors import InvalidJsonError, InvalidSignatureError, ResolverError
from resolver.instant import SECOND, Instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, parse_compact, verify_jws
from resolver.strict_json import Json, parse_json
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.rsa import KTY, verify_rsa

_MAX_TOKEN = 1_000_000
_MAX_DEPTH = 24
_MAX_SECONDS = 253_402_300_799


def open_token(where: str, token: str, max_bytes: int = _MAX_TOKEN) -> Jws:
    """Open a compact JWS; nothing in it is believed yet.

    Raises:
        ImportRefusedError: it is none, larger, or its header demands what is not understood.
    """
    try:
        return parse_compact(token, max_bytes=max_bytes)
    except ResolverError as error:
        raise ImportRefusedError(where, str(error)) from None


def read_token(where: str, token: str) -> tuple[Jws, dict[str, Json]]:
    """Open a compact JWS, and read its claims.

    Raises:
        ImportRefusedError: it is none, or holds no JSON object.
    """
    jws = open_token(where, token)
    try:
        claims = parse_json(jws.payload, max_depth=_MAX_DEPTH)
    except InvalidJsonError as error:
        raise ImportRefusedError(where, str(error)) from None
    if not isinstance(claims, dict):
        raise ImportRefusedError(where, "the claims of a token are an object")
    return jws, claims


def verify_token(where: str, jws: Jws, keys: Sequence[Mapping[str, Json]]) -> None:
    """Verify a token with one of several public keys; where it names one, with that one.

    Args:
        where: its place.
        jws: the token.
        keys: JWKs.

    Raises:
        ImportRefusedError: none of them made the signature.
    """
    named = [
        each
        for each in keys
        if each.get("use", "sig") == "sig"
        and (jws.kid is None or each.get("kid", jws.kid) == jws.kid)
    ]
    why = "there is no such key"
    for jwk in named:
        try:
            _verify(jws, jwk)
        except InvalidSignatureError:
            why = "the signature does not verify"
        except ResolverError as error:
            why = str(error)
        else:
            return
    raise ImportRefusedError(where, f"not signed with a key of its signer: {why}")


def _verify(jws: Jws, jwk: Mapping[str, Json]) -> None:
    if jwk.get("kty") == KTY:
        verify_rsa(jws, jwk)
    else:
        verify_jws(jws, PublicKey.from_jwk(jwk))


def seconds(where: str, claims: Mapping[str, Json], claim: str) -> Instant:
    """Read a time in whole seconds (RFC 7519 2).

    Raises:
        ImportRefusedError: it is missing, or none.
    """
    value = claims.get(claim)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_SECONDS:
        raise ImportRefusedError(f"{where}/{claim}", "is a time in whole seconds")
    return Instant(value * SECOND)
