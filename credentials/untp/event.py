"""Traceability events (DTE): what issuers say that they made, moved or changed."""

from itertools import product as pairs

from credentials.untp.collecting import Claims
from credentials.untp.dimensions import Values, facility, merged, one, product, trade_item
from credentials.untp.node import Node
from credentials.untp.processes import processes_named
from credentials.untp.recognition import Generation
from credentials.untp.wording import line, shown_name
from policies.claims import Dimension

_PRODUCTS = ("outputProduct", "movedProduct", "modifiedProduct")
_FACILITIES = ("madeAtFacility", "fromFacility", "modifiedAtFacility")
_OLDER_ITEMS = ("outputEPCList", "epcList", "childEPCList")


def event_claims(event: Node, generation: Generation, into: Claims) -> None:
    """Add the claims of one event: each product that came out of it, or the event itself.

    What went in is not claimed again, nor where goods were sent: the passports of those products
    and the receiver's own events say so.
    """
    sites, things, process = _newest(event) if generation is Generation.V07 else _older(event)
    text = line(f"event {shown_name(event)}".strip(), "self-declared")
    for site, thing in pairs(sites or [{}], things or [{}]):
        into.add((site, thing, process), event.pointer, attested=False, text=text)


def _newest(event: Node) -> tuple[list[Values], list[Values], Values]:
    sites = [facility(node) for name in _FACILITIES if (node := event.child(name))]
    things = [
        product(each.child("product") or each)
        for name in _PRODUCTS
        for each in event.children(name)
    ]
    activity = event.child("activityType")
    return sites, things, processes_named([activity.text("name")] if activity else [])


def _older(event: Node) -> tuple[list[Values], list[Values], Values]:
    sites = [one(Dimension.FACILITY, event.uri("bizLocation"))]
    items = [product(each) for name in _OLDER_ITEMS for each in event.children(name)]
    lots = [
        trade_item(each.uri("productId"))
        for name in ("outputQuantityList", "quantityList")
        for each in event.children(name)
    ]
    unique = merged(*items, *lots)
    things: list[Values] = [
        {Dimension.PRODUCT: (value,)} for value in unique.get(Dimension.PRODUCT, ())
    ]
    return sites, things, processes_named([event.text("processType")])
