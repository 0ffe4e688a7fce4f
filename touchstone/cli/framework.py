"""`touchstone framework`: look at governance frameworks before anybody signs one."""

from pathlib import Path

import click

from policies.amending import changes
from policies.framework import Framework
from policies.linting import Weight
from policies.linting import lint as findings_of
from touchstone.cli.printing import Exit, give_up, json_option, printable, show, show_json
from touchstone.cli.writing import file_argument, read_file
from trust_registry.documents import BOARD_ACTS, load_framework, read_document
from trust_registry.errors import InvalidFrameworkError

_MARKS = {Weight.WRONG: "✗", Weight.RISKY: "!", Weight.NOTE: "·"}


@click.group()
def framework() -> None:
    """Look at governance frameworks before anybody signs one."""


@framework.command(
    epilog=(
        "\b\n"
        "Exit code: 0 nothing is wrong, 1 something is, 4 it is no framework.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone framework lint framework.yaml\n"
    )
)
@file_argument
@json_option
def lint(*, file: Path, as_json: bool) -> None:
    """Say what the framework in FILE allows that its authors may not have meant."""
    read = _read(file)
    found = tuple(findings_of(read, BOARD_ACTS))
    if as_json:
        show_json(
            {
                "digest": read.digest,
                "findings": [
                    {"weight": each.weight.value, "where": each.where, "text": each.text}
                    for each in found
                ],
            }
        )
    else:
        for each in found:
            show(printable(f"{_MARKS[each.weight]} {each.where}: {each.text}"))
        show(f"digest: {read.digest}")
    if any(each.weight is Weight.WRONG for each in found):
        raise SystemExit(int(Exit.NO))


@framework.command(
    epilog=(
        "\b\n"
        "Exit code: 0 nothing changes, 1 something does, 4 one is no framework.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone framework diff framework-1.yaml framework-2.yaml\n"
    )
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@json_option
def diff(*, old: Path, new: Path, as_json: bool) -> None:
    """Say what changes from the framework in OLD to the one in NEW."""
    found = list(changes(_read(old), _read(new)))
    if as_json:
        show_json({"changes": [*found]})
    else:
        for line in found:
            show(printable(line))
    if found:
        raise SystemExit(int(Exit.NO))


def _read(file: Path) -> Framework:
    try:
        return load_framework(read_document(read_file(file).decode()))
    except (InvalidFrameworkError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")
