"""`touchstone resolve`: the document of a DID."""

import asyncio
from urllib.parse import quote

import click
from rich.text import Text
from rich.tree import Tree

from resolver.clock import SystemClock
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.strict_json import Json, parse_json
from touchstone.cli.asking import ask_server
from touchstone.cli.printing import Exit, json_option, printable, settings, show, show_json
from touchstone.service.settings import Settings


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 resolved, 1 there is no document, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone resolve did:web:irma.example --server http://127.0.0.1:8080\n"
    )
)
@click.argument("did")
@click.option("--server", metavar="URL", help="The service to ask, instead of resolving here.")
@json_option
def resolve(*, did: str, server: str | None, as_json: bool) -> None:
    """Resolve DID to its document."""
    if server is None:
        result = asyncio.run(_resolve(did, settings()))
    else:
        path = f"/1.0/identifiers/{quote(did, safe=':')}"
        result = dict(asyncio.run(ask_server(server, path, method="GET")).document)
        if "didResolutionMetadata" not in result and "id" in result:
            result = {"didDocument": result, "didResolutionMetadata": {}}
    if as_json:
        show_json(result)
    else:
        show(_tree(did, result))
    raise SystemExit(int(Exit.YES if result.get("didDocument") else Exit.NO))


async def _resolve(did: str, loaded: Settings) -> dict[str, Json]:
    clock = SystemClock()
    async with Fetcher(loaded.fetch_policy) as fetcher:
        body = (await native_resolver(fetcher, clock).resolve(did)).body()
    result = parse_json(body)
    return result if isinstance(result, dict) else {}


def _tree(did: str, result: dict[str, Json]) -> Tree:
    document, metadata = result.get("didDocument"), result.get("didResolutionMetadata")
    if not isinstance(document, dict):
        tree = Tree(Text(f"✗ not resolved  {printable(did)}", style="bold red"))
        error = metadata.get("error") if isinstance(metadata, dict) else None
        if isinstance(error, dict):
            tree.add(Text(printable(f"{error.get('title')}: {error.get('detail')}")))
        return tree
    tree = Tree(Text(f"✓ resolved  {printable(did)}", style="bold green"))
    for name in ("controller", "alsoKnownAs"):
        if document.get(name):
            tree.add(Text(printable(f"{name}: {document[name]}")))
    for name, title in (("verificationMethod", "keys"), ("service", "services")):
        entries = document.get(name)
        if isinstance(entries, list) and entries:
            branch = tree.add(title)
            for each in entries:
                if isinstance(each, dict):
                    branch.add(Text(printable(f"{each.get('id')}  {each.get('type')}")))
    return tree
