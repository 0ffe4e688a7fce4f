"""`touchstone journal`: the log itself."""

import asyncio
from pathlib import Path

import click

from resolver.strict_json import Json
from touchstone.cli.printing import (
    Exit,
    give_up,
    json_option,
    note,
    settings_with_journal,
    show,
    show_json,
)
from touchstone.service.serving import open_parts
from touchstone.service.settings import Settings
from trust_registry.errors import CorruptJournalError, TrustRegistryError


@click.group()
def journal() -> None:
    """Look at the journal."""


@journal.command(
    epilog=(
        "\b\n"
        "Exit code: 0 sound, 1 not, 4 it cannot be read.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone journal verify --data var/registry.sqlite --origin https://registry.example\n"
    )
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="The journal, instead of TOUCHSTONE_DATA."
)
@click.option("--origin", metavar="URL", help="Whose journal, instead of TOUCHSTONE_ORIGIN.")
@json_option
def verify(*, data: Path | None, origin: str | None, as_json: bool) -> None:
    """Read every entry back: its signature, that the rules admit it, and the root over all."""
    loaded = settings_with_journal(data=data, origin=origin)
    try:
        found = asyncio.run(_verify(loaded))
    except CorruptJournalError as error:
        if as_json:
            show_json({"sound": False, "entry": error.index, "detail": str(error)})
        give_up(str(error), Exit.NO)
    except TrustRegistryError as error:
        give_up(str(error))
    if as_json:
        show_json(found)
    else:
        show(f"✓ sound: {found['entries']} entries")
        show(f"root: {found['root']}")
        show(f"genesis: {found['genesis']}")


async def _verify(loaded: Settings) -> dict[str, Json]:
    note(f"reading {loaded.data}")
    async with open_parts(loaded) as parts:
        entries = await asyncio.to_thread(parts.registry.verify)
        return {
            "sound": True,
            "entries": entries,
            "root": parts.registry.journal.root.hex(),
            "genesis": parts.registry.genesis,
            "origin": parts.registry.origin,
        }
