"""Files that commands read and write, byte for byte."""

from pathlib import Path

import click

from touchstone.cli.printing import give_up

file_argument = click.argument("file", type=click.Path(path_type=Path))
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Write here instead of to standard output."
)


def read_file(file: Path) -> bytes:
    """Read a file. Ends the process where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        give_up(f"{file}: {error.strerror}")


def write_file(data: bytes, out: Path | None) -> None:
    """Write to a file, or to standard output. Ends the process where that fails."""
    if out is None:
        click.echo(data)
        return
    try:
        out.write_bytes(data + b"\n")
    except OSError as error:
        give_up(f"{out}: {error.strerror}")
