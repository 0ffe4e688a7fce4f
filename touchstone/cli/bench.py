"""`touchstone bench`: what an answer costs, beside the floors of the same run."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

import click

from touchstone.cli.printing import Exit, json_option

_SUBJECTS: Mapping[str, str] = {
    "credentials": "touchstone.bench.credentials",
    "decisions": "touchstone.bench.running",
    "links": "touchstone.bench.links",
    "registry": "touchstone.bench.registry",
    "resolver": "touchstone.bench.resolver",
}
"""Each subject's module. Its `run(json_output=, quick=)` prints what it found, and tells whether
every promise was kept."""


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 every promise was kept, 1 one was not.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone bench decisions --quick --json\n"
    )
)
@click.argument("subject", type=click.Choice(list(_SUBJECTS)), default="decisions")
@click.option("--quick", is_flag=True, help="Take a fifth of the time, with less certain figures.")
@json_option
def bench(*, subject: str, quick: bool, as_json: bool) -> None:
    """Measure SUBJECT (default: decisions) beside a bare aiohttp server in the same run."""
    # Other commands, and other subjects, do without.
    run = cast("Callable[..., bool]", import_module(_SUBJECTS[subject]).run)
    kept = run(json_output=as_json, quick=quick)
    raise SystemExit(int(Exit.YES if kept else Exit.NO))
