"""Whoever learns where the service listens may end it at once."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.http.conftest import SETTINGS
from tests.unit.trust_registry.board import ORIGIN, open_board
from touchstone.service import serving


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_as_soon_as_it_says_its_address(
    order: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "keep_what_is_loaded", lambda: None)  # these are tests' objects
    files = {"data": tmp_path / "journal.sqlite", "links_data": tmp_path / "links.sqlite"}
    settings = SETTINGS.model_copy(update={**files, "listen": "127.0.0.1:0", "origin": ORIGIN})
    before = signal.getsignal(order)

    def stop(_address: str) -> None:
        assert signal.getsignal(order) is not before, "the order would be followed by the system"
        os.kill(os.getpid(), order)

    async def serve() -> None:
        await (await open_board(settings.data)).registry.close()
        await serving.serve(settings, stop)

    asyncio.run(serve())
