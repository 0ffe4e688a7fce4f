"""The snapshot's errors, a branch of the registry's."""

from trust_registry.errors import TrustRegistryError


class SnapshotError(TrustRegistryError):
    """Base of everything that snapshots raise on purpose."""


class CorruptSnapshotError(SnapshotError):
    """What was read as a snapshot is not one, or not whole."""


class NotPublishedError(SnapshotError):
    """A repository cannot be changed like this: a key has no seat, or a step is missing."""


class UntrustedSnapshotError(SnapshotError):
    """What a repository offers is not to be used.

    Attributes:
        code: why, as a stable code: `expired`, `rollback`, `unsigned`, `altered`, `other_registry`,
            `corrupt`, `unreachable`, `refused`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
