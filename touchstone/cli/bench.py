"""`touchstone bench`: what an answer costs, beside the floors of the same run."""

import importlib

import click

from touchstone.cli.printing import json_option


@click.command(epilog=("\b\nExample:\n  touchstone bench --seconds 10 --json\n"))
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=5.0, show_default=True)
@json_option
def bench(*, seconds: float, as_json: bool) -> None:
    """Measure answers beside a bare aiohttp server in the same run."""
    importlib.import_module("touchstone.bench.running").run(seconds=seconds, json_output=as_json)
