"""CSV: the bodies that a certifier or accreditor has accredited, a row a grant (RFC 4180).

Columns: `did` and `name` are required. `trading_names`, `identifiers`, `kinds` and `jurisdiction`
describe the body. `type` (`add_anchor`, `authorise`, `accredit` or `recognise`) makes the row a
grant, with `action`, `passes_on` and `depth` as its act has them, `valid_from`, `valid_until`, and
`by`, the DID of whoever grants it. A dimension's column holds `any`, values, or `except` and
values; several are parted by `|`. `rest` holds `any` where the dimensions that are not written do
not matter.
"""

import csv
import io
from collections.abc import Iterator, Mapping

from policies.claims import DIMENSIONS
from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.strict_json import Json
from trust_registry.documents import state_every_dimension
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.meanings import GRANTS
from trust_registry.imports.sources import MAX_ROWS, MAX_SOURCE, Source

SEPARATOR = "|"
"""Parts several values in a cell; no URI holds it."""
EXCEPT = "except "
BODY = ("did", "name", "trading_names", "identifiers", "kinds", "jurisdiction")
GRANT = ("by", "type", "action", "passes_on", "depth", "valid_from", "valid_until")
SCOPE = (*(each.value for each in DIMENSIONS), "rest")
COLUMNS = (*BODY, *GRANT, *SCOPE)
_REQUIRED = ("did", "name")
_MAX_DIGITS = 2

Row = Mapping[str, str]


def read_csv(source: Source) -> Drafts:
    """Draft a registration for each body, and a grant for each row that says what it may do.

    Raises:
        ImportRefusedError: a row is not understood; the error names its line.
    """
    drafting = Drafting(source)
    for line, row in _rows(source.data):
        where = f"line {line}"
        did = _did(where, "did", row["did"])
        described: dict[str, Json] = {
            name: [*_parts(row.get(name, ""))] for name in ("trading_names", "identifiers", "kinds")
        }
        drafting.party(
            where, did, row["name"], **described, jurisdiction=row.get("jurisdiction", "")
        )
        if row.get("type"):
            by = row.get("by")
            grant = _grant(where, row, did)
            drafting.act(where, grant, _did(where, "by", by) if by else None)
        elif stray := next((name for name in (*GRANT, *SCOPE) if row.get(name)), None):
            raise ImportRefusedError(f"{where}, {stray}", "belongs to a grant, and `type` is empty")
    return drafting.done()


def _rows(data: bytes) -> Iterator[tuple[int, Row]]:
    """Yield rows with the line on which each ends."""
    if len(data) > MAX_SOURCE:
        raise ImportRefusedError("", f"longer than {MAX_SOURCE} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ImportRefusedError(f"line {line}", "not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    try:
        for count, cells in enumerate(reader):
            if count == 0:
                header = _header(cells)
            elif cells:
                if count > MAX_ROWS:
                    raise ImportRefusedError(
                        f"line {reader.line_num}", f"a list has at most {MAX_ROWS} rows"
                    )
                yield reader.line_num, _row(reader.line_num, header, cells)
    except csv.Error as error:
        raise ImportRefusedError(f"line {reader.line_num}", str(error)) from None
    if not header:
        raise ImportRefusedError("line 1", "there is no header")


def _header(cells: list[str]) -> list[str]:
    header = [each.strip() for each in cells]
    for name in header:
        if name not in COLUMNS:
            message = f"unknown column {name[:40]!r}; known are {', '.join(COLUMNS)}"
            raise ImportRefusedError("line 1", message)
        if header.count(name) > 1:
            raise ImportRefusedError("line 1", f"the column {name} is written twice")
    for name in _REQUIRED:
        if name not in header:
            raise ImportRefusedError("line 1", f"the column {name} is missing")
    return header


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        message = f"{len(cells)} cells, where the header has {len(header)}"
        raise ImportRefusedError(f"line {line}", message)
    return dict(zip(header, (each.strip() for each in cells), strict=True))


def _grant(where: str, row: Row, did: Did) -> dict[str, Json]:
    if row["type"] not in GRANTS:
        raise ImportRefusedError(f"{where}, type", f"is one of {', '.join(GRANTS)}")
    rest = row.get("rest", "")
    if rest not in {"", "any"}:
        raise ImportRefusedError(f"{where}, rest", "is `any`, or empty")
    scope = {name: _written(row[name]) for name in SCOPE if row.get(name) and name != "rest"}
    members: dict[str, Json] = {
        "type": row["type"],
        "entity": str(did),
        "scope": state_every_dimension({**scope, **({"rest": "any"} if rest else {})}),
    }
    for name in ("action", "valid_from", "valid_until"):
        if row.get(name):
            members[name] = row[name]
    powers, depth = row.get("passes_on", ""), row.get("depth", "")
    if powers or depth:
        if not (depth.isascii() and depth.isdigit() and len(depth) <= _MAX_DIGITS):
            raise ImportRefusedError(f"{where}, depth", "is a whole number")
        members["passes_on"] = {"actions": [*_parts(powers)], "depth": int(depth)}
    return members


def _written(cell: str) -> Json:
    if cell == "any":
        return cell
    if cell.startswith(EXCEPT):
        return {"except": [*_parts(cell.removeprefix(EXCEPT))]}
    return [*_parts(cell)]


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in cell.split(SEPARATOR)) if cell else ()


def _did(where: str, column: str, text: str) -> Did:
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        raise ImportRefusedError(f"{where}, {column}", str(error)) from None
