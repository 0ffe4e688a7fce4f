"""The snapshot's errors, a branch of the registry's."""

from trust_registry.errors import TrustRegistryError


class SnapshotError(TrustRegistryError):
    """Base of everything that snapshots raise on purpose."""


class CorruptSnapshotError(SnapshotError):
    """What was read as a snapshot is not one, or not whole."""
