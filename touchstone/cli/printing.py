"""What commands print: results to standard output, all else to standard error."""

import json
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import click

from resolver.strict_json import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNWRAPPED = 10_000


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    YES = 0
    NO = 1
    UNDETERMINED = 3
    CANNOT_ANSWER = 4


OUTCOMES: Mapping[str, Exit] = {
    "authorised": Exit.YES,
    "not_authorised": Exit.NO,
    "undetermined": Exit.UNDETERMINED,
}

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text for people."
)


def show(text: "RenderableType") -> None:
    """Print for people; colours only on a terminal, and never where NO_COLOR is set.

    What is not read on a terminal is read by a program or a pager: its lines are never wrapped.
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() else _UNWRAPPED
    Console(highlight=False, emoji=False, markup=False, width=width).print(text)


def show_json(value: Json) -> None:
    """Print JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """Say what is going on, on standard error."""
    click.echo(text, err=True)


def give_up(text: str, code: Exit = Exit.CANNOT_ANSWER) -> NoReturn:
    """Say why there is no answer, and end."""
    click.echo(f"touchstone: {printable(text)}", err=True)
    raise SystemExit(int(code))


def printable(text: str) -> str:
    """Replace what a terminal would obey instead of show."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
