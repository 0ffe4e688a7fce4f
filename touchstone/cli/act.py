"""`touchstone act`: write, sign and submit the acts that alone change trust."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import click
import yaml

from resolver.clock import SystemClock
from resolver.did import Did, DidUrl
from resolver.errors import InvalidDidError, InvalidDidUrlError, InvalidJsonError
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json
from touchstone.cli.asking import Reply, ask_server
from touchstone.cli.keys import read_key
from touchstone.cli.printing import (
    Exit,
    give_up,
    json_option,
    note,
    printable,
    settings,
    show,
    show_json,
)
from trust_registry.acts import parse_act
from trust_registry.documents import document_digest, load_framework, read_document
from trust_registry.errors import ActRefusedError, InvalidFrameworkError
from trust_registry.writing import act_id, cosign_act, sign_act, vote_on, write_act
from trust_registry.writing import found as write_founding

server_option = click.option("--server", metavar="URL", help="The registry; default: this machine.")
by_option = click.option("--by", required=True, metavar="DID", help="Who will sign it.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Write here instead of to standard output."
)
file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.group(
    epilog=(
        "\b\n"
        "Example, from a YAML file to the journal:\n"
        "  touchstone act new grant.yaml --by did:web:irma.example --out act.json\n"
        "  touchstone act sign act.json --key my.jwk --kid did:web:irma.example#1 --out jws.json\n"
        "  touchstone act submit jws.json\n"
    )
)
def act() -> None:
    """Write, sign, approve and submit acts of governance."""


@act.command(
    epilog=(
        "\b\n"
        "Example of a file:\n"
        "  type: authorise\n"
        "  entity: did:web:scs.example\n"
        "  scope: {scheme: [https://irma.example/standard], rest: any}\n"
        '  valid_until: "2028-01-01T00:00:00Z"\n'
    )
)
@file_argument
@by_option
@server_option
@out_option
def new(*, file: Path, by: str, server: str | None, out: Path | None) -> None:
    """Write an act out in the bytes that are signed, from the YAML in FILE.

    The file holds `type`, what is particular to it, and `evidence`. In a scope, `rest: any` states
    every dimension that is not written. Audience, times and nonce are filled in.
    """
    _write(_payload(_members(file), _did(by), server), out)


@act.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act found framework.yaml --by did:web:ministry.example --out act.json\n"
    )
)
@file_argument
@by_option
@out_option
def found(*, file: Path, by: str, out: Path | None) -> None:
    """Write the act that begins a registry with the framework in FILE; a seated member signs it.

    The registry's origin is TOUCHSTONE_ORIGIN. The framework's digest, which TOUCHSTONE_FRAMEWORK
    pins, is printed to standard error.
    """
    try:
        framework = read_document(_read(file).decode())
        load_framework(framework)
    except (InvalidFrameworkError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")
    origin = settings().audience
    payload = write_founding(framework, by=_did(by), origin=origin, issued=SystemClock().now())
    note(f"act {act_id(payload)}, for {origin}")
    note(f"framework {document_digest(framework)}")
    _write(payload, out)


@act.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act approve 5f2c… --by did:web:mining-watch.example --out vote.json\n"
    )
)
@click.argument("proposal")
@by_option
@click.option("--vote", type=click.Choice(["approve", "reject", "execute"]), default="approve")
@server_option
@out_option
def approve(*, proposal: str, by: str, vote: str, server: str | None, out: Path | None) -> None:
    """Write a vote on PROPOSAL, the id of a pending act; sign and submit it like any other act."""
    registry = _registry(server)
    framework = registry.get("framework")
    if not isinstance(framework, str):
        give_up("the registry has no framework yet, so there is nothing to vote on")
    _write(_payload(vote_on(proposal, framework, vote), _did(by), server, registry), out)


@act.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act sign act.json --key my.jwk --kid did:web:irma.example#1 --out jws.json\n"
    )
)
@file_argument
@click.option("--key", required=True, type=click.Path(path_type=Path), help="A private JWK.")
@click.option("--kid", required=True, metavar="DID-URL", help="Its verification method.")
@out_option
def sign(*, file: Path, key: Path, kid: str, out: Path | None) -> None:
    """Sign the act in FILE: as `new` or `approve` wrote it, or as others have signed it already."""
    try:
        DidUrl.parse(kid)
    except InvalidDidUrlError as error:
        give_up(f"--kid: {error}")
    _write(json.dumps(_signed(file, kid, read_key(key))).encode(), out)


def _signed(file: Path, kid: str, key: PrivateKey) -> Mapping[str, Json]:
    data = _read(file).rstrip(b"\n")
    try:
        before = parse_json(data)
        if isinstance(before, dict) and "payload" in before:
            return cosign_act(before, kid, key)
        parse_act(data)
    except (InvalidJsonError, ActRefusedError) as error:
        give_up(f"{file}: {error}")
    return sign_act(data, kid, key)


@act.command(
    epilog=(
        "\b\n"
        "Exit code: 0 taken, 1 refused, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone act submit jws.json --server https://registry.example\n"
    )
)
@file_argument
@server_option
@json_option
def submit(*, file: Path, server: str | None, as_json: bool) -> None:
    """Submit the signed act in FILE. The same act again returns its first receipt."""
    try:
        signed = parse_json(_read(file))
    except InvalidJsonError as error:
        give_up(f"{file}: {error}")
    reply = asyncio.run(ask_server(_server(server), "/v1/acts", signed))
    if as_json:
        show_json(dict(reply.document))
    elif reply.good:
        _show_receipt(reply)
    if not reply.good:
        if not as_json:
            note(f"touchstone: {printable(reply.complaint)}")
        raise SystemExit(int(Exit.NO))


def _show_receipt(reply: Reply) -> None:
    for name in ("id", "status", "index", "recorded_at"):
        show(printable(f"{name.replace('_', ' ')}: {reply.document.get(name)}"))


def _payload(
    members: Mapping[str, Json],
    by: Did,
    server: str | None,
    registry: Mapping[str, Json] | None = None,
) -> bytes:
    known = registry or _registry(server)
    journal = known.get("journal")
    if not isinstance(journal, dict):
        give_up("the registry does not say how long its journal is")
    size, root = journal.get("size"), journal.get("root")
    base = (size, root) if isinstance(size, int) and size and isinstance(root, str) else None
    try:
        payload = write_act(
            members,
            by=by,
            origin=str(known.get("origin")),
            genesis=str(known["genesis"]) if known.get("genesis") else None,
            base=base,
            issued=SystemClock().now(),
        )
    except ActRefusedError as error:
        where = f" ({error.member})" if error.member else ""
        give_up(f"{error}{where}")
    note(f"act {act_id(payload)}")
    return payload


def _registry(server: str | None) -> Mapping[str, Json]:
    reply = asyncio.run(ask_server(_server(server), "/v1/registry", method="GET"))
    if not reply.good:
        give_up(reply.complaint)
    return reply.document


def _server(server: str | None) -> str:
    return server or f"http://{settings().listen}"


def _members(file: Path) -> dict[str, Json]:
    try:
        value = yaml.safe_load(_read(file))
    except yaml.YAMLError as error:
        give_up(f"{file}: {error}")
    if not isinstance(value, dict):
        give_up(f"{file}: an act is a mapping of members")
    try:
        members = parse_json(json.dumps(value, default=_written))
    except (InvalidJsonError, TypeError, ValueError) as error:
        give_up(f"{file}: {error}")
    return members if isinstance(members, dict) else {}


def _written(value: object) -> str:
    """Write a time that YAML read as one the way that acts write it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    if isinstance(value, date):
        raise TypeError(f"{value}: write a time with its offset, such as 2026-03-01T00:00:00Z")
    raise TypeError(f"{value!r} has no place in an act")


def _did(text: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        give_up(f"--by: {error}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        give_up(f"{file}: {error.strerror}")


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(data)
        return
    try:
        out.write_bytes(data + b"\n")
    except OSError as error:
        give_up(f"{out}: {error.strerror}")
