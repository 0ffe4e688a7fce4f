"""The process in which graphs are made: it answers one job after another, until it is killed."""

import pickle
import socket
import sys
from contextlib import suppress

from credentials.rdf.errors import TooMuchWorkError
from credentials.rdf.messages import LENGTH, Reply, Request, packed
from credentials.rdf.signed import Transformed
from credentials.rdf.transform import Transformer
from resolver.errors import ResolverError

MAX_MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""


def serve(connection: socket.socket) -> None:
    """Answer until the other end closes."""
    transformer = Transformer()
    with connection.makefile("rb") as stream:
        while head := stream.read(LENGTH.size):
            request: Request = pickle.loads(stream.read(*LENGTH.unpack(head)))  # noqa: S301 - ours
            connection.sendall(packed(Reply(_answer(transformer, request))))


def _answer(transformer: Transformer, request: Request) -> Transformed | ResolverError | None:
    for context in request.contexts:
        transformer.expander.add(context.url, context.raw)
    try:
        if request.combination is not None:
            transformer.expander.expand({"@context": [*request.combination]})
        return transformer.transform(request.job) if request.job else None
    except ResolverError as error:
        return error.with_traceback(None)
    except MemoryError:
        return TooMuchWorkError("it takes more memory than a graph may")


def main() -> None:
    """Serve on the socket whose number is the first argument."""
    with suppress(ImportError, ValueError, OSError):  # not everywhere
        import resource  # noqa: PLC0415 - where there is none, memory goes unbounded

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=int(sys.argv[1])) as connection, suppress(OSError, KeyboardInterrupt):
        serve(connection)


if __name__ == "__main__":
    main()
