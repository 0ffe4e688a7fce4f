"""`touchstone keys`: keys to sign acts and credentials with."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from resolver.errors import InvalidJsonError, PublicKeyError
from resolver.keys import Curve
from resolver.signing import PrivateKey
from resolver.strict_json import parse_json
from touchstone.cli.ceremony import ceremony
from touchstone.cli.printing import give_up, json_option, note, show, show_json
from touchstone.service.errors import SettingsError
from trust_registry.log.errors import InvalidKeyTextError, LogError
from trust_registry.log.keys import KeyKind, SigningKey

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


_NAME = click.argument("name")
_OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The file to make."
)
_ML_DSA = click.option(
    "--ml-dsa-44", "post_quantum", is_flag=True, help="Add a post-quantum key to the file."
)


@keys.command(
    epilog="\b\nExample:\n  touchstone keys log registry.example/log --out log.key --ml-dsa-44\n"
)
@_NAME
@click.option("--out", type=click.Path(path_type=Path), help="The file to make.")
@click.option("--pkcs11", metavar="URI", help="Have a token make and keep it (RFC 7512).")
@_ML_DSA
@json_option
def log(
    *, name: str, out: Path | None, pkcs11: str | None, post_quantum: bool, as_json: bool
) -> None:
    """Make the key that signs a registry's log, in a file or in a token.

    NAME is the registry's origin without the scheme, and /log.
    """
    if (out is None) == (pkcs11 is None) or (pkcs11 is not None and post_quantum):
        give_up("say where: --out with a file, or --pkcs11 with a token's address")
    if pkcs11 is not None:
        _make_in_token(name, pkcs11, as_json=as_json)
        return
    assert out is not None  # noqa: S101  # one of both is given
    kinds = [KeyKind.ED25519, *([KeyKind.ML_DSA_44] if post_quantum else [])]
    _make(name, kinds, out, as_json=as_json)


@keys.command(
    epilog="\b\nExample:\n  touchstone keys witness witness.example/w1 --out witness.key\n"
)
@_NAME
@_OUT
@_ML_DSA
@json_option
def witness(*, name: str, out: Path, post_quantum: bool, as_json: bool) -> None:
    """Make the key that a witness cosigns with. NAME is a URL of its operator, without scheme."""
    kinds = [KeyKind.COSIGNATURE, *([KeyKind.ML_DSA_44] if post_quantum else [])]
    _make(name, kinds, out, as_json=as_json)


keys.add_command(ceremony)


def _make(name: str, kinds: Sequence[KeyKind], out: Path, *, as_json: bool) -> None:
    try:
        made = [SigningKey.generate(name, kind) for kind in kinds]
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.writelines(f"{key.secret_text()}\n" for key in made)
    except InvalidKeyTextError as error:
        give_up(str(error))
    except OSError as error:
        give_up(f"{out}: {error.strerror}")
    if as_json:
        show_json({"file": str(out), "keys": [str(key.public) for key in made]})
        return
    for key in made:
        show(str(key.public))
    note("Whoever reads the file can sign. Publish the lines above, never the file.")


def _make_in_token(name: str, address: str, *, as_json: bool) -> None:
    from touchstone.service.log_keys import token_key

    try:
        key = token_key(name, address, create=True)
    except (SettingsError, LogError) as error:
        give_up(str(error))
    if as_json:
        show_json({"pkcs11": address, "keys": [str(key.public)]})
        return
    show(str(key.public))
    note("The token signed a test with it. Set TOUCHSTONE_LOG_PKCS11 to its address.")


def read_key(file: Path) -> PrivateKey:
    """Read a private JWK. Ends the process where it is none."""
    try:
        value = parse_json(file.read_bytes())
        if not isinstance(value, dict):
            give_up(f"{file}: a private JWK is a JSON object")
        return PrivateKey.from_jwk(value)
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
    except (InvalidJsonError, PublicKeyError) as error:
        give_up(f"{file}: {error}")
