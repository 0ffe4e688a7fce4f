"""Resolution in one call, for programs that use this package as a library."""

from collections.abc import Mapping

from resolver.clock import SystemClock
from resolver.fetch import Fetcher, FetchPolicy
from resolver.methods.upstream import Upstream
from resolver.options import NO_OPTIONS, ResolutionOptions
from resolver.resolution import native_resolver
from resolver.result import Resolution

_NO_UPSTREAMS: Mapping[str, str] = {}


async def resolve(
    did: str,
    options: ResolutionOptions = NO_OPTIONS,
    *,
    upstreams: Mapping[str, str] = _NO_UPSTREAMS,
    policy: FetchPolicy | None = None,
) -> Resolution:
    """Resolve a DID (DID Resolution, section DID Resolution); a failure is an answer too.

    Each call opens its own connections and keeps nothing. Who resolves often builds a
    `resolver.resolution.Resolver` once instead.

    Args:
        did: the DID.
        options: which version, and how it is to be answered.
        upstreams: by method, the URL of another resolver, with `{did}` where the DID belongs.
        policy: what may be fetched, and how much of it.

    Raises:
        InvalidUpstreamError: the URL of an upstream cannot be used.
    """
    asked = {method: Upstream.parse(pattern) for method, pattern in upstreams.items()}
    async with Fetcher(policy) as fetcher:
        return await native_resolver(fetcher, SystemClock(), asked).resolve(did, options)
