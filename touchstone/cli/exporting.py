"""`touchstone export`: what a registry says, in the forms of lists that others read."""

import asyncio
import json
from pathlib import Path

import click

from resolver.errors import InvalidInstantError
from resolver.instant import DAY, Instant, parse_instant
from touchstone.cli.act_sources import data_option, server_of, server_option
from touchstone.cli.holding import held_here, held_there
from touchstone.cli.keys import read_key
from touchstone.cli.printing import give_up, json_option, note, printable, show_json
from touchstone.cli.writing import out_option, read_file, write_file
from trust_registry.exports import WRITERS, Export, Publisher, listing_of
from trust_registry.imports import ImportRefusedError, Meanings, read_meanings

_BESIDE = ".not-carried-over.json"


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone export bc-issuers --server https://registry.example --mapping bc.yaml \\\n"
        "    --out issuers.json\n"
        "  touchstone export csv --data mirror.sqlite --at 2026-01-01T00:00:00Z --out bodies.csv\n"
    )
)
@click.argument("format_", metavar="FORMAT", type=click.Choice([*WRITERS]))
@server_option
@data_option
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="The list's words for what is granted (YAML).",
)
@click.option("--at", metavar="TIME", help="The state at this time; default: now.")
@click.option("--known-at", metavar="TIME", help="By what was known at this time; default: now.")
@click.option("--publisher", default="", help="What the list's operator is called.")
@click.option(
    "--days",
    type=click.IntRange(1, 180),
    default=1,
    show_default=True,
    help="Until it is outdated.",
)
@click.option("--entity", default="", help="openid-federation: whose statements are signed (URL).")
@click.option(
    "--key", type=click.Path(path_type=Path), help="openid-federation: its private key (JWK)."
)
@click.option("--kid", default="", help="openid-federation: the key's id.")
@out_option
@json_option
def export(
    *,
    format_: str,
    server: str | None,
    data: Path | None,
    mapping: Path | None,
    at: str | None,
    known_at: str | None,
    publisher: str,
    days: int,
    entity: str,
    key: Path | None,
    kid: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write what stands in a registry as a list in FORMAT.

    Words of a list are those of its mapping, the same as for an import. What the list does not say
    is in it, or in a file beside it where its form has no room for that.
    """
    if key is not None and not (entity and kid):
        give_up("--key needs --entity and --kid: whose statements it signs, and its id")
    moment, known = _time("--at", at), _time("--known-at", known_at)
    if data is not None and server is not None:
        give_up("say where the registry is read: --server or --data, not both")
    try:
        meanings = read_meanings(read_file(mapping)) if mapping else Meanings()
    except ImportRefusedError as error:
        give_up(f"{mapping}: {error}")
    holdings = (
        held_here(data, moment, known)
        if data is not None
        else asyncio.run(held_there(server_of(server), moment, known))
    )
    who = Publisher(
        publisher or holdings.origin, days * DAY, entity, read_key(key) if key else None, kid
    )
    _deliver(WRITERS[format_](listing_of(holdings, who, meanings)), out, as_json=as_json)


def _deliver(made: Export, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "list": made.data.decode(),
                "not_carried_over": [each.written() for each in made.losses],
            }
        )
        return
    write_file(made.data, out)
    if out is not None and not made.says_so:
        losses = json.dumps([each.written() for each in made.losses], indent=2, ensure_ascii=False)
        beside = out.with_name(out.name + _BESIDE)
        write_file(losses.encode(), beside)
        note(f"what is not carried over: {beside}")
        return
    for each in made.losses:
        note(printable(f"not carried over: {each.of or 'the whole list'}: {each.text}"))


def _time(option: str, text: str | None) -> Instant | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except InvalidInstantError as error:
        give_up(f"{option}: {error}")
