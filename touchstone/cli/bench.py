"""`touchstone bench`: what an answer costs, beside the floors of the same run."""

import click

from touchstone.cli.printing import Exit, json_option


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 every promise was kept, 1 one was not.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone bench --quick --json\n"
    )
)
@click.option("--quick", is_flag=True, help="Take a fifth of the time, with less certain figures.")
@json_option
def bench(*, quick: bool, as_json: bool) -> None:
    """Measure answers beside a bare aiohttp server in the same run."""
    from touchstone.bench.running import run  # noqa: PLC0415 - other commands do without

    kept = run(json_output=as_json, quick=quick)
    raise SystemExit(int(Exit.YES if kept else Exit.NO))
