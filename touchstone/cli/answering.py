"""Answers that are believed: a server signed them, or they are made in this process.

That is from a journal's file, or from a synced snapshot; the requests are the same.
"""

import asyncio
from pathlib import Path

import aiohttp

from policies.errors import PolicyError
from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import ResolverError
from resolver.fetch import Fetcher
from resolver.instant import format_instant
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from touchstone.cli.asking import TIMEOUT_S, Reply, document_of
from touchstone.cli.printing import give_up, note, printable
from touchstone.client import Offline, Online
from touchstone.service.credentials import PATH as VERIFY
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.errors import RequestError, SettingsError
from touchstone.service.problems import problem_of
from touchstone.service.questions import question_of_json
from touchstone.service.serving import open_parts
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry
from trust_registry.errors import TrustRegistryError
from trust_registry.snapshot.errors import SnapshotError

_OK = 200


async def ask_signed(server: str, path: str, body: Json, signed_by: Did, loaded: Settings) -> Reply:
    """Put a request to a server. Ends the process where no reply is signed by whom it should be."""
    clock = SystemClock()
    async with (
        Fetcher(loaded.fetch_policy) as fetcher,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
    ):
        documents = native_resolver(fetcher, clock, logs=loaded.did_logs)
        online = Online(session, server, signed_by, documents, clock)
        try:
            answer = await online.request("POST", path, body)
        except ResolverError as error:
            give_up(f"{server} is not believed: {error}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            give_up(f"{server} does not answer: {str(error) or type(error).__name__}")
    note(f"signed by {printable(str(answer.method))} at {format_instant(answer.created)}")
    return Reply(answer.status, document_of(answer.message.body))


async def ask_here(settings: Settings, path: str, body: Json) -> Reply:
    """Answer a request in this process. Ends it where the journal cannot be read."""
    try:
        async with open_parts(settings) as parts:
            desk = Desk(parts.registry, Telemetry())
            try:
                if path == VERIFY:
                    examiner = Examiner(desk, parts.resolver, parts.clock, parts.checks)
                    return Reply(_OK, document_of(await examiner.examine(body)))
                asked = question_of_json(body, settings.max_claims)
                prepared = await desk.answer(asked, None, None, parts.clock.now())
                return Reply(_OK, document_of(prepared.body))
            except (
                Exception
            ) as error:  # what the service explains is explained here; the rest goes on
                response = problem_of(error)
                if response is None or not isinstance(response.body, bytes):
                    raise
                return Reply(response.status, document_of(response.body))
    except TrustRegistryError as error:
        give_up(f"{settings.data}: {error}")


def ask_snapshot(folder: Path, path: str, body: Json, settings: Settings) -> Reply:
    """Answer from a synced snapshot. Ends the process where there is none, or it has expired."""
    try:
        offline = Offline.open(folder, settings=settings)
        answer = asyncio.run(offline.check(body)) if path == VERIFY else offline.ask(body)
        return Reply(_OK, answer.document)
    except (RequestError, PolicyError) as error:
        response = problem_of(error)
        if response is None or not isinstance(response.body, bytes):
            raise
        return Reply(response.status, document_of(response.body))
    except (SnapshotError, SettingsError) as error:
        give_up(f"{folder}: {error}" if isinstance(error, SnapshotError) else str(error))
