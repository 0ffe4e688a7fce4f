"""The log over real HTTP: files and headers, witnesses, a monitor, and proofs checked offline."""

import asyncio
import gzip
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from click.testing import CliRunner

from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from tests.unit.trust_registry.board import ORIGIN, Board, open_board, party
from touchstone.cli import main
from touchstone.cli.reading import HttpSource
from touchstone.service.app import build_app
from touchstone.service.cosigning import compare, gathering
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from trust_registry.errors import CorruptJournalError
from trust_registry.log.keys import KeyKind, SigningKey, open_checkpoint, verify_note
from trust_registry.log.notes import Note
from trust_registry.log.policies import Policy
from trust_registry.log.proofs import verify_consistency, verify_inclusion
from trust_registry.log.publisher import Publisher, log_origin
from trust_registry.log.tiles import parse_bundle
from trust_registry.merkle import leaf_hash
from trust_registry.monitor.following import MisbehaviourError, Monitor
from trust_registry.opening import open_entry
from trust_registry.stores.cosigned import SqliteCosigned
from trust_registry.stores.sqlite import SqliteStore
from trust_registry.witness.http import witness_app
from trust_registry.witness.witnessing import Witness

KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"k" * 32)
WITNESS = SigningKey.from_seed("witness.test", KeyKind.COSIGNATURE, b"w" * 32)
SILENT = SigningKey.from_seed("silent.test", KeyKind.COSIGNATURE, b"s" * 32)
ENTRIES = 300
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class Log:
    """A service with a log of 300 entries; one witness answers, another never does."""

    board: Board
    address: str
    session: aiohttp.ClientSession
    policy: str

    async def get(self, path: str, **headers: str) -> tuple[int, Any, bytes]:
        url, headers = f"{self.address}{path}", {"Accept-Encoding": "identity", **headers}
        async with self.session.get(url, headers=headers, auto_decompress=False) as response:
            return response.status, response.headers, await response.read()

    async def json(self, path: str) -> Any:
        status, _, body = await self.get(path)
        assert status == 200, body
        return json.loads(body)

    @property
    def publisher(self) -> Publisher:
        assert self.board.registry.publisher is not None
        return self.board.registry.publisher

    @property
    def has_cosignature(self) -> bool:
        return bool(self.publisher.latest and self.publisher.latest.cosigned)

    async def cosigned(self) -> None:
        """Wait until the witness has cosigned the latest checkpoint."""
        async with asyncio.timeout(60):
            while not self.has_cosignature:  # noqa: ASYNC110 - witnesses are asked by polling
                await asyncio.sleep(0.05)


async def stalling(_request: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


@pytest_asyncio.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    async with AsyncExitStack() as stack:
        board = await open_board(tmp_path / "witnessed.sqlite")
        clock = board.clock
        await board.registry.close()
        cosigned = await asyncio.to_thread(SqliteCosigned, tmp_path / "cosigned.sqlite")
        stack.push_async_callback(asyncio.to_thread, cosigned.close)
        witness = witness_app(Witness(cosigned, [WITNESS], [KEY.public], clock))
        silent = web.Application()
        silent.add_routes([web.post("/add-checkpoint", stalling)])
        answering = await stack.enter_async_context(listening(witness, "127.0.0.1", 0))
        policy = (
            f"log {KEY.public}\nwitness one {WITNESS.public} {answering}\n"
            f"witness two {SILENT.public} {{silent}}\ngroup q any one two\nquorum q\n"
        )
        silent_runner = web.AppRunner(silent, shutdown_timeout=0.1)
        await silent_runner.setup()
        await web.TCPSite(silent_runner, "127.0.0.1", 0).start()
        stack.push_async_callback(silent_runner.cleanup)
        port = silent_runner.addresses[0][1]
        policy = policy.format(silent=f"http://127.0.0.1:{port}")
        board = await open_board(
            tmp_path / "witnessed.sqlite",
            clock=clock,
            log_keys=[KEY],
            witnesses=Policy.parse(policy.encode()),
        )
        stack.push_async_callback(board.registry.close)
        for number in range(ENTRIES - board.registry.journal.size):
            await board.act("irma", party(f"party {number}"))
        await _settled(board)
        fetcher = await stack.enter_async_context(Fetcher())
        resolver = native_resolver(fetcher, clock)
        settings = Settings(access_log=False)
        app = build_app(board.registry, resolver, fetcher, clock, settings)
        address = await stack.enter_async_context(listening(app, "127.0.0.1", 0))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Log(board, address, session, policy)


async def _settled(board: Board) -> None:
    assert board.registry.publisher is not None
    await board.registry.publisher.settle()


async def test_the_files_have_the_bytes_and_headers_of_the_specification(log: Log) -> None:
    status, headers, body = await log.get("/log/checkpoint")
    checkpoint = open_checkpoint(Note.parse(body), [KEY.public])
    assert (status, checkpoint.size) == (200, ENTRIES)
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=2"
    tree = log.board.registry.journal.tree
    for path, start, width in (("000", 0, 256), ("001.p/44", 256, 44), ("001.p/7", 256, 7)):
        status, headers, body = await log.get(f"/log/tile/0/{path}")
        assert (status, body) == (200, tree.nodes(0, start, width))
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Cache-Control"] == IMMUTABLE
        status, headers, body = await log.get(f"/log/tile/entries/{path}")
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Cache-Control"] == IMMUTABLE
        assert "Content-Encoding" not in headers
        leaves = [leaf_hash(entry) for entry in parse_bundle(body, width)]
        assert b"".join(leaves) == tree.nodes(0, start, width)
        status, headers, packed = await log.get(
            f"/log/tile/entries/{path}", **{"Accept-Encoding": "gzip"}
        )
        assert headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed) == body
    assert (await log.get("/log/tile/1/000.p/1"))[2] == tree.root(256)


