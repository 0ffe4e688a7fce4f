"""The repository of snapshots over real HTTP: its headers, its limits, and clients that sync."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from click.testing import CliRunner
from yarl import URL

from resolver.clock import SystemClock
from tests.http.conftest import Answer, Service, running
from tests.unit.policies.minerals import irma_and_its_auditor
from tests.unit.trust_registry.snapshot.publishing import Publishing, small_registry, snapshot_of
from touchstone.cli import main
from touchstone.client import Offline
from touchstone.service.errors import SettingsError
from touchstone.service.serving import serve
from touchstone.service.settings import Settings
from trust_registry.snapshot import http
from trust_registry.snapshot.kept import Shelf
from trust_registry.snapshot.syncing import sync

IMMUTABLE = "public, max-age=31536000, immutable"
CLOCK = SystemClock()


@dataclass
class Published:
    """A service that serves what a board publishes."""

    service: Service
    board: Publishing
    root: bytes
    target: Path
    address: str

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a path as it is written, not as a client would tidy it up."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(f"{self.address}/{path}", encoded=True)
        async with self.service.session.get(url, headers=named) as response:
            return Answer(response.status, response.headers, await response.read())


@pytest_asyncio.fixture
async def published(tmp_path: Path) -> AsyncIterator[Published]:
    journal = small_registry()
    board = await asyncio.to_thread(Publishing, tmp_path / "tuf")
    await asyncio.to_thread(board.publish, snapshot_of(journal.index, journal.size))
    async for service in running(tmp_path, snapshots=board.folder):
        root = await asyncio.to_thread(lambda: board.root)
        (target,) = await asyncio.to_thread(lambda: [*board.folder.glob("targets/registry/*")])
        yield Published(service, board, root, target, f"{service.address}/snapshots")


async def _synced(published: Published, shelf: Shelf) -> bool:
    found = await asyncio.to_thread(sync, published.address, shelf, published.root, CLOCK)
    return found.new


async def test_a_client_follows_publications_and_decides_offline(
    published: Published, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "here")
    assert await _synced(published, shelf)
    assert not await _synced(published, shelf)
    journal, _, _ = irma_and_its_auditor()
    journal.party("newcomer")
    later = snapshot_of(journal.index, journal.size)
    await asyncio.to_thread(published.board.publish, later)
    assert await _synced(published, shelf)
    offline = await asyncio.to_thread(Offline.open, tmp_path / "here")
    answer = offline.ask({"issuer": "did:web:boreal.example", "claim": {}})
    assert answer.document["journal"] == {"size": later.size, "root": later.root.hex()}
    assert answer.document["issuer"]["name"] == "Boreal"


async def test_a_client_that_syncs_while_others_publish_finds_all_that_it_is_led_to(
    published: Published, tmp_path: Path
) -> None:
    def publish() -> None:
        for size in range(5, 25):
            published.board.publish(snapshot_of(small_registry().index, size))

    publishing = asyncio.create_task(asyncio.to_thread(publish))
    shelf, news = Shelf(tmp_path / "here"), 0
    while not publishing.done():
        news += await _synced(published, shelf)
    await publishing
    await _synced(published, shelf)
    assert (await asyncio.to_thread(shelf.read)).snapshot.size == 24
    assert news > 1, "some syncs met a publication under way"


async def test_the_command_line_syncs_from_the_service(
    published: Published, tmp_path: Path
) -> None:
    root = published.board.folder / "metadata" / "1.root.json"
    arguments = ["snapshot", "sync", published.address, str(tmp_path / "here"), "--root", str(root)]
    done = await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["new"] is True


async def test_metadata_says_how_long_it_may_be_kept(published: Published) -> None:
    latest = await published.get("metadata/timestamp.json")
    assert (latest.status, latest.headers["Content-Type"]) == (200, "application/json")
    assert latest.headers["Cache-Control"] == "no-cache"
    assert latest.headers["ETag"] == f'"{sha256(latest.body).hexdigest()}"'
    assert latest.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("1.root.json", "1.targets.json", "1.snapshot.json"):
        found = await published.get(f"metadata/{name}")
        stored = published.board.folder / "metadata" / name
        assert found.body == await asyncio.to_thread(stored.read_bytes)
        assert found.headers["Cache-Control"] == IMMUTABLE
    again = await published.get("metadata/timestamp.json", If_None_Match=latest.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    head = await published.service.ask("HEAD", "/snapshots/metadata/timestamp.json")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(latest.body))


async def test_a_root_that_may_come_tomorrow_is_not_kept_as_absent(published: Published) -> None:
    absent = await published.get("metadata/2.root.json")
    assert (absent.status, absent.headers["Cache-Control"]) == (404, "no-store")
    assert absent.json["type"] == "/problems/not-found"


async def test_a_new_timestamp_is_seen_at_once(published: Published) -> None:
    before = await published.get("metadata/timestamp.json")
    await asyncio.to_thread(published.board.publish, snapshot_of(small_registry().index, 9))
    after = await published.get("metadata/timestamp.json", If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert after.json["signed"]["version"] == before.json["signed"]["version"] + 1


async def test_a_snapshot_is_served_whole_and_in_part(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_CHUNK", 100)
    target = published.target
    data = await asyncio.to_thread(target.read_bytes)
    path = f"targets/registry/{target.name}"
    whole = await published.get(path)
    assert (whole.status, whole.body) == (200, data)
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert whole.headers["Content-Length"] == str(len(data))
    assert whole.headers["Cache-Control"] == IMMUTABLE
    etag = whole.headers["ETag"]
    assert etag == f'"{sha256(data).hexdigest()}"'
    last = len(data) - 1
    for asked, start, stop in (
        ("bytes=0-0", 0, 1),
        ("bytes=90-310", 90, 311),
        (f"bytes={last}-", last, len(data)),
        ("bytes=-7", len(data) - 7, len(data)),
        (f"bytes=5-{10**12}", 5, len(data)),
    ):
        part = await published.get(path, Range=asked)
        assert (part.status, part.body) == (206, data[start:stop])
        assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"
    for asked in ("bytes=0-1,4-5", "lines=1-2", "bytes=9-3", "bytes=-", f"bytes={'9' * 5000}-"):
        assert (await published.get(path, Range=asked)).body == data
    assert (await published.get(path, Range="bytes=0-3", If_Range=etag)).body == data[:4]
    assert (await published.get(path, Range="bytes=0-3", If_Range='"other"')).body == data
    beyond = await published.get(path, Range=f"bytes={len(data)}-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    assert beyond.json["type"] == "/problems/range-not-satisfiable"
    assert (await published.get(path, If_None_Match=f"W/{etag}")).status == 304
    head = await published.service.ask("HEAD", f"/snapshots/{path}", headers={"Range": "bytes=0-3"})
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(data)))


SECRET = "not to be seen"


def _hide(folder: Path) -> None:
    """Put what must not be served where somebody may ask for it."""
    outside = folder.parent / "secret.json"
    outside.write_text(SECRET)
    metadata = folder / "metadata"
    (metadata / "secret.json").write_text(SECRET)
    (metadata / ".timestamp.json.new").write_text(SECRET)
    (metadata / "7.root.json").symlink_to(outside)
    (metadata / "8.root.json").symlink_to("8.root.json")
    (metadata / "9.root.json").mkdir()
    os.mkfifo(metadata / "10.root.json")
    (folder / "drafts").mkdir(exist_ok=True)
    (folder / "drafts" / "targets.json").write_text(SECRET)


HIDDEN = (
    "metadata/7.root.json",
    "metadata/9.root.json",
    "metadata/10.root.json",
    "metadata/secret.json",
    "metadata/.timestamp.json.new",
    "metadata/%2E%2E%2Fdrafts%2Ftargets.json",
    "metadata/..%2f..%2fsecret.json",
    "metadata/%2e%2e/drafts/targets.json",
    "metadata/timestamp.json%00",
    "metadata/timestamp.json%0a",
    "metadata/01.root.json",
    "metadata/%D9%A1.root.json",
    "metadata/1.root.json/",
    "metadata/" + "9" * 4000 + ".root.json",
    "metadata/root.json",
    "metadata/",
    "targets/registry/snapshot",
    "targets/registry/" + "0" * 64 + ".snapshot",
    "targets/registry/..%2f..%2fmetadata%2f1.root.json",
    "drafts/targets.json",
    "",
)


async def test_nothing_else_is_served(published: Published) -> None:
    await asyncio.to_thread(_hide, published.board.folder)
    for path in HIDDEN:
        answer = await published.get(path)
        assert answer.status == 404, path
        assert SECRET.encode() not in answer.body, path


async def test_what_cannot_be_read_is_not_told_to_be_absent(published: Published) -> None:
    """A client that believes that there is no later root goes on with one that was replaced."""
    await asyncio.to_thread(_hide, published.board.folder)
    assert (await published.get("metadata/8.root.json")).status == 503
    long = published.board.folder / "metadata" / "11.root.json"
    await asyncio.to_thread(long.write_bytes, bytes(http.MAX_METADATA + 1))
    assert (await published.get("metadata/11.root.json")).status == 503


async def test_links_within_the_folder_are_followed(published: Published) -> None:
    metadata = published.board.folder / "metadata"
    await asyncio.to_thread((metadata / "7.root.json").symlink_to, "1.root.json")
    found = await published.get("metadata/7.root.json")
    assert (found.status, found.body) == (200, published.root)


async def test_a_whole_folder_may_take_the_place_of_another(
    published: Published, tmp_path: Path
) -> None:
    def replace() -> None:
        published.board.folder.rename(tmp_path / "tuf-1")
        (tmp_path / "tuf").symlink_to(tmp_path / "tuf-1")

    await asyncio.to_thread(replace)
    assert (await published.get("metadata/timestamp.json")).status == 200


async def test_a_file_that_shrinks_meanwhile_ends_the_connection(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(published.target.write_bytes, b"short")
    monkeypatch.setattr(http, "_size", lambda *_: 10)
    with pytest.raises(aiohttp.ClientError):
        await published.get(f"targets/registry/{published.target.name}")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_registry_that_publishes_none_says_so(service: Service) -> None:
    answer = await service.get("/snapshots/metadata/timestamp.json")
    assert (answer.status, answer.json["type"]) == (404, "/problems/not-found")


async def test_a_folder_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "journal.sqlite", snapshots=tmp_path / "misspelt")
    with pytest.raises(SettingsError, match="TOUCHSTONE_SNAPSHOTS"):
        await serve(settings, print)
