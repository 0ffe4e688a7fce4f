"""CSV: a row a statement, in the columns that an import reads (RFC 4180)."""

import csv
import io

from policies.claims import DIMENSIONS
from resolver.instant import format_instant
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss, Row
from trust_registry.imports.csv_bodies import COLUMNS, EXCEPT, SEPARATOR
from trust_registry.views import scope_json

_FORMULA = ("=", "+", "-", "@")
_WITH_ACTION = ("add_anchor", "authorise")


def write_csv(listing: Listing) -> Export:
    """Write a row for each statement; an import of it drafts the same acts."""
    losses = [
        *listing.losses,
        Loss("", "Keys, web domains, control groups and evidence are not in it."),
    ]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in listing.rows:
        cells = _cells(row)
        bad = next((name for name, texts in cells.items() if not _is_plain(texts)), None)
        if bad is not None:
            losses.append(Loss(row.statement.id, f"a cell cannot hold its {bad}: left out"))
            continue
        writer.writerow({name: SEPARATOR.join(texts) for name, texts in cells.items()})
        if len(row.party.dids) > 1:
            losses.append(Loss(row.party.id, "only the first of its DIDs is in it"))
    return Export(out.getvalue().rstrip("\r\n").encode(), tuple(losses))


def _cells(row: Row) -> dict[str, tuple[str, ...]]:
    """Return the values of each cell."""
    statement, party = row.statement, row.party
    powers, scope = statement.passes_on, scope_json(statement.scope)
    by = statement.authority.did
    return {
        "did": (row.did.text,),
        "name": (party.name,),
        "trading_names": party.trading_names,
        "identifiers": party.identifiers,
        "kinds": party.kinds,
        "jurisdiction": (party.jurisdiction,),
        "by": (by.text,) if by else (),
        "type": (statement.act,),
        "action": (statement.action.value,) if statement.act in _WITH_ACTION else (),
        "passes_on": tuple(sorted(a.value for a in powers.actions)) if powers else (),
        "depth": (str(powers.depth),) if powers else (),
        "valid_from": (format_instant(statement.valid_from),),
        "valid_until": (format_instant(statement.valid_until),) if statement.valid_until else (),
        **{each.value: _dimension(scope[each.value]) for each in DIMENSIONS},
    }


def _dimension(value: Json) -> tuple[str, ...]:
    if isinstance(value, dict):
        first, *others = _texts(value["except"])
        return (EXCEPT + first, *others)
    texts = _texts(value) or (str(value),)
    if isinstance(value, list) and (texts[0] == "any" or texts[0].startswith(EXCEPT)):
        return (SEPARATOR,)  # it would be read as what it is not: no cell can hold it
    return texts


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _is_plain(texts: tuple[str, ...]) -> bool:
    """Tell whether a cell reads back as it is, and no spreadsheet computes it."""
    return not any(SEPARATOR in each or each != each.strip() for each in texts) and not (
        texts and texts[0].startswith(_FORMULA)
    )
