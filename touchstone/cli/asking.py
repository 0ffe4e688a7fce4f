"""Asking: the same request, put to a server or answered in this process from a journal's file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
from yarl import URL

from policies.errors import PolicyError
from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import InvalidJsonError, ResolverError
from resolver.fetch import Fetcher
from resolver.instant import format_instant
from resolver.resolution import native_resolver
from resolver.strict_json import Json, parse_json
from touchstone.cli.printing import give_up, note, printable
from touchstone.client import Offline, Online
from touchstone.service.credentials import PATH as VERIFY
from touchstone.service.credentials import Examiner
from touchstone.service.decisions import Desk
from touchstone.service.errors import RequestError, SettingsError
from touchstone.service.problems import problem_of
from touchstone.service.questions import question_of_json
from touchstone.service.serving import open_parts
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry
from trust_registry.errors import TrustRegistryError
from trust_registry.snapshot.errors import SnapshotError

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_MAX_ANSWER = 32 * 1024 * 1024
_OK = 200
_ERROR = 400


class Reply(NamedTuple):
    """What came back: an HTTP status, and the document."""

    status: int
    document: Mapping[str, Json]

    @property
    def good(self) -> bool:
        """Whether it is an answer, and not a problem."""
        return self.status < _ERROR

    @property
    def complaint(self) -> str:
        """What the problem says, on one line."""
        title, detail = self.document.get("title", "no answer"), self.document.get("detail")
        where = self.document.get("pointer") or self.document.get("field")
        text = f"{title}: {detail}" if detail else str(title)
        return f"{text} ({where})" if where else text


async def ask_server(
    server: str, path: str, body: Json = None, *, method: str = "POST", accept: str = "*/*"
) -> Reply:
    """Put a request to a server. Ends the process where there is no reply."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.request(
                method,
                URL(server.rstrip("/") + path, encoded=True),
                json=body if method == "POST" else None,
                headers={"Accept": accept},
            ) as response,
        ):
            data = await response.content.read(_MAX_ANSWER)
            while chunk := await response.content.read(_MAX_ANSWER - len(data)):
                data += chunk
            return Reply(response.status, _document(data))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        give_up(f"{server} does not answer: {str(error) or type(error).__name__}")


async def ask_signed(server: str, path: str, body: Json, signed_by: Did, loaded: Settings) -> Reply:
    """Put a request to a server. Ends the process where no reply is signed by whom it should be."""
    clock = SystemClock()
    async with (
        Fetcher(loaded.fetch_policy) as fetcher,
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
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
    return Reply(answer.status, _document(answer.message.body))


def _document(data: bytes) -> Mapping[str, Json]:
    try:
        document = parse_json(data, max_bytes=_MAX_ANSWER)
    except InvalidJsonError as error:
        give_up(f"the reply is not JSON: {error}")
    if not isinstance(document, dict):
        give_up("the reply is not a JSON object")
    return document


async def ask_here(settings: Settings, path: str, body: Json) -> Reply:
    """Answer a request in this process. Ends it where the journal cannot be read."""
    try:
        async with open_parts(settings) as parts:
            desk = Desk(parts.registry, Telemetry())
            try:
                if path == VERIFY:
                    examiner = Examiner(desk, parts.resolver, parts.clock, parts.checks)
                    return Reply(_OK, _document(await examiner.examine(body)))
                asked = question_of_json(body, settings.max_claims)
                prepared = await desk.answer(asked, None, None, parts.clock.now())
                return Reply(_OK, _document(prepared.body))
            except (
                Exception
            ) as error:  # what the service explains is explained here; the rest goes on
                response = problem_of(error)
                if response is None or not isinstance(response.body, bytes):
                    raise
                return Reply(response.status, _document(response.body))
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
        return Reply(response.status, _document(response.body))
    except (SnapshotError, SettingsError) as error:
        give_up(f"{folder}: {error}" if isinstance(error, SnapshotError) else str(error))


def read_text(file: Path) -> str:
    """Read a file of text; `-` is stdin. Ends the process where it cannot be read."""
    try:
        with click.open_file(str(file), encoding="utf-8") as opened:
            return str(opened.read())
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")


def read_credential(file: Path) -> Json:
    """Read a credential from a file: JSON, a JWT, or a request that wraps one. `-` is stdin.

    Ends the process where it cannot be read.
    """
    stripped = read_text(file).strip()
    if not stripped.startswith(("{", '"')):
        return stripped
    try:
        value = parse_json(stripped, max_bytes=_MAX_ANSWER)
    except InvalidJsonError as error:
        give_up(f"{file}: {error}")
    if isinstance(value, dict) and "credential" in value and "@context" not in value:
        return value["credential"]
    return value
