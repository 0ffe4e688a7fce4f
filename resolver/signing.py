"""Private keys: made, read, and used to sign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from resolver.encodings import base64url, from_base64url
from resolver.errors import InvalidEncodingError, InvalidKeyError, UnsupportedKeyError
from resolver.keys import DIGESTS, EC_CURVES, Algorithm, Curve, PublicKey, curve_of_jwk
from resolver.strict_json import Json

_Native = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, eq=False)
class PrivateKey:
    """A key that signs; its secret never shows in a representation.

    Attributes:
        public: the public half.
    """

    public: PublicKey
    _native: _Native = field(repr=False)

    @classmethod
    def generate(cls, curve: Curve = Curve.ED25519) -> Self:
        """Make a new key from the system's randomness.

        Raises:
            UnsupportedKeyError: the curve does not sign.
        """
        if curve is Curve.ED25519:
            return cls._of(curve, Ed25519PrivateKey.generate())
        return cls._of(curve, ec.generate_private_key(_signing_curve(curve)))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The Ed25519 key of a 32-byte seed (RFC 8032 5.1.5); for keys that need no secrecy.

        Raises:
            InvalidKeyError: the seed has another length.
        """
        return cls._of(Curve.ED25519, _native_key(Curve.ED25519, seed))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Json]) -> Self:
        """Read a private JWK, whose public half must belong to it (RFC 7518 6.2.2, RFC 8037 2).

        Raises:
            InvalidKeyError: a member is missing or malformed, or the halves do not match.
            UnsupportedKeyError: a key type or curve that does not sign, or that we do not know.
        """
        curve = curve_of_jwk(jwk)
        secret = jwk.get("d")
        if not isinstance(secret, str):
            raise InvalidKeyError("a private JWK has a member d")
        public = PublicKey.from_jwk(
            {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
        )
        try:
            key = cls._of(curve, _native_key(curve, from_base64url(secret)))
        except InvalidEncodingError as error:
            raise InvalidKeyError(str(error)) from None
        if key.public != public:
            raise InvalidKeyError("the public and the private half do not belong together")
        return key

    @classmethod
    def _of(cls, curve: Curve, native: _Native) -> Self:
        if isinstance(native, Ed25519PrivateKey):
            raw = native.public_key().public_bytes_raw()
        else:
            raw = native.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return cls(PublicKey(curve, raw), native)

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm it signs with."""
        return self.public.algorithm

    def sign(self, message: bytes) -> bytes:
        """Sign; ECDSA is deterministic (RFC 6979) and gives r and s side by side (RFC 7518 3.4)."""
        if isinstance(self._native, Ed25519PrivateKey):
            return self._native.sign(message)
        scheme = ec.ECDSA(DIGESTS[self.algorithm], deterministic_signing=True)
        r, s = decode_dss_signature(self._native.sign(message, scheme))
        size = len(self.public.raw) - 1
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def jwk(self) -> dict[str, str]:
        """The key as a private JWK. Whoever reads it can sign."""
        if isinstance(self._native, Ed25519PrivateKey):
            secret = self._native.private_bytes_raw()
        else:
            value = self._native.private_numbers().private_value
            secret = value.to_bytes(len(self.public.raw) - 1, "big")
        return {**self.public.jwk(), "d": base64url(secret)}


def _native_key(curve: Curve, secret: bytes) -> _Native:
    try:
        if curve is Curve.ED25519:
            return Ed25519PrivateKey.from_private_bytes(secret)
        native = _signing_curve(curve)
        if len(secret) != (native.key_size + 7) // 8:
            raise InvalidKeyError(f"not a private key on {curve}")
        return ec.derive_private_key(int.from_bytes(secret, "big"), native)
    except ValueError:
        raise InvalidKeyError(f"not a private key on {curve}") from None


def _signing_curve(curve: Curve) -> ec.EllipticCurve:
    if curve not in EC_CURVES:
        raise UnsupportedKeyError(f"{curve} keys do not sign")
    return EC_CURVES[curve]
