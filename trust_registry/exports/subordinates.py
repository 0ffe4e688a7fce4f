"""Subordinate statements of OpenID Federation 1.0 (section 3.1): claims, or signed with a key."""

import json
from collections.abc import Mapping

from policies.statements import Action
from resolver.instant import END, SECOND
from resolver.proofs.jose import sign_jws
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss, Row

_TYPE = "entity-statement+jwt"
_RESERVED = {"trust_anchor", "intermediate"}


def write_subordinates(listing: Listing) -> Export:
    """Write what each authority would say of whom it granted something.

    The mapping gives entity identifiers for DIDs, subjects' keys, and words: entity types. Where
    the publisher has a key, only its own statements are written, signed. The losses are in
    `not_carried_over`.
    """
    losses = [
        *listing.losses,
        Loss("", "Scopes are entity types of the mapping; metadata and policies are not in it."),
    ]
    entities = {did.text: entity for entity, did in listing.meanings.identifiers.items()}
    found: dict[tuple[str, str], dict[str, Json]] = {}
    for row, word in listing.words(losses):
        why = _refused(row, entities, listing)
        if why:
            losses.append(Loss(row.statement.id, why))
            continue
        pair = (entities[str(row.statement.authority.did)], entities[row.did.text])
        claims = found.setdefault(pair, _claims(pair, listing))
        _add(claims, row, word)
    key, own = listing.publisher.key, listing.publisher.entity
    statements: list[Json] = [*found.values()]
    if key is not None:
        statements = [
            _signed(each, key, listing.publisher.kid)
            for each in found.values()
            if each["iss"] == own
        ]
        losses += [
            Loss(f"{iss} of {sub}", f"only {own} signs here") for iss, sub in found if iss != own
        ]
    document: dict[str, Json] = {
        "statements": statements,
        "not_carried_over": [each.written() for each in losses],
    }
    return Export(json.dumps(document, indent=2).encode(), tuple(losses), says_so=True)


def _refused(row: Row, entities: Mapping[str, str], listing: Listing) -> str:
    by = row.statement.authority.did
    if by is None:
        return "a trust anchor has no superior that makes a statement about it"
    for did in (by.text, row.did.text):
        if did not in entities:
            return f"the mapping has no entity identifier of {did}"
    if not listing.meanings.keys.get(entities[row.did.text]):
        return f"the mapping has no keys of {entities[row.did.text]}"
    return ""


def _claims(pair: tuple[str, str], listing: Listing) -> dict[str, Json]:
    keys: list[Json] = [dict(each) for each in listing.meanings.keys[pair[1]]]
    return {
        "iss": pair[0],
        "sub": pair[1],
        "iat": listing.at // SECOND,
        "exp": (listing.at + listing.publisher.lifetime_ms) // SECOND,
        "jwks": {"keys": keys},
    }


def _add(claims: dict[str, Json], row: Row, word: str) -> None:
    """Add what one statement grants to the claims about its subject."""
    statement = row.statement
    end = (statement.valid_until or END) // SECOND
    exp = claims["exp"]
    claims["exp"] = min(end, exp if isinstance(exp, int) else end)
    if statement.action is Action.ACCREDIT and statement.passes_on is not None:
        # The subject is itself the first intermediate on the way down (section 6.2.1).
        claims["constraints"] = {"max_path_length": statement.passes_on.depth + 1}
    elif word not in _RESERVED:
        metadata = claims.setdefault("metadata", {})
        if isinstance(metadata, dict):
            metadata[word] = {}


def _signed(claims: Mapping[str, Json], key: PrivateKey, kid: str) -> str:
    signed = sign_jws(json.dumps(claims).encode(), {"typ": _TYPE, "kid": kid}, key).flattened()
    return f"{signed['protected']}.{signed['payload']}.{signed['signature']}"
