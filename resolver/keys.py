"""Public keys in their published forms, and one `verify` for all their algorithms."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from resolver.encodings import MAX_BASE58, base58btc, base64url, from_base58btc, from_base64url
from resolver.errors import (
    InvalidEncodingError,
    InvalidKeyError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
    UnsupportedKeyError,
)
from resolver.jcs import canonicalise
from resolver.post_quantum import KEY_BYTES, verify_ml_dsa
from resolver.strict_json import Json

CACHED_KEYS = 4096
"""How many native keys and derived names are kept; a registry's signers are fewer."""


class Curve(StrEnum):
    """The curves we know, by their JWK names; and the parameter sets of ML-DSA, which has none."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    SECP256K1 = "secp256k1"
    X25519 = "X25519"
    ML_DSA_44 = "ML-DSA-44"
    ML_DSA_65 = "ML-DSA-65"
    ML_DSA_87 = "ML-DSA-87"


class Algorithm(StrEnum):
    """The signature algorithms we verify, by their JOSE names (RFC 7518, 8812, 9864)."""

    ED25519 = "Ed25519"
    ES256 = "ES256"
    ES384 = "ES384"
    ES256K = "ES256K"
    ML_DSA_44 = "ML-DSA-44"
    ML_DSA_65 = "ML-DSA-65"
    ML_DSA_87 = "ML-DSA-87"


EC_CURVES: Mapping[Curve, ec.EllipticCurve] = {
    Curve.P256: ec.SECP256R1(),
    Curve.P384: ec.SECP384R1(),
    Curve.SECP256K1: ec.SECP256K1(),
}
"""The native curve of each elliptic curve in Weierstrass form."""

ALGORITHMS: Mapping[Curve, Algorithm] = {
    Curve.ED25519: Algorithm.ED25519,
    Curve.P256: Algorithm.ES256,
    Curve.P384: Algorithm.ES384,
    Curve.SECP256K1: Algorithm.ES256K,
    **{Curve(name): Algorithm(name) for name in KEY_BYTES},
}
"""The one algorithm that each curve signs with."""

DIGESTS: Mapping[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES256K: hashes.SHA256(),
}
"""What each ECDSA algorithm hashes with."""

_LENGTHS = {
    Curve.ED25519: 32,
    Curve.X25519: 32,
    Curve.P256: 33,
    Curve.P384: 49,
    Curve.SECP256K1: 33,
    **{Curve(name): length for name, length in KEY_BYTES.items()},
}
_MULTICODEC = {
    Curve.ED25519: b"\xed\x01",
    Curve.X25519: b"\xec\x01",
    Curve.P256: b"\x80\x24",
    Curve.P384: b"\x81\x24",
    Curve.SECP256K1: b"\xe7\x01",
    Curve.ML_DSA_44: b"\x90\x24",
    Curve.ML_DSA_65: b"\x91\x24",
    Curve.ML_DSA_87: b"\x92\x24",
}
_CURVE_OF_CODEC = {codec: curve for curve, codec in _MULTICODEC.items()}
_FIELD = 2**255 - 19
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    }
)
"""The y of Ed25519 points whose order divides 8: one signature by such a key fits many messages."""
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, whatever form it was published in.

    Attributes:
        curve: the curve it lies on.
        raw: 32 bytes for Ed25519 and X25519, else the compressed point (SEC 1 2.3.3).
    """

    curve: Curve
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _LENGTHS[self.curve]:
            raise InvalidKeyError(f"{self.curve} keys have {_LENGTHS[self.curve]} bytes")
        if self.curve in EC_CURVES:
            _ec_key(self.curve, self.raw)
        elif self.curve is Curve.ED25519:
            y = int.from_bytes(self.raw, "little") & (2**255 - 1)
            if y >= _FIELD or y in _SMALL_ORDER:
                raise InvalidKeyError("not a point that Ed25519 keys lie on")

    @classmethod
    def from_multikey(cls, text: str) -> Self:
        """Read a Multikey's `publicKeyMultibase` (Controlled Identifiers 2.2.2).

        Raises:
            InvalidKeyError: not base58btc multibase, or not a key of its curve.
            UnsupportedKeyError: a multicodec we do not know.
        """
        return cls(*_curve_and_raw(text))

    @classmethod
    def from_base58(cls, curve: Curve, text: str) -> Self:
        """Read a `publicKeyBase58` of a known curve, as older verification methods carry it.

        Raises:
            InvalidKeyError: not base58btc, or not a key of that curve.
        """
        return cls(curve, _decoded(from_base58btc, text))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Json]) -> Self:
        """Read a public JSON Web Key (RFC 7517, RFC 7518 6.2, RFC 8037).

        Raises:
            InvalidKeyError: a private key, a missing or malformed member, a point off its curve.
            UnsupportedKeyError: a key type or curve that we do not know.
        """
        if not _PRIVATE_MEMBERS.isdisjoint(jwk):
            raise InvalidKeyError("a private key where a public key belongs")
        curve = curve_of_jwk(jwk)
        if curve.value in KEY_BYTES:
            return cls(curve, _coordinate(jwk, "pub"))
        x = _coordinate(jwk, "x")
        if curve not in EC_CURVES:
            return cls(curve, x)
        y = _coordinate(jwk, "y")
        if not len(x) == len(y) == _LENGTHS[curve] - 1:
            raise InvalidKeyError(f"{curve} coordinates have {_LENGTHS[curve] - 1} bytes")
        return cls(curve, _compressed(curve, x, y))

    def x25519(self) -> "PublicKey":
        """The twin of an Ed25519 key for key agreement, on the Montgomery curve (RFC 7748 4.1).

        Raises:
            UnsupportedKeyError: the key is on another curve.
        """
        if self.curve is not Curve.ED25519:
            raise UnsupportedKeyError(f"{self.curve} keys have no twin on {Curve.X25519}")
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        u = (1 + y) * pow(1 - y, -1, _FIELD) % _FIELD
        return PublicKey(Curve.X25519, u.to_bytes(32, "little"))

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm this key verifies.

        Raises:
            UnsupportedKeyError: the key is for key agreement only.
        """
        algorithm = ALGORITHMS.get(self.curve)
        if algorithm is None:
            raise UnsupportedKeyError(f"{self.curve} keys do not sign")
        return algorithm

    @property
    def multikey(self) -> str:
        """The key as `publicKeyMultibase` (Controlled Identifiers 2.2.2)."""
        return _multikey(self)

    @property
    def thumbprint(self) -> str:
        """The key's name: SHA-256, base64url (RFC 7638)."""
        return _thumbprint(self)

    def jwk(self) -> dict[str, str]:
        """The key as a public JWK, with the members that its thumbprint covers (RFC 7638 3.2)."""
        if self.curve.value in KEY_BYTES:
            return {"kty": "AKP", "alg": self.curve.value, "pub": base64url(self.raw)}
        if self.curve not in EC_CURVES:
            return {"kty": "OKP", "crv": self.curve.value, "x": base64url(self.raw)}
        numbers = _ec_key(self.curve, self.raw).public_numbers()
        size = len(self.raw) - 1
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return {"kty": "EC", "crv": self.curve.value, "x": base64url(x), "y": base64url(y)}


