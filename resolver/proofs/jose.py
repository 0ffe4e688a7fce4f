"""JSON Web Signatures, read and made strictly (RFC 7515)."""

from collections.abc import Mapping
from dataclasses import dataclass

from resolver.encodings import base64url, from_base64url
from resolver.errors import (
    InvalidEncodingError,
    InvalidJsonError,
    ResolverError,
    UnsupportedKeyError,
)
from resolver.jcs import canonicalise
from resolver.keys import Algorithm, PublicKey, algorithm_of, verify
from resolver.post_quantum import MAX_SIGNATURE_BYTES
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json

MAX_TOKEN_BYTES = 1_400_000
"""A credential of 1 MB in base64url, with its header and signature."""
MAX_HEADER_BYTES = 8_192
MAX_SIGNATURE_CHARACTERS = 4 * MAX_SIGNATURE_BYTES // 3 + 1
_REFUSED = ("crit", "b64", "zip", "enc")
_TEXTS = ("alg", "kid")


class InvalidJwsError(ResolverError):
    """A token is no JWS, or one that asks for what is not understood."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A signature with what it is over; nothing in it is believed yet.

    Attributes:
        header: the protected header. Keys in it (`jwk`, `x5c`, `jku`) are never used.
        protected: the header as it was signed.
        encoded: the payload as it was signed.
        payload: the payload.
        signature: the signature.
    """

    header: Mapping[str, Json]
    protected: str
    encoded: str
    payload: bytes
    signature: bytes

    @property
    def signing_input(self) -> bytes:
        """What the signature is over (RFC 7515 5.1)."""
        return f"{self.protected}.{self.encoded}".encode("ascii")

    @property
    def kid(self) -> str | None:
        """The key id in the header, if there is one."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the header names.

        Raises:
            UnsupportedAlgorithmError: it is not accepted; `none` and HMAC never are.
        """
        return algorithm_of(str(self.header.get("alg")))

    def flattened(self) -> dict[str, str]:
        """Return the flattened JSON form (RFC 7515 7.2.2)."""
        signature = base64url(self.signature)
        return {"payload": self.encoded, "protected": self.protected, "signature": signature}


def parse_compact(token: str, *, max_bytes: int = MAX_TOKEN_BYTES) -> Jws:
    """Read a compact JWS (RFC 7515 7.1).

    Raises:
        InvalidJwsError: too large, not three parts, not strict base64url, a header that is no JSON
            object, or one with members that change how the token is read.
    """
    if len(token) > max_bytes:
        raise InvalidJwsError(f"larger than {max_bytes} bytes")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise InvalidJwsError("a compact JWS has three parts")
    return _jws(*parts)


def parse_flattened(value: Json) -> Jws:
    """Read a flattened JWS with a protected header only (RFC 7515 7.2.2).

    Raises:
        InvalidJwsError: as `parse_compact`, or other members than the three.
    """
    if not isinstance(value, dict) or set(value) != {"payload", "protected", "signature"}:
        raise InvalidJwsError("a flattened JWS has exactly payload, protected and signature")
    parts = [value[name] for name in ("protected", "payload", "signature")]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) != len(parts) or sum(map(len, texts)) > MAX_TOKEN_BYTES:
        raise InvalidJwsError("payload, protected and signature are strings of bounded length")
    return _jws(*texts)


def _jws(protected: str, encoded: str, signature: str) -> Jws:
    if len(protected) > MAX_HEADER_BYTES or len(signature) > MAX_SIGNATURE_CHARACTERS:
        raise InvalidJwsError("the header or the signature is larger than any legitimate one")
    try:
        header = parse_json(from_base64url(protected), max_bytes=MAX_HEADER_BYTES, max_depth=8)
        payload, signed = from_base64url(encoded), from_base64url(signature)
    except (InvalidEncodingError, InvalidJsonError) as error:
        raise InvalidJwsError(str(error)) from None
    if not isinstance(header, dict) or "alg" not in header:
        raise InvalidJwsError("the header is an object with an alg")
    for member in _TEXTS:
        if not isinstance(header.get(member, ""), str):
            raise InvalidJwsError(f"header member {member!r} is a string")
    for member in _REFUSED:
        if member in header:
            raise InvalidJwsError(f"header member {member!r} is not understood")
    return Jws(header, protected, encoded, payload, signed)


def verify_jws(jws: Jws, key: PublicKey) -> None:
    """Verify a JWS with a key that was found by other means than the token.

    Raises:
        UnsupportedAlgorithmError: the algorithm is not accepted.
        UnsupportedKeyError: the key is not one that the algorithm uses.
        InvalidSignatureError: the signature does not verify.
    """
    verify(key, jws.algorithm, jws.signature, jws.signing_input)


def sign_jws(payload: bytes, header: Mapping[str, Json], key: PrivateKey) -> Jws:
    """Sign a payload.

    Args:
        payload: the bytes to sign.
        header: the protected header; `alg` is added where it names none.
        key: the key.

    Raises:
        UnsupportedAlgorithmError: the header names an algorithm that is not accepted.
        UnsupportedKeyError: the header names an algorithm that is not the key's.
        NotCanonicalisableError: the header has no canonical form.
    """
    full: dict[str, Json] = {"alg": key.algorithm.value, **header}
    if algorithm_of(str(full["alg"])) is not key.algorithm:
        raise UnsupportedKeyError(f"the key signs with {key.algorithm}, not {full['alg']}")
    protected, encoded = base64url(canonicalise(full)), base64url(payload)
    signature = key.sign(f"{protected}.{encoded}".encode("ascii"))
    return Jws(full, protected, encoded, payload, signature)


def sign_compact(payload: bytes, header: Mapping[str, Json], key: PrivateKey) -> str:
    """Sign a payload and return the compact JWS."""
    jws = sign_jws(payload, header, key)
    return f"{jws.protected}.{jws.encoded}.{base64url(jws.signature)}"


def sign_flattened(payload: bytes, header: Mapping[str, Json], key: PrivateKey) -> dict[str, str]:
    """Sign a payload and return the flattened JWS."""
    return sign_jws(payload, header, key).flattened()
