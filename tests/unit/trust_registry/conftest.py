from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.trust_registry.board import Board, open_board


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    opened = await open_board(tmp_path / "journal.sqlite")
    yield opened
    await opened.registry.close()
