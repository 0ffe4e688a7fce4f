"""Commands that are loaded when they are called: to say what there is takes none of them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Listed(NamedTuple):
    """A command that is not loaded yet.

    Attributes:
        place: its module in `touchstone.cli`, a dot, and what it is called there.
        summary: the first sentence of its help.
    """

    place: str
    summary: str

    def load(self) -> click.Command:
        """Return the command."""
        module, _, name = self.place.partition(".")
        command: click.Command = getattr(import_module(f"touchstone.cli.{module}"), name)
        return command


class Commands(click.Group):
    """A group of commands, each in a module that is imported when the command is called."""

    def __init__(self, *given: Any, listed: Mapping[str, Listed], **named: Any) -> None:
        """`listed` are the commands by what a user calls them; the rest is click's."""
        super().__init__(*given, **named)
        self.listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return what the commands are called, in order."""
        del ctx
        return sorted(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command, or return None where there is none of that name."""
        del ctx
        found = self.listed.get(cmd_name)
        return found.load() if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what there is, without loading it."""
        with formatter.section("Commands"):
            formatter.write_dl([(n, self.listed[n].summary) for n in self.list_commands(ctx)])
