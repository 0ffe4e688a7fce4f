"""`touchstone act sign|submit|show`: acts as they are signed, sent, and found again."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click

from resolver.clock import SystemClock
from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError, InvalidJsonError
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json
from touchstone.cli.act_sources import data_option, read_copy, server_of, server_option
from touchstone.cli.act_words import Words
from touchstone.cli.asking import Reply, ask_server
from touchstone.cli.keys import read_key
from touchstone.cli.printing import (
    Exit,
    give_up,
    json_option,
    note,
    printable,
    show_json,
)
from touchstone.cli.printing import show as show_text
from touchstone.cli.writing import file_argument, out_option, read_file, write_file
from trust_registry.acts import Act, act_id, parse_act
from trust_registry.entries import Signer
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.opening import open_act
from trust_registry.proposals import Status
from trust_registry.state import State
from trust_registry.writing import cosign_act, sign_act

_OUTCOMES = {
    Status.EXECUTED: "it takes effect at once",
    Status.PENDING: "it waits for the board's votes",
    Status.RECORDED: "it is recorded",
    Status.VOID: "it ends the proposal",
}


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone act sign act.json --key my.jwk --kid did:web:irma.example#1 --out jws.json\n"
    )
)
@file_argument
@click.option("--key", required=True, type=click.Path(path_type=Path), help="A private JWK.")
@click.option("--kid", required=True, metavar="DID-URL", help="Its verification method.")
@data_option
@out_option
def sign(*, file: Path, key: Path, kid: str, data: Path | None, out: Path | None) -> None:
    """Sign the act in FILE: as `new` or `approve` wrote it, or as others signed it already.

    What it changes is said in words first. With --data, so is what would come of it now.
    """
    try:
        method = DidUrl.parse(kid)
    except InvalidDidUrlError as error:
        give_up(f"--kid: {error}")
    state = read_copy(data).state if data is not None else None
    written = read_file(file).rstrip(b"\n")
    private = read_key(key)
    try:
        for line in Words(state).of(_act_in(written)):
            note(printable(line))
        signed = _signed(written, method, private)
        if state is not None and "signatures" not in signed:
            note(f"If it is submitted now: {_foretold(signed, method, private, state)}.")
    except (InvalidJsonError, ActRefusedError) as error:
        give_up(f"{file}: {error}")
    write_file(json.dumps(signed).encode(), out)


def _signed(written: bytes, method: DidUrl, key: PrivateKey) -> Mapping[str, Json]:
    """Sign an act, and read it back: what every registry would refuse is not written.

    Raises:
        ActRefusedError: `method` is none of whom the act names, or is known to have another key.
    """
    if method.did.method == "key" and method.did.specific_id != key.public.multikey:
        message = f"the key is not that of {method.did}"
        raise ActRefusedError(Refusal.BAD_SIGNATURE, message, "signature")
    before, kid = parse_json(written), str(method)
    if isinstance(before, dict) and "payload" in before:
        signed = cosign_act(before, kid, key)
    else:
        signed = {**sign_act(written, kid, key)}
    open_act(signed)
    return signed


def _foretold(signed: Mapping[str, Json], method: DidUrl, key: PrivateKey, state: State) -> str:
    """Judge an act on a copy of the journal, as the registry would."""
    try:
        signer = Signer(method, key.public, "")
        outcome = state.admit(open_act({**signed}), [signer], SystemClock().now())
    except ActRefusedError as error:
        return f"it is refused ({error.code.value}): {error}"
    return _OUTCOMES[outcome.status]


def _act_in(written: bytes) -> Act:
    """Read the act in a file, signed or not.

    Raises:
        InvalidJsonError: it is no JSON.
        ActRefusedError: it is no act.
    """
    value = parse_json(written)
    if isinstance(value, dict) and "payload" in value:
        return open_act(value).act
    return parse_act(written)


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 taken, 1 refused, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone act submit jws.json --server https://registry.example --receipt receipt.txt\n"
    )
)
@file_argument
@server_option
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    help="Keep the registry's signed word on it here, to hold it against the log.",
)
@json_option
def submit(*, file: Path, server: str | None, receipt: Path | None, as_json: bool) -> None:
    """Submit the signed act in FILE. The same act again returns its first receipt."""
    try:
        signed = parse_json(read_file(file))
    except InvalidJsonError as error:
        give_up(f"{file}: {error}")
    if not isinstance(signed, dict) or "payload" not in signed:
        give_up(f"{file}: nobody signed it yet; see `touchstone act sign`")
    reply = asyncio.run(ask_server(server_of(server), "/v1/acts", signed))
    word = reply.document.get("receipt")
    if receipt is not None:
        if not isinstance(word, str):
            note("The registry signed no receipt.")
        else:
            write_file(word.encode().removesuffix(b"\n"), receipt)
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
        show_text(printable(f"{name.replace('_', ' ')}: {reply.document.get(name)}"))


@click.command(
    epilog=(
        "\b\n"
        "Examples:\n"
        "  touchstone act show act.json\n"
        "  touchstone act show jws.json --data mirror.sqlite\n"
        "  touchstone act show 5f2c… --server https://registry.example\n"
    )
)
@click.argument("act")
@server_option
@data_option
@json_option
def show(*, act: str, server: str | None, data: Path | None, as_json: bool) -> None:
    """Say in words what ACT changes: a file, signed or not, or the id of an act in the journal.

    A file is read here; with --data, whom it speaks of is named from a copy of the journal.
    """
    state = read_copy(data).state if data is not None else None
    if Path(act).is_file():
        written = read_file(Path(act)).rstrip(b"\n")
        try:
            found = _act_in(written)
        except (InvalidJsonError, ActRefusedError) as error:
            give_up(f"{act}: {error}")
        _say(found, state, {"id": _id_of(written)}, as_json=as_json)
        return
    if not act.isalnum():
        give_up(f"{act}: there is no such file, and it is no act's id")
    reply = asyncio.run(ask_server(server_of(server), f"/v1/acts/{act}", method="GET"))
    if not reply.good:
        give_up(reply.complaint, Exit.NO)
    try:
        found = open_act(reply.document.get("act")).act
    except ActRefusedError as error:
        give_up(f"the registry's answer is no act: {error}")
    facts = {n: v for n, v in reply.document.items() if n not in {"act", "size", "root"}}
    _say(found, state, facts, as_json=as_json)


def _id_of(written: bytes) -> str:
    value = parse_json(written)
    signed = isinstance(value, dict) and "payload" in value
    return open_act(value).id if signed else act_id(written)


def _say(act: Act, state: State | None, facts: Mapping[str, Json], *, as_json: bool) -> None:
    lines = list(Words(state).of(act))
    if as_json:
        said: list[Json] = [*lines]
        show_json({**facts, "type": act.type, "says": said})
        return
    for line in lines:
        show_text(printable(line))
    for name, value in facts.items():
        shown = value if isinstance(value, str | int) else json.dumps(value)
        show_text(printable(f"{name.replace('_', ' ')}: {shown}"))
