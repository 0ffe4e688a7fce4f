"""The command line: one module a group of commands."""

import click

from touchstone.cli import (
    act,
    bench,
    check,
    demo,
    exporting,
    framework,
    importing,
    journal,
    keys,
    link,
    monitor,
    resolve,
    serve,
    snapshot,
    verify,
    witness,
)

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="touchstone-registry", prog_name="touchstone")
def main() -> None:
    """Is this issuer authorised for this claim?

    Each command takes --json for machines, and has an example in its help.
    """


for _command in (
    serve.serve,
    demo.demo,
    check.check,
    verify.verify,
    resolve.resolve,
    keys.keys,
    act.act,
    framework.framework,
    importing.import_,
    exporting.export,
    journal.journal,
    witness.witness,
    monitor.monitor,
    snapshot.snapshot,
    link.link,
    bench.bench,
):
    main.add_command(_command)