async def test_what_the_log_does_not_have_is_not_found(log: Log) -> None:
    for path in (
        *("tile/0/001", "tile/0/001.p/45", "tile/0/002.p/1", "tile/1/000", "tile/64/000.p/1"),
        *("tile/00/000", "tile/x/000", "tile/0/0", "tile/0/000.p/0", "tile/entries/001"),
        *("tile/entries/x000/000", "tile/entries/000.p/256", "tile/0/%2e%2e", "nothing"),
    ):
        status, headers, _ = await log.get(f"/log/{path}")
        assert status == 404, path
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Cache-Control"] == "no-store"


async def test_proofs_are_given_and_hold(log: Log) -> None:
    given = await log.json("/log/proof/inclusion?index=256&size=290")
    proof, root = [b64decode(each) for each in given["proof"]], b64decode(given["root"])
    assert root == log.board.registry.journal.root_at(290)
    verify_inclusion(256, 290, b64decode(given["leaf"]), proof, root)
    given = await log.json("/log/proof/consistency?old=100")
    roots = b64decode(given["old_root"]), b64decode(given["root"])
    assert given["size"] == ENTRIES
    verify_consistency(100, ENTRIES, *roots, [b64decode(each) for each in given["proof"]])
    for query in (
        "inclusion",
        "inclusion?index=300",
        "inclusion?index=5&size=5",
        "inclusion?index=5&size=301",
        "inclusion?index=05",
        "inclusion?index=1&index=2",
        "inclusion?index=1&tree=2",
        "consistency?old=5&size=4",
        "consistency?old=-1",
    ):
        status, _, body = await log.get(f"/log/proof/{query}")
        assert (status, json.loads(body)["type"]) == (400, "/problems/invalid-value"), query


async def test_a_witness_cosigns_and_a_silent_one_delays_nothing(log: Log) -> None:
    await log.cosigned()
    note = Note.parse((await log.get("/log/checkpoint"))[2])
    (verified,) = verify_note(note, [WITNESS.public, SILENT.public])
    assert verified.made_at == log.board.clock.now()
    shown = (await log.json("/v1/registry"))["log"]
    assert shown["keys"] == [str(KEY.public)]
    assert [each["name"] for each in shown["cosigned"]] == ["witness.test"]
    await log.board.act("irma", party("one more"))
    await _settled(log.board)
    after = open_checkpoint(Note.parse((await log.get("/log/checkpoint"))[2]), [KEY.public])
    assert after.size == ENTRIES + 1
    await log.cosigned()
    witnessed = log.publisher.witnessed
    assert witnessed is not None
    assert witnessed.checkpoint == after


async def test_an_act_of_a_decision_is_checked_offline(log: Log, tmp_path: Path) -> None:
    await log.cosigned()
    receipt = await log.board.act("irma", party("not yet signed for"))
    index = log.board.registry.journal.size // 2
    entry = await log.board.registry.entry(index)
    id_ = open_entry(entry, index).id
    status, headers, body = await log.get(f"/v1/acts/{id_}/proof")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    file, policy = tmp_path / "act.tlog-proof", tmp_path / "policy"

    def check(data: bytes, *options: str) -> tuple[int, str]:
        file.write_bytes(data)
        policy.write_text(log.policy)
        given = [*options] or ["--policy", str(policy)]
        result = CliRunner().invoke(main, ["journal", "verify", str(file), "--json", *given])
        return result.exit_code, result.stdout

    code, out = await asyncio.to_thread(check, body)
    assert (code, json.loads(out)["act"]) == (0, id_)
    assert json.loads(out)["cosigned"] == "witness.test"
    assert (await asyncio.to_thread(check, body, "--vkey", str(KEY.public)))[0] == 0
    assert (await asyncio.to_thread(check, body, "--vkey", str(WITNESS.public)))[0] == 1
    for place in range(0, len(body), 401):
        flipped = bytearray(body)
        flipped[place] ^= 1
        code, _ = await asyncio.to_thread(check, bytes(flipped))
        assert code == 1, body[place - 20 : place + 20]
    assert (await log.get(f"/v1/acts/{receipt.id}/proof"))[0] in (200, 404)
    assert (await log.get(f"/v1/acts/{'0' * 64}/proof"))[0] == 404


