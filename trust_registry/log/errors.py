"""What is wrong with a log's texts, proofs and keys."""

from trust_registry.errors import TrustRegistryError


class LogError(TrustRegistryError):
    """Base of what this package raises."""


class InvalidKeyTextError(LogError):
    """Not the text of a verifier key or of a signing key (C2SP signed-note)."""


class KeyUnavailableError(LogError):
    """A key that is kept elsewhere cannot be used now."""


class InvalidNoteError(LogError):
    """Not a signed note (C2SP signed-note)."""


class UntrustedNoteError(LogError):
    """No trusted key signed the note, or a signature in a trusted key's name is not its own."""


class InvalidCheckpointError(LogError):
    """Not a checkpoint, or one that cannot be (C2SP tlog-checkpoint)."""


class InvalidProofError(LogError):
    """A proof does not prove what it should, or is none (RFC 9162 2.1.3, 2.1.4)."""


class InvalidPolicyError(LogError):
    """Not a witness policy (C2SP tlog-policy)."""


class QuorumUnmetError(LogError):
    """Too few of the witnesses that a policy asks for have cosigned."""
