"""RSA signatures on lists (RFC 7518 3.3 and 3.5), with which many federations sign everything.

They are read here alone. Whose keys change or carry trust, in DID documents, acts and credentials,
are never RSA.
"""

from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from resolver.encodings import from_base64url
from resolver.errors import (
    InvalidEncodingError,
    InvalidKeyError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
)
from resolver.proofs.jose import Jws
from resolver.strict_json import Json

KTY = "RSA"
_SHORTEST, _LONGEST = 2048, 8192
"""Bits of a modulus: the least that RFC 7518 admits, and the most that is worked with."""
_LONGEST_EXPONENT = 32
"""Bits: the work of one signature grows with them."""
_PUBLIC = {"kty", "n", "e", "kid", "use", "alg", "key_ops", "x5c", "x5t", "x5t#S256", "x5u"}
_HASH = hashes.SHA256()
_PADDINGS: Mapping[str, padding.AsymmetricPadding] = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(padding.MGF1(_HASH), padding.PSS.DIGEST_LENGTH),
}


def verify_rsa(jws: Jws, jwk: Mapping[str, Json]) -> None:
    """Verify a JWS with an RSA key that was found by other means than the token.

    Raises:
        UnsupportedAlgorithmError: it is signed with neither RS256 nor PS256, or the key is for
            another algorithm.
        InvalidKeyError: the key is private, malformed, or of a length that is not accepted.
        InvalidSignatureError: the signature does not verify.
    """
    name = str(jws.header.get("alg"))
    padded = _PADDINGS.get(name)
    if padded is None or jwk.get("alg", name) != name:
        raise UnsupportedAlgorithmError(f"{name[:32]} is not what its RSA key signs with")
    key = _key(jwk)
    try:
        key.verify(jws.signature, jws.signing_input, padded, _HASH)
    except InvalidSignature:
        raise InvalidSignatureError("the signature does not verify") from None


def _key(jwk: Mapping[str, Json]) -> rsa.RSAPublicKey:
    if not jwk.keys() <= _PUBLIC:
        raise InvalidKeyError("an RSA key with members that do not belong to a public one")
    modulus, exponent = _number(jwk, "n"), _number(jwk, "e")
    if not _SHORTEST <= modulus.bit_length() <= _LONGEST:
        raise InvalidKeyError(f"RSA keys have {_SHORTEST} to {_LONGEST} bits")
    if exponent.bit_length() > _LONGEST_EXPONENT:
        raise InvalidKeyError(f"exponents of RSA keys have at most {_LONGEST_EXPONENT} bits")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise InvalidKeyError("numbers that are those of no RSA key") from None


def _number(jwk: Mapping[str, Json], name: str) -> int:
    """Read a Base64urlUInt (RFC 7518 2)."""
    text = jwk.get(name)
    try:
        return int.from_bytes(from_base64url(text if isinstance(text, str) else ""))
    except InvalidEncodingError as error:
        raise InvalidKeyError(f"its {name}: {error}") from None
