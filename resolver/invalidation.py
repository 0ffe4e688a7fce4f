"""What processes that share a cache tell each other: this DID was purged, or has changed."""

from dataclasses import dataclass
from typing import Self

import orjson

from resolver.did import MAX_DID_BYTES, Did
from resolver.errors import InvalidDidError, InvalidJsonError
from resolver.instant import Instant
from resolver.strict_json import parse_json

_MAX_BYTES = MAX_DID_BYTES + 256


@dataclass(frozen=True, slots=True)
class Invalidation:
    """A message about one DID.

    Attributes:
        did: the DID.
        at: when it was purged, or seen to have changed.
        purge: whether nothing kept may be used again, not even as stale.
    """

    did: Did
    at: Instant
    purge: bool

    def encode(self) -> bytes:
        """Write the message."""
        return orjson.dumps([self.did.text, self.at, self.purge])

    @classmethod
    def decode(cls, raw: bytes) -> Self | None:
        """Read what `encode` wrote; None where it is something else."""
        try:
            match parse_json(raw, max_bytes=_MAX_BYTES):
                case [str() as did, int() as at, bool() as purge]:
                    return cls(Did.parse(did), Instant(at), purge)
        except (InvalidJsonError, InvalidDidError):
            pass
        return None
