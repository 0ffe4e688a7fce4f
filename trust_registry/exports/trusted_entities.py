"""Lists of trusted entities in JSON (ETSI TS 119 602 v1.1.1), not signed."""

import json
from urllib.parse import urlsplit

from resolver.instant import Instant, format_instant
from resolver.strict_json import Json
from trust_registry.exports.listing import Export, Listing, Loss, Row

_WHERE = "en"


def write_trusted_entities(listing: Listing) -> Export:
    """List each party with a service for each statement that the mapping has a type for.

    The losses are in `SchemeExtensions`. The status of each service says that it stands, if the
    mapping's `statuses` has a URI for that.
    """
    losses = [
        *listing.losses,
        Loss("", "The list is not signed. Postal addresses are not recorded. Keys are the DIDs'."),
    ]
    entities: dict[str, list[tuple[Row, str]]] = {}
    for row, word in listing.words(losses):
        if not _is_uri(word):
            losses.append(Loss(row.statement.id, f"{word!r} is no URI, as service types are"))
            continue
        if row.statement.valid_until is not None:
            end = format_instant(row.statement.valid_until)
            losses.append(Loss(row.statement.id, f"it ends on {end}"))
        entities.setdefault(row.party.id, []).append((row, word))
    words = listing.meanings.statuses.items()
    active = next((each for each, means in words if means == "active" and _is_uri(each)), None)
    scheme: dict[str, Json] = {
        "LoTEVersionIdentifier": 1,
        "LoTESequenceNumber": 1,
        "SchemeOperatorName": _text(listing.publisher.name),
        "ListIssueDateTime": format_instant(listing.at),
        "NextUpdate": format_instant(Instant(listing.at + listing.publisher.lifetime_ms)),
        "SchemeExtensions": [{"notCarriedOver": [each.written() for each in losses]}],
    }
    lote: dict[str, Json] = {"ListAndSchemeInformation": scheme}
    if entities:
        lote["TrustedEntitiesList"] = [_entity(rows, active) for rows in entities.values()]
    data = json.dumps({"LoTE": lote}, indent=2, ensure_ascii=False).encode()
    return Export(data, tuple(losses), says_so=True)


def _entity(rows: list[tuple[Row, str]], active: str | None) -> dict[str, Json]:
    party = rows[0][0].party
    uri: list[Json] = [{"lang": _WHERE, "uriValue": party.dids[0].text}]
    about: dict[str, Json] = {
        "TEName": _text(party.name),
        "TEAddress": {
            "TEPostalAddress": [
                {"lang": _WHERE, "StreetAddress": "", "Country": party.jurisdiction[:2]}
            ],
            "TEElectronicAddress": uri,
        },
        "TEInformationURI": uri,
    }
    if party.trading_names:
        about["TETradeName"] = [t for name in party.trading_names for t in _text(name)]
    return {
        "TrustedEntityInformation": about,
        "TrustedEntityServices": [_service(row, word, active) for row, word in rows],
    }


def _service(row: Row, word: str, active: str | None) -> dict[str, Json]:
    service: dict[str, Json] = {
        "ServiceTypeIdentifier": word,
        "ServiceName": _text(word),
        "ServiceDigitalIdentity": {"OtherIds": [did.text for did in row.party.dids]},
        "StatusStartingTime": format_instant(row.statement.valid_from),
    }
    if active is not None:
        service["ServiceStatus"] = active
    return {"ServiceInformation": service}


def _text(value: str) -> list[Json]:
    return [{"lang": _WHERE, "value": value}]


def _is_uri(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme) and text.isascii() and " " not in text
    except ValueError:
        return False
