"""Processes that make graphs, each of which can be killed.

What a hostile graph costs is bounded twice: by the limits within, and by a deadline after which
the process that works on it is killed and another one takes its place. No thread can be stopped so.
"""

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS, GraphLimits
from credentials.rdf.contexts import Context, Contexts, context_urls
from credentials.rdf.errors import GraphUnavailableError
from credentials.rdf.messages import LENGTH, Reply, Request, packed
from credentials.rdf.selective import Disclosure
from credentials.rdf.signed import Job, Transformed
from resolver.errors import ResolverError
from resolver.strict_json import Json

_SPARE = 1
"""Processes beside those at work: one that is killed is replaced at once."""
_STARTING_SECONDS = 30.0
_PREPARING_SECONDS = 10.0
"""Contexts are not hostile: making them ready takes as long as it takes, once for each process."""


@dataclass(frozen=True, slots=True)
class PoolPolicy:
    """How graphs are made.

    Attributes:
        processes: how many work at once; one more stands by.
        seconds: how long one may take before its process is killed.
        max_waiting: how many may wait for a process.
        limits: how much of a graph is looked at.
    """

    processes: int = 1
    seconds: float = 0.9
    max_waiting: int = 64
    limits: GraphLimits = DEFAULT_GRAPH_LIMITS


DEFAULT_POLICY = PoolPolicy()


class GraphPool:
    """Transforms documents whose graphs are signed, in processes of their own.

    Args:
        contexts: gives the contexts that are admitted.
        policy: how much is done at once, and for how long.

    Attributes:
        contexts: what gives the contexts.
    """

    def __init__(self, contexts: Contexts, policy: PoolPolicy = DEFAULT_POLICY) -> None:
        self.contexts = contexts
        self._policy = policy
        self._idle: list[_Worker] = []
        self._free = asyncio.Semaphore(policy.processes)
        self._waiting = 0
        self._replacing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start all processes, so that the first document does not wait for one."""
        while len(self._idle) < self._policy.processes + _SPARE:
            self._idle.append(await _Worker.start())

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*self._replacing, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end()

    async def transform(
        self,
        document: Mapping[str, Json],
        options: Mapping[str, Json],
        algorithm: str,
        disclosure: Disclosure | None = None,
    ) -> Transformed:
        """Transform a document and the options of its proof.

        Args:
            document: with the proofs that the proof is made over too, and without any other.
            options: the proof without its value.
            algorithm: the hash function, as hashlib calls it.
            disclosure: the proof's value where it is a derived one.

        Raises:
            InvalidJsonLdError: it is no JSON-LD, or parts of it are not signed.
            UnreadableContextError: one of its contexts is not admitted, or cannot be had.
            InvalidProofError: a derived proof does not fit it.
            TooMuchWorkError: a limit is exceeded.
            GraphUnavailableError: too many wait, or it took too long.
        """
        contexts = await self.contexts.closure(context_urls(document))
        read_by = {"@context": document["@context"]} if "@context" in document else {}
        job = Job(document, {**options, **read_by}, algorithm, disclosure, self._policy.limits)
        if self._free.locked() and self._waiting >= self._policy.max_waiting:
            raise GraphUnavailableError("too many wait for their graphs")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._run(contexts, job)
        finally:
            self._free.release()

    async def _run(self, contexts: tuple[Context, ...], job: Job) -> Transformed:
        try:
            worker = self._idle.pop() if self._idle else await _Worker.start()
        except (OSError, EOFError) as error:
            raise GraphUnavailableError("no process for its graph could be started") from error
        try:
            async with asyncio.timeout(_PREPARING_SECONDS):
                refusal = await worker.prepare(contexts, job)
            async with asyncio.timeout(self._policy.seconds):
                result = refusal or await worker.ask(Request(job=job))
        except TimeoutError:
            await self._replace(worker)
            message = f"its graph takes longer than {self._policy.seconds:g} seconds"
            raise GraphUnavailableError(message) from None
        except (OSError, EOFError) as error:
            await self._replace(worker)
            raise GraphUnavailableError("the process that made its graph died") from error
        except asyncio.CancelledError:
            await worker.end()
            raise
        self._idle.append(worker)
        if isinstance(result, ResolverError):
            raise result
        if result is None:
            raise GraphUnavailableError("no graph was made")
        return result

    async def _replace(self, worker: "_Worker") -> None:
        """Kill a process; start another meanwhile, so that the next document need not wait."""
        await worker.end()
        task = asyncio.create_task(self._restart(), name="graph process")
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _restart(self) -> None:
        with suppress(OSError, EOFError):
            worker = await _Worker.start()
            if len(self._idle) < self._policy.processes + _SPARE:
                self._idle.append(worker)
            else:
                await worker.end()


@dataclass(slots=True)
class _Worker:
    """A process and the connection to it."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    known: set[str] = field(default_factory=set)
    ready: set[tuple[str, ...]] = field(default_factory=set)

    @classmethod
    async def start(cls) -> "_Worker":
        spawning = asyncio.create_task(asyncio.to_thread(_spawn))
        try:
            process, ours = await asyncio.shield(spawning)
        except asyncio.CancelledError:  # no thread can be stopped: what it makes is ended
            process, ours = await spawning
            await _end(process, ours)
            raise
        try:
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            await _end(process, ours)
            raise
        worker = cls(process, reader, writer)
        try:
            async with asyncio.timeout(_STARTING_SECONDS):
                await worker.ask(Request())
        except BaseException:
            await worker.end()
            raise
        return worker

    async def prepare(
        self, contexts: tuple[Context, ...], job: Job
    ) -> Transformed | ResolverError | None:
        """Make the contexts of a document ready; what comes back is why they cannot be."""
        together = context_urls(job.document)
        if together in self.ready:
            return None
        new = tuple(each for each in contexts if each.url not in self.known)
        refusal = await self.ask(Request(new, together))
        self.known.update(each.url for each in new)
        self.ready.add(together)
        return refusal

    async def ask(self, request: Request) -> Transformed | ResolverError | None:
        self.writer.write(packed(request))
        await self.writer.drain()
        (size,) = LENGTH.unpack(await self.reader.readexactly(LENGTH.size))
        reply: Reply = pickle.loads(await self.reader.readexactly(size))  # noqa: S301 - ours
        return reply.result

    async def end(self) -> None:
        self.process.kill()
        self.writer.close()
        await asyncio.to_thread(self.process.wait)
        with suppress(OSError):
            await self.writer.wait_closed()


def _spawn() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process that has nothing of ours but one socket: no variables, no files."""
    ours, theirs = socket.socketpair()
    paths = os.pathsep.join(path or os.curdir for path in sys.path)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            [sys.executable, "-m", "credentials.rdf.worker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            env={"PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    return process, ours


async def _end(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
    process.kill()
    ours.close()
    await asyncio.to_thread(process.wait)
