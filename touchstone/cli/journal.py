"""`touchstone journal`: the log itself."""

import asyncio
import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resolver.strict_json import Json
from touchstone.cli.configuring import settings, settings_with_journal
from touchstone.cli.printing import Exit, give_up, json_option, note, printable, show, show_json
from touchstone.cli.trusting import Trusted, trust_options
from touchstone.service.errors import SettingsError
from trust_registry.errors import CorruptJournalError, TrustRegistryError

if TYPE_CHECKING:
    from touchstone.service.settings import Settings
    from trust_registry.log.keys import VerifierKey

_data = click.option(
    "--data", type=click.Path(path_type=Path), help="The journal, instead of TOUCHSTONE_DATA."
)
_origin = click.option(
    "--origin", metavar="URL", help="Whose journal, instead of TOUCHSTONE_ORIGIN."
)


@click.group()
def journal() -> None:
    """Look at the journal."""


@journal.command(
    epilog=(
        "\b\n"
        "Exit code: 0 sound, 1 not, 4 it cannot be read.\n"
        "\n"
        "\b\n"
        "Examples:\n"
        "  touchstone journal verify --data var/registry.sqlite --vkey registry.example/log+5b4f…\n"
        "  touchstone journal verify act.tlog-proof --policy witnesses.policy\n"
    )
)
@click.argument("proof", required=False, type=click.Path(path_type=Path))
@_data
@_origin
@trust_options
@json_option
def verify(
    *, proof: Path | None, data: Path | None, origin: str | None, trusted: Trusted, as_json: bool
) -> None:
    """Read every entry back: its signature, that the rules admit it, and the root over all.

    The last checkpoint must be one of these entries; that --policy or --vkey trusts who signed it
    is checked where one is given.

    With PROOF, verify that file alone instead, offline: that its act is in a log that --policy or
    --vkey trusts.
    """
    if proof is not None:
        from touchstone.cli.proving import verify_proof

        verify_proof(proof, trusted.policy(), as_json=as_json)
        return
    loaded = settings_with_journal(data=data, origin=origin)
    try:
        found = asyncio.run(_verify(loaded, trusted.log_keys()))
    except CorruptJournalError as error:
        if as_json:
            show_json({"sound": False, "entry": error.index, "detail": str(error)})
        give_up(str(error), Exit.NO)
    except (SettingsError, TrustRegistryError) as error:
        give_up(str(error))
    if as_json:
        show_json(found)
    else:
        show(f"✓ sound: {found['entries']} entries")
        show(f"root: {found['root']}")
        show(f"genesis: {found['genesis']}")


@journal.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone journal prove 5f2c… --server https://registry.example --out act.tlog-proof\n"
    )
)
@click.argument("act")
@click.option("--server", metavar="URL", help="The registry; default: this machine.")
@click.option("--out", type=click.Path(path_type=Path), help="Instead of standard output.")
def prove(*, act: str, server: str | None, out: Path | None) -> None:
    """Ask a registry to prove that ACT, an act's id, is in its journal."""
    from touchstone.cli.proving import fetch_proof

    if not act.isalnum():
        give_up("an act's id is SHA-256 in hex")
    where = server or f"http://{settings().listen}"
    text = asyncio.run(fetch_proof(f"{where.rstrip('/')}/v1/acts/{act}/proof"))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        give_up(f"{out}: {error.strerror}")


@journal.command(
    epilog=("\b\nExample:\n  touchstone journal head --server https://registry.example\n")
)
@click.option("--server", metavar="URL", help="Ask a registry, instead of reading a journal here.")
@_data
@_origin
@json_option
def head(*, server: str | None, data: Path | None, origin: str | None, as_json: bool) -> None:
    """Say how long the journal is, its root, and what was signed for."""
    from touchstone.cli.replaying import head_here, head_there

    try:
        found = asyncio.run(
            head_there(server)
            if server is not None
            else head_here(settings_with_journal(data=data, origin=origin))
        )
    except (SettingsError, TrustRegistryError) as error:
        give_up(str(error))
    if as_json:
        show_json(found)
        return
    for name, value in found.items():
        show(f"{name}: {value if value is not None else 'none'}")


@journal.command(
    epilog=(
        "\b\n"
        "Exit code: 0 all was replayed, 1 an act is not sound, 4 it cannot be read.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone journal replay --data mirror.sqlite --size 120\n"
    )
)
@_data
@click.option("--size", type=click.IntRange(min=0), help="Stop after so many entries.")
@click.option("--digest", is_flag=True, help="Print SHA-256 of the whole state instead.")
@json_option
def replay(*, data: Path | None, size: int | None, digest: bool, as_json: bool) -> None:
    """Fold the journal anew, verifying each act, and print what each of them did.

    It needs the file alone: a registry's journal, a backup, or a monitor's copy. The same entries
    give everybody the same --digest.
    """
    from touchstone.cli.replaying import replayed, replayed_digest

    loaded = settings_with_journal(data=data)
    try:
        if digest:
            click.echo(replayed_digest(loaded.data, size))
            return
        for change in replayed(loaded.data, size):
            click.echo(json.dumps(change.json()) if as_json else printable(str(change)))
    except CorruptJournalError as error:
        give_up(str(error), Exit.NO)
    except TrustRegistryError as error:
        give_up(str(error))


async def _verify(loaded: "Settings", keys: "Collection[VerifierKey]") -> dict[str, Json]:
    from touchstone.service.serving import open_parts

    note(f"reading {loaded.data}")
    async with open_parts(loaded) as parts:
        entries = await asyncio.to_thread(parts.registry.verify, keys)
        return {
            "sound": True,
            "entries": entries,
            "root": parts.registry.journal.root.hex(),
            "genesis": parts.registry.genesis,
            "origin": parts.registry.origin,
        }
