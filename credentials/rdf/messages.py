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
    """A job, with the contexts that the process has not seen yet."""

    contexts: Sequence[Context]
    job: Job | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job."""

    result: Transformed | ResolverError | None


def packed(message: Request | Reply) -> bytes:
    """Write a message with its length before it. Both ends are this program."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data
