"""The SDK: ask a registry from Python.

Offline, from a synced snapshot, without any network; or online, believing signed answers alone.
"""

from touchstone.client.offline import Offline, OfflineAnswer
from touchstone.client.online import Online, SignedAnswer

__all__ = ["Offline", "OfflineAnswer", "Online", "SignedAnswer"]
