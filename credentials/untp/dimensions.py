"""What a credential states of parties, facilities and products, as values on the dimensions."""

import re
from collections.abc import Mapping

from credentials.untp import commodities
from credentials.untp.node import Node, kind_of
from policies.claims import ClaimValue, Dimension

Values = Mapping[Dimension, tuple[ClaimValue, ...]]
"""The values stated on each dimension; several on one are each claimed."""

_COUNTRY = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)
_GTIN = re.compile(r"(https?://[^?#]*/01/[0-9]{8,14})/(?:22|10|21|235)/[^?#]+.*", re.ASCII)


def merged(*parts: Values) -> Values:
    """Join what several parts of a credential state; the same value twice is one."""
    found: dict[Dimension, tuple[ClaimValue, ...]] = {}
    for part in parts:
        for dimension, values in part.items():
            known = found.get(dimension)
            found[dimension] = tuple(dict.fromkeys((*known, *values))) if known else values
    return found


def one(dimension: Dimension, text: str | None, *within: str) -> Values:
    """Return one value on a dimension, or nothing where there is no text."""
    broader = tuple(name for name in within if name != text)
    return {dimension: (ClaimValue(text, within=broader),)} if text else {}


def organisation(party: Node | None) -> Values:
    """Read a party: its identifier."""
    return one(Dimension.ORGANISATION, party.uri()) if party else {}


def party_in_role(record: Node, *roles: str) -> Values:
    """Read the related parties in the first of the roles that any party has (0.7)."""
    related = [(each.text("role"), each) for each in record.children("relatedParty")]
    for role in roles:
        named = [each.child("party") for stated, each in related if stated == role]
        if found := merged(*(organisation(party) for party in named)):
            return found
    return {}


def facility(node: Node | None, otherwise: str | None = None) -> Values:
    """Read a facility: its identifier and its country.

    Args:
        node: the facility, or None.
        otherwise: the identifier to take where the facility has none of its own.
    """
    if node is None:
        return {}
    address = node.child("address")
    return merged(
        one(Dimension.FACILITY, node.uri() or otherwise),
        country(node, "countryOfOperation"),
        country(address, "addressCountry") if address else {},
    )


def product(node: Node | None, otherwise: str | None = None) -> Values:
    """Read a product: its identifier, what it is, and the country of production.

    Args:
        node: the product, or None.
        otherwise: the identifier to take where the product has none of its own.
    """
    if node is None:
        return {}
    return merged(
        trade_item(node.uri() or otherwise),
        {Dimension.COMMODITY: commodities.of_product(node)},
        country(node, "countryOfProduction"),
    )


def trade_item(identifier: str | None) -> Values:
    """Return a product's identifier; an item or batch lies within its trade item.

    That is read from GS1 Digital Links only (GS1 Digital Link URI syntax 1.4, section 4).
    """
    match = _GTIN.fullmatch(identifier or "")
    return one(Dimension.PRODUCT, identifier, *(match.groups() if match else ()))


def country(node: Node, member: str) -> Values:
    """Read a country: a code (0.5, 0.6) or an object with one (0.7), by ISO 3166."""
    if not node.states(member):
        return {}
    value = node.members[member]
    holder, name = node, member
    if isinstance(value, dict):
        holder, name = Node(value, node.at(member)), "countryCode"
        value = holder.text(name)
        if value is None:
            return {}
    if not isinstance(value, str):
        raise node.wrong(member, f"must be a country, is {kind_of(value)}")
    code = value.upper()
    if not _COUNTRY.fullmatch(code):
        raise holder.wrong(name, "not a country code of ISO 3166")
    return one(Dimension.COUNTRY, code)