def curve_of_jwk(jwk: Mapping[str, Json]) -> Curve:
    """The curve that a JWK names, with the key type that belongs to it.

    Raises:
        UnsupportedKeyError: no such curve, or another key type.
    """
    if jwk.get("kty") == "AKP":
        name = jwk.get("alg")
        if not isinstance(name, str) or name not in KEY_BYTES:
            raise UnsupportedKeyError("no alg of an AKP key that we know")
        return Curve(name)
    curve = next((c for c in Curve if c.value == jwk.get("crv")), None)
    kty = "EC" if curve in EC_CURVES else "OKP"
    if curve is None or curve.value in KEY_BYTES or jwk.get("kty") != kty:
        raise UnsupportedKeyError("no kty and crv that we know")
    return curve


def algorithm_of(header_alg: str) -> Algorithm:
    """The algorithm that a JOSE header names; `EdDSA` means Ed25519 (RFC 9864 4.1.2).

    Raises:
        UnsupportedAlgorithmError: any other name, `none` among them.
    """
    if header_alg == "EdDSA":
        return Algorithm.ED25519
    try:
        return Algorithm(header_alg)
    except ValueError:
        known = ", ".join(Algorithm)
        raise UnsupportedAlgorithmError(f"the algorithm is not one of {known}, EdDSA") from None


