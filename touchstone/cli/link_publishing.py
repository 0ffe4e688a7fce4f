"""`touchstone link publish` and `import`: links signed here, and sent."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import click

from link_resolver.bulk import Entry, Format, batches, read_entries
from link_resolver.errors import InvalidLinkError
from link_resolver.foreign import records as records_of
from link_resolver.records import MAX_LINKS, MAX_PAYLOAD, sign_record, write_record
from resolver.clock import SystemClock
from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError, InvalidJsonError
from resolver.strict_json import Json, parse_json
from touchstone.cli.asking import Reply, ask_server
from touchstone.cli.configuring import settings
from touchstone.cli.keys import read_key
from touchstone.cli.printing import Exit, give_up, json_option, note, printable, show, show_json

server_option = click.option("--server", metavar="URL", help="The service; default: this machine.")
key_option = click.option(
    "--key", required=True, type=click.Path(path_type=Path), help="A private JWK."
)
kid_option = click.option(
    "--kid", required=True, metavar="DID-URL", help="Its verification method in your DID document."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice([each.value for each in Format]),
    help="How the file is written; default: by its name.",
)
file_argument = click.argument("file", type=click.Path(path_type=Path))
_SHOWN = 20
"""Lines shown of those that were refused; --json has them all."""


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 published, 1 refused, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone link publish links.json --key my.jwk --kid did:web:maker.example#1\n"
    )
)
@file_argument
@key_option
@kid_option
@server_option
@json_option
def publish(*, file: Path, key: Path, kid: str, server: str | None, as_json: bool) -> None:
    """Sign the link or links in FILE (JSON) as one record, and publish it: all or none."""
    try:
        records = records_of(parse_json(_read(file)))
    except (InvalidJsonError, InvalidLinkError) as error:
        give_up(f"{file}: {error}")
    signing = _Signing(key, kid, server_or_here(server))
    reply = asyncio.run(signing.send(records, atomic=True))
    if as_json:
        show_json(dict(reply.document))
    elif reply.good:
        for each in objects(reply.document.get("links")):
            show(
                printable(f"{each.get('status')}  {each.get('id')}  version {each.get('version')}")
            )
    if not reply.good:
        if not as_json:
            note(f"touchstone: {printable(reply.complaint)}")
        raise SystemExit(int(Exit.NO))


class _Signing:
    """Signs records for a server, and sends them."""

    def __init__(self, key: Path, kid: str, server: str) -> None:
        try:
            self._did = DidUrl.parse(kid).did
        except InvalidDidUrlError as error:
            give_up(f"--kid: {error}")
        self._key = read_key(key)
        self._kid, self._server, self._origin = kid, server, ""

    async def send(self, links: list[dict[str, Json]], *, atomic: bool) -> Reply:
        if not self._origin:
            identity = await ask_server(self._server, "/v1/registry", method="GET")
            self._origin = str(identity.document.get("origin"))
        payload = write_record(
            [*links],
            by=self._did,
            resolver=self._origin,
            issued=SystemClock().now(),
            atomic=atomic,
        )
        return await ask_server(
            self._server, "/v1/links", {**sign_record(payload, self._kid, self._key)}
        )


@click.command(
    name="import",
    epilog=(
        "\b\n"
        "Exit code: 0 everything was taken, 1 something was refused, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone link import links.csv --key my.jwk --kid did:web:maker.example#1\n"
        "  touchstone link import linkset.json --move https://old.example/=https://id.example/ …\n"
    ),
)
@file_argument
@key_option
@kid_option
@click.option(
    "--all-or-nothing",
    is_flag=True,
    help="Publish nothing unless every line is good; for what fits in one record.",
)
@click.option("--move", "moves", multiple=True, metavar="FROM=TO", help="Anchors that begin so.")
@format_option
@server_option
@json_option
def import_(
    *,
    file: Path,
    key: Path,
    kid: str,
    all_or_nothing: bool,
    moves: tuple[str, ...],
    form: str | None,
    server: str | None,
    as_json: bool,
) -> None:
    """Publish every link in FILE: JSON, JSON lines, CSV, a linkset, or what other resolvers take.

    The same file again changes nothing.
    """
    signing = _Signing(key, kid, server_or_here(server))
    try:
        with click.open_file(str(file), encoding="utf-8") as opened:
            entries = read_entries(opened, form_of(file, form), dict(map(_move, moves)))
            report = asyncio.run(_import(signing, entries, all_or_nothing=all_or_nothing))
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")
    refused = report["refused"]
    if as_json:
        show_json(report)
    else:
        for status in ("created", "changed", "deleted", "unchanged", "refused"):
            show(f"{status}: {report[status]}")
        for each in list(objects(report["lines"]))[:_SHOWN]:
            where = f" ({each['field']})" if each.get("field") else ""
            note(printable(f"line {each['line']}: {each['detail']}{where}"))
    raise SystemExit(int(Exit.NO if refused else Exit.YES))


async def _import(
    signing: _Signing, entries: Iterator[Entry], *, all_or_nothing: bool
) -> dict[str, Json]:
    report = _Report()
    gathered: Iterable[list[Entry]] = batches(report.readable(entries))
    if all_or_nothing:
        gathered = list(islice(gathered, 2))
        if len(gathered) > 1:
            give_up(
                f"--all-or-nothing is one record: {MAX_LINKS:,} links and {MAX_PAYLOAD:,} bytes at "
                "most, links for roles apart from others; split the file, or publish line by line"
            )
        if report.lines:
            return report.json()
    for batch in gathered:
        reply = await signing.send(_records(batch), atomic=all_or_nothing)
        report.take(batch, reply)
        note(f"{report.done:,} links sent, {len(report.lines):,} refused")
    return report.json()


def _records(batch: list[Entry]) -> list[dict[str, Json]]:
    return [entry.record for entry in batch if entry.record is not None]


class _Report:
    """What became of the lines of a file."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("created", "changed", "deleted", "unchanged"), 0)
        self.lines: list[Json] = []
        self.done = 0

    def readable(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Pass on what is a record, and note what is none."""
        for entry in entries:
            if entry.error is None:
                yield entry
            else:
                error = entry.error
                self._refuse(entry, error.rule, str(error), error.field)

    def take(self, batch: list[Entry], reply: Reply) -> None:
        """Note what became of a batch."""
        self.done += len(batch)
        if not reply.good:
            self._refused(batch, reply)
            return
        for line in objects(reply.document.get("links")):
            status = str(line["status"])
            if status in self.counts:
                self.counts[status] += 1
            else:
                self._line(batch, line)

    def _refused(self, batch: list[Entry], reply: Reply) -> None:
        report = list(objects(reply.document.get("report")))
        for line in report:
            self._line(batch, line)
        if not report:
            for entry in batch:
                self._refuse(entry, str(reply.document.get("rule")), reply.complaint, "")

    def _line(self, batch: list[Entry], line: Mapping[str, Json]) -> None:
        number = line["line"]
        if isinstance(number, int):
            rule, detail = str(line.get("rule")), str(line.get("detail"))
            self._refuse(batch[number], rule, detail, str(line.get("field", "")))

    def _refuse(self, entry: Entry, rule: str, detail: str, field: str) -> None:
        self.lines.append({"line": entry.line, "rule": rule, "detail": detail, "field": field})

    def json(self) -> dict[str, Json]:
        """Return the report as it is printed."""
        return {**self.counts, "refused": len(self.lines), "lines": self.lines}


def _move(text: str) -> tuple[str, str]:
    before, equals, after = text.partition("=")
    if not equals or not before:
        give_up(f"--move: {text!r} is not FROM=TO")
    return before, after


def form_of(file: Path, given: str | None) -> Format:
    """Return how a file is written: as said, or by its name."""
    if given is not None:
        return Format(given)
    by_name = {".csv": Format.CSV, ".jsonl": Format.JSON_LINES, ".ndjson": Format.JSON_LINES}
    return by_name.get(file.suffix.lower(), Format.JSON)


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """Yield the objects of a list."""
    return (each for each in (value if isinstance(value, list) else []) if isinstance(each, dict))


def server_or_here(server: str | None) -> str:
    """Return the server that is named, or the one on this machine."""
    return server or f"http://{settings().listen}"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
