"""Bulk import and export: link records as JSON, JSON lines or CSV, line by line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import orjson

from link_resolver import foreign
from link_resolver.errors import InvalidLinkError
from link_resolver.records import MAX_LINKS, MAX_PAYLOAD
from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json

MAX_LINE = 32_768
"""Bytes of one line of JSON lines, or of one row of CSV."""
MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a JSON document; what is larger comes as JSON lines or CSV, which are streams."""
_BATCH_BYTES = MAX_PAYLOAD - 10_000

COLUMNS = (
    "anchor",
    "linkType",
    "href",
    "title",
    "itemDescription",
    "type",
    "hreflang",
    "context",
    "default",
    "rel",
    "method",
    "encryptionMethod",
    "accessRole",
    "public",
    "fwqs",
    "activeFrom",
    "activeUntil",
    "id",
    "deleted",
)
_LISTS = frozenset({"hreflang", "context", "rel", "method", "accessRole"})
_FLAGS = frozenset({"default", "public", "fwqs", "deleted"})
_SEPARATOR = "|"
_FORMULA = ("=", "+", "-", "@", "\t")
"""How a cell begins that a spreadsheet would calculate; an apostrophe before it makes it text."""


class Format(StrEnum):
    """How a file of links is written."""

    JSON = "json"
    JSON_LINES = "jsonl"
    CSV = "csv"


class Entry(NamedTuple):
    """One link of a file.

    Attributes:
        line: where it stands: its line, or its place in a JSON document, from 1.
        record: the link record; None where the line is none.
        error: why it is none.
    """

    line: int
    record: dict[str, Json] | None
    error: InvalidLinkError | None = None


def read_entries(
    lines: Iterable[str], form: Format, moves: Mapping[str, str] | None = None
) -> Iterator[Entry]:
    """Read a file of links; a line that is none is told, and the next one is read.

    Args:
        lines: its lines, as a text file yields them.
        form: how it is written. A JSON document may also be a linkset (RFC 9264), or what the GS1
            community edition or pyx register.
        moves: beginnings of anchors, each with what it becomes.
    """
    if form is Format.JSON:
        entries = _read_document(lines)
    else:
        entries = _read_lines(lines) if form is Format.JSON_LINES else _read_csv(lines)
    for entry in entries:
        yield entry if entry.record is None else entry._replace(record=_moved(entry.record, moves))


def _moved(record: dict[str, Json], moves: Mapping[str, str] | None) -> dict[str, Json]:
    anchor = record.get("anchor")
    if moves and isinstance(anchor, str):
        for before, after in moves.items():
            if anchor.startswith(before):
                return {**record, "anchor": after + anchor.removeprefix(before)}
    return record


def _read_document(lines: Iterable[str]) -> Iterator[Entry]:
    text = "".join(lines)
    try:
        value = parse_json(text, max_bytes=MAX_DOCUMENT, max_depth=16)
        records = foreign.records(value)
    except (InvalidJsonError, InvalidLinkError) as error:
        yield _bad(1, str(error))
        return
    yield from (Entry(number, record) for number, record in enumerate(records, 1))


def _read_lines(lines: Iterable[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = parse_json(line.strip(), max_bytes=MAX_LINE, max_depth=8)
        except InvalidJsonError as error:
            yield _bad(number, str(error))
            continue
        if isinstance(value, dict):
            yield Entry(number, value)
        else:
            yield _bad(number, "a link record is an object")


def _read_csv(lines: Iterable[str]) -> Iterator[Entry]:
    reader = csv.reader(_bounded(lines), strict=True)
    header: list[str] | None = None
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield _bad(reader.line_num, f"not CSV: {error}")
            return  # where one row ends and the next begins is no longer known
        if row is None:
            return
        if header is None:
            header = [name.strip().removeprefix("\ufeff") for name in row]
            wrong = _wrong_header(header)
            if wrong:
                yield _bad(reader.line_num, wrong)
                return
        elif row:
            yield _entry(reader.line_num, header, row)


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > MAX_LINE:
            raise csv.Error(f"a row has at most {MAX_LINE:,} characters")
        yield line


def _wrong_header(header: Sequence[str]) -> str | None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        return f"{unknown[0][:64]!r} is no column; there are {', '.join(COLUMNS)}"
    if len(set(header)) < len(header):
        return "a column is there twice"
    return None


def _entry(number: int, header: Sequence[str], row: Sequence[str]) -> Entry:
    if len(row) != len(header):
        return _bad(number, f"{len(row)} cells where the header has {len(header)}")
    record: dict[str, Json] = {}
    for name, cell in zip(header, row, strict=True):
        text = cell.removeprefix("'") if cell[1:].startswith(_FORMULA) else cell
        if not text:
            continue
        if name in _FLAGS:
            if text.lower() not in {"true", "false"}:
                return _bad(number, "true or false", name)
            if name not in {"default", "deleted"} or text.lower() == "true":
                record[name] = text.lower() == "true"
        else:
            record[name] = [*text.split(_SEPARATOR)] if name in _LISTS else text
    return Entry(number, record)


def _bad(line: int, detail: str, field: str = "") -> Entry:
    return Entry(line, None, InvalidLinkError("malformed", detail, field))


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Gather entries in batches that one record can hold; links for roles come apart."""
    gathered: dict[bool, list[Entry]] = {False: [], True: []}
    sizes = {False: 0, True: 0}
    for entry in entries:
        for_role = bool((entry.record or {}).get("accessRole"))
        size = len(orjson.dumps(entry.record)) + 1
        batch = gathered[for_role]
        if batch and (len(batch) >= MAX_LINKS or sizes[for_role] + size > _BATCH_BYTES):
            yield batch
            batch = gathered[for_role] = []
            sizes[for_role] = 0
        batch.append(entry)
        sizes[for_role] += size
    yield from (batch for batch in gathered.values() if batch)


def write_entries(records: Iterable[Mapping[str, Json]], form: Format) -> Iterator[str]:
    """Write link records so that `read_entries` reads them back, in pieces."""
    if form is Format.CSV:
        yield _row(COLUMNS)
        for record in records:
            yield _row([_cell(record.get(name)) for name in COLUMNS])
        return
    written = (orjson.dumps(record).decode() for record in records)
    if form is Format.JSON_LINES:
        yield from (f"{line}\n" for line in written)
        return
    before = "["
    for line in written:
        yield f"{before}\n{line}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = _SEPARATOR.join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
