"""What commands print: results to standard output, all else to standard error."""

import json
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import NoReturn

import click
from rich.console import Console, RenderableType

from resolver.strict_json import Json
from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings

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


def show(text: RenderableType) -> None:
    """Print for people; colours only on a terminal, and never where NO_COLOR is set.

    What is not read on a terminal is read by a program or a pager: its lines are never wrapped.
    """
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


def settings(**given: object) -> Settings:
    """Load the settings; those given on the command line win.

    Ends the process where they cannot be used.
    """
    try:
        return Settings.load(**{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        give_up(str(error))


def settings_with_journal(**given: object) -> Settings:
    """Load the settings, and end the process where they name no journal that is there."""
    loaded = settings(**given)
    if not loaded.data.is_file():
        give_up(f"{loaded.data}: there is no journal here")
    return loaded
