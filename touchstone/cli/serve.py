"""`touchstone serve`: the service on its own data."""

from pathlib import Path

import click

from link_resolver.errors import LinkStoreError
from touchstone.cli.configuring import settings
from touchstone.cli.printing import give_up, note, show_json
from touchstone.service.errors import SettingsError
from trust_registry.errors import TrustRegistryError


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  TOUCHSTONE_ORIGIN=https://registry.example touchstone serve --listen 127.0.0.1:8080\n"
    )
)
@click.option("--listen", metavar="HOST:PORT", help="Instead of TOUCHSTONE_LISTEN.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="The journal, instead of TOUCHSTONE_DATA."
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON once it answers.")
def serve(*, listen: str | None, data: Path | None, as_json: bool) -> None:
    """Serve until stopped. Settings come from TOUCHSTONE_* or the file TOUCHSTONE_CONFIG names."""
    import uvloop

    from touchstone.service.serving import serve as run

    loaded = settings(listen=listen, data=data)

    def tell(address: str) -> None:
        if as_json:
            show_json({"address": address, "origin": loaded.audience, "data": str(loaded.data)})
        else:
            note(f"serving {loaded.audience} on {address}, from {loaded.data}")

    try:
        uvloop.run(run(loaded, tell))
    except (SettingsError, TrustRegistryError, LinkStoreError, OSError) as error:
        give_up(str(error))
