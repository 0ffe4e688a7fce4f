"""Receipts over real HTTP: an act is submitted, and the registry's word held against its log."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from click.testing import CliRunner

from resolver.fetch import Fetcher
from resolver.instant import Instant
from resolver.resolution import native_resolver
from tests.unit.trust_registry.board import ORIGIN, START, Board, open_board, party
from touchstone.cli import main
from touchstone.service.app import build_app
from touchstone.service.serving import listening
from touchstone.service.settings import Settings
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.notes import Note
from trust_registry.log.publisher import log_origin
from trust_registry.receipts import Receipt

KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"k" * 32)


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Board, str]]:
    async with AsyncExitStack() as stack:
        board = await open_board(tmp_path / "journal", log_keys=[KEY])
        stack.push_async_callback(board.registry.close)
        fetcher = await stack.enter_async_context(Fetcher())
        resolver = native_resolver(fetcher, board.clock)
        app = build_app(board.registry, resolver, fetcher, board.clock, Settings(access_log=False))
        yield board, await stack.enter_async_context(listening(app, "127.0.0.1", 0))


async def command(*arguments: str) -> tuple[int, str, str]:
    result = await asyncio.to_thread(CliRunner().invoke, main, ["act", *arguments])
    return result.exit_code, result.stdout, result.stderr


async def checked(file: Path, address: str, key: SigningKey = KEY) -> tuple[int, str]:
    code, out, _ = await command("check", str(file), "--server", address, "--vkey", str(key.public))
    return code, out


async def submitted(board: Board, address: str, folder: Path, *signers: str) -> tuple[int, Path]:
    act, receipt = folder / "signed.json", folder / "receipt.txt"
    signed = board.sign("irma", board.write("irma", party("auditor")), *signers)
    await asyncio.to_thread(act.write_text, json.dumps(signed))
    code, _, _ = await command(
        "submit", str(act), "--server", address, "--receipt", str(receipt), "--json"
    )
    return code, receipt


async def test_a_kept_word_is_seen_to_be_kept(served: tuple[Board, str], tmp_path: Path) -> None:
    board, address = served
    code, receipt = await submitted(board, address, tmp_path)
    assert code == 0
    assert board.registry.publisher is not None
    await board.registry.publisher.settle()
    code, out = await checked(receipt, address)
    assert (code, "✓ kept" in out, "entry 1 of 2" in out) == (0, True, True)
    other = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"o" * 32)
    assert (await checked(receipt, address, other))[0] == 4


async def test_a_refusal_is_signed_too(served: tuple[Board, str], tmp_path: Path) -> None:
    board, address = served
    code, receipt = await submitted(board, address, tmp_path, "irma")
    assert code == 1
    code, out = await checked(receipt, address)
    assert (code, "refused at 1 entries: signature_missing" in out) == (0, True)


@pytest.mark.parametrize("how", ["shorter", "replaced"])
async def test_a_withheld_act_convicts_the_log(
    served: tuple[Board, str], tmp_path: Path, how: str
) -> None:
    """The operator gave its word, and shows a log without the act."""
    board, address = served
    journal = board.registry.journal
    index = journal.size if how == "shorter" else journal.size - 1
    long_ago = Instant(START - 86_400_000)
    promised = Receipt(log_origin(ORIGIN), "a" * 64, long_ago, index + 1, journal.root)
    receipt = tmp_path / "receipt.txt"
    await asyncio.to_thread(receipt.write_text, promised.signed(KEY))
    code, out = await checked(receipt, address)
    assert (code, "✗ broken" in out) == (1, True)


async def test_what_is_not_due_yet_is_not_broken(tmp_path: Path) -> None:
    text = str(Checkpoint(log_origin(ORIGIN), 1, b"\1" * 32))
    note = str(Note(text, (KEY.sign(text, START),)))

    async def checkpoint(request: web.Request) -> web.Response:
        return web.Response(text=note)

    app = web.Application()
    app.add_routes([web.get("/log/checkpoint", checkpoint)])
    ahead = Instant(4_000_000_000_000)
    promised = Receipt(log_origin(ORIGIN), "a" * 64, ahead, 2, b"\2" * 32)
    receipt = tmp_path / "receipt.txt"
    await asyncio.to_thread(receipt.write_text, promised.signed(KEY))
    async with listening(app, "127.0.0.1", 0) as address:
        code, out = await checked(receipt, address)
    assert (code, "it is due by" in out) == (0, True)
