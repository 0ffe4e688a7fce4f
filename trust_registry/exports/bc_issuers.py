"""British Columbia's issuer list: `{"issuers": [{"id", "name", "scope"}]}`."""

import json

from policies.statements import Action
from resolver.instant import format_instant
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss


def write_bc_issuers(listing: Listing) -> Export:
    """List who may issue, with the mapping's word for what; its form has no room for losses."""
    losses = [
        *listing.losses,
        Loss("", "Scopes are words of the list; times, evidence and who granted are not in it."),
    ]
    issuers: list[Json] = []
    for row, word in listing.words(losses):
        statement = row.statement
        if statement.action is not Action.ISSUE:
            losses.append(
                Loss(
                    statement.id, f"the list has issuers only, not who may {statement.action.value}"
                )
            )
            continue
        if statement.valid_until is not None:
            losses.append(Loss(statement.id, f"it ends on {format_instant(statement.valid_until)}"))
        issuers.append({"id": row.did.text, "name": row.party.name, "scope": word})
    data = json.dumps({"issuers": issuers}, indent=2, ensure_ascii=False).encode()
    return Export(data, tuple(losses))
