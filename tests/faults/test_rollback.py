"""A did:webvh log that is cut or forked, before the whole service, and across its violent end."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web
from yarl import URL

from resolver.methods.webvh.writing import Written, next_entry
from tests.loopback import TestCa, serve_tls
from tests.unit.trust_registry.board import ORIGIN, open_board
from tests.webvh import PLACE, did_of, genesis, key, raw_of, second

ROOT = Path(__file__).resolve().parents[2]
TTL_S = 5  # the least that the service keeps what may be kept at all


@dataclass
class Service:
    """A process of the service."""

    session: aiohttp.ClientSession
    address: str
    process: asyncio.subprocess.Process

    async def resolve(self, did: str, *, fresh: bool = False) -> tuple[int, dict[str, Any]]:
        query = "?noCache=true" if fresh else ""
        url = URL(f"{self.address}/1.0/identifiers/{quote(did, safe='')}{query}", encoded=True)
        headers = {"Accept": "application/did-resolution"}
        async with self.session.get(url, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def metrics(self) -> str:
        async with self.session.get(f"{self.address}/metrics") as answer:
            return await answer.text()

    async def killed(self) -> str:
        """What it had logged when it was killed without warning."""
        self.process.kill()
        _, logged = await self.process.communicate()
        return logged.decode()


@asynccontextmanager
async def started(data: Path, port: int, ca: TestCa) -> AsyncIterator[Service]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from touchstone.cli import main; main()"),
        *("serve", "--listen", "127.0.0.1:0", "--data", str(data), "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "TOUCHSTONE_ORIGIN": ORIGIN,
            "TOUCHSTONE_ACCESS_LOG": "false",
            "TOUCHSTONE_FETCH_ALLOW_LOOPBACK": "true",
            "TOUCHSTONE_FETCH_HOSTS": json.dumps({PLACE: f"127.0.0.1:{port}"}),
            "TOUCHSTONE_FETCH_CA_FILE": str(ca.file),
        },
    )
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"}\n"):
        line = await process.stdout.readline()
        assert line, (await process.communicate())[1].decode()
        said += line
    try:
        async with aiohttp.ClientSession() as session:
            yield Service(session, json.loads(said)["address"], process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def grown(count: int) -> list[Written]:
    log = [genesis({"ttl": TTL_S})]
    while len(log) < count:
        log.append(next_entry(log[-1], key(1), second(len(log))))
    return log


def refused(answer: tuple[int, dict[str, Any]], lacking: Written) -> bool:
    status, result = answer
    error = result["didResolutionMetadata"].get("error", {})
    return (
        status == 500
        and error["type"].endswith("#INVALID_DID_DOCUMENT")
        and f"lacks entry {lacking.version_id}" in error["detail"]
    )


def version(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 200, answer
    return answer[1]["didDocumentMetadata"]["versionId"]


async def test_what_was_verified_once_is_not_taken_back(ca: TestCa, tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as both:  # one of them mostly waits
        for attack in ("cut", "forked"):
            folder = tmp_path / attack
            await asyncio.to_thread(folder.mkdir)
            both.create_task(withstands(ca, folder, attack))


async def withstands(ca: TestCa, folder: Path, attack: str) -> None:
    log = grown(3)
    fork = next_entry(log[1], key(1), second(30), state={**log[1].state, "alsoKnownAs": ["x:y"]})
    bad = log[:2] if attack == "cut" else [*log[:2], fork]
    published = log
    did, known, offered = did_of(log).text, log[-1], bad[-1]

    async def site(request: web.Request) -> web.Response:
        found = request.path == "/.well-known/did.jsonl"
        return web.Response(body=raw_of(published)) if found else web.Response(status=404)

    data = folder / "journal.sqlite"
    await (await open_board(data)).registry.close()
    async with serve_tls(ca, {PLACE: site}) as policy:
        port = policy.hosts[PLACE][1]
        async with started(data, port, ca) as service:
            assert version(await service.resolve(did)) == known.version_id
            published = bad
            assert refused(await service.resolve(did, fresh=True), known)
            first = await service.resolve(did)
            assert version(first) == known.version_id
            assert first[1]["didResolutionMetadata"]["cached"] is True
            if attack == "cut":
                await asyncio.sleep(TTL_S + 0.1)
                stale = await service.resolve(did)
                assert version(stale) == known.version_id
                assert stale[1]["didResolutionMetadata"]["stale"] is True
            metrics, logged = await service.metrics(), await service.killed()
        reported(metrics, logged, known, offered)
        async with started(data, port, ca) as service:
            assert refused(await service.resolve(did), known)
            metrics = await service.metrics()
            published = log
            assert version(await service.resolve(did, fresh=True)) == known.version_id
            logged = await service.killed()
        reported(metrics, logged, known, offered)


def reported(metrics: str, logged: str, known: Written, offered: Written) -> None:
    """The security event is there with both heads, for whoever reads the log, and for machines."""
    events = [json.loads(line) for line in logged.splitlines() if '"rollback or fork' in line]
    assert events
    assert {(each["known"], each["offered"]) for each in events} == {
        (known.version_id, offered.version_id)
    }
    assert events[0]["source"] == f"https://{PLACE}/.well-known/did.jsonl"
    (line,) = [
        each for each in metrics.splitlines() if each.startswith("touchstone_resolver_rollback{")
    ]
    assert f'known="{known.version_id}"' in line
    assert f'offered="{offered.version_id}"' in line
    assert "touchstone_resolver_rollbacks_total 0.0" not in metrics
