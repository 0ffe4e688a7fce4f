"""What a command imports: what it needs, so that it starts at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.unit.trust_registry.board import ORIGIN, START, framework_document, someone
from touchstone.cli import main
from touchstone.cli.commands import Commands
from trust_registry.writing import found

RUN = "import sys; from touchstone.cli import main; main(sys.argv[1:], standalone_mode=False)"
HEAVY = {
    "aiohttp",
    "cryptography",
    "orjson",
    "pydantic",
    "pydid",
    "redis",
    "rich",
    "sqlite3",
    "yaml",
}
OF_THE_SERVICE = {"aiohttp", "pydantic_settings", "pydid", "redis", "sqlite3", "uvloop"}


def imported(*arguments: str) -> set[str]:
    """Return the packages that a command has imported when it is done."""
    script = f"{RUN}; print('imported', *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["act", "--help"]])
def test_to_say_what_there_is_takes_no_command(arguments: list[str]) -> None:
    assert imported(*arguments).isdisjoint(HEAVY | OF_THE_SERVICE)


@pytest.mark.parametrize("command", ["check", "verify", "serve", "journal", "keys", "resolve"])
def test_the_help_of_a_command_takes_no_service(command: str) -> None:
    assert imported(command, "--help").isdisjoint(OF_THE_SERVICE)


def test_an_act_is_shown_without_a_service_and_without_a_client(tmp_path: Path) -> None:
    document, founder = framework_document(), someone("irma")
    act = tmp_path / "act.json"
    act.write_bytes(found(document, by=founder.did, origin=ORIGIN, issued=START))
    assert imported("act", "show", str(act)).isdisjoint(OF_THE_SERVICE)


def test_a_key_is_made_without_a_service(tmp_path: Path) -> None:
    assert imported("keys", "new", str(tmp_path / "my.jwk")).isdisjoint(OF_THE_SERVICE)


def groups(command: click.Command, name: str) -> Iterator[tuple[str, Commands]]:
    if isinstance(command, Commands):
        yield name, command
        for each, listed in command.listed.items():
            yield from groups(listed.load(), f"{name} {each}")


def test_each_command_is_listed_as_it_describes_itself() -> None:
    found = dict(groups(main, "touchstone"))
    assert set(found) == {"touchstone", "touchstone act"}
    for group in found.values():
        for name, listed in group.listed.items():
            command = listed.load()
            assert command.name == name
            assert command.get_short_help_str(1000) == listed.summary


def test_there_is_no_other_command() -> None:
    with pytest.raises(click.UsageError, match="No such command 'trust'"):
        main(["trust"], standalone_mode=False)
