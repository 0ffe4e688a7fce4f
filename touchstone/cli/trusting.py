"""Whom to trust about a log: a policy file, or keys given on the command line."""

from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from touchstone.cli.printing import give_up
from touchstone.service.errors import SettingsError
from trust_registry.log.errors import InvalidKeyTextError
from trust_registry.log.keys import VerifierKey
from trust_registry.log.policies import Policy


class Trusted(NamedTuple):
    """What the command line says: a policy's file, or keys."""

    file: Path | None
    keys: tuple[str, ...]

    def policy(self) -> Policy:
        """Return the policy. Ends the process where none is given, or it cannot be read."""
        if (self.file is None) == (not self.keys):
            give_up("say whom to trust: --policy with a file, or --vkey with the log's key")
        from touchstone.service.log_keys import read_policy

        try:
            if self.file is None:
                return Policy.of_log(*map(VerifierKey.parse, self.keys))
            policy = read_policy(self.file)
        except (SettingsError, InvalidKeyTextError) as error:
            give_up(str(error))
        if not policy.logs:
            give_up(f"{self.file}: it lists no log")
        return policy

    def log_keys(self) -> Collection[VerifierKey]:
        """Return the log's keys, none where nobody is trusted. Ends the process as `policy`."""
        return self.policy().logs if self.file is not None or self.keys else ()


def trust_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--policy` and `--vkey`; it takes both as `trusted`."""

    @click.option(
        "--policy", "file_", type=click.Path(path_type=Path), help="A C2SP tlog-policy file."
    )
    @click.option("--vkey", "keys", multiple=True, help="The log's verifier key.")
    @wraps(command)
    def run(*, file_: Path | None, keys: tuple[str, ...], **given: Any) -> Any:
        return command(trusted=Trusted(file_, keys), **given)

    return run