def verify(key: PublicKey, algorithm: Algorithm, signature: bytes, message: bytes) -> None:
    """Check a signature; ECDSA signatures are r and s side by side (RFC 7518 3.4).

    Raises:
        UnsupportedKeyError: the key does not belong to the algorithm.
        InvalidSignatureError: the signature was not made with this key over this message.
    """
    if ALGORITHMS.get(key.curve) is not algorithm:
        raise UnsupportedKeyError(f"{algorithm} does not verify with a key on {key.curve}")
    try:
        if algorithm is Algorithm.ED25519:
            _ed25519_key(key.raw).verify(signature, message)
        elif algorithm.value in KEY_BYTES:
            verify_ml_dsa(algorithm.value, key.raw, signature, message)
        else:
            _verify_ecdsa(key, algorithm, signature, message)
    except InvalidSignature:
        raise InvalidSignatureError(f"the {algorithm} signature does not match") from None


def _verify_ecdsa(key: PublicKey, algorithm: Algorithm, signature: bytes, message: bytes) -> None:
    size = len(key.raw) - 1
    if len(signature) != 2 * size:
        raise InvalidSignatureError(f"{algorithm} signatures have {2 * size} bytes")
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    native = _ec_key(key.curve, key.raw)
    native.verify(encode_dss_signature(r, s), message, ec.ECDSA(DIGESTS[algorithm]))


@lru_cache(CACHED_KEYS)
def _curve_and_raw(multikey: str) -> tuple[Curve, bytes]:
    if not multikey.startswith("z"):
        raise InvalidKeyError("a multikey starts with z, for base58btc")
    if len(multikey) > MAX_BASE58:  # such as a post-quantum one, beside others in a document
        raise UnsupportedKeyError("longer than any key that we know")
    data = _decoded(from_base58btc, multikey[1:])
    curve = _CURVE_OF_CODEC.get(data[:2])
    if curve is None:
        raise UnsupportedKeyError(f"no key type we know has the multicodec {data[:2].hex()}")
    return curve, data[2:]


@lru_cache(CACHED_KEYS)
def _ed25519_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(CACHED_KEYS)
def _ec_key(curve: Curve, raw: bytes) -> ec.EllipticCurvePublicKey:
    if raw[0] not in (2, 3):
        raise InvalidKeyError(f"not a compressed point on {curve}")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(EC_CURVES[curve], raw)
    except ValueError:
        raise InvalidKeyError(f"not a point on {curve}") from None


@lru_cache(CACHED_KEYS)
def _multikey(key: PublicKey) -> str:
    return "z" + base58btc(_MULTICODEC[key.curve] + key.raw)


@lru_cache(CACHED_KEYS)
def _thumbprint(key: PublicKey) -> str:
    return base64url(hashlib.sha256(canonicalise({**key.jwk()})).digest())


def _compressed(curve: Curve, x: bytes, y: bytes) -> bytes:
    """The point with these coordinates, which must lie on the curve."""
    raw = bytes([2 + y[-1] % 2]) + x
    if _ec_key(curve, raw).public_numbers().y != int.from_bytes(y, "big"):
        raise InvalidKeyError(f"not a point on {curve}")
    return raw


def _coordinate(jwk: Mapping[str, Json], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise InvalidKeyError(f"a JWK without {name}")
    return _decoded(from_base64url, text)


def _decoded(decode: Callable[[str], bytes], text: str) -> bytes:
    try:
        return decode(text)
    except InvalidEncodingError as error:
        raise InvalidKeyError(str(error)) from None
