"""Our keys as TUF knows them. Ed25519 alone: every client of TUF verifies it."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Key, SecretsHandler, Signature, Signer, SSlibKey

from resolver.keys import Curve, PublicKey
from resolver.signing import PrivateKey
from trust_registry.snapshot.errors import NotPublishedError


def tuf_key(public: PublicKey) -> SSlibKey:
    """Return a public key as TUF's metadata holds it.

    Raises:
        NotPublishedError: it is no Ed25519 key.
    """
    if public.curve is not Curve.ED25519:
        raise NotPublishedError(f"a key on {public.curve}: TUF's roles are signed with Ed25519")
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public.raw))


class TufSigner(Signer):
    """Signs metadata with one of our keys.

    Args:
        key: the key.
    """

    def __init__(self, key: PrivateKey) -> None:
        self._key = key
        self._public = tuf_key(key.public)

    @property
    def public_key(self) -> Key:
        """The public half."""
        return self._public

    def sign(self, payload: bytes) -> Signature:
        """Sign bytes."""
        return Signature(self._public.keyid, self._key.sign(payload).hex())

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, secrets_handler: SecretsHandler | None = None
    ) -> Signer:
        """Refuse: keys come as keys here, not as addresses."""
        raise NotImplementedError
