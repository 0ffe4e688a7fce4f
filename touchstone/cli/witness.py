"""`touchstone witness`: cosign the checkpoints of logs that only grow."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resolver.clock import SystemClock
from touchstone.cli.printing import give_up, json_option, note, show_json
from touchstone.service.errors import SettingsError
from trust_registry.errors import TrustRegistryError
from trust_registry.log.errors import InvalidKeyTextError
from trust_registry.log.keys import KeyKind, SigningKey, read_signing_keys
from trust_registry.log.policies import Policy
from trust_registry.stores.cosigned import SqliteCosigned
from trust_registry.witness.http import witness_app
from trust_registry.witness.witnessing import Witness

if TYPE_CHECKING:
    from touchstone.service.settings import Settings

_KINDS = (KeyKind.COSIGNATURE, KeyKind.ML_DSA_44)


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone witness --key witness.key --logs logs.policy --data witness.sqlite\n"
    )
)
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8081", show_default=True)
@click.option(
    "--key",
    required=True,
    type=click.Path(path_type=Path),
    help="As `touchstone keys witness` made it.",
)
@click.option(
    "--logs",
    required=True,
    type=click.Path(path_type=Path),
    help="A policy that lists the logs to follow (C2SP tlog-policy).",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="What it remembers; never restore it from a backup.",
)
@json_option
def witness(*, listen: str, key: Path, logs: Path, data: Path, as_json: bool) -> None:
    """Cosign checkpoints until stopped, over the C2SP tlog-witness protocol."""
    from touchstone.service.log_keys import read_policy
    from touchstone.service.settings import Settings

    try:
        keys, policy = _keys(key), read_policy(logs)
        settings = Settings.load(listen=listen)
        if not policy.logs:
            give_up(f"{logs}: it lists no log")
        asyncio.run(_serve(keys, policy, data, settings, as_json=as_json))
    except (SettingsError, InvalidKeyTextError, TrustRegistryError, OSError) as error:
        give_up(str(error))


def _keys(file: Path) -> tuple[SigningKey, ...]:
    from touchstone.service.secret_files import read_secret

    text = read_secret(file)
    first = text.split()[:1]
    name = SigningKey.parse(first[0]).public.name if first else ""
    return read_signing_keys(text, name, _KINDS)


async def _serve(
    keys: tuple[SigningKey, ...], policy: Policy, data: Path, settings: "Settings", *, as_json: bool
) -> None:
    from touchstone.service.serving import asked_to_stop, listening

    store = await asyncio.to_thread(SqliteCosigned, data)
    try:
        app = witness_app(
            Witness(store, keys, policy.logs, SystemClock()), settings.header_timeout_s
        )
        async with listening(app, settings.host, settings.port) as address:
            asked = asked_to_stop()
            if as_json:
                show_json({"address": address, "keys": [str(key.public) for key in keys]})
            else:
                note(f"{keys[0].public.name} cosigns for {len(policy.logs)} keys on {address}")
            await asked.wait()
    finally:
        await asyncio.to_thread(store.close)
