"""`touchstone keys`: keys to sign acts and credentials with."""

import json
import os
from pathlib import Path

import click

from resolver.errors import InvalidJsonError, PublicKeyError
from resolver.keys import Curve
from resolver.signing import PrivateKey
from resolver.strict_json import parse_json
from touchstone.cli.printing import give_up, json_option, note, show, show_json

_CURVES = {"ed25519": Curve.ED25519, "p256": Curve.P256}
_OWNER_ONLY = 0o600


@click.group()
def keys() -> None:
    """Make keys."""


@keys.command(epilog=("\b\nExample:\n  touchstone keys new ministry.jwk\n"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--curve", type=click.Choice(sorted(_CURVES)), default="ed25519", show_default=True)
@json_option
def new(*, file: Path, curve: str, as_json: bool) -> None:
    """Make a key and write it to FILE as a private JWK that only its owner can read."""
    key = PrivateKey.generate(_CURVES[curve])
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(key.jwk(), opened)
            opened.write("\n")
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
    public = key.public
    described = {
        "file": str(file),
        "did": f"did:key:{public.multikey}",
        "verification_method": f"did:key:{public.multikey}#{public.multikey}",
        "multikey": public.multikey,
        "thumbprint": public.thumbprint,
    }
    if as_json:
        show_json({**described})
        return
    for name, value in described.items():
        show(f"{name.replace('_', ' ')}: {value}")
    note("Whoever reads the file can sign. Pin the thumbprint, never the file.")


def read_key(file: Path) -> PrivateKey:
    """Read a private JWK. Ends the process where it is none."""
    try:
        value = parse_json(file.read_bytes())
        if not isinstance(value, dict):
            give_up(f"{file}: a private JWK is a JSON object")
        return PrivateKey.from_jwk(value)
    except (OSError, InvalidJsonError, PublicKeyError) as error:
        give_up(f"{file}: {error}")
