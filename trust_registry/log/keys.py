"""The keys of logs and witnesses: their texts, and how each kind signs a checkpoint."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from secrets import token_bytes
from typing import NamedTuple, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from resolver.instant import SECOND, Instant
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import (
    InvalidCheckpointError,
    InvalidKeyTextError,
    UntrustedNoteError,
)
from trust_registry.log.lines import from_base64, to_base64
from trust_registry.log.notes import ID_BYTES, Note, NoteSignature, is_key_name

_SEED = 32
_TIME_BYTES = 8
_LAST_TIME = 2**63 - 1
_PRIVATE = "PRIVATE+KEY+"
_MAX_NAME = 255


class KeyKind(IntEnum):
    """What a key signs, and with which algorithm (C2SP signed-note, "Signature types")."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


_PUBLIC_BYTES = {KeyKind.ED25519: 32, KeyKind.COSIGNATURE: 32, KeyKind.ML_DSA_44: 1312}


def _key_id(name: str, kind: KeyKind, raw: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name; its text is a "vkey" (C2SP signed-note, "Verifier keys").

    Attributes:
        name: of the log or the witness.
        kind: what it signs.
        raw: the public key itself.
    """

    name: str
    kind: KeyKind
    raw: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vkey.

        Raises:
            InvalidKeyTextError: it is none, or of a kind that is not known here.
        """
        name, id_, kind, raw = _parts(text)
        if len(raw) != _PUBLIC_BYTES[kind]:
            raise InvalidKeyTextError("the public key has another length than its kind has")
        if id_ != _key_id(name, kind, raw):
            raise InvalidKeyTextError("the key's id is not that of its name and public key")
        return cls(name, kind, raw)

    @property
    def id(self) -> bytes:
        """Four bytes that tell the keys of one name apart."""
        return _key_id(self.name, self.kind, self.raw)

    def __str__(self) -> str:
        """Its text."""
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.raw)}"

    def made(self, signature: NoteSignature) -> bool:
        """Tell whether a signature says that it is this key's."""
        return signature.name == self.name and signature.key_id == self.id

    def verify(self, text: str, signature: NoteSignature) -> Instant | None:
        """Verify a signature that says it is this key's.

        Returns:
            When it was made; None where its kind, or its maker, does not say so.

        Raises:
            UntrustedNoteError: it is another's, or over another text.
        """
        if not self.made(signature):
            raise UntrustedNoteError(f"not signed by {self.name}")
        seconds, value = _timed(self.kind, signature.value)
        try:
            message = _message(self.name, self.kind, text, seconds)
            if self.kind is KeyKind.ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(self.raw).verify(value, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.raw).verify(value, message)
        except (InvalidSignature, InvalidCheckpointError, ValueError):
            raise UntrustedNoteError(f"the signature of {self.name} is not its own") from None
        return Instant(seconds * SECOND) if seconds else None


def _parts(text: str) -> tuple[str, bytes, KeyKind, bytes]:
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    if not is_key_name(name) or len(name.encode()) > _MAX_NAME or not data:
        raise InvalidKeyTextError("a key's text is its name, its id and the key, joined by +")
    try:
        return name, bytes.fromhex(id_), KeyKind(data[0]), data[1:]
    except ValueError:
        raise InvalidKeyTextError("a key's id is in hex; its kind is 1, 4 or 6") from None


def _timed(kind: KeyKind, value: bytes) -> tuple[int, bytes]:
    """Split a signature into its time, in seconds, and the signature itself."""
    if kind is KeyKind.ED25519:
        return 0, value
    seconds = int.from_bytes(value[:_TIME_BYTES], "big")
    if seconds > _LAST_TIME:
        raise UntrustedNoteError("a cosignature's time is below 2**63")
    return seconds, value[_TIME_BYTES:]


