"""`touchstone snapshot`: the registry's whole state, for those who decide without a network."""

from pathlib import Path

import click

from resolver.clock import SystemClock
from resolver.instant import DAY, SECOND, format_instant
from resolver.strict_json import Json
from touchstone.cli.printing import Exit, give_up, json_option, note, show, show_json
from touchstone.cli.snapshot_publishing import publish, refresh, roots, sign
from touchstone.cli.trusting import Trusted, trust_options
from trust_registry.snapshot.errors import SnapshotError, UntrustedSnapshotError
from trust_registry.snapshot.kept import Notes, Shelf
from trust_registry.snapshot.snapshot import MAX_BYTES, Snapshot

_HOUR = 3600 * SECOND


@click.group()
def snapshot() -> None:
    """Publish the registry's whole state, and keep it at hand."""


for _command in (roots, publish, sign, refresh):
    snapshot.add_command(_command)


@snapshot.command(
    epilog=(
        "\b\n"
        "Exit code: 0 the latest is at hand, 1 what is offered is not to be used, 4 no answer.\n"
        "\n"
        "\b\n"
        "Examples:\n"
        "  touchstone snapshot sync https://registry.example/snapshots here/ --root board.json\n"
        "  touchstone check did:web:scs.example --claim scheme=irma --snapshot here/\n"
    )
)
@click.argument("source")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="The board's root, got on a trusted way; needed the first time.",
)
@trust_options
@json_option
def sync(*, source: str, folder: Path, root: Path | None, trusted: Trusted, as_json: bool) -> None:
    """Bring the latest snapshot from the repository SOURCE, an address or a folder, to FOLDER.

    With --policy or --vkey, the log's own signature on the snapshot's checkpoint is checked, too.
    """
    from trust_registry.snapshot.syncing import sync as follow

    keys, shelf = trusted.log_keys(), Shelf(folder)
    try:
        known = root.read_bytes() if root is not None else None
        synced = follow(source, shelf, known, SystemClock(), keys)
    except UntrustedSnapshotError as error:
        if as_json:
            show_json({"synced": False, "code": error.code, "detail": str(error)})
        code = Exit.CANNOT_ANSWER if error.code == "unreachable" else Exit.NO
        give_up(f"{error.code}: {error}", code)
    except (OSError, SnapshotError) as error:
        give_up(str(error))
    described = {
        "synced": True,
        "new": synced.new,
        "size": synced.notes.head.size,
        **_of(synced.notes),
    }
    if as_json:
        show_json(described)
        return
    show(f"✓ {'new' if synced.new else 'unchanged'}: {synced.notes.head.size} entries")
    show(f"  made {_age(synced.notes)} ago; the word for it holds until {described['expires']}")


@snapshot.command(epilog=("\b\nExample:\n  touchstone snapshot inspect here/\n"))
@click.argument("place", type=click.Path(path_type=Path))
@json_option
def inspect(*, place: Path, as_json: bool) -> None:
    """Read a snapshot as a whole and say what is in it. PLACE is its file, or a synced folder."""
    try:
        if place.is_dir():
            kept = Shelf(place).read()
            found, notes = kept.snapshot, kept.notes
        else:
            with place.open("rb") as opened:
                found, notes = Snapshot.from_bytes(opened.read(MAX_BYTES + 1)), None
    except OSError as error:
        give_up(f"{place}: {error.strerror}")
    except SnapshotError as error:
        give_up(f"{place}: {error}", Exit.NO)
    described = _described(found, notes)
    if as_json:
        show_json(described)
        return
    for name, value in described.items():
        show(f"{name.replace('_', ' ')}: {value}")
    if notes is not None and notes.expires <= SystemClock().now():
        note("nobody says any more that this is the latest: sync again")


def _described(found: Snapshot, notes: Notes | None) -> dict[str, Json]:
    head, index = found.head(), found.index
    return {
        "origin": head.origin,
        "genesis": head.genesis,
        "size": head.size,
        "root": head.root,
        "recorded_at": format_instant(head.recorded_at),
        "content": head.content,
        "frameworks": len(index.frameworks()),
        "statements": len(index.ledger.statements),
        "parties": sum(1 for each in index.ledger.parties.latest if each),
        "status_changes": len(index.all_changes()),
        **(_of(notes) if notes is not None else {}),
    }


def _of(notes: Notes) -> dict[str, Json]:
    return {
        "made_at": format_instant(notes.made_at),
        "synced_at": format_instant(notes.synced_at),
        "expires": format_instant(notes.expires),
        "age_seconds": max(0, SystemClock().now() - notes.made_at) // SECOND,
    }


def _age(notes: Notes) -> str:
    age = max(0, SystemClock().now() - notes.made_at)
    return f"{age // DAY} days" if age >= 2 * DAY else f"{age // _HOUR} hours"
