"""`touchstone link`: identifiers read, links resolved, published, imported and drawn."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click
from rich.text import Text
from rich.tree import Tree

from link_resolver.bulk import Format, write_entries
from link_resolver.errors import InvalidIdentifierError, LinkError
from link_resolver.identifier import Identifier
from link_resolver.parsing import parse_any
from link_resolver.qr import draw, read_drawing
from link_resolver.schemes import Schemes
from resolver.strict_json import Json
from touchstone.cli.configuring import settings
from touchstone.cli.link_proving import prove, sign
from touchstone.cli.link_publishing import (
    form_of,
    format_option,
    import_,
    objects,
    publish,
    server_option,
    server_or_here,
)
from touchstone.cli.printing import Exit, give_up, json_option, printable, show, show_json
from touchstone.service.errors import SettingsError

if TYPE_CHECKING:
    from touchstone.service.settings import Settings

identifier_argument = click.argument("identifier")
_EXITS = {"redirect": Exit.YES, "linkset": Exit.YES, "several": Exit.UNDETERMINED}


@click.group(
    epilog=(
        "\b\nExample:\n  touchstone link resolve https://id.gs1.org/01/09506000134352 --explain\n"
    )
)
def link() -> None:
    """From a barcode to what is published about it."""


link.add_command(publish)
link.add_command(import_)
link.add_command(prove)
link.add_command(sign)


@link.command(
    epilog=(
        "\b\n"
        "Exit code: 0 valid, 1 not valid.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone link parse '(01)09506000134352(10)ABC'\n"
    )
)
@identifier_argument
@json_option
def parse(*, identifier: str, as_json: bool) -> None:
    """Read IDENTIFIER in any form, and say what it is or which rule it breaks."""
    loaded = settings()
    try:
        parsed = parse_any(identifier, _schemes(loaded))
    except LinkError as error:
        described: dict[str, Json] = {"valid": False, "detail": str(error)}
        if isinstance(error, InvalidIdentifierError):
            described |= {"rule": error.rule, "code": error.code, "position": error.position}
        if as_json:
            show_json(described)
        else:
            show(Text(f"✗ {printable(str(error))}", style="bold red"))
        raise SystemExit(int(Exit.NO)) from None
    if as_json:
        show_json(_described(parsed, loaded))
        return
    tree = Tree(Text(f"✓ {printable(parsed.path)}", style="bold green"))
    for code, value in (parsed.key, *parsed.qualifiers, *parsed.attributes):
        tree.add(Text(printable(f"{code}  {value}")))
    show(tree)


def _described(parsed: Identifier, loaded: "Settings") -> dict[str, Json]:
    return {
        "valid": True,
        "scheme": parsed.scheme,
        "path": parsed.path,
        "uri": parsed.uri(_root(loaded)),
        "key": {"code": parsed.key.code, "value": parsed.key.value},
        "qualifiers": [{"code": code, "value": value} for code, value in parsed.qualifiers],
        "attributes": [{"code": code, "value": value} for code, value in parsed.attributes],
        "levels": [each.path for each in parsed.levels()],
    }


@link.command(
    epilog=(
        "\b\n"
        "Exit code: 0 there is a link, 1 there is none, 3 several suit alike, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone link resolve /01/09506000134352 --link-type dpp --language de --explain\n"
    )
)
@identifier_argument
@click.option("--link-type", metavar="TYPE", help="As CURIE, URI or bare relation.")
@click.option("--language", metavar="TAG", help="A BCP 47 tag.")
@click.option("--context", metavar="TEXT", help="A context of links.")
@click.option("--accept", metavar="TYPE", help="A media type.")
@click.option("--as-of", metavar="TIME", help="What was known at a time (RFC 3339).")
@click.option("--explain", is_flag=True, help="Say why this link won; from the links' own file.")
@server_option
@json_option
def resolve(
    *, identifier: str, server: str | None, explain: bool, as_json: bool, **wanted: str | None
) -> None:
    """Resolve IDENTIFIER; where no server is named, from the file of the links here."""
    from touchstone.cli.link_asking import explain_here, follow

    loaded = settings()
    try:
        parsed = parse_any(identifier, _schemes(loaded))
    except LinkError as error:
        give_up(str(error))
    names = {"link_type": "linkType", "as_of": "asOf"}
    query = {names.get(name, name): value for name, value in wanted.items() if value is not None}
    accept = query.pop("accept", "")
    if server is None:
        if not loaded.links_file.is_file():
            give_up(f"{loaded.links_file}: there are no links here; name a --server")
        resolved = asyncio.run(explain_here(loaded, parsed, urlencode(query), accept))
    else:
        if explain:
            give_up("--explain reads the file of the links; leave --server out")
        target = f"{parsed.path}?{urlencode(query)}" if query else parsed.path
        resolved = asyncio.run(follow(server, target, accept))
    if as_json:
        show_json(resolved if explain else {k: v for k, v in resolved.items() if k != "compared"})
    else:
        show(_resolved(resolved, explain=explain))
    raise SystemExit(int(_EXITS.get(str(resolved["answer"]), Exit.NO)))


def _resolved(resolved: Mapping[str, Json], *, explain: bool) -> Tree:
    found = resolved["answer"] == "redirect"
    head = resolved.get("location") or resolved["answer"]
    style = "bold green" if found else "bold red"
    tree = Tree(Text(printable(f"{'✓' if found else '✗'} {head}"), style=style))
    if resolved.get("why"):
        tree.add(Text(printable(str(resolved["why"]))))
    for each in objects(resolved.get("candidates")):
        tree.add(Text(printable(f"{each.get('linkType')}  {each.get('href')}")))
    compared = list(objects(resolved.get("compared"))) if explain else []
    if compared:
        branch = tree.add("compared, the best first")
        for each in compared:
            against = each.get("against")
            judged = ", ".join(map(str, against)) if isinstance(against, list) else ""
            text = f"{each.get('href')}  {each.get('linkType')}: {judged or 'nothing against it'}"
            branch.add(Text(printable(text)))
    return tree


@link.command(epilog=("\b\nExample:\n  touchstone link export --format csv --out links.csv\n"))
@click.option("--out", type=click.Path(path_type=Path), help="Write here, not to standard output.")
@format_option
@server_option
@json_option
def export(*, out: Path | None, form: str | None, server: str | None, as_json: bool) -> None:
    """Write all links that are for everybody, so that `import` reads them back."""
    from touchstone.cli.link_asking import pages_of

    chosen = Format.JSON if as_json else form_of(out or Path("-.jsonl"), form)
    pieces = write_entries(pages_of(server_or_here(server)), chosen)
    if out is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(pieces)
    except OSError as error:
        give_up(f"{out}: {error.strerror}")


@link.command(
    epilog=(
        "\b\n"
        "Exit code: 0 every version was proved, 1 one was not, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone link history 96001c65f6eee12298f6f37eeba10a8a\n"
    )
)
@click.argument("id_", metavar="ID")
@server_option
@json_option
def history(*, id_: str, server: str | None, as_json: bool) -> None:
    """Show every version of the link ID, and check each against the record its publisher signed."""
    from touchstone.cli.link_asking import verified_history

    versions = asyncio.run(verified_history(server_or_here(server), quote(id_, safe="")))
    proved = all(each["proved"] for each in versions)
    if as_json:
        show_json({"id": id_, "proved": proved, "versions": [*versions]})
    else:
        for each in versions:
            mark = "✓" if each["proved"] else "✗"
            wrong = "" if each["proved"] else f"  {each['why']}"
            show(
                printable(
                    f"{mark} {each['version']}  {each['recorded_at']}  "
                    f"{_target(each)}  by {each['publisher']}{wrong}"
                )
            )
    raise SystemExit(int(Exit.YES if proved else Exit.NO))


def _target(version: Mapping[str, Json]) -> str:
    record = version["link"]
    return str(record.get("href", "deleted")) if isinstance(record, dict) else "?"


@link.command(
    epilog=("\b\nExample:\n  touchstone link qr /01/09506000134352 --out rice.svg --error Q\n")
)
@identifier_argument
@click.option("--out", required=True, type=click.Path(path_type=Path), help="An .svg or .png file.")
@click.option("--error", type=click.Choice(["L", "M", "Q", "H"]), default="M", show_default=True)
@click.option("--border", metavar="MODULES", help="The quiet zone; 4 at least.")
@click.option("--scale", metavar="PIXELS", help="Pixels a module.")
@click.option("--root", metavar="URL", help="The resolver's domain; default: this one's.")
@json_option
def qr(
    *,
    identifier: str,
    out: Path,
    error: str,
    root: str | None,
    as_json: bool,
    **numbers: str | None,
) -> None:
    """Draw IDENTIFIER as a QR code of its URI under the resolver's domain."""
    loaded = settings()
    given = {name: value for name, value in numbers.items() if value is not None}
    given |= {"format": out.suffix.removeprefix(".").lower(), "error": error}
    try:
        parsed = parse_any(identifier, _schemes(loaded))
        uri = parsed.uri(root or _root(loaded))
        out.write_bytes(draw(uri, read_drawing(given)))
    except LinkError as wrong:
        give_up(str(wrong))
    except OSError as wrong:
        give_up(f"{out}: {wrong.strerror}")
    if as_json:
        show_json({"file": str(out), "uri": uri})
    else:
        show(uri)


def _schemes(loaded: "Settings") -> Schemes:
    from touchstone.service.links import read_schemes

    try:
        return read_schemes(loaded.links_schemes)
    except SettingsError as error:
        give_up(str(error))


def _root(loaded: "Settings") -> str:
    return (loaded.links_roots or (loaded.audience,))[0]
