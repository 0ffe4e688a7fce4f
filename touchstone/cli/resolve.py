"""`touchstone resolve`: the document of a DID, and what is known of it."""

import asyncio
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click
from rich.text import Text
from rich.tree import Tree

from resolver.clock import SystemClock
from resolver.did import Did
from resolver.document import parse_document
from resolver.errors import InvalidDidDocumentError, InvalidDidError
from resolver.options import ResolutionOptions
from resolver.resolution import native_resolver
from resolver.strict_json import Json, parse_json
from resolver.trace import Trace
from touchstone.cli.asking import ask_server
from touchstone.cli.configuring import settings
from touchstone.cli.printing import Exit, give_up, json_option, printable, show, show_json

if TYPE_CHECKING:
    from touchstone.service.settings import Settings

_RESULT = "application/did-resolution"
_MARKS = {"passed": "✓", "failed": "✗", "skipped": "·"}


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 resolved, 1 there is no document or --strict finds fault, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone resolve did:web:irma.example --server http://127.0.0.1:8080\n"
        "  touchstone resolve did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --trace\n"
    )
)
@click.argument("did")
@click.option("--version-id", metavar="ID", help="The version with this id.")
@click.option("--version-time", metavar="TIME", help="The version of then: 2026-03-01T00:00:00Z.")
@click.option("--trace", "traced", is_flag=True, help="Print every step with its outcome.")
@click.option("--strict", is_flag=True, help="Ask a second implementation about the document too.")
@click.option("--server", metavar="URL", help="The service to ask, instead of resolving here.")
@json_option
def resolve(
    *,
    did: str,
    version_id: str | None,
    version_time: str | None,
    traced: bool,
    strict: bool,
    server: str | None,
    as_json: bool,
) -> None:
    """Resolve DID to its document."""
    asked = {"versionId": version_id, "versionTime": version_time}
    options = [(name, value) for name, value in asked.items() if value is not None]
    if server is None:
        result = asyncio.run(_resolve(did, options, settings(), traced=traced))
    elif traced:
        give_up("--trace shows steps taken here; a server does not tell its own")
    else:
        result = asyncio.run(_ask(server, did, options))
    complaint = _second_opinion(did, result.get("didDocument")) if strict else None
    if strict:
        result["secondOpinion"] = complaint
    if as_json:
        show_json(result)
    else:
        show(_tree(did, result))
    good = result.get("didDocument") and complaint is None
    raise SystemExit(int(Exit.YES if good else Exit.NO))


async def _resolve(
    did: str, options: Iterable[tuple[str, Json]], loaded: "Settings", *, traced: bool
) -> dict[str, Json]:
    from resolver.fetch import Fetcher

    clock = SystemClock()
    async with Fetcher(loaded.fetch_policy) as fetcher:
        resolver = native_resolver(fetcher, clock, loaded.upstreams, loaded.did_logs)
        with Trace(clock) as trace:
            body = (await resolver.resolve(did, ResolutionOptions.parse(options))).body()
    result = parse_json(body, max_bytes=len(body))
    whole = result if isinstance(result, dict) else {}
    return {**whole, "trace": trace.json()} if traced else whole


async def _ask(server: str, did: str, options: list[tuple[str, str]]) -> dict[str, Json]:
    """Ask a server; with options, the DID must be encoded whole (HTTP(S) Binding)."""
    path = f"/1.0/identifiers/{quote(did, safe='' if options else ':')}"
    query = f"?{urlencode(options)}" if options else ""
    reply = await ask_server(server, path + query, method="GET", accept=_RESULT)
    result = dict(reply.document)
    if "didResolutionMetadata" not in result and "id" in result:
        return {"didDocument": result, "didResolutionMetadata": {}}
    return result


def _second_opinion(did: str, document: Json) -> str | None:
    from resolver.second_opinion import second_opinion

    if not isinstance(document, dict):
        return None
    try:
        return second_opinion(parse_document(document, Did.parse(did)))
    except (InvalidDidError, InvalidDidDocumentError) as error:  # a server may know no better
        return str(error)


def _tree(did: str, result: dict[str, Json]) -> Tree:
    document, metadata = result.get("didDocument"), _object(result.get("didResolutionMetadata"))
    known = _object(result.get("didDocumentMetadata"))
    if isinstance(document, dict):
        tree = Tree(Text(f"✓ resolved  {printable(did)}", style="bold green"))
        _describe(tree, document)
    else:
        tree = Tree(Text(f"✗ not resolved  {printable(did)}", style="bold red"))
        error = _object(metadata.get("error"))
        if error:
            tree.add(Text(printable(f"{error.get('title')}: {error.get('detail')}")))
    if "secondOpinion" in result:
        opinion = result["secondOpinion"] or "it finds no fault"
        tree.add(Text(printable(f"second opinion: {opinion}"), style="yellow"))
    if "via" in metadata:
        tree.add(Text(printable(f"not verified here: the word of {metadata['via']}"), style="red"))
    _members(tree, "metadata", {**known, **metadata})
    _steps(tree, result.get("trace"))
    return tree


def _describe(tree: Tree, document: dict[str, Json]) -> None:
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


def _members(tree: Tree, title: str, members: dict[str, Json]) -> None:
    plain = {name: value for name, value in members.items() if not isinstance(value, dict | list)}
    if plain:
        branch = tree.add(title)
        for name, value in plain.items():
            shown = json.dumps(value) if isinstance(value, bool) else value
            branch.add(Text(printable(f"{name}: {shown}")))


def _steps(tree: Tree, steps: Json) -> None:
    if isinstance(steps, list):
        branch = tree.add("trace")
        for each in map(_object, steps):
            mark = _MARKS.get(str(each.get("outcome")), "?")
            text = f"{mark} {each.get('ms')} ms  {each.get('step')}: {each.get('detail')}"
            branch.add(Text(printable(text)))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
