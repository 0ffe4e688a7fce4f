"""`touchstone keys ceremony`: a board's keys, made, tested and recorded before they are needed."""

import json
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import click

from resolver.clock import SystemClock
from resolver.encodings import base64url, from_base64url
from resolver.errors import (
    InvalidEncodingError,
    InvalidJsonError,
    InvalidSignatureError,
    PublicKeyError,
)
from resolver.instant import format_instant
from resolver.keys import PublicKey, verify
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json
from touchstone.cli.printing import Exit, give_up, json_option, note, show, show_json

RECORD = "ceremony.json"
_CONTEXT = b"touchstone key ceremony\n"
_OWNER_ONLY = 0o600
_HOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


@click.command(
    epilog=(
        "\b\n"
        "Examples:\n"
        "  touchstone keys ceremony ministry irma mining-watch --into ceremony/\n"
        "  touchstone keys ceremony --check ceremony/\n"
    )
)
@click.argument("holders", nargs=-1)
@click.option("--into", type=click.Path(path_type=Path), help="An empty folder for the keys.")
@click.option(
    "--check", "checked", type=click.Path(path_type=Path), help="Test a ceremony's keys again."
)
@click.option("--yes", is_flag=True, help="Do not wait for each holder to confirm.")
@json_option
def ceremony(
    *, holders: Sequence[str], into: Path | None, checked: Path | None, yes: bool, as_json: bool
) -> None:
    """Make a key for each of HOLDERS, read it back, have it sign, and record what anyone can check.

    Each holder takes their own .jwk away. The record, ceremony.json, holds nothing secret: public
    keys, what each of them signed, and when. A framework pins the thumbprints.
    """
    if (into is None) == (checked is None) or bool(holders) == (into is None):
        give_up("name the holders and --into a folder, or --check a folder")
    if checked is not None:
        _show(_checked(checked), as_json=as_json)
        return
    folder = into or Path()
    wrong = [each for each in holders if not _HOLDER.fullmatch(each)]
    if wrong or len(set(holders)) < len(holders):
        give_up("a holder's name has small letters, digits and hyphens, and appears once")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            give_up(f"{folder}: a ceremony begins with an empty folder")
        made = [_make(each, folder, ask=not yes) for each in holders]
        record: dict[str, Json] = {"made": format_instant(SystemClock().now()), "keys": [*made]}
        (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        give_up(f"{folder}: {error.strerror}")
    _show(_checked(folder), as_json=as_json)


def _make(holder: str, folder: Path, *, ask: bool) -> dict[str, Json]:
    """Make one holder's key, and test the file and not the memory."""
    if ask and not click.confirm(f"Is {holder} here, and does nobody else see the screen?"):
        give_up(f"{holder} is not here; begin again when everybody is")
    file = folder / f"{holder}.jwk"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(PrivateKey.generate().jwk(), opened)
        opened.flush()
        os.fsync(opened.fileno())
    key = _read(file)
    challenge = secrets.token_urlsafe(32)
    note(f"{holder}: {file} is theirs to take away")
    return {
        "holder": holder,
        "did": f"did:key:{key.public.multikey}",
        "multikey": key.public.multikey,
        "thumbprint": key.public.thumbprint,
        "challenge": challenge,
        "signature": base64url(key.sign(_message(holder, challenge))),
    }


def _read(file: Path) -> PrivateKey:
    try:
        value = parse_json(file.read_bytes())
        if not isinstance(value, dict):
            give_up(f"{file}: a private JWK is a JSON object", Exit.NO)
        return PrivateKey.from_jwk(value)
    except (OSError, InvalidJsonError, PublicKeyError) as error:
        give_up(f"{file}: {error}", Exit.NO)


def _message(holder: str, challenge: str) -> bytes:
    """Return what is signed; it can never be mistaken for an act, which begins with a brace."""
    return _CONTEXT + f"{holder}\n{challenge}\n".encode()


def _checked(folder: Path) -> list[dict[str, str]]:
    """Verify a record, and sign anew with each key that is still here. Ends where one fails."""
    try:
        record = parse_json((folder / RECORD).read_bytes())
    except (OSError, InvalidJsonError) as error:
        give_up(f"{folder / RECORD}: {error}")
    listed = record.get("keys") if isinstance(record, dict) else None
    if not isinstance(listed, list) or not listed:
        give_up(f"{folder / RECORD}: it lists no keys", Exit.NO)
    return [_check(each, folder) for each in listed]


def _check(entry: Json, folder: Path) -> dict[str, str]:
    written = {name: str(value) for name, value in entry.items()} if isinstance(entry, dict) else {}
    holder = written.get("holder", "")
    try:
        public = PublicKey.from_multikey(written["multikey"])
        message = _message(holder, written["challenge"])
        verify(public, public.algorithm, from_base64url(written["signature"]), message)
    except (KeyError, InvalidEncodingError, PublicKeyError, InvalidSignatureError) as error:
        give_up(f"{holder or 'somebody'}: the recorded signature does not hold: {error}", Exit.NO)
    same = written.get("thumbprint") == public.thumbprint
    if not same or written.get("did") != f"did:key:{public.multikey}":
        give_up(f"{holder}: the record names another key than the one that signed", Exit.NO)
    file = folder / f"{holder}.jwk"
    here = _HOLDER.fullmatch(holder) is not None and file.exists()
    if here and _read(file).public != public:
        give_up(f"{file}: not the key of the record", Exit.NO)
    return {
        "holder": holder,
        "did": written["did"],
        "thumbprint": public.thumbprint,
        "tested": "now" if here else "at the ceremony",
    }


def _show(found: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        show_json({"sound": True, "keys": [{**each} for each in found]})
        return
    for each in found:
        show(f"✓ {each['holder']}: {each['thumbprint']} ({each['did']}), tested {each['tested']}")
    note("Pin the thumbprints in the framework. Each holder keeps their own file, and nobody else.")
