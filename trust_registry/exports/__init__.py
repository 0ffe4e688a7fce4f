"""Exports: what a registry says at a moment, in the forms of lists that others read."""

from collections.abc import Callable, Mapping

from trust_registry.exports.bc_issuers import write_bc_issuers
from trust_registry.exports.csv_bodies import write_csv
from trust_registry.exports.ebsi_issuers import write_ebsi_issuers
from trust_registry.exports.holdings import Holdings, InvalidListingError, holdings_of
from trust_registry.exports.listing import Export, Listing, Loss, Publisher, listing_of
from trust_registry.exports.subordinates import write_subordinates
from trust_registry.exports.trusted_entities import write_trusted_entities

WRITERS: Mapping[str, Callable[[Listing], Export]] = {
    "bc-issuers": write_bc_issuers,
    "csv": write_csv,
    "trusted-entities": write_trusted_entities,
    "ebsi": write_ebsi_issuers,
    "openid-federation": write_subordinates,
}
"""What writes each format, by its name."""

__all__ = [
    "WRITERS",
    "Export",
    "Holdings",
    "InvalidListingError",
    "Listing",
    "Loss",
    "Publisher",
    "holdings_of",
    "listing_of",
]
