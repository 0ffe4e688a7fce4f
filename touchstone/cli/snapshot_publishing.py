"""`touchstone snapshot` for those who publish: who signs, what, and that it is the latest.

The board and the signers work offline: they need the repository's folder, and their own key.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resolver.clock import SystemClock
from resolver.errors import PublicKeyError
from resolver.keys import PublicKey
from touchstone.cli.keys import read_key
from touchstone.cli.printing import give_up, json_option, note, show, show_json
from trust_registry.errors import TrustRegistryError
from trust_registry.snapshot.errors import NotPublishedError
from trust_registry.snapshot.published import custom
from trust_registry.snapshot.taking import take_snapshot

if TYPE_CHECKING:
    from trust_registry.snapshot.repository import Repository

_REPOSITORY = click.argument("folder", type=click.Path(path_type=Path))
_KEY = click.option(
    "--key", required=True, type=click.Path(path_type=Path), help="A private JWK (Ed25519)."
)


def _repository(folder: Path) -> "Repository":
    from trust_registry.snapshot.repository import (
        Repository,
    )

    return Repository(folder, SystemClock())


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone snapshot roots tuf/ --board z6Mk… --board z6Mk… --board-threshold 2 \\\n"
        "    --signer z6Mk… --signer z6Mk… --signer z6Mk… --signers-threshold 2 --online z6Mk…\n"
    )
)
@_REPOSITORY
@click.option("--board", multiple=True, required=True, metavar="MULTIKEY", help="A board's key.")
@click.option("--board-threshold", required=True, type=click.IntRange(min=1))
@click.option(
    "--signer", "signers", multiple=True, required=True, metavar="MULTIKEY", help="Signs snapshots."
)
@click.option("--signers-threshold", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--online", required=True, metavar="MULTIKEY", help="Says daily what is the latest.")
def roots(
    *,
    folder: Path,
    board: Sequence[str],
    board_threshold: int,
    signers: Sequence[str],
    signers_threshold: int,
    online: str,
) -> None:
    """Write down who signs for what in the repository FOLDER, for the board to sign.

    A change of it needs the old board's signatures as well as the new one's.
    """
    repository = _repository(folder)
    from trust_registry.snapshot.repository import Seats

    try:
        repository.draft_root(
            Seats([*map(PublicKey.from_multikey, board)], board_threshold),
            Seats([*map(PublicKey.from_multikey, signers)], signers_threshold),
            PublicKey.from_multikey(online),
        )
    except (NotPublishedError, PublicKeyError, OSError) as error:
        give_up(str(error))
    note("Now each of the board: touchstone snapshot sign root FOLDER --key …")


@click.command(
    epilog=("\b\nExample:\n  touchstone snapshot publish tuf/ --data var/registry.sqlite\n")
)
@_REPOSITORY
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="The journal, or a copy of it."
)
@json_option
def publish(*, folder: Path, data: Path, as_json: bool) -> None:
    """Put the state of the journal's last checkpoint into the repository FOLDER, to be signed.

    Each act is verified on the way, so that whoever signs need not trust the registry's server.
    """
    if not data.is_file():
        give_up(f"{data}: there is no journal here")
    repository = _repository(folder)
    try:
        taken = take_snapshot(data)
        said = custom(taken.checkpoint, SystemClock().now())
        repository.draft_targets(taken.snapshot.to_bytes(), said)
    except (TrustRegistryError, OSError) as error:
        give_up(str(error))
    head = taken.snapshot.head()
    if as_json:
        show_json({"size": head.size, "root": head.root, "content": head.content})
        return
    show(f"{head.size} entries, root {head.root}")
    show(f"state {head.content}")
    note("Whoever signs sees the same: touchstone snapshot sign targets FOLDER --key …")


@click.command(epilog="\b\nExample:\n  touchstone snapshot sign root tuf/ --key ministry.jwk\n")
@click.argument("role", type=click.Choice(["root", "targets"]))
@_REPOSITORY
@_KEY
@json_option
def sign(*, role: str, folder: Path, key: Path, as_json: bool) -> None:
    """Sign what waits for ROLE in the repository FOLDER; with enough signatures it holds."""
    repository, signer = _repository(folder), read_key(key)
    try:
        missing = repository.sign(role, signer)
    except (NotPublishedError, OSError) as error:
        give_up(str(error))
    if as_json:
        show_json({"role": role, "missing": missing})
    else:
        show(f"✓ signed; {missing} more needed" if missing else f"✓ signed; {role} holds now")


@click.command(epilog=("\b\nExample:\n  touchstone snapshot refresh tuf/ --key online.jwk\n"))
@_REPOSITORY
@_KEY
def refresh(*, folder: Path, key: Path) -> None:
    """Say that the latest snapshot is the latest. Do it daily: the word holds for a week."""
    try:
        _repository(folder).refresh(read_key(key))
    except (NotPublishedError, OSError) as error:
        give_up(str(error))
