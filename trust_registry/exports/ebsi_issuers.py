"""Issuers in the form of EBSI's Trusted Issuers Registry v5; the bodies are not signed."""

import json
from hashlib import sha256

from resolver.instant import format_instant
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss, Row
from trust_registry.imports.ebsi_issuers import TYPES

_ROLES = {"authorise": "TI", "accredit": "TAO", "add_anchor": "RootTAO"}
_LIMITS = {"TI": (1, 2), "TAO": (1, 2), "RootTAO": (0, 1, 2)}
"""How many limits follow a role: a schema, and a jurisdiction."""


def write_ebsi_issuers(listing: Listing) -> Export:
    """List each party with an attribute for each statement whose word names a schema.

    The words are those of an import: `TI <schemaId>`, with the jurisdiction after it where there is
    a limit, or `RootTAO` alone. The losses are in `notCarriedOver`.
    """
    losses = [
        *listing.losses,
        Loss("", "The bodies are not signed: only who accredits could sign them. No names."),
    ]
    issuers: dict[str, list[Json]] = {}
    for row, word in listing.words(losses):
        role, *limits = word.split(" ")
        if role != _ROLES.get(row.statement.act) or len(limits) not in _LIMITS[role]:
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
    limited: dict[str, Json] = dict(zip(("schemaId", "limitJurisdiction"), limits, strict=False))
    accredited: dict[str, Json] = {"accreditedFor": [limited]} if limited else {}
    body: dict[str, Json] = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", TYPES[role]],
        "issuer": by.text,
        "validFrom": format_instant(statement.valid_from),
        "credentialSubject": {"id": row.did.text, **accredited},
    }
    if statement.valid_until is not None:
        body["validUntil"] = format_instant(statement.valid_until)
    digest = sha256(canonicalise(body)).hexdigest()
    return {"hash": digest, "body": body, "issuerType": role, "tao": by.text}
