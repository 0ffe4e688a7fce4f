"""The registry's errors: one small tree. The host alone turns them into problem documents."""

from enum import StrEnum


class TrustRegistryError(Exception):
    """Base of everything `trust_registry` raises on purpose."""


class Refusal(StrEnum):
    """Stable codes: why an act was refused."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    NOT_CANONICAL = "not_canonical"
    WRONG_HEADER = "wrong_header"
    BAD_SIGNATURE = "bad_signature"
    KEY_NOT_PINNED = "key_not_pinned"
    KEY_NOT_LISTED = "key_not_listed"
    KEY_COMPROMISED = "key_compromised"
    DID_UNAVAILABLE = "did_unavailable"
    WRONG_REGISTRY = "wrong_registry"
    WRONG_BASE = "wrong_base"
    WRONG_FRAMEWORK = "wrong_framework"
    EXPIRED = "expired"
    NOT_YET_ISSUED = "not_yet_issued"
    EXPIRES_TOO_LATE = "expires_too_late"
    NONCE_USED = "nonce_used"
    UNKNOWN_SIGNER = "unknown_signer"
    UNKNOWN_PARTY = "unknown_party"
    UNKNOWN_STATEMENT = "unknown_statement"
    UNKNOWN_CHANGE = "unknown_change"
    UNKNOWN_PROPOSAL = "unknown_proposal"
    PROPOSAL_CLOSED = "proposal_closed"
    NOT_ENTITLED = "not_entitled"
    ABSTAINS = "abstains"
    ALREADY_VOTED = "already_voted"
    TOO_EARLY = "too_early"
    SELF_GRANT = "self_grant"
    BACKDATED = "backdated"
    ALREADY_BOUND = "already_bound"
    ALREADY_SUSPENDED = "already_suspended"
    ALREADY_LIFTED = "already_lifted"
    EVIDENCE_MISSING = "evidence_missing"
    SIGNATURE_MISSING = "signature_missing"
    DOMAIN_UNPROVED = "domain_unproved"
    NOT_NARROWER = "not_narrower"
    WRONG_KIND = "wrong_kind"
    TOO_MANY_PENDING = "too_many_pending"
    TOO_MANY_ACTS = "too_many_acts"
    TOO_MANY_STATEMENTS = "too_many_statements"
    TOO_LATE = "too_late"
    NO_RULE = "no_rule"


RETRYABLE = frozenset(
    {
        Refusal.DID_UNAVAILABLE,
        Refusal.TOO_EARLY,
        Refusal.NOT_YET_ISSUED,
        Refusal.TOO_MANY_ACTS,
        Refusal.TOO_MANY_STATEMENTS,
    }
)
"""Refusals that the same act may overcome later."""


class ActRefusedError(TrustRegistryError):
    """An act is not taken into the journal.

    Attributes:
        code: why, as a stable code.
        member: the member of the act at fault, as a dotted path; empty for the whole.
        receipt: the registry's signed word on it, where it was judged and there is a key to sign.
        retry_after_s: seconds after which the same act may be accepted, where that is known.
    """

    def __init__(
        self, code: Refusal, message: str, member: str = "", *, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.member = member
        self.retry_after_s = retry_after_s
        self.receipt = ""

    @property
    def retryable(self) -> bool:
        """Whether the same act may be accepted later."""
        return self.code in RETRYABLE


class InvalidFrameworkError(TrustRegistryError):
    """A governance framework's document is not what it should be.

    Attributes:
        member: the member at fault, as a dotted path.
    """

    def __init__(self, member: str, message: str) -> None:
        super().__init__(f"{member}: {message}" if member else message)
        self.member = member


class InvalidYamlError(TrustRegistryError):
    """A file that a person wrote is no YAML, or not such as has one meaning."""


class InvalidQueryError(TrustRegistryError):
    """A reader asked for something that cannot be asked.

    Attributes:
        member: the query parameter at fault.
    """

    def __init__(self, member: str, message: str) -> None:
        super().__init__(message)
        self.member = member


class NotFoundError(TrustRegistryError):
    """There is no such act, party or statement."""


class StoreError(TrustRegistryError):
    """The store could not do what it was asked; nothing was written."""


class StoreMovedError(StoreError):
    """Another writer appended first: the journal is longer than this process knows."""


class StoreUncertainError(StoreError):
    """It is not known whether an entry was written. Only a restart, which reads it, can tell."""


class CorruptJournalError(TrustRegistryError):
    """A stored entry is not what was once acknowledged, or not what the rules admit.

    Attributes:
        index: the first entry at fault, from 0.
    """

    def __init__(self, index: int, message: str) -> None:
        super().__init__(f"entry {index}: {message}")
        self.index = index