def _message(name: str, kind: KeyKind, text: str, seconds: int) -> bytes:
    """Return what is signed (C2SP signed-note and tlog-cosignature)."""
    if kind is KeyKind.ED25519:
        return text.encode()
    if kind is KeyKind.COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    checkpoint = Checkpoint.parse(text)
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(name),
            seconds.to_bytes(8, "big"),
            _short(checkpoint.origin),
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _short(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) <= _MAX_NAME:
        raise InvalidCheckpointError(f"a name has 1 to {_MAX_NAME} bytes")
    return bytes([len(data)]) + data


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name; its secret never shows in a representation.

    Attributes:
        public: the public half.
    """

    public: VerifierKey
    _seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str, kind: KeyKind) -> Self:
        """Make a key from the system's randomness.

        Raises:
            InvalidKeyTextError: a key cannot have this name.
        """
        return cls.from_seed(name, kind, token_bytes(_SEED))

    @classmethod
    def from_seed(cls, name: str, kind: KeyKind, seed: bytes) -> Self:
        """The key of a 32-byte seed (RFC 8032 5.1.5, FIPS 204 5.1).

        Raises:
            InvalidKeyTextError: another length, or a name that no key can have.
        """
        if len(seed) != _SEED or not is_key_name(name) or len(name.encode()) > _MAX_NAME:
            raise InvalidKeyTextError("a signing key has a name and a seed of 32 bytes")
        if kind is KeyKind.ML_DSA_44:
            raw = MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
        else:
            raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(VerifierKey(name, kind, raw), seed)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a signing key: `PRIVATE+KEY+`, then its name, id, kind and seed, as a vkey has them.

        Raises:
            InvalidKeyTextError: it is none. The message never repeats the text.
        """
        if not text.startswith(_PRIVATE):
            raise InvalidKeyTextError(f"a signing key begins with {_PRIVATE}")
        name, id_, kind, seed = _parts(text.removeprefix(_PRIVATE))
        key = cls.from_seed(name, kind, seed)
        if key.public.id != id_:
            raise InvalidKeyTextError("the key's id is not that of its name and public key")
        return key

    def secret_text(self) -> str:
        """Its text. Whoever reads it can sign."""
        public = self.public
        encoded = to_base64(bytes([public.kind]) + self._seed)
        return f"{_PRIVATE}{public.name}+{public.id.hex()}+{encoded}"

    def sign(self, text: str, at: Instant) -> NoteSignature:
        """Sign a checkpoint's text; a kind that carries a time carries this one, in seconds."""
        public, seconds = self.public, max(at // SECOND, 0)
        message = _message(public.name, public.kind, text, seconds)
        if public.kind is KeyKind.ML_DSA_44:
            value = MLDSA44PrivateKey.from_seed_bytes(self._seed).sign(message)
        else:
            value = Ed25519PrivateKey.from_private_bytes(self._seed).sign(message)
        if public.kind is not KeyKind.ED25519:
            value = seconds.to_bytes(_TIME_BYTES, "big") + value
        return NoteSignature(public.name, public.id, value)


class LogKey(Protocol):
    """A key of the log, wherever it is kept: a `SigningKey`, or one in a token."""

    @property
    def public(self) -> VerifierKey:
        """The public half."""
        ...

    def sign(self, text: str, at: Instant) -> NoteSignature:
        """Sign a checkpoint's text. It blocks.

        Raises:
            KeyUnavailableError: the key cannot be used now.
        """
        ...


class Verified(NamedTuple):
    """A signature that was verified: whose, which one, and when it was made where it says so."""

    key: VerifierKey
    signature: NoteSignature
    made_at: Instant | None


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
    """Verify every signature of a note that is in the name of a known key; ignore all others.

    Returns:
        At least one, and at most one a key.

    Raises:
        UntrustedNoteError: there is none, or one is false, which makes the whole note suspect.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, Verified] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None and key not in found:
            found[key] = Verified(key, signature, key.verify(note.text, signature))
    if not found:
        raise UntrustedNoteError("no trusted key signed it")
    return tuple(found.values())


def open_checkpoint(note: Note, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint in a note that one of a log's keys signed.

    Args:
        note: the note.
        keys: the log's; each has the log's origin as its name.

    Raises:
        UntrustedNoteError: none of them signed it.
        InvalidCheckpointError: it holds no checkpoint of theirs, or an impossible one.
    """
    verified = verify_note(note, keys)
    checkpoint = Checkpoint.parse(note.text)
    if any(each.key.name != checkpoint.origin for each in verified):
        raise InvalidCheckpointError("signed by a log of another origin")
    if not checkpoint.possible:
        raise InvalidCheckpointError("an empty tree has another root")
    return checkpoint


def read_signing_keys(text: str, name: str, kinds: Iterable[KeyKind]) -> tuple[SigningKey, ...]:
    """Read signing keys of one name, one a line or parted by spaces.

    Args:
        text: as a file or a secret of the environment holds them.
        name: that each must have.
        kinds: that they may be of.

    Raises:
        InvalidKeyTextError: there is none, or one is not of this name or of these kinds.
    """
    allowed = frozenset(kinds)
    keys = tuple(map(SigningKey.parse, text.split()))
    if not keys:
        raise InvalidKeyTextError("there is no key")
    for key in keys:
        if key.public.name != name:
            raise InvalidKeyTextError(f"a key is named {key.public.name}, and not {name}")
        if key.public.kind not in allowed:
            raise InvalidKeyTextError("a key is of a kind that does not sign this")
    return keys
