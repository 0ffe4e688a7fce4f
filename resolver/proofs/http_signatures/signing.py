"""Signing HTTP messages, and verifying who signed what and when (RFC 9421 3)."""

from dataclasses import dataclass
from typing import Protocol

from resolver.errors import (
    InvalidSignatureError,
    MessageSignatureError,
    UnsupportedKeyError,
)
from resolver.instant import END, SECOND, Instant
from resolver.keys import Curve, PublicKey
from resolver.keys import verify as verify_with
from resolver.proofs.http_signatures.digests import CONTENT_DIGEST, check_content_digest
from resolver.proofs.http_signatures.fields import Coverage, Signature
from resolver.proofs.http_signatures.messages import Component, Message, value_of, whose
from resolver.signing import PrivateKey

LIFETIME_MS = 300 * SECOND
"""How long ago a signature may have been made, where nothing else is demanded."""
SKEW_MS = 60 * SECOND
"""How far ahead a signer's clock may be."""

_NAMES = {
    Curve.ED25519: "ed25519",
    Curve.P256: "ecdsa-p256-sha256",
    Curve.P384: "ecdsa-p384-sha384",
}
"""The algorithms by the names of RFC 9421 6.2; the other curves have none."""
_TEXTS = frozenset({"keyid", "nonce", "alg", "tag"})
_TIMES = frozenset({"created", "expires"})
_DIGESTS = (Component(CONTENT_DIGEST.lower()), Component(CONTENT_DIGEST.lower(), of_request=True))


class VerificationKey(Protocol):
    """A key with the one algorithm that it verifies: a message never chooses it."""

    @property
    def algorithm(self) -> str:
        """Its name in RFC 9421 6.2."""
        ...

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature.

        Raises:
            InvalidSignatureError: it was not made with this key over this message.
        """
        ...


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A key as DID documents publish them.

    Attributes:
        public: the key.
    """

    public: PublicKey

    @property
    def algorithm(self) -> str:
        """Its name in RFC 9421 6.2.

        Raises:
            UnsupportedKeyError: RFC 9421 has none for such keys.
        """
        return algorithm_name(self.public)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature.

        Raises:
            InvalidSignatureError: it was not made with this key over this message.
        """
        verify_with(self.public, self.public.algorithm, signature, message)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a signature must be to be worth anything.

    Attributes:
        components: what it must cover at least.
        nonce: the nonce that it must have, where one was asked for.
        lifetime_ms: how long ago it may have been made, in milliseconds.
    """

    components: frozenset[Component] = frozenset()
    nonce: str | None = None
    lifetime_ms: int = LIFETIME_MS


def algorithm_name(key: PublicKey) -> str:
    """Return what a key signs with, by its name in RFC 9421 6.2.

    Raises:
        UnsupportedKeyError: RFC 9421 has no name for it.
    """
    name = _NAMES.get(key.curve)
    if name is None:
        raise UnsupportedKeyError(f"HTTP messages are not signed with {key.curve} keys")
    return name


def signature_base(message: Message, coverage: Coverage) -> bytes:
    """Return the bytes that are signed (RFC 9421 2.5).

    Raises:
        MessageSignatureError: the message has not all that is covered.
    """
    lines = [f"{each}: {value_of(message, each)}" for each in coverage.components]
    return "\n".join([*lines, f'"@signature-params": {coverage.text}']).encode()


def sign(message: Message, label: str, coverage: Coverage, key: PrivateKey) -> Signature:
    """Sign a message.

    Args:
        message: what is to be signed, with all fields that are covered.
        label: what the signature is to be called.
        coverage: what it covers, and says of itself.
        key: signs.

    Raises:
        MessageSignatureError: the message has not all that is covered.
    """
    return Signature(label, coverage, key.sign(signature_base(message, coverage)))


def verify(
    message: Message, signature: Signature, key: VerificationKey, demands: Demands, now: Instant
) -> None:
    """Verify one signature of a message, and the contents whose digests it covers.

    Args:
        message: the message as it arrived.
        signature: the signature; whose key `keyid` names is the caller's to find out.
        key: verifies.
        demands: what the signature must be.
        now: the present.

    Raises:
        MessageSignatureError: it says of itself what is not understood, covers too little, is too
            old, or does not match.
        UnsupportedKeyError: no messages are signed with such a key.
    """
    coverage = signature.coverage
    _check_parameters(coverage, key.algorithm)
    _check_time(coverage, demands, now)
    missing = demands.components.difference(coverage.components)
    if missing:
        names = ", ".join(sorted(map(str, missing)))
        raise MessageSignatureError(f"the signature does not cover {names}")
    if demands.nonce is not None and coverage.parameters.get("nonce") != demands.nonce:
        raise MessageSignatureError("the signature has another nonce than was asked for")
    for each in _DIGESTS:
        if each in coverage.components:
            of = whose(message, each)
            check_content_digest(of.headers, of.body)
    try:
        key.verify(signature.value, signature_base(message, coverage))
    except InvalidSignatureError:
        text = "the signature does not match: another key, or another message"
        raise MessageSignatureError(text) from None


def _check_parameters(coverage: Coverage, algorithm: str) -> None:
    for name, value in coverage.parameters.items():
        if name in _TEXTS:
            good = isinstance(value, str)
        else:
            good = name in _TIMES and isinstance(value, int) and not isinstance(value, bool)
        if not good:
            raise MessageSignatureError(f"the signature's parameter {name} is not understood")
    if coverage.parameters.get("alg", algorithm) != algorithm:
        raise MessageSignatureError(f"the key signs with {algorithm} alone")


def _check_time(coverage: Coverage, demands: Demands, now: Instant) -> None:
    created, expires = coverage.parameters.get("created"), coverage.parameters.get("expires")
    if created is None:
        raise MessageSignatureError("the signature does not say when it was created")
    made = int(created) * SECOND
    if not now - demands.lifetime_ms <= made <= now + SKEW_MS:
        raise MessageSignatureError("the signature was created too long ago, or in the future")
    end = END if expires is None else int(expires) * SECOND
    if end <= max(now, made):
        raise MessageSignatureError("the signature has expired")
