"""`touchstone act new|found|approve|object`: write the acts that alone change trust."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import click

from resolver.clock import SystemClock
from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.strict_json import Json
from touchstone.cli.act_sources import Target, data_option, server_option, target
from touchstone.cli.act_words import Words
from touchstone.cli.configuring import settings
from touchstone.cli.printing import give_up, note, printable
from touchstone.cli.writing import file_argument, out_option, read_file, write_file
from trust_registry.acts import parse_act
from trust_registry.documents import document_digest, load_framework, read_document
from trust_registry.errors import ActRefusedError, InvalidFrameworkError, InvalidYamlError
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.notes import Note
from trust_registry.state import State
from trust_registry.strict_yaml import read_yaml
from trust_registry.writing import act_id, vote_on, write_act
from trust_registry.writing import found as write_founding

by_option = click.option("--by", required=True, metavar="DID", help="Who will sign it.")


@click.command(
    epilog=(
        "\b\n"
        "Example of a file:\n"
        "  type: authorise\n"
        "  entity: did:web:scs.example\n"
        "  scope: {scheme: [https://irma.example/standard], rest: any}\n"
        '  valid_until: "2028-01-01T00:00:00Z"\n'
        "\n"
        "What each type holds: /schemas/act.json of any registry.\n"
    )
)
@file_argument
@by_option
@server_option
@data_option
@out_option
def new(*, file: Path, by: str, server: str | None, data: Path | None, out: Path | None) -> None:
    """Write an act out in the bytes that are signed, from the YAML in FILE.

    The file holds `type`, what is particular to it, and `evidence`. In a scope, `rest: any` states
    every dimension that is not written. Audience, times and nonce are filled in. What the act will
    change is said in words, on standard error.
    """
    write_file(_payload(_members(file), _did(by), target(server, data)), out)


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act found framework.yaml --by did:web:ministry.example --out act.json\n"
        "  touchstone act found framework.yaml --by … --after last-checkpoint --out act.json\n"
    )
)
@file_argument
@by_option
@click.option(
    "--after", type=click.Path(path_type=Path), help="The last signed checkpoint of another one."
)
@out_option
def found(*, file: Path, by: str, after: Path | None, out: Path | None) -> None:
    """Write the act that begins a registry with the framework in FILE; a member signs it.

    With --after, its evidence names the last checkpoint of the registry that it succeeds. The
    registry's origin is TOUCHSTONE_ORIGIN. The framework's digest, which TOUCHSTONE_FRAMEWORK
    pins, is printed to standard error.
    """
    try:
        framework = read_document(read_file(file).decode())
        load_framework(framework)
    except (InvalidFrameworkError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")
    origin = settings().audience
    payload = write_founding(
        framework,
        by=_did(by),
        origin=origin,
        issued=SystemClock().now(),
        evidence=[] if after is None else [_last_checkpoint(after)],
    )
    _preview(payload, None)
    note(f"act {act_id(payload)}, for {origin}")
    note(f"framework {document_digest(framework)}")
    write_file(payload, out)


def _last_checkpoint(file: Path) -> dict[str, Json]:
    data = read_file(file)
    try:
        last = Checkpoint.parse(Note.parse(data).text)
    except LogError as error:
        give_up(f"{file}: {error}")
    note(f"after {last.size} entries of {last.origin}, root {last.root.hex()}")
    return {"uri": f"https://{last.origin}/checkpoint", "sha256": sha256(data).hexdigest()}


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act approve 5f2c… --by did:web:mining-watch.example --out vote.json\n"
    )
)
@click.argument("proposal")
@by_option
@click.option(
    "--vote",
    type=click.Choice(["approve", "reject", "take_back", "execute"]),
    default="approve",
    show_default=True,
)
@server_option
@data_option
@out_option
def approve(
    *, proposal: str, by: str, vote: str, server: str | None, data: Path | None, out: Path | None
) -> None:
    """Write a vote on PROPOSAL, the id of a pending act; sign and submit it like any other act."""
    registry = target(server, data)
    if registry.framework is None:
        give_up("the registry has no framework yet, so there is nothing to vote on")
    members = vote_on(proposal, registry.framework, vote)
    write_file(_payload(members, _did(by), registry), out)


@click.command(
    name="object",
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act object 5f2c… --by did:web:river-council.example \\\n"
        '    --ground "The tailings dam is not assessed." --out objection.json\n'
    ),
)
@click.argument("proposal")
@by_option
@click.option("--ground", required=True, help="Why, in one sentence, without personal data.")
@server_option
@data_option
@out_option
def object_(
    *, proposal: str, by: str, ground: str, server: str | None, data: Path | None, out: Path | None
) -> None:
    """Write an objection to PROPOSAL, the id of a pending act; any registered party may object."""
    members: dict[str, Json] = {"type": "object", "proposal": proposal, "ground": ground}
    write_file(_payload(members, _did(by), target(server, data)), out)


def _payload(members: Mapping[str, Json], by: Did, registry: Target) -> bytes:
    try:
        payload = write_act(
            members,
            by=by,
            origin=registry.origin,
            genesis=registry.genesis,
            base=registry.base,
            issued=SystemClock().now(),
        )
    except ActRefusedError as error:
        where = f" ({error.member})" if error.member else ""
        give_up(f"{error}{where}")
    _preview(payload, registry.state)
    note(f"act {act_id(payload)}")
    return payload


def _preview(payload: bytes, state: State | None) -> None:
    """Say in words, before anything is signed, what an act will change."""
    for line in Words(state).of(parse_act(payload)):
        note(printable(line))


def _members(file: Path) -> dict[str, Json]:
    try:
        members = read_yaml(read_file(file))
    except InvalidYamlError as error:
        give_up(f"{file}: {error}")
    if not isinstance(members, dict):
        give_up(f"{file}: an act is a mapping of members")
    return members


def _did(text: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        give_up(f"--by: {error}")
