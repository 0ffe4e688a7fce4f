"""`touchstone check`: is this issuer, or is this credential's issuer, authorised?"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.strict_json import Json
from touchstone.cli.asking import Reply, ask_server, read_credential
from touchstone.cli.configuring import settings, settings_with_journal
from touchstone.cli.printing import OUTCOMES, Exit, give_up, json_option, show, show_json
from touchstone.cli.tree import decision_tree

_VERIFY, _DECISIONS = "/v1/credentials/verify", "/v1/decisions"


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 authorised, 1 not authorised, 3 undetermined, 4 no answer.\n"
        "\n"
        "\b\n"
        "Examples:\n"
        "  touchstone check did:web:irma.example --claim commodity=hs:2603 --claim country=CL\n"
        "  touchstone check --credential permit.json --at 2026-03-01T00:00:00Z --json\n"
    )
)
@click.argument("issuer", required=False)
@click.option("--credential", type=click.Path(path_type=Path), help="A credential's file, or -.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="DIMENSION=VALUE",
    help="What is claimed, such as commodity=hs:2603; may be repeated.",
)
@click.option("--action", type=click.Choice(["issue", "accredit", "anchor", "link"]), default=None)
@click.option("--at", metavar="TIME", help="The time asked about, such as 2026-03-01T00:00:00Z.")
@click.option("--known-at", metavar="TIME", help="As the registry knew it at this time.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    metavar="DID",
    help="A trust anchor or framework to accept; may be repeated.",
)
@click.option("--server", metavar="URL", help="The service to ask.")
@click.option(
    "--signed-by", metavar="DID", help="Believe the service where this DID signed its answer."
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Answer here, from this journal's file."
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    help="Answer here, from a synced snapshot, without any network.",
)
@click.option("--no-cache", is_flag=True, help="Ask the hosts of a credential's status lists anew.")
@json_option
def check(
    *,
    issuer: str | None,
    credential: Path | None,
    claims: tuple[str, ...],
    action: str | None,
    at: str | None,
    known_at: str | None,
    authorities: tuple[str, ...],
    server: str | None,
    signed_by: str | None,
    data: Path | None,
    snapshot: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Ask whether ISSUER is authorised for a claim, or check a whole credential."""
    if (issuer is None) is (credential is None):
        raise click.UsageError("give either an issuer or --credential")
    if sum(each is not None for each in (server, data, snapshot)) > 1:
        raise click.UsageError("--server, --data and --snapshot exclude each other")
    if signed_by is not None and (data or snapshot):
        raise click.UsageError("only a service signs answers; leave out --signed-by")
    asked: dict[str, Json] = {"at": at, "known_at": known_at}
    if authorities:
        asked["authorities"] = [*authorities]
    if credential is not None:
        if claims or action:
            raise click.UsageError("a credential brings its own claims and action")
        path, asked["credential"] = _VERIFY, read_credential(credential)
        asked["no_cache"] = no_cache or None
    else:
        if no_cache:
            raise click.UsageError("only a credential's status is kept; give --credential")
        path = _DECISIONS
        asked |= {"issuer": issuer, "action": action, "claim": _claim(claims)}
    body: Json = {name: value for name, value in asked.items() if value is not None}
    if snapshot is not None:
        from touchstone.cli.answering import ask_snapshot

        reply = ask_snapshot(snapshot, path, body, settings())
    elif signed_by is not None:
        reply = _ask_signed(path, body, server, signed_by)
    else:
        reply = _ask(path, body, server, data)
    _report(reply, as_json=as_json)


def _ask(path: str, body: Json, server: str | None, data: Path | None) -> Reply:
    if data is not None:
        from touchstone.cli.answering import ask_here

        return asyncio.run(ask_here(settings_with_journal(data=data), path, body))
    return asyncio.run(ask_server(server or f"http://{settings().listen}", path, body))


def _ask_signed(path: str, body: Json, server: str | None, signed_by: str) -> Reply:
    from touchstone.cli.answering import ask_signed

    try:
        did = Did.parse(signed_by)
    except InvalidDidError as error:
        raise click.BadParameter(str(error), param_hint="--signed-by") from None
    loaded = settings()
    return asyncio.run(ask_signed(server or f"http://{loaded.listen}", path, body, did, loaded))


def _claim(given: Sequence[str]) -> dict[str, Json]:
    stated: dict[str, list[Json]] = {}
    for each in given:
        dimension, equals, value = each.partition("=")
        if not equals or not value:
            raise click.BadParameter(f"{each!r} is not DIMENSION=VALUE", param_hint="--claim")
        stated.setdefault(dimension, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in stated.items()}


def _report(reply: Reply, *, as_json: bool) -> None:
    if as_json:
        show_json(dict(reply.document))
    if not reply.good:
        if as_json:
            raise SystemExit(int(Exit.CANNOT_ANSWER))
        give_up(reply.complaint)
    if not as_json:
        show(decision_tree(reply.document))
    outcome = str(reply.document.get("outcome"))
    raise SystemExit(int(OUTCOMES.get(outcome, Exit.CANNOT_ANSWER)))