async def test_a_monitor_follows_over_http_and_refuses_a_rollback(log: Log, tmp_path: Path) -> None:
    store = await asyncio.to_thread(SqliteStore, tmp_path / "copy.sqlite")
    source = HttpSource(log.session, f"{log.address}/log")
    follower = Monitor(store, source, Policy.of_log(KEY.public), log.board.clock)
    changes = [change async for change in follower.follow()]
    assert len(changes) == ENTRIES
    assert follower.journal.root == log.board.registry.journal.root
    await log.board.act("irma", party("one more"))
    await _settled(log.board)
    assert [change.index async for change in follower.follow()] == [ENTRIES]
    older = await open_board(tmp_path / "older.sqlite", clock=log.board.clock, log_keys=[KEY])
    app = build_app(
        older.registry,
        native_resolver(Fetcher(), log.board.clock),
        Fetcher(),
        log.board.clock,
        Settings(access_log=False),
    )
    async with listening(app, "127.0.0.1", 0) as address:
        follower._source = HttpSource(log.session, f"{address}/log")
        with pytest.raises(MisbehaviourError, match="shrank"):
            [change async for change in follower.follow()]
    await older.registry.close()
    await asyncio.to_thread(follower.close)


class Meddling(HttpSource):
    """The real log behind somebody who changes one byte of one file."""

    path, place = "", 0

    async def get(self, path: str, most: int) -> bytes | None:
        data = await super().get(path, most)
        if data is None or path != self.path:
            return data
        return data[: self.place] + bytes([data[self.place] ^ 1]) + data[self.place + 1 :]


async def test_no_byte_of_a_tile_above_the_leaves_can_change(log: Log, tmp_path: Path) -> None:
    source = Meddling(log.session, f"{log.address}/log")
    source.path = "tile/1/000.p/1"
    for place in range(0, 32, 5):
        source.place = place
        store = await asyncio.to_thread(SqliteStore, tmp_path / f"{place}.sqlite")
        follower = Monitor(store, source, Policy.of_log(KEY.public), log.board.clock)
        with pytest.raises(MisbehaviourError, match="tile 1/000"):
            [change async for change in follower.follow()]
        await asyncio.to_thread(follower.close)


async def test_a_registry_restored_from_a_backup_gets_no_cosignature(
    log: Log, tmp_path: Path
) -> None:
    """What the witness saw was 300 entries; the restored journal goes on from one."""
    await log.cosigned()
    restored = await open_board(
        tmp_path / "restored.sqlite",
        clock=log.board.clock,
        log_keys=[KEY],
        witnesses=log.publisher.policy,
    )
    url = log.publisher.policy.witnesses["one"].url
    assert restored.registry.publisher is not None
    _, body = restored.registry.publisher.request(0)
    async with log.session.post(f"{url}/add-checkpoint", data=body) as response:
        assert (response.status, await response.text()) == (409, f"{ENTRIES}\n")
        assert response.headers["Content-Type"] == "text/x.tlog.size"
    name = sha256(log_origin(ORIGIN).encode()).hexdigest()
    async with log.session.get(f"{url}/{name}/checkpoint") as response:
        note = Note.parse(await response.read())
    assert open_checkpoint(note, [KEY.public]).size == ENTRIES
    with pytest.raises(CorruptJournalError, match="300 entries was signed, and these are gone"):
        await compare(restored.registry.publisher)
    await restored.registry.close()
    await compare(log.publisher)  # the one that was not restored is what the witness remembers


async def test_a_fork_is_seen_by_whoever_asks_a_witness_for_a_cosignature(
    log: Log, tmp_path: Path
) -> None:
    """Nobody compared at the start; the restored journal signs, asks, and then signs no more."""
    await log.cosigned()
    restored = await open_board(
        tmp_path / "restored.sqlite",
        clock=log.board.clock,
        log_keys=[KEY],
        witnesses=log.publisher.policy,
    )
    publisher = restored.registry.publisher
    assert publisher is not None
    app = web.Application()
    app.cleanup_ctx.append(gathering(publisher, log.board.clock, 60))
    async with listening(app, "127.0.0.1", 0), asyncio.timeout(60):
        while publisher.failure is None:  # noqa: ASYNC110 - witnesses are asked by polling
            await asyncio.sleep(0.05)
    assert isinstance(publisher.failure, CorruptJournalError)
    await restored.act("irma", party("after the fork"))
    await publisher.settle()
    assert publisher.latest is not None
    assert publisher.latest.checkpoint.size == 1
    await restored.registry.close()


async def test_without_a_key_there_is_no_checkpoint_but_the_tree_is_there(
    tmp_path: Path,
) -> None:
    board = await open_board(tmp_path / "unsigned.sqlite")
    async with Fetcher() as fetcher:
        resolver = native_resolver(fetcher, board.clock)
        app = build_app(board.registry, resolver, fetcher, board.clock, Settings(access_log=False))
        async with listening(app, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
            log = Log(board, address, session, "")
            assert (await log.get("/log/checkpoint"))[0] == 404
            assert (await log.get("/log/tile/0/000.p/1"))[0] == 200
            assert (await log.json("/v1/registry"))["log"] is None
    await board.registry.close()
