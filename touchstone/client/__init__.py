"""The SDK: ask a registry from Python. Offline, from a synced snapshot, without any network."""

from touchstone.client.offline import Offline, OfflineAnswer

__all__ = ["Offline", "OfflineAnswer"]
