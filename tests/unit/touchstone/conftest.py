"""A board that publishes a small registry, and a verifier who synced it."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from resolver.instant import DAY
from resolver.signing import PrivateKey
from tests.unit.trust_registry.board import ORIGIN, grant, open_board, party, someone
from tests.unit.trust_registry.snapshot.publishing import key
from touchstone.cli import main
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.publisher import log_origin

LOG = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"s" * 32)
BOARD, SIGNERS, ONLINE = [key(n) for n in (1, 2, 3)], [key(n) for n in (4, 5, 6)], key(7)
AUDITOR = someone("auditor").did


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def good(*arguments: object) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


async def _journal(path: Path) -> None:
    board = await open_board(path, log_keys=[LOG])
    await board.anchor("mark")
    board.pass_time(DAY)
    await board.act("mark", party("auditor"))
    board.pass_time(DAY)
    await board.act("mark", grant("authorise", "auditor"))
    await board.registry.publisher.settle()
    await board.registry.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a journal, keys, and a repository that a board published."""
    folder = tmp_path_factory.mktemp("publishing")
    asyncio.run(_journal(folder / "journal.sqlite"))

    def file(name: str, private: PrivateKey) -> Path:
        path = folder / f"{name}.jwk"
        path.write_text(json.dumps(private.jwk()))
        return path

    board = [file(f"board-{n}", each) for n, each in enumerate(BOARD)]
    signers = [file(f"signer-{n}", each) for n, each in enumerate(SIGNERS)]
    online, repository = file("online", ONLINE), folder / "tuf"
    named = [("--board", each) for each in BOARD] + [("--signer", each) for each in SIGNERS]
    options = [text for name, each in named for text in (name, each.public.multikey)]
    good(
        *("snapshot", "roots", repository, *options),
        *("--board-threshold", 2, "--online", ONLINE.public.multikey),
    )
    for each in board[:2]:
        good("snapshot", "sign", "root", repository, "--key", each)
    good("snapshot", "publish", repository, "--data", folder / "journal.sqlite")
    first = good("snapshot", "sign", "targets", repository, "--key", signers[0], "--json")
    assert json.loads(first.stdout) == {"role": "targets", "missing": 1}
    good("snapshot", "sign", "targets", repository, "--key", signers[2])
    good("snapshot", "refresh", repository, "--key", online)
    return folder


@pytest.fixture
def synced(published: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    root = published / "tuf" / "metadata" / "1.root.json"
    options = ("--root", root, "--vkey", str(LOG.public))
    good("snapshot", "sync", published / "tuf", folder, *options)
    return folder
