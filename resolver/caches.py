"""All caches of a resolver together: purging by DID, and hearing what other processes say."""

from collections.abc import Mapping
from typing import Any

from resolver.caching import Cached
from resolver.clock import Clock
from resolver.did import Did
from resolver.invalidation import Invalidation
from resolver.keeping import CachePolicy
from resolver.methods import Hosted
from resolver.resolution import Resolver, resolver_of
from resolver.shared import Shared


class Caches:
    """The caches by the method that each stands before.

    Args:
        by_method: the caches, by names such as `web`.
    """

    def __init__(self, by_method: Mapping[str, Cached[Any]]) -> None:
        self.by_method = by_method

    async def purge(self, did: Did) -> bool:
        """Keep nothing of a DID, in any process; tell whether its method keeps anything at all."""
        cache = self.by_method.get(did.method)
        if cache is None:
            return False
        await cache.purge(did)
        return True

    def hear(self, message: bytes) -> None:
        """Follow what another process, or this one, has told."""
        said = Invalidation.decode(message)
        cache = self.by_method.get(said.did.method) if said else None
        if said is None or cache is None:
            return
        if said.purge:
            cache.purged(said.did, said.at)
        else:
            cache.changed(said.did, said.at)

    def missed(self) -> None:
        """Confirm everything anew before it is used: messages may have been missed."""
        for cache in self.by_method.values():
            cache.doubt()

    async def close(self) -> None:
        """End what is under way."""
        for cache in self.by_method.values():
            await cache.close()


def cached_resolver(
    hosted: Mapping[str, Hosted[Any]],
    clock: Clock,
    policy: CachePolicy | None = None,
    shared: Shared | None = None,
) -> tuple[Resolver, Caches]:
    """A resolver that keeps what hosts publish, and its caches, which the caller closes.

    Args:
        hosted: the methods to keep documents of, by their names.
        clock: tells the present.
        policy: how long what is kept.
        shared: the second level; none where not given.
    """
    caches = {name: Cached(method, clock, policy, shared) for name, method in hosted.items()}
    return resolver_of(caches, clock), Caches(caches)
