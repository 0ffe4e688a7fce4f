"""The messages between the service and the processes that make its graphs."""

import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from credentials.rdf.contexts import Context
from credentials.rdf.signed import Job, Transformed
from resolver.errors import ResolverError

LENGTH = struct.Struct("!I")
"""How the length of a message is written before it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a process is to do.

    Attributes:
        contexts: those that it has not seen yet.
        combination: contexts that it is to make ready for being used together, or None.
        job: what it is to transform, or None.
    """

    contexts: Sequence[Context] = ()
    combination: Sequence[str] | None = None
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job."""

    result: Transformed | ResolverError | None


def packed(message: Request | Reply) -> bytes:
    """Write a message with its length before it. Both ends are this program."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data
