"""`touchstone demo`: a populated ecosystem, served and asked."""

from pathlib import Path

import click

from touchstone.cli.configuring import settings
from touchstone.cli.printing import give_up, json_option


@click.command(epilog=("\b\nExample:\n  touchstone demo --listen 127.0.0.1:8080\n"))
@click.option("--listen", metavar="HOST:PORT", help="Instead of TOUCHSTONE_LISTEN.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Keep the journal and the credentials here; otherwise they go when the demo ends.",
)
@json_option
def demo(*, listen: str | None, folder: Path | None, as_json: bool) -> None:
    """Bring up an illustrative ecosystem, ask it two questions, and stay up."""
    from touchstone.demo.errors import DemoError
    from touchstone.demo.running import run

    loaded = settings(listen=listen)
    try:
        run(loaded.listen, json_output=as_json, folder=folder)
    except DemoError as error:
        give_up(str(error))
