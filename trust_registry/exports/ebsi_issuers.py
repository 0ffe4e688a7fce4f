"""Issuers in the form of EBSI's Trusted Issuers Registry v5; the bodies are not signed."""

import json
from hashlib import sha256

from resolver.instant import format_instant
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss, Row
from trust_registry.imports.ebsi_issuers import TYPES

_ROLES = {"authorise": "TI", "accredit": "TAO", "add_anchor": "RootTAO"}
_PARTS = (2, 3)


def write_ebsi_issuers(listing: Listing) -> Export:
    """List each party with an attribute for each statement whose word names a schema.

    The words are those of an import: `TI <schemaId>`, with the jurisdiction after it where there is
    a limit. The losses are in `notCarriedOver`.
    """
    losses = [
        *listing.losses,
        Loss("", "The bodies are not signed: only who accredits could sign them. No names."),
    ]
    issuers: dict[str, list[Json]] = {}
    for row, word in listing.words(losses):
        role, *limits = word.split(" ")
        if role != _ROLES.get(row.statement.act) or len(limits) + 1 not in _PARTS:
            losses.append(Loss(row.statement.id, f"{word!r} names no role and schema of EBSI"))
            continue
        issuers.setdefault(row.did.text, []).append(_attribute(row, role, limits))
    items: list[Json] = [{"did": did, "attributes": each} for did, each in issuers.items()]
    document: dict[str, Json] = {
        "items": items,
        "notCarriedOver": [each.written() for each in losses],
    }
    data = json.dumps(document, indent=2, ensure_ascii=False).encode()
    return Export(data, tuple(losses), says_so=True)


def _attribute(row: Row, role: str, limits: list[str]) -> dict[str, Json]:
    statement = row.statement
    by = statement.authority.did or row.did
    accredited: dict[str, Json] = dict(zip(("schemaId", "limitJurisdiction"), limits, strict=False))
    body: dict[str, Json] = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", TYPES[role]],
        "issuer": by.text,
        "validFrom": format_instant(statement.valid_from),
        "credentialSubject": {"id": row.did.text, "accreditedFor": [accredited]},
    }
    if statement.valid_until is not None:
        body["validUntil"] = format_instant(statement.valid_until)
    digest = sha256(canonicalise(body)).hexdigest()
    return {"hash": digest, "body": body, "issuerType": role, "tao": by.text}
